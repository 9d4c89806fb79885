import { STACK_TYPE } from "../../domain/resource-types";
import { parseUrn } from "../../domain/urn";
import { withKnownReferences } from "../../ops/stack/known-references";
import { equalValues } from "../protocol/property-values";
import type { ResourceState } from "./state";
import { StateFile } from "./state-file";
import { createUrn, type Urn } from "./urn";

/** Where a stack's state is. */
export interface StatePlace {
  readonly stack: string;
  readonly path: string;
}

/**
 * What `pulumi state move` does: resources, and all that hang under them, go from one state into another. What is configured as the
 * providers that they need is copied, where it is not there yet, and what refers to a resource of the other state no longer does. The
 * target is written first.
 *
 * @throws Error when nothing was moved.
 */
export async function moveState(
  from: StatePlace,
  to: StatePlace,
  urns: readonly Urn[],
  passphrase: string,
): Promise<void> {
  const [source, target] = await Promise.all([from, to].map(({ path }) => StateFile.open(path, passphrase)));
  if (source === undefined || target === undefined) return;
  const moving = withChildren(source.initial.resources, urns);
  if (moving.length === 0) throw new Error(`the state of ${from.stack} has none of ${urns.join(", ")}`);
  const move = new Move(from.stack, to.stack, source.initial.resources, target.initial.resources);
  const added = move.moved(moving);
  const gone = new Set(moving.map(({ urn }) => urn));
  const left = source.initial.resources.filter(({ urn }) => !gone.has(urn));
  await save(target, [...target.initial.resources, ...added]);
  await save(
    source,
    left.map((resource) => withKnownReferences(resource, (urn) => !gone.has(urn))),
  );
}

async function save(file: StateFile, resources: readonly ResourceState[]): Promise<void> {
  file.follow(() => ({ ...file.initial, resources }));
  await file.save();
}

function withChildren(resources: readonly ResourceState[], urns: readonly Urn[]): ResourceState[] {
  const moving = new Set(urns);
  // A parent stands before its children.
  for (const { urn, parent } of resources) if (parent !== undefined && moving.has(parent)) moving.add(urn);
  return resources.filter(({ urn }) => moving.has(urn));
}

class Move {
  private readonly root: ResourceState;
  private readonly moving = new Map<Urn, ResourceState>();

  constructor(
    private readonly from: string,
    private readonly to: string,
    private readonly source: readonly ResourceState[],
    private readonly target: readonly ResourceState[],
  ) {
    const ofSource = source.find(({ type }) => type === STACK_TYPE);
    const { project = "" } = parseUrn(ofSource?.urn ?? "") ?? {};
    this.root = target.find(({ type }) => type === STACK_TYPE) ?? {
      urn: createUrn(to, project, "", STACK_TYPE, `${project}-${to}`),
      custom: false,
      type: STACK_TYPE,
    };
  }

  /** What is added to the target, in an order in which nothing refers to what comes later. */
  moved(moving: readonly ResourceState[]): ResourceState[] {
    for (const resource of moving) this.moving.set(resource.urn, resource);
    const known = new Set(this.moving.keys());
    const providers = [...new Set(moving.flatMap(({ provider }) => provider ?? []))].map((reference) =>
      this.provider(reference),
    );
    const references = new Map(providers.map(({ old, reference }) => [old, reference]));
    const resources = moving.map((resource) => {
      const { urn } = resource;
      if (this.target.some((other) => other.urn === this.renamed(urn))) {
        throw new Error(`the state of ${this.to} has ${this.renamed(urn)} already`);
      }
      const { provider } = resource;
      const moved = this.rewritten(withKnownReferences(resource, (other) => known.has(other)));
      return { ...moved, ...(provider === undefined ? {} : { provider: references.get(provider) ?? provider }) };
    });
    return [
      ...(this.target.includes(this.root) ? [] : [this.root]),
      ...providers.flatMap(({ copy }) => copy ?? []),
      ...resources,
    ];
  }

  /** A provider that the target has, or a copy for it. */
  private provider(old: string): { old: string; reference: string; copy?: ResourceState } {
    const provider = this.source.find(({ urn, id }) => `${urn}::${id}` === old);
    if (provider === undefined) throw new Error(`the state of ${this.from} has no provider ${old}`);
    const urn = this.renamed(provider.urn);
    const there = this.target.find((other) => other.urn === urn);
    if (there === undefined) {
      const copy = this.rewritten(withKnownReferences(provider, () => false));
      return { old, reference: `${urn}::${copy.id}`, copy };
    }
    if (there.id !== provider.id && !equalValues(there.inputs, provider.inputs)) {
      throw new Error(`provider ${urn} already exists in destination stack, and is configured otherwise`);
    }
    return { old, reference: `${urn}::${there.id}` };
  }

  private rewritten(resource: ResourceState): ResourceState {
    const { urn, parent, dependencies, propertyDependencies, deletedWith } = resource;
    const all = (urns: readonly Urn[]) => urns.map((one) => this.renamed(one));
    return {
      ...resource,
      urn: this.renamed(urn),
      parent: parent === undefined ? this.root.urn : this.renamed(parent),
      ...(dependencies && { dependencies: all(dependencies) }),
      ...(propertyDependencies && {
        propertyDependencies: Object.fromEntries(
          Object.entries(propertyDependencies).map(([property, urns]) => [property, all(urns)]),
        ),
      }),
      ...(deletedWith && { deletedWith: this.renamed(deletedWith) }),
    };
  }

  /** What hangs under nothing that moves along hangs under the stack from then on, and is named by that, as is all that is in it. */
  private renamed(urn: Urn): Urn {
    const { within = [], type = "", name = "", project = "" } = parseUrn(urn) ?? {};
    const outer = this.outermost(urn);
    if (outer === undefined) return this.inTarget(urn);
    const types = [...within, type].slice(parseUrn(outer)?.within.length);
    return createUrn(this.to, project, "", types.join("$"), name);
  }

  /** Of what moves and a resource is in, itself included, what hangs under nothing that moves. */
  private outermost(urn: Urn): Urn | undefined {
    const resource = this.moving.get(urn);
    if (resource === undefined) return undefined;
    return (resource.parent === undefined ? undefined : this.outermost(resource.parent)) ?? urn;
  }

  private inTarget(urn: Urn): Urn {
    const prefix = `urn:pulumi:${this.from}::`;
    return urn.startsWith(prefix) ? `urn:pulumi:${this.to}::${urn.slice(prefix.length)}` : urn;
  }
}
