import assert from "node:assert/strict";
import { after, it } from "node:test";
import { DeleteParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { ssmPath } from "../../domain/names";
import { awsClients } from "../../rehearsal/session/aws-clients";
import { boot, tick } from "../../rehearsal/session/boot";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

const rehearsal = new ScratchRehearsal({ acme: frontend("acme") });
after(() => rehearsal.remove());

const NAME = `${ssmPath("prod", "acme")}/SECRET_KEY`;

// What docs/troubleshooting.md says of "is missing or empty": the state does not know what was done by hand.
it("a parameter that was deleted or overwritten by hand comes back by a refresh and an `up`, and not without the refresh", async () => {
  assert.deepEqual((await rehearsal.up()).failures, []);
  const { env } = await boot(rehearsal.session, "acme");
  const { ssm } = awsClients(rehearsal.session);
  for (const [byHand, change] of [
    [new DeleteParameterCommand({ Name: NAME }), "create acme-env-SECRET_KEY"],
    [new PutParameterCommand({ Name: NAME, Value: "x\r", Overwrite: true }), "update acme-env-SECRET_KEY"],
  ] as const) {
    await ssm.send(byHand as DeleteParameterCommand);
    await assert.rejects(tick(rehearsal.session, "acme"), new RegExp(`${NAME} `));
    assert.deepEqual((await rehearsal.up()).changes, []);
    assert.deepEqual((await rehearsal.refresh()).failures, []);
    assert.deepEqual((await rehearsal.up()).changes, [change]);
    assert.deepEqual((await tick(rehearsal.session, "acme")).env, env);
  }
});
