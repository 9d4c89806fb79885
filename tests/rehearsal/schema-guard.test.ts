import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server } from "node:net";
import { after, before, it } from "node:test";
import { check, create, diff, type GuardInputs, update } from "../../components/dynamic/schema-guard-run";
import { lookups } from "../../components/dynamic/server-lookups";
import { raiseFence } from "../../database/offboarding/fence";
import { commentOf } from "../../database/role-comment";
import { endHandover, handoverOf, turnOf } from "../../database/rotation/handover";
import { session } from "../conformance/postgres-server";
import { createTenant, describeOnEachMajor } from "../conformance/postgres-tenant";
import { makeByHand } from "./hand-made";

const MARKER = `b2b-tenants: initialised, sha256 ${"a".repeat(64)}`;

describeOnEachMajor("the guard before a tenant's role and schema", (on) => {
  function inputs(slug: string, adopt = false): GuardInputs {
    const { host, port, database, adminUser, adminPassword } = on.server;
    return {
      tenant: slug,
      role: `user_${slug}`,
      schema: `schema_${slug}`,
      adopt,
      rotation: 1,
      reserve: 10,
      pooled: false,
      host,
      port,
      database,
      sslmode: "disable",
      user: adminUser,
      password: adminPassword,
    };
  }

  /** Why a new tenant is refused, without a stack or a password. */
  async function refusedBy(guarded: GuardInputs): Promise<string> {
    const error = await create(guarded).then(
      () => assert.fail("it passed"),
      (reason: Error) => reason,
    );
    assert.equal(error.stack, "");
    assert.ok(!error.message.includes(guarded.password));
    return error.message;
  }

  /** The same, which a preview is told when it asks, and no check fails for: that would end the run for all other tenants. */
  async function refusal(guarded: GuardInputs): Promise<string> {
    const message = await refusedBy(guarded);
    assert.deepEqual(await check({}, { ...guarded, refusal: "" }), { inputs: { ...guarded, refusal: message } });
    assert.deepEqual(await check({}, guarded), { inputs: guarded });
    return message;
  }

  it("lets a tenant pass of which there is nothing", async () => {
    const guarded = inputs("fresh");
    assert.deepEqual(await check({}, { ...guarded, refusal: "" }), { inputs: guarded });
    const sdk = { ...guarded, __provider: "code" };
    assert.deepEqual(await create(sdk), { id: "postgres.schema_fresh", outs: guarded });
  });

  it("refuses a server on which the provider's REVOKE would do nothing, also for a tenant that is known, until that is put right", async () => {
    const root = await session(on.server, on.server.superuser.user, on.server.superuser.password);
    const known = inputs("known");
    try {
      await on.admin.query("create role stranger; grant create on schema public to stranger with grant option");
      for (const [open, told] of [
        [
          "alter schema public owner to rdsadmin",
          ["-- as rdsadmin, or as a superuser:", "alter schema public owner to postgres;"],
        ],
        [
          "alter schema public owner to pg_database_owner; alter database postgres owner to rdsadmin",
          [
            "-- as rdsadmin, or as a superuser:",
            "alter database postgres owner to postgres;",
            "-- as rdsadmin, or as a superuser:",
            "alter database postgres owner to postgres;",
          ],
        ],
        [
          "revoke all on database postgres from public; alter database postgres owner to rdsadmin; grant connect on database postgres to postgres",
          [
            "-- as rdsadmin, or as a superuser:",
            "alter database postgres owner to postgres;",
            "-- as rdsadmin, or as a superuser:",
            "alter database postgres owner to postgres;",
          ],
        ],
        [
          "set role stranger; grant create on schema public to public; reset role",
          [
            "-- as stranger, or as a superuser:",
            "set role stranger; revoke all on schema public from public cascade; reset role;",
          ],
        ],
      ] as const) {
        await root.query(open);
        lookups.forgetLooks();
        const message = await refusedBy(inputs("late"));
        assert.deepEqual((await check({}, inputs("late"))).failures, [{ property: "", reason: message }]);
        assert.match(message, /^tenants would not be kept out of .* Nothing was changed\. /);
        const lines = message.split("\n").slice(1);
        assert.deepEqual(lines, told);
        assert.equal((await check(known, known)).failures?.[0]?.reason, message);
        await root.query(lines.join("\n"));
        assert.deepEqual(await check(known, known), { inputs: known });
      }
      // What the owner gave, and the admin can take back as a member of the owner.
      await root.query("alter schema public owner to stranger; grant stranger to postgres with admin option");
      assert.deepEqual(await check(known, known), { inputs: known });
      await root.query("alter schema public owner to pg_database_owner; drop owned by stranger; drop role stranger");
    } finally {
      await root.end();
    }
  });

  it("refuses a role, and a schema of anybody's, each with what to do", async () => {
    await on.admin.query("create role user_taken");
    assert.equal(
      await refusal(inputs("taken")),
      "role user_taken already exists. Nothing of that was touched. If it is tenant taken's own and was made by hand, set " +
        "'adopt: true' in its file; if it is somebody else's, give the tenant another slug or move it out of the way. If the " +
        "tenant still lives in another stack, run that one's `up` first. If a run died that was making this tenant, run " +
        "`npx b2b-tenants recover --stack STACK`",
    );
    await on.admin.query("create schema schema_bare");
    assert.match(await refusal(inputs("bare")), /^schema schema_bare already exists and belongs to postgres\. Nothing/);
    await on.admin.query("create schema schema_full; create table schema_full.precious ()");
    assert.match(
      await refusal(inputs("full")),
      /^schema schema_full already holds table schema_full\.precious, which this program did not create\. Nothing/,
    );
  });

  it("names both, and knows the program's own tables", async () => {
    await createTenant(on, "both");
    assert.match(
      await refusal(inputs("both")),
      /^role user_both already exists; schema schema_both already exists, empty\./,
    );
    const client = await session(on.server, "user_both", "both-secret");
    await client.query(`create table t (); comment on schema schema_both is '${MARKER}'`).finally(() => client.end());
    assert.match(
      await refusal(inputs("both")),
      /^role user_both already exists; schema schema_both already exists with the tables that this program made\. /,
    );
  });

  it("looks again when the place is another, and knows its own role and schema there", async () => {
    await createTenant(on, "moved");
    const olds = inputs("moved");
    const id = "postgres.schema_moved";
    // The same server by another name.
    const renamed = { ...olds, host: "localhost" };
    assert.deepEqual(await check(olds, { ...renamed, refusal: "" }), { inputs: renamed });
    assert.deepEqual(await update(id, olds, renamed), { outs: renamed });

    await on.admin.query("create database elsewhere");
    const elsewhere = { ...olds, database: "elsewhere" };
    await update(id, olds, elsewhere);
    const admin = await session({ ...on.server, database: "elsewhere" }, on.server.adminUser, on.server.adminPassword);
    await admin.query("create schema schema_moved; create table schema_moved.precious ()").finally(() => admin.end());
    const told = /^schema schema_moved already holds table schema_moved\.precious, which this program did not create/;
    await assert.rejects(update(id, olds, elsewhere), { message: told });
    // Which a deployment does not come to: the check, which is first, lets no tenant move.
    assert.match(
      (await check(olds, elsewhere)).failures?.[0]?.reason ?? "",
      /^tenant moved lives in database postgres, and/,
    );
  });

  it("has nothing to do for a change of anything but the place", async () => {
    const olds = inputs("stayed");
    const changes = async (change: object) =>
      (await diff("postgres.schema_stayed", olds, { ...olds, ...change })).changes;
    for (const same of [{ password: "x" }, { sslmode: "require" }, { user: "other" }, { __provider: "code" }, {}]) {
      assert.equal(await changes(same), false);
    }
    for (const other of [{ host: "db.example.com" }, { port: 1 }, { database: "elsewhere" }, { schema: "schema_b" }]) {
      assert.equal(await changes(other), true);
    }
  });

  it("finds a tenant shut out, and lets it in; one that was locked by hand stays locked", async () => {
    await createTenant(on, "shut");
    const olds = inputs("shut");
    const changes = async () => (await diff("id", olds, olds)).changes;
    const canLogIn = async () => {
      const { rows } = await on.admin.query("select rolcanlogin as can from pg_roles where rolname = 'user_shut'");
      return rows[0]?.can;
    };
    await raiseFence(on.admin, "user_shut", new Date());
    lookups.forgetFences();
    assert.deepEqual([await changes(), await canLogIn()], [true, false]);
    await update("id", olds, olds);
    assert.deepEqual([await changes(), await canLogIn()], [false, true]);
    await on.admin.query("alter role user_shut nologin");
    await update("id", olds, olds);
    assert.deepEqual([await changes(), await canLogIn()], [false, false]);
  });

  it("looks at a hand-made schema when it is to be adopted later, not at one of the program's", async () => {
    await createTenant(on, "late");
    const olds = inputs("late");
    const adopted = { ...olds, adopt: true };
    assert.equal((await diff("id", olds, adopted)).changes, true);
    await update("id", olds, adopted);
    await on.admin.query("alter role user_late set work_mem = '8MB'");
    await assert.rejects(update("id", olds, adopted), /differs from a tenant of this program in one way/);
    const client = await session(on.server, "user_late", "late-secret");
    await client.query(`comment on schema schema_late is '${MARKER}'`).finally(() => client.end());
    assert.equal((await diff("id", olds, adopted)).changes, false);
    assert.equal((await diff("id", adopted, olds)).changes, false);
  });

  it("told to adopt, refuses what is not there, or only in part, with what to run", async () => {
    assert.equal(
      await refusal(inputs("nobody", true)),
      "there is neither a role user_nobody nor a schema schema_nobody to adopt; for a new tenant take 'adopt' out of the file " +
        "of tenant nobody",
    );
    await on.admin.query("create role user_half login");
    const told = await refusal(inputs("half", true));
    assert.deepEqual(told.split("\n").slice(1), [
      'grant "user_half" to "postgres" with inherit true, set true;',
      "-- there is a role user_half, but no schema schema_half",
      'create schema "schema_half" authorization "user_half";',
      'revoke "user_half" from "postgres";',
    ]);
    await on.admin.query(told.slice(told.indexOf("\n")));
    assert.deepEqual(await check({}, { ...inputs("half", true), refusal: "" }), { inputs: inputs("half", true) });
    await on.admin.query("create schema schema_lost");
    assert.match(await refusal(inputs("lost", true)), /\n-- there is a schema [^\n]*\ncreate role "user_lost" login;$/);
  });

  it("told to adopt, takes back the membership that the guide leaves to the admin, and only once all is well", async () => {
    await makeByHand(on.server, "guide");
    const reads = () => on.admin.query("select from schema_guide.products");
    await on.admin.query("alter role user_guide set work_mem = '8MB'");
    await refusal(inputs("guide", true));
    await reads();
    await on.admin.query("alter role user_guide reset all");
    await check({}, inputs("guide", true));
    await reads();
    await create(inputs("guide", true));
    await assert.rejects(reads(), /permission denied/);
  });

  it("told to adopt, refuses tables that the program's script does not go with, before the role has another password", async () => {
    for (const [slug, table, reason] of [
      ["odd", "create table customers (name text)", /sql\/tenant_init\.sql:\d+: column "id" .* does not exist/],
      ["rival", "create table b2b_tenants_migrations (n int)", /b2b_tenants_migrations .*cannot be read: column/],
    ] as const) {
      await on.admin.query(`create role user_${slug} login password '${slug}'; grant user_${slug} to postgres with set true;
        create schema schema_${slug} authorization user_${slug}; grant connect on database postgres to user_${slug};
        revoke user_${slug} from postgres`);
      const client = await session(on.server, `user_${slug}`, slug);
      await client.query(`set search_path to schema_${slug}; ${table}`).finally(() => client.end());
      const told = await refusedBy(inputs(slug, true));
      assert.match(
        told,
        new RegExp(`^tenant ${slug} cannot be adopted as it is: its tables do not go with the program's\\. `),
      );
      assert.match(told, reason);
      const { rows } = await on.admin.query(
        `select count(*)::int as tables, (select count(*)::int from pg_roles where rolname like 'scratch%') as logins
           from pg_class where relnamespace = 'schema_${slug}'::regnamespace and relkind = 'r'`,
      );
      assert.deepEqual(rows, [{ tables: 1, logins: 0 }]);
    }
  });

  it("begins no rotation for which the server has no connections, also of two at once", async () => {
    for (const slug of ["turn_1", "turn_2"]) await on.admin.query(`create role user_${slug} login connection limit 5`);
    const { rows } = await on.admin.query(
      `select current_setting('max_connections')::int - sum(greatest(rolconnlimit, 0))::int as free from pg_roles where rolname like 'user\\_%'`,
    );
    const rotate = (slug: string, room: number) => {
      const olds = inputs(slug);
      const news = { ...olds, rotation: 2, reserve: rows[0].free - room };
      return { told: () => check(olds, { ...news, refusal: "" }), run: () => update("", olds, news) };
    };
    // Any login may take the lock under which rotations begin, and must not hold one up.
    await on.admin.query(
      "create role intruder login password 'intruder'; grant connect on database postgres to intruder",
    );
    const intruder = await session(on.server, "intruder", "intruder");
    const intruderEnds = new Promise((resolve) => intruder.once("end", resolve));
    intruder.on("error", () => {});
    await intruder.query("select pg_advisory_lock(x'62326273'::bigint)");
    const both = ["turn_1", "turn_2"].map((slug) => rotate(slug, 9));
    const [first, second] = both.map(({ run }) => run) as [() => Promise<unknown>, () => Promise<unknown>];
    const ended = await Promise.allSettled([first(), second()]);
    const refused = ended.findIndex(({ status }) => status === "rejected");
    assert.equal(ended.filter(({ status }) => status === "rejected").length, 1);
    await intruderEnds;
    const [slug, other] = refused === 0 ? ["turn_1", "turn_2"] : ["turn_2", "turn_1"];
    const words = new RegExp(
      `^(Error: )?tenant ${slug}: its password cannot be rotated now: both of its logins are valid meanwhile, with 5 connections each, .*, ` +
        `1 more than the server's max_connections\\. The handovers of user_${other} are open: let them end first\\. `,
    );
    assert.match(String((ended[refused] as PromiseRejectedResult).reason), words);
    assert.match(String((await both[refused]?.told())?.inputs.refusal), words);
    assert.equal(await commentOf(on.admin, `user_${slug}`), null);
    // An `up` that goes on with what it has begun is not refused.
    await both[1 - refused]?.run();
    await endHandover(on.admin, turnOf(other, 2));
    await both[refused]?.run();
    assert.equal((await handoverOf(on.admin, `user_${slug}`))?.login, `user2_${slug}`);
    const pooled = { ...inputs(other), pooled: true, reserve: rows[0].free };
    assert.equal((await check(pooled, { ...pooled, rotation: 2, refusal: "" })).inputs.refusal, undefined);
  });

  it("names what only a superuser can put right: attributes, an extension, a role out of the admin's hands", async () => {
    const { user, password } = on.server.superuser;
    const superuser = await session(on.server, user, password);
    try {
      await superuser.query(
        `create role user_royal login superuser replication bypassrls; create schema schema_royal authorization user_royal;
         create extension vector schema schema_royal; grant user_royal to postgres`,
      );
      const told = await refusal(inputs("royal", true));
      assert.deepEqual(
        told.split("\n").filter((line) => line.startsWith("-- ")),
        [
          `-- extension vector belongs to ${user}`,
          "-- postgres may not administer user_royal; this is for a superuser, or for whoever made the role, to run",
          "-- role user_royal has the attribute SUPERUSER",
          "-- role user_royal has the attribute REPLICATION",
          "-- role user_royal has the attribute BYPASSRLS",
          `-- postgres is a member of user_royal, by a grant of ${user}`,
        ],
      );
      await superuser.query(told.slice(told.indexOf("\n")));
    } finally {
      await superuser.end();
    }
    await create(inputs("royal", true));
  });

  it("names what the role has in another database, which takes a look there", async () => {
    await makeByHand(on.server, "broad");
    await on.admin.query("create database annex");
    const annex = await session({ ...on.server, database: "annex" }, on.server.adminUser, on.server.adminPassword);
    try {
      await annex.query("create table list (); grant select on list to user_broad");
      const told = await refusal(inputs("broad", true));
      const [what, look] = told.split("\n").slice(1);
      assert.match(
        what ?? "",
        /^-- user_broad owns objects or has privileges in database annex: 1\. Connect to it, look/,
      );
      assert.deepEqual((await annex.query(look ?? "")).rows, [{ pg_describe_object: "table list", deptype: "a" }]);
      await annex.query("revoke all on list from user_broad");
    } finally {
      await annex.end();
    }
    await create(inputs("broad", true));
  });
});

let silent: Server;
before(() => {
  silent = createServer().listen(0, "127.0.0.1");
});
after(() => silent.close());

it("the guard: a preview says nothing of a server that it cannot reach or log in to, and waits for it once", async () => {
  const connections: unknown[] = [];
  silent.on("connection", (socket) => connections.push(socket.resume().on("error", () => {})));
  const { port } = silent.address() as AddressInfo;
  const place = {
    host: "127.0.0.1",
    port,
    database: "postgres",
    sslmode: "disable" as const,
    user: "postgres",
    password: "p",
  };
  const tenants = ["a", "b", "c"].map((tenant) => ({
    ...place,
    tenant,
    role: "r",
    schema: "s",
    adopt: true,
    rotation: 1,
    reserve: 10,
    pooled: false,
  }));
  const told = await Promise.all(tenants.map((news) => check({}, { ...news, refusal: "" })));
  assert.deepEqual(
    told,
    tenants.map((news) => ({ inputs: news })),
  );
  assert.equal(connections.length, 1);
  const nobody = {
    ...place,
    port: 1,
    tenant: "d",
    role: "r",
    schema: "s",
    adopt: false,
    rotation: 1,
    reserve: 10,
    pooled: false,
  };
  assert.deepEqual(await check({}, { ...nobody, refusal: "" }), { inputs: nobody });
  await assert.rejects(create(nobody), /^Error: cannot log in as postgres to PostgreSQL at 127\.0\.0\.1:1/);
  assert.equal((await diff("id", nobody, { ...nobody, adopt: true })).changes, false);
  // A file that cannot be meant: both logins would change, or the one in use would be taken away.
  for (const [from, to] of [
    [1, 3],
    [2, 1],
  ] as const) {
    const { failures } = await check({ ...nobody, rotation: from }, { ...nobody, rotation: to });
    assert.match(
      failures?.[0]?.reason ?? "",
      new RegExp(`^tenant d: rotation.password is ${from}, and may become ${from + 1}, got ${to}: `),
    );
  }
});
