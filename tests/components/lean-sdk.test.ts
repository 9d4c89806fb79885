import assert from "node:assert/strict";
import { afterEach, before, describe, test } from "node:test";
import { promiseHooks } from "node:v8";
import { status } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import * as rpc from "@pulumi/pulumi/runtime/rpc";
import { withOutputsOnDemand } from "../../components/lean-sdk";

/** A resource as a provider's class has it: with everything that the provider may give. */
class Thing extends pulumi.CustomResource {
  declare readonly given: pulumi.Output<unknown>;
  declare readonly made: pulumi.Output<unknown>;
  declare readonly missing: pulumi.Output<unknown>;

  constructor(name: string, given?: unknown, opts: pulumi.CustomResourceOptions = {}, more: object = {}) {
    super("example:index:Thing", name, { given, made: undefined, missing: undefined, ...more }, opts);
  }
}

/** What the engine answers for a resource. */
let answer: (name: string) => object;

before(withOutputsOnDemand);
afterEach(() => pulumi.runtime.disconnect());

async function begin({ preview = false } = {}): Promise<void> {
  answer = () => ({});
  await pulumi.runtime.setMocks(
    {
      call: () => ({}),
      newResource: ({ name, inputs }) => ({ id: `id-of-${name}`, state: { ...inputs, ...answer(name) } }),
    },
    "project",
    "stack",
    preview,
  );
}

/** Everything that an output holds. */
async function held(output: pulumi.Output<unknown>) {
  const { promise, isKnown, isSecret, allResources } = output as unknown as {
    promise(): Promise<unknown>;
    isKnown: Promise<boolean>;
    isSecret: Promise<boolean>;
    allResources(): Promise<Set<pulumi.Resource>>;
  };
  const [resources, value, known, secret] = await Promise.all([allResources(), promise(), isKnown, isSecret]);
  const urns = await Promise.all([...resources].map((resource) => urnOf(resource)));
  return { value, known, secret, of: urns.map((urn) => urn.split("::")[3]) };
}

const urnOf = ({ urn }: pulumi.Resource) => new Promise<string>((resolve) => urn.apply(resolve));

for (const when of ["before", "after"]) {
  test(`an output that is read first ${when} the resource is registered holds what the provider gave`, async () => {
    await begin();
    answer = () => ({ made: { by: "provider" } });
    const thing = new Thing("thing", "input");
    if (when === "after") await urnOf(thing);
    const { given, made, missing } = thing;
    const common = { known: true, secret: false, of: ["thing"] };
    assert.deepEqual(await held(given), { ...common, value: "input" });
    assert.deepEqual(await held(made), { ...common, value: { by: "provider" } });
    assert.deepEqual(await held(missing), { ...common, value: undefined });
    assert.equal(thing.made, made);
    assert.deepEqual(
      Object.keys(thing).filter((name) => name in { given, made, missing }),
      ["given", "made", "missing"],
    );
  });

  test(`one that is read first ${when} it is secret still`, async () => {
    await begin();
    const thing = new Thing("thing", pulumi.secret("hidden"));
    if (when === "after") await urnOf(thing);
    assert.deepEqual(await held(thing.given), { value: "hidden", known: true, secret: true, of: ["thing"] });
  });

  test(`in a preview, one that is read first ${when} it is unknown where the provider has given nothing`, async () => {
    await begin({ preview: true });
    const thing = new Thing("thing", "input");
    if (when === "after") await urnOf(thing);
    assert.equal((await held(thing.given)).known, true);
    assert.deepEqual(await held(thing.missing), { value: undefined, known: false, secret: false, of: ["thing"] });
  });
}

test("another resource that takes one as an input waits for it, and is made from it", async () => {
  await begin();
  answer = (name) => (name === "first" ? { made: 7 } : {});
  const first = new Thing("first");
  const second = new Thing("second", first.made);
  assert.equal((await held(second.given)).value, 7);
});

test("what a class of resources sets by itself takes the place of the output", async () => {
  await begin();
  const thing = new Thing("thing", "input");
  (thing as { made: unknown }).made = "its own";
  assert.equal(thing.made, "its own");
});

describe("what the SDK hands over for a resource", () => {
  const transferred = async () => {
    await begin();
    const [thing, other] = [new Thing("thing"), new Thing("other")];
    const { transferProperties } = rpc as unknown as {
      transferProperties(onto: object, label: string, props: object): Settlers;
    };
    const { late } = transferProperties(thing, "thing", { late: undefined }) as Required<Settlers>;
    return { thing: thing as Thing & { readonly late: pulumi.Output<unknown> }, other, settle: late };
  };
  type Settlers = {
    late?: (value: unknown, known: boolean, secret: boolean, of?: readonly object[], error?: Error) => void;
  };

  test("goes with the output: what it depends on", async () => {
    const { thing, other, settle } = await transferred();
    const { late } = thing;
    settle(1, true, false, [other]);
    assert.deepEqual((await held(late)).of, ["other", "thing"]);
  });

  test("an error is that of each output that was read", async () => {
    const { thing, settle } = await transferred();
    settle(undefined, true, false, [], new Error("it failed"));
    await assert.rejects(held(thing.late), /it failed/);
  });

  test("the end of the engine settles nothing", async () => {
    const { thing, settle } = await transferred();
    const { late } = thing;
    settle(undefined, true, false, [], Object.assign(new Error("the engine ends"), { code: status.UNAVAILABLE }));
    settle("in the end", true, false);
    assert.equal((await held(late)).value, "in the end");
  });
});

test("a property that nobody reads takes a few promises of the SDK, and none of an output", async () => {
  await begin();
  let promises = 0;
  const promisesOf = async (name: string, properties: number) => {
    const more = Object.fromEntries(Array.from({ length: properties }, (_, index) => [`more${index}`, undefined]));
    const before = promises;
    await urnOf(new Thing(name, undefined, {}, more));
    await pulumi.runtime.disconnect();
    return promises - before;
  };
  const stopCounting = promiseHooks.createHook({
    init: () => {
      promises += 1;
    },
  });
  try {
    await promisesOf("first", 1);
    const [few, many] = [await promisesOf("few", 1), await promisesOf("many", 101)];
    assert.ok(few > 0 && many - few < 1000, `${few} promises, and ${many - few} more for a hundred properties more`);
  } finally {
    stopCounting();
  }
});
