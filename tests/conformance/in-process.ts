import assert from "node:assert/strict";
import { type Props, withoutSecretMarks } from "../../rehearsal/protocol/property-values";
import type { DiffAnswer, ResourceHandler, StandIn } from "../../rehearsal/providers/stand-in";

/** A resource as an engine would hold it between two runs: withoutSecretMarks, secrets unwrapped. */
export interface Held {
  readonly type: string;
  readonly id: string;
  readonly inputs: Props;
  readonly state: Props;
}

/** Drives a stand-in's handlers as an engine does, without the protocol in between. */
export class InProcess<Context> {
  constructor(
    private readonly standIn: StandIn<Context>,
    private readonly context: Context,
  ) {}

  async invoke(token: string, args: Props): Promise<Props> {
    const handler = this.standIn.functions?.[token];
    assert.ok(handler, `the stand-in has no function ${token}`);
    return handler.invoke(args, this.context);
  }

  async check(type: string, news: Props, olds: Props = {}) {
    return this.handler(type).check({ ...identity(type), olds, news, randomSeed: new Uint8Array() }, this.context);
  }

  async create(type: string, news: Props): Promise<Held> {
    const inputs = await this.checked(type, news);
    const answer = await this.handler(type).create({ ...identity(type), inputs, preview: false }, this.context);
    return { type, id: answer.id, inputs, state: withoutSecretMarks(answer.properties) };
  }

  async previewCreate(type: string, news: Props): Promise<Props> {
    const inputs = await this.checked(type, news);
    const answer = await this.handler(type).create({ ...identity(type), inputs, preview: true }, this.context);
    assert.equal(answer.id, "");
    return withoutSecretMarks(answer.properties);
  }

  async diff(held: Held, news: Props, ignoreChanges: string[] = []): Promise<DiffAnswer> {
    return this.handler(held.type).diff(await this.change(held, news, ignoreChanges), this.context);
  }

  async update(held: Held, news: Props): Promise<Held> {
    const { update } = this.handler(held.type);
    assert.ok(update);
    const change = await this.change(held, news, []);
    const answer = await update({ ...change, preview: false }, this.context);
    return { ...held, inputs: change.news, state: withoutSecretMarks(answer.properties) };
  }

  /** What a refresh finds; undefined when the resource is gone. */
  async read(held: Held): Promise<Held | undefined> {
    const answer = await this.handler(held.type).read(
      { ...identity(held.type), id: held.id, properties: held.state, inputs: held.inputs },
      this.context,
    );
    if (answer.id === "") return undefined;
    const [inputs, state] = [withoutSecretMarks(answer.inputs ?? {}), withoutSecretMarks(answer.properties ?? {})];
    return { ...held, id: answer.id, inputs, state };
  }

  async import(type: string, id: string): Promise<Held | undefined> {
    return this.read({ type, id, inputs: {}, state: {} });
  }

  async delete(held: Held): Promise<void> {
    const { type, id, state, inputs } = held;
    await this.handler(type).delete({ ...identity(type), id, properties: state, oldInputs: inputs }, this.context);
  }

  private async checked(type: string, news: Props): Promise<Props> {
    const { inputs, failures = [] } = await this.check(type, news);
    assert.deepEqual(failures, []);
    return withoutSecretMarks(inputs);
  }

  private async change(held: Held, news: Props, ignoreChanges: string[]) {
    const { type, id, state, inputs } = held;
    return {
      ...identity(type),
      id,
      olds: state,
      oldInputs: inputs,
      news: await this.checked(type, news),
      ignoreChanges,
    };
  }

  private handler(type: string): ResourceHandler<Context> {
    const handler = this.standIn.resources[type];
    assert.ok(handler, `no handler for ${type}`);
    return handler;
  }
}

function identity(type: string) {
  return { urn: `urn:pulumi:test::test::${type}::it`, type, name: "it" };
}
