import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Client } from "pg";
import type { Plugin } from "../../rehearsal/protocol/plugin";
import type { PropertyValue, Props } from "../../rehearsal/protocol/property-values";
import { postgresql } from "../../rehearsal/providers/postgresql/provider";
import { randomOfRehearsals } from "../../rehearsal/providers/random/provider";
import { serve } from "../../rehearsal/providers/serve";
import { DIFFERENCES } from "../conformance/differences";
import { withoutDrawnValues } from "../conformance/drawn-values";
import { type Answer, PluginClient } from "../conformance/plugin-client";
import { freshServer, providerArguments, type TestServer, triedMajors } from "../conformance/postgres-server";
import { providerCalls, type RecordedCall, scenarios } from "../conformance/recordings";

const PLUGINS = ["postgresql", "random"];

/** What people had done by hand before a scenario, and no call of the recording shows. */
const BY_HAND: Readonly<Record<string, string>> = {
  "08-up-adopt": `create role user_handmade login;
                  alter role user_handmade set search_path to schema_handmade;
                  grant user_handmade to postgres;
                  create schema schema_handmade authorization user_handmade;
                  revoke user_handmade from postgres`,
  "18-refresh-after-manual-drop": `grant user_farmacruz to postgres;
                                   drop schema schema_farmacruz cascade;
                                   revoke user_farmacruz from postgres`,
};

for (const major of triedMajors([16, 18])) {
  describe(`the stand-ins answer what the recorded plugins answered, PostgreSQL ${major}`, () => {
    let test: TestServer;
    const served = new Map<string, { server: Plugin; client: PluginClient }>();

    before(async () => {
      test = await freshServer(major);
      for (const server of [await serve(postgresql), await serve(randomOfRehearsals)]) {
        served.set(PLUGINS[served.size] ?? "", { server, client: new PluginClient(server.port) });
      }
    });
    after(async () => {
      for (const { server, client } of served.values()) {
        client.close();
        await server.stop();
      }
      await test?.remove();
    });

    async function answer(call: RecordedCall): Promise<Answer> {
      const plugin = served.get(call.plugin);
      assert.ok(plugin, `no stand-in for ${call.plugin}`);
      return plugin.client.call(call.method, onThisServer(call, providerArguments(test.server)));
    }

    for (const scenario of scenarios()) {
      it(scenario, async () => {
        const byHand = BY_HAND[scenario];
        if (byHand) await test.admin.query(byHand);
        for (const call of providerCalls(scenario, PLUGINS)) {
          const given = await answer(call);
          const what = `${call.method} of ${call.request.urn}`;
          if ("errors" in given || call.errors) {
            assert.deepEqual("errors" in given ? given.errors : given.response, call.errors ?? call.response, what);
            // A failed update hands the engine a state, which shows in the next run; a failed create hands it none.
            const left = "partial" in given ? given.partial?.properties : undefined;
            const recorded = call.method === "Update" ? stateAfter(scenario, call.request.urn) : undefined;
            assert.deepEqual(left, recorded, `state after the failed ${what}`);
            continue;
          }
          assert.deepEqual(
            await withoutDrawnValues(call, given.response),
            await withoutDrawnValues(call, call.response ?? {}),
            what,
          );
        }
      });
    }

    for (const { what, why, plugin, method, request, answer: expected } of DIFFERENCES) {
      it(`differs on purpose: ${what} (${why})`, async () => {
        assert.deepEqual(await answer({ method, plugin, request }), expected);
      });
    }

    it("leaves nothing behind after the recorded destroy", async () => {
      assert.deepEqual(await leftOf(test.admin), []);
    });
  });
}

/** The recorded request, with the server of this test in the place of the recorded one. */
function onThisServer({ method, plugin, request }: RecordedCall, args: Record<string, string>): Props {
  return method === "Configure" && plugin === "postgresql" ? { ...request, args } : request;
}

/** The state that the first run after a scenario found of a resource: what the scenario left of it. */
function stateAfter(scenario: string, urn: PropertyValue | undefined): PropertyValue | undefined {
  const later = scenarios().filter((name) => name > scenario);
  return later
    .flatMap((name) => providerCalls(name, PLUGINS))
    .find(({ method, request }) => method === "Diff" && request.urn === urn)?.request.olds;
}

async function leftOf(admin: Client): Promise<string[]> {
  const { rows } = await admin.query(
    `select rolname as name from pg_roles where rolname like 'user\\_%'
     union all select nspname from pg_namespace where nspname like 'schema\\_%'`,
  );
  return rows.map(({ name }) => name);
}
