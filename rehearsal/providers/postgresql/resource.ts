import { markSecrets, type PropertyValue, type Props, UNKNOWN } from "../../protocol/property-values";
import { PartialFailure, type ReadAnswer, type ResourceHandler } from "../stand-in";
import { check } from "./check";
import type { Server } from "./connection";
import { diff, plan, previewed } from "./plan";
import { isZero, namesWhere, type Specs, secretNames } from "./properties-spec";

/** One resource type of pulumi-postgresql, as what it does to the server. States are complete: every property is there. */
export interface PostgresResource {
  readonly specs: Specs;
  /** The property that names the thing on the server, where one does. */
  readonly nameProperty?: string;
  /** Terraform's names of the properties that the bridge pluralised. */
  readonly renamed?: Readonly<Record<string, string>>;
  id(state: Props): string;
  /** The state that `read` starts from when a thing of that id is imported. Absent: it cannot be imported. */
  importState?(id: string): Props;
  create(server: Server, state: Props): Promise<void>;
  /** `state` as the server has it now; undefined when it is gone. */
  read(server: Server, state: Props): Promise<Props | undefined>;
  update(server: Server, olds: Props, state: Props): Promise<void>;
  delete(server: Server, state: Props): Promise<void>;
}

/** What Pulumi's bridge to Terraform providers does around every type. */
export function handlerOf(resource: PostgresResource): ResourceHandler<Server> {
  const { specs } = resource;
  const secrets = secretNames(specs);

  function answer(state: Props): Props {
    return markSecrets(
      { ...state, id: resource.id(state), __pulumi_raw_state_delta: rawStateDelta(resource, state) },
      secrets,
    );
  }

  /** What the server made of `wanted`, right after a create or an update. */
  async function settled(server: Server, wanted: Props): Promise<Props> {
    const state = await resource.read(server, { ...wanted });
    if (!state) throw new Error("the resource is gone right after it was made");
    // Terraform keeps a collection unset that was planned so, though the server answers an empty one.
    const unset = Object.keys(specs).filter(
      (name) => Array.isArray(state[name]) && isZero(state[name]) && wanted[name] === null && !specs[name]?.computed,
    );
    return { ...state, ...Object.fromEntries(unset.map((name) => [name, null])) };
  }

  async function read(server: Server, id: string, properties: Props, inputs: Props): Promise<ReadAnswer> {
    const imports = Object.keys(properties).length === 0;
    if (imports && !resource.importState) {
      throw new Error(`resource ${id} cannot be imported: its type does not support it`);
    }
    const state = await resource.read(server, {
      ...unset(specs),
      ...(imports ? resource.importState?.(id) : known(specs, properties)),
    });
    if (!state) return { id: "" };
    const found = imports ? importedInputs(specs, state) : refreshedInputs(specs, inputs, state);
    return { id: resource.id(state), properties: answer(state), inputs: markSecrets(found, secrets) };
  }

  return {
    inputs: namesWhere(specs, (spec) => !spec.stateOnly),
    check: ({ news }) => check(specs, news),
    diff: (request) => diff(specs, request, resource.nameProperty),
    create: async (request, server) => {
      const wanted = plan(specs, request.inputs, undefined);
      if (request.preview) {
        return { id: "", properties: markSecrets({ ...previewed(specs, wanted), id: UNKNOWN }, secrets) };
      }
      await failing("", () => resource.create(server, wanted));
      try {
        const properties = answer(await settled(server, wanted));
        return { id: String(properties.id), properties };
      } catch (error) {
        throw new PartialFailure(`creating ${request.urn}: ${listed(error)}`, resource.id(wanted), answer(wanted));
      }
    },
    read: ({ urn, id, properties, inputs }, server) =>
      failing(`refreshing ${urn}: `, () => read(server, id, properties, inputs)),
    update: async (request, server) => {
      const olds = { ...unset(specs), ...known(specs, request.olds) };
      const wanted = plan(specs, request.news, request.olds);
      if (request.preview) return { properties: markSecrets({ ...wanted, id: request.id }, secrets) };
      try {
        await resource.update(server, olds, wanted);
        return { properties: answer(await settled(server, wanted)) };
      } catch (error) {
        // The real plugin, too, hands the engine what was wanted as if it were so, with the id that the resource had.
        const properties = { ...answer(wanted), id: request.id };
        throw new PartialFailure(`updating ${request.urn}: ${listed(error)}`, request.id, properties);
      }
    },
    delete: ({ urn, properties }, server) =>
      failing(`deleting ${urn}: `, () => resource.delete(server, { ...unset(specs), ...known(specs, properties) })),
  };
}

function listed(error: unknown): string {
  return `1 error occurred:\n\t* ${(error as Error).message}\n\n`;
}

async function failing<T>(before: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${before}${listed(error)}`);
  }
}

function unset(specs: Specs): Props {
  return Object.fromEntries(Object.keys(specs).map((name) => [name, null]));
}

function known(specs: Specs, properties: Props): Props {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => name in specs));
}

/** The inputs that would make what was found: all that is neither unset nor as by default. */
function importedInputs(specs: Specs, state: Props): Props {
  const names = namesWhere(specs, (spec) => !spec.stateOnly).filter((name) => {
    const standard = specs[name]?.default;
    return standard === undefined ? !isZero(state[name]) : state[name] !== standard;
  });
  return { __defaults: [], ...Object.fromEntries(names.map((name) => [name, state[name] ?? null])) };
}

/** The same inputs as last time, with the values that were found. */
function refreshedInputs(specs: Specs, inputs: Props, state: Props): Props {
  const found = Object.keys(inputs).filter((name) => name in specs);
  const defaults: Props = isZero(inputs.__defaults) ? {} : { __defaults: inputs.__defaults ?? [] };
  return { ...defaults, ...Object.fromEntries(found.map((name) => [name, state[name] ?? null])) };
}

/** How the bridge notes where its state differs in shape from Terraform's: its collections, and the names it pluralised. */
function rawStateDelta({ specs, renamed = {} }: PostgresResource, state: Props): PropertyValue {
  const arrays = namesWhere(specs, ({ kind }) => kind === "list" || kind === "set").filter((name) =>
    Array.isArray(state[name]),
  );
  if (arrays.length === 0) return { obj: {} };
  const pluralised = Object.fromEntries(Object.entries(renamed).filter(([name]) => arrays.includes(name)));
  return {
    obj: {
      ps: Object.fromEntries(arrays.map((name) => [name, { arr: {} }])),
      ...(Object.keys(pluralised).length > 0 ? { renamed: pluralised } : {}),
    },
  };
}
