/** A program whose steps fail where they are told to, and what becomes of everything else under `--continue-on-error`. */
import { symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PROJECT_DIR } from "../../rehearsal/session/places";

/** One resource that the program declares. */
interface Thing {
  readonly name: string;
  readonly component?: true;
  /** Names of what it waits for. */
  readonly after?: readonly string[];
  /** Name of what it takes a value of, which nobody knows before that is there. */
  readonly uses?: string;
  readonly parent?: string;
  /** Another number is another update. */
  readonly revision?: number;
  readonly fails?: "create" | "update" | "delete";
  /** Its check refuses it when it has no value. */
  readonly needsValue?: true;
}

export interface Run {
  readonly command: "up" | "destroy";
  readonly things: readonly Thing[];
  /** The messages of what failed, in alphabetical order. */
  readonly failed: readonly string[];
  /** Names of what is in the state then, without the stack and the provider, in alphabetical order. */
  readonly state: readonly string[];
  /** The stack's outputs then: what each thing made. Left out where it depends on what came first. */
  readonly outputs?: Readonly<Record<string, string>>;
  /**
   * What comes out differently under Pulumi 3.274 and later, whose engine tells a program that what it has skipped is there, without a value
   * or with the old one. The rehearsal's engine does as those before.
   */
  readonly later?: Partial<Pick<Run, "failed" | "state" | "outputs">>;
}

export const PROJECT = "failing-steps";
export const STACK = "dev";
/** Key of the setting that holds the things as JSON. */
export const THINGS = `${PROJECT}:things`;

/** What an output says that nobody knows: the text by which the protocol calls it. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const TREE: readonly Thing[] = [
  { name: "base" },
  { name: "middle", after: ["base"] },
  { name: "gate", after: ["middle"], fails: "delete" },
  { name: "other" },
  { name: "otherGate", after: ["other"] },
];

export const SCENARIOS: Readonly<Record<string, readonly Run[]>> = {
  "a creation that fails: what waits for it or uses it is skipped, and so on; the rest is made": [
    {
      command: "up",
      things: [
        { name: "broken", fails: "create" },
        { name: "waiting", after: ["broken"] },
        { name: "using", uses: "broken" },
        { name: "later", after: ["waiting"] },
        { name: "box", component: true },
        { name: "beside", parent: "box" },
        { name: "within", parent: "box", after: ["using"] },
      ],
      failed: ["create of broken"],
      state: ["beside", "box"],
      outputs: {
        broken: UNKNOWN,
        waiting: UNKNOWN,
        using: UNKNOWN,
        later: UNKNOWN,
        beside: "beside 1",
        within: UNKNOWN,
      },
      later: { outputs: { broken: UNKNOWN, beside: "beside 1" } },
    },
    {
      command: "up",
      things: [{ name: "broken" }, { name: "waiting", after: ["broken"] }, { name: "beside" }],
      failed: [],
      state: ["beside", "broken", "waiting"],
      outputs: { broken: "broken 1", waiting: "waiting 1", beside: "beside 1" },
    },
  ],
  "an update that fails: what uses it stays as it was, and what it needs is not deleted": [
    {
      command: "up",
      things: [
        { name: "needed" },
        { name: "unneeded" },
        { name: "changing", after: ["needed"] },
        { name: "using", uses: "changing" },
        { name: "steady", revision: 1 },
      ],
      failed: [],
      state: ["changing", "needed", "steady", "unneeded", "using"],
      outputs: {
        needed: "needed 1",
        unneeded: "unneeded 1",
        changing: "changing 1",
        using: "using 1",
        steady: "steady 1",
      },
    },
    {
      command: "up",
      things: [
        { name: "changing", revision: 2, fails: "update" },
        { name: "using", uses: "changing", revision: 2 },
        { name: "steady", revision: 2 },
      ],
      failed: ["update of changing"],
      state: ["changing", "needed", "steady", "using"],
      outputs: {
        needed: "needed 1",
        unneeded: "unneeded 1",
        changing: UNKNOWN,
        using: UNKNOWN,
        steady: "steady 2",
      },
      later: {
        outputs: {
          needed: "needed 1",
          unneeded: "unneeded 1",
          changing: UNKNOWN,
          using: "using 1",
          steady: "steady 2",
        },
      },
    },
  ],
  "a deletion that fails: what it depends on stays, by way of others too; the rest is deleted": [
    {
      command: "up",
      things: TREE,
      failed: [],
      state: ["base", "gate", "middle", "other", "otherGate"],
      outputs: {
        base: "base 1",
        middle: "middle 1",
        gate: "gate 1",
        other: "other 1",
        otherGate: "otherGate 1",
      },
    },
    {
      command: "up",
      things: [],
      failed: ["delete of gate"],
      state: ["base", "gate", "middle"],
      outputs: {
        base: "base 1",
        middle: "middle 1",
        gate: "gate 1",
        other: "other 1",
        otherGate: "otherGate 1",
      },
    },
    { command: "up", things: TREE, failed: [], state: ["base", "gate", "middle", "other", "otherGate"] },
    { command: "destroy", things: [], failed: ["delete of gate"], state: ["base", "gate", "middle"] },
  ],
  "what is no step ends the run: a check, that of what is to be skipped included": [
    {
      command: "up",
      things: [
        { name: "broken", fails: "create" },
        { name: "using", uses: "broken", needsValue: true },
        { name: "never", after: ["using"] },
      ],
      failed: ["create of broken", "using has no value"],
      state: [],
      outputs: {},
      later: { failed: ["create of broken"], outputs: { broken: UNKNOWN } },
    },
  ],
  "what is no step ends the run: outputs of a component that was skipped": [
    {
      command: "up",
      things: [
        { name: "broken", fails: "create" },
        { name: "box", component: true, after: ["broken"] },
      ],
      failed: ["cannot complete box", "create of broken"],
      state: [],
      later: { failed: ["create of broken"] },
    },
  ],
};

const PROGRAM = `
const pulumi = require("@pulumi/pulumi");

const provider = {
  check: async (_, news) => ({
    inputs: news,
    failures: news.needsValue && news.value === undefined ? [{ property: "", reason: news.name + " has no value" }] : [],
  }),
  diff: async (_, olds, news) => ({ changes: olds.revision !== news.revision }),
  create: async (inputs) => {
    if (inputs.fails === "create") throw new Error("create of " + inputs.name);
    return { id: inputs.name, outs: { ...inputs, made: inputs.name + " " + inputs.revision } };
  },
  update: async (_, olds, news) => {
    if (news.fails === "update") throw new Error("update of " + news.name);
    return { outs: { ...news, made: news.name + " " + news.revision } };
  },
  delete: async (_, props) => {
    if (props.fails === "delete") throw new Error("delete of " + props.name);
  },
};

class Thing extends pulumi.dynamic.Resource {
  constructor(name, props, options) {
    super(provider, name, { made: undefined, ...props }, options);
  }
}

class Box extends pulumi.ComponentResource {
  constructor(name, options) {
    super("test:index:Box", name, {}, options);
    this.registerOutputs({});
  }
}

const made = {};
for (const thing of new pulumi.Config().requireObject("things")) {
  const { name, component, after = [], uses, parent, revision = 1, fails, needsValue } = thing;
  const options = { dependsOn: after.map((other) => made[other]), parent: parent && made[parent] };
  if (component) {
    made[name] = new Box(name, options);
  } else {
    const props = { name, revision, fails, needsValue, value: uses && made[uses].made };
    made[name] = new Thing(name, props, options);
    exports[name] = made[name].made;
  }
}
`;

/** Fills an empty folder with the program. */
export function writeFailingProgram(folder: string): void {
  symlinkSync(path.join(PROJECT_DIR, "node_modules"), path.join(folder, "node_modules"));
  writeFileSync(path.join(folder, "package.json"), "{}");
  const runtime = "runtime: {name: nodejs, options: {typescript: false}}";
  writeFileSync(path.join(folder, "Pulumi.yaml"), `name: ${PROJECT}\n${runtime}\nmain: index.js\n`);
  writeFileSync(path.join(folder, "index.js"), PROGRAM);
}

/** What a message comes to in the table: engines word around it what the provider said. */
export function failureIn(message: string): string {
  const [told] = /(create|update|delete) of \w+|\w+ has no value/.exec(message) ?? [];
  return told ?? (/cannot complete .*Box::box\b/.test(message) ? "cannot complete box" : message);
}
