import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import type { PostgresServer } from "../../rehearsal/servers/postgres";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { byHand, contents, makeByHand, paste, query, standing } from "./hand-made";
import { frontend, type Run, ScratchRehearsal } from "./scratch-rehearsal";

const fixture = (name: string) => readFileSync(path.join(__dirname, "fixtures", name), "utf8");
const adopted = (slug: string) => `${frontend(slug)}adopt: true\n`;
/** Its file was written with a rotation already. */
const turned = `${frontend("turned")}rotation: { password: 2 }\n`;

/** What the message only says to look at: dropping it may lose rows, or the server's words for it fit something else too. */
const LEFT_TO_PEOPLE = `
  alter table wild_shared.list drop column mood;
  alter table wild_others.own drop constraint own_n_check;
  drop domain wild_shared.whole`;

// The tests are one story of one stack, in this order.
for (const major of [16, 18]) {
  describe(`a tenant that was made by hand, on PostgreSQL ${major},`, () => {
    const files = { model: frontend("model"), guide: adopted("guide"), turned: `${turned}adopt: true\n` };
    const rehearsal = new ScratchRehearsal(files, ["--postgres", String(major)]);
    let server: PostgresServer;
    let told: string;

    before(async () => {
      server = (await rehearsal.open()).postgres;
      for (const slug of ["guide", "turned"]) await makeByHand(server, slug);
    });
    after(() => rehearsal.remove());

    it("with the guide's SQL is adopted in one up: its data as they were, its rights those of any other tenant", async () => {
      const both = () => Promise.all(["guide", "turned"].map((slug) => contents(server, slug)));
      const data = await both();
      const run = succeeded(await rehearsal.up());
      const taken = run.changes.filter((change) => /^\w+ guide-(role|schema)$/.test(change));
      assert.deepEqual(taken, ["import guide-role", "import guide-schema", "update guide-role", "update guide-schema"]);
      assert.deepEqual(await both(), data);
      assert.deepEqual(await standing(server, "guide"), await standing(server, "model"));
      await logsInWithNewPassword("guide");
      await logsInWithNewPassword("turned");
      assert.equal((await tenantLogin(rehearsal.session, "turned")).user, "user2_turned");
    });

    it("and once adopted, is changed neither by a second up nor by `adopt` taken out of its file", async () => {
      rehearsal.declare("guide");
      rehearsal.declare("turned", turned);
      assert.deepEqual(succeeded(await rehearsal.up()).changes, []);
    });

    // The differences are looked for in catalogs that both majors have alike; schema-guard.test.ts has both.
    if (major === 18) return;

    it("that differs is refused in one message, and nothing of it is touched; `adopt` comes and goes without a change", async () => {
      await makeByHand(server, "wild");
      await paste(server, fixture("wild.sql"));
      const before = [await standing(server, "wild"), await contents(server, "wild")];
      rehearsal.declare("model", adopted("model"));
      rehearsal.declare("wild", adopted("wild"));
      const refused = await rehearsal.up();
      assert.deepEqual(
        // What does not wait for the database may be there: it has nothing to do with what was made by hand.
        refused.changes.filter((change) => !/^create wild(-|$)/.test(change)),
        [],
      );
      assert.equal(refused.failures.length, 1, refused.failures.join("\n"));
      told = refused.failures[0] ?? "";
      assert.equal(
        told.slice(0, told.indexOf("\n")),
        "wild-schema-guard: tenant wild cannot be adopted as it is: it differs from a tenant of this program in 65 ways that the " +
          "program does not put right by itself. Nothing of it was changed. Look at each, run this as postgres in database " +
          "postgres, and deploy again:",
      );
      assert.deepEqual([await standing(server, "wild"), await contents(server, "wild")], before);
      await query(server, byHand("wild"), "select");
    });

    it("is told of by the preview already, in the same words; a role that the provider cannot read fails it", async () => {
      const { failures, warned } = await rehearsal.preview();
      assert.deepEqual(warned, [told.replace(": ", ": will be refused: ")]);
      assert.match(failures.join("\n"), /^wild-role: [^\n]*\n\t\* error reading statement_timeout: [^\n]*$/);
    });

    it("has every difference named, with what puts it right, and no name acts on a terminal", () => {
      assert.equal(told.slice(told.indexOf("\n") + 1), fixture("wild.expected.sql").trimEnd());
      assert.doesNotMatch(told.replaceAll("\n", ""), /\p{C}/u);
    });

    it("is adopted once the statements of the message have been pasted into psql, and then there is no more to do", async () => {
      const data = await contents(server, "wild");
      await paste(server, told.slice(told.indexOf("\n")));
      await query(server, server.superuser, LEFT_TO_PEOPLE);
      const run = succeeded(await rehearsal.up());
      assert.deepEqual(
        run.changes.filter((change) => !/ wild(-|$)/.test(change)),
        [],
      );
      assert.deepEqual(await contents(server, "wild"), data);
      await logsInWithNewPassword("wild");
      const model = await standing(server, "model");
      const wild = await standing(server, "wild");
      const kinds = new Set(model.map(kindOf));
      assert.deepEqual(
        wild.filter((line) => kinds.has(kindOf(line))),
        model,
      );
      // Its further objects are its own, and nobody else's.
      assert.ok(
        wild.some((line) => line.startsWith("m kept: user_SLUG ")),
        wild.join("\n"),
      );
      const strange = (line: string) =>
        /SLUG_(other|shared|database)|port: ing/.test(line) || (/^\w /.test(line) && !/: (by )?user_SLUG/.test(line));
      assert.deepEqual(wild.filter(strange), []);
      assert.deepEqual((await rehearsal.preview()).changes, []);
    });

    async function logsInWithNewPassword(slug: string): Promise<void> {
      const login = await tenantLogin(rehearsal.session, slug);
      assert.deepEqual(await query(server, login, "select current_user::text as who, current_schema::text as at"), [
        { who: `user_${slug}`, at: `schema_${slug}` },
      ]);
      await assert.rejects(query(server, byHand(slug), "select"), /password authentication failed/);
    }
  });
}

/** What a line of a tenant's standing is about. */
function kindOf(line: string): string {
  return line.slice(0, line.indexOf(": "));
}

function succeeded(run: Run): Run {
  assert.deepEqual([run.failures, run.ok], [[], true]);
  return run;
}
