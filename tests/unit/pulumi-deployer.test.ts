import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { pulumiDeployer } from "../../ops/fleet/pulumi-deployer";
import type { DeploymentEvent, StackDeployer } from "../../ops/fleet/stack-deployer";

// A program of the CLI's name that notes how it is called. `up` tells of one step and ends at its second SIGINT.

const URN = "urn:pulumi:prod::b2b-tenants::b2b:index:Tenant::acme";

let folder: string;
let path: string | undefined;
let deployer: StackDeployer;

before(async () => {
  path = process.env.PATH;
  folder = mkdtempSync(join(tmpdir(), "pulumi-deployer-"));
  const event = JSON.stringify({
    sequence: 1,
    timestamp: 1,
    resOutputsEvent: { metadata: { op: "create", urn: URN } },
  });
  writeFileSync(join(folder, "event"), `${event}\n`);
  writeFileSync(
    join(folder, "pulumi"),
    `#!/bin/sh
# Older than those that send their events over the network.
[ "$1" = version ] && { echo v3.200.0; exit; }
echo "$*" >> ${folder}/calls
echo "$1: [$PULUMI_OPTION_POLICY_PACK]" >> ${folder}/packs
case "$1 $2" in
"stack ls") echo '[{"name": "organization/b2b-tenants/prod"}, {"name": "prod-2"}]'; exit;;
"stack history") echo '[]'; exit;;
esac
log=
for argument; do [ "$before" = --event-log ] && log=$argument; before=$argument; done
echo $$ $(ps -o pgid= -p $$) > ${folder}/group
# Before the event: whoever sees that interrupts at once.
trap 'echo interrupted >> ${folder}/signals; cat ${folder}/event >> "$log"; times=x$times; [ $times = xx ] && exit 1' INT
cat ${folder}/event >> "$log"
[ "$1" = destroy ] && { echo "error: the stack is currently locked" >&2; exit 255; }
[ "$1" = preview ] && exit
while :; do sleep 0.05; done
`,
  );
  chmodSync(join(folder, "pulumi"), 0o755);
  process.env.PATH = [folder, path].join(delimiter);
  deployer = await pulumiDeployer();
});
after(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

test("the stacks that there are, by their own names", async () => {
  assert.deepEqual(await deployer.existing(), new Set(["prod", "prod-2"]));
});

test("a preview asks the policies, and no call selects or makes a stack, or reads its outputs", async () => {
  const events: DeploymentEvent[] = [];
  assert.deepEqual(await deployer.deploy("prod", "preview", (event) => events.push(event)), {
    ok: true,
    stopped: false,
    reason: "",
  });
  assert.deepEqual(events, [{ kind: "step", urn: URN, op: "create", status: "done" }]);
  assert.match(lines("calls").at(-1) ?? "", /^preview --policy-pack policy .*--stack prod --non-interactive$/);
});

test("a policy pack that the environment names too is asked once, and is there for calls that name none", async () => {
  process.env.PULUMI_OPTION_POLICY_PACK = "policy";
  try {
    await deployer.deploy("prod", "preview", () => {});
    assert.equal(lines("packs").at(-1), "preview: []");
    await deployer.deploy("prod", "destroy", () => {});
    assert.equal(lines("packs").at(-1), "destroy: [policy]");
  } finally {
    delete process.env.PULUMI_OPTION_POLICY_PACK;
  }
});

test("a CLI that fails without an event is quoted", async () => {
  const { ok, reason } = await deployer.deploy("prod", "destroy", () => {});
  assert.deepEqual([ok, reason], [false, "the stack is currently locked"]);
  assert.match(lines("calls").at(-1) ?? "", /^destroy --yes --skip-preview --continue-on-error .*--stack prod/);
});

test("each interruption reaches the CLI once, which the terminal's own does not", async () => {
  const heard = new EventEmitter();
  const deployed = deployer.deploy("prod", "up", () => heard.emit("event"));
  await once(heard, "event");
  deployer.stop();
  await once(heard, "event");
  deployer.endAtOnce();
  assert.deepEqual(await deployed, { ok: false, stopped: true, reason: "" });
  assert.equal(lines("signals").length, 2);
  const [pid, group] = lines("group")[0]?.split(" ") ?? [];
  assert.equal(group, pid);
  const call = lines("calls").find((line) => line.startsWith("up ")) ?? "";
  assert.match(call, /^up --yes --skip-preview --policy-pack policy --continue-on-error .*--stack prod/);
  assert.doesNotMatch(lines("calls").join("\n"), /stack (select|init|output)|--show-secrets/);
});

function lines(name: string): string[] {
  return readFileSync(join(folder, name), "utf8").trim().split("\n");
}
