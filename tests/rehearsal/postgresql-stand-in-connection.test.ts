import assert from "node:assert/strict";
import { createServer } from "node:net";
import { it } from "node:test";
import type { Props } from "../../rehearsal/protocol/property-values";
import { postgresql } from "../../rehearsal/providers/postgresql/provider";
import { PartialFailure } from "../../rehearsal/providers/stand-in";
import { waitFor } from "../../rehearsal/servers/process";
import { type Held, InProcess } from "../conformance/in-process";
import { providerArguments } from "../conformance/postgres-server";
import { describeOnEachMajor, ROLE, roleInputs } from "../conformance/postgres-tenant";

const NOWHERE = { host: "127.0.0.1", port: "1", sslmode: "disable" };

/** The whole message of the real provider. */
function told(reason: string): string {
  return `1 error occurred:\n\t* error connecting to PostgreSQL server 127.0.0.1 (scheme: postgres): ${reason}\n\n`;
}

/** Drives the stand-in as configured with these arguments, and frees its connections after. */
async function configured(
  args: Props,
  use: (plugin: InProcess<ReturnType<typeof postgresql.configure>>) => Promise<void>,
) {
  const server = postgresql.configure(args, {});
  try {
    await use(new InProcess(postgresql, server));
  } finally {
    await server.close();
  }
}

it("configuring, checking, diffing and previewing a create connect to nothing", async () => {
  await configured(NOWHERE, async (plugin) => {
    const previewed = await plugin.previewCreate(ROLE, roleInputs("offline"));
    assert.equal(previewed.id, "04da6b54-80e4-46f7-96ec-b56ff0331ba9");
    const held: Held = { type: ROLE, id: "user_offline", inputs: roleInputs("offline"), state: previewed };
    assert.deepEqual((await plugin.diff(held, roleInputs("offline", { connectionLimit: 4 }))).diffs, [
      "connectionLimit",
    ]);
  });
});

it("a server that cannot be reached is an error that names it, without the password", async () => {
  await configured({ ...NOWHERE, password: "hush" }, async (plugin) => {
    await assert.rejects(plugin.create(ROLE, roleInputs("refused")), (error: Error) => {
      assert.equal(error.message, told("dial tcp 127.0.0.1:1: connect: connection refused"));
      return true;
    });
  });
});

it("a server that never answers is given up after connectTimeout seconds", async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as { port: number };
  try {
    await configured({ ...NOWHERE, port: String(port), connectTimeout: "1" }, async (plugin) => {
      await assert.rejects(
        plugin.create(ROLE, roleInputs("silent")),
        /error connecting to PostgreSQL server .*timeout/,
      );
    });
  } finally {
    silent.close();
  }
});

describeOnEachMajor("the stand-in's connections", (on) => {
  it("pass on the server's refusal of a login, in the real provider's words", async () => {
    await configured({ ...providerArguments(on.server), password: "hush" }, async (plugin) => {
      await assert.rejects(plugin.create(ROLE, roleInputs("unwelcome")), {
        message: told('pq: password authentication failed for user "postgres" (28P01)'),
      });
    });
  });

  it("break on a role's password when told that this admin is a superuser; the role stays, half made", async () => {
    const { superuser, ...args } = providerArguments(on.server);
    assert.equal(superuser, "false");
    await configured(args, async (plugin) => {
      await assert.rejects(plugin.create(ROLE, roleInputs("assumed")), (error) => {
        assert.ok(error instanceof PartialFailure);
        assert.match(error.message, /could not read role password .* user postgres is not a SUPERUSER/);
        assert.equal(error.id, "user_assumed");
        return true;
      });
    });
    const { rowCount } = await on.admin.query("select from pg_roles where rolname = 'user_assumed'");
    assert.equal(rowCount, 1);
  });

  it("are never more than maxConnections, however many resources are made at once", async () => {
    const sessions = async () => {
      const { rows } = await on.admin.query(
        "select count(*)::int as count from pg_stat_activity where application_name = 'Pulumi provider'",
      );
      return rows[0].count as number;
    };
    assert.ok(await waitFor(async () => (await sessions()) === 0 || undefined, 10), "those of the cases above go on");
    await configured({ ...providerArguments(on.server), maxConnections: "2" }, async (plugin) => {
      const slugs = Array.from({ length: 8 }, (_, at) => `pool${at}`);
      await Promise.all(slugs.map((slug) => plugin.create(ROLE, roleInputs(slug))));
      assert.equal(await sessions(), 2);
    });
  });
});
