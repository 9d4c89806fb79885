import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { DescribeSubnetsCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { Client } from "pg";
import { prepareAccount } from "../../rehearsal/servers/account";
import { makeDataFolder } from "../../rehearsal/servers/blank-cluster";
import { accountOf } from "../../rehearsal/servers/known-account";
import { withLock } from "../../rehearsal/servers/lock";
import { type MotoServer, startMoto, stopMoto } from "../../rehearsal/servers/moto";
import { type PostgresServer, startPostgres, stopPostgres } from "../../rehearsal/servers/postgres";
import { postgresPrograms } from "../../rehearsal/servers/postgres-programs";
import { waitFor } from "../../rehearsal/servers/process";
import { pythonEnvironment } from "../../rehearsal/servers/python";
import { failureOf, ServerError } from "../../rehearsal/servers/server-error";
import { reachableCopy, unprivilegedIdentity } from "../../rehearsal/servers/unprivileged";
import { startForked } from "./emulator-host";

const SUBNETS = ["subnet-00000000000000001", "subnet-00000000000000002"];
const scratch = mkdtempSync(path.join(tmpdir(), "servers-"));
// PostgreSQL, which root starts as another user, has to pass through; the test of a closed home closes one of its own.
chmodSync(scratch, 0o711);
after(() => rmSync(scratch, { recursive: true, force: true }));

function folder(name: string): string {
  const made = path.join(scratch, name);
  mkdirSync(made, { recursive: true });
  return made;
}

function program(name: string, script: string): string {
  const file = path.join(folder("programs"), name);
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  return file;
}

/** A listener on that port, as another program that has taken it. */
async function takePort(port: number): Promise<{ free(): Promise<void> }> {
  const server = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    free: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

async function kill(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  await waitFor(() => (existsSync(`/proc/${pid}`) ? undefined : true), 10);
}

describe("the Python environment", () => {
  const install = (PYTHON: string, more: NodeJS.ProcessEnv = {}, cache = folder("python")) =>
    pythonEnvironment({ cache, env: { ...process.env, PYTHON, ...more } });

  it("that is there is used at once, and silently", async () => {
    const lines: string[] = [];
    const first = await pythonEnvironment();
    assert.deepEqual(await pythonEnvironment({ report: (line) => lines.push(line) }), first);
    assert.deepEqual(lines, []);
  });

  it("is found through a link, too, and not installed again", async () => {
    const first = await pythonEnvironment();
    const cache = path.join(folder("linked"), "python");
    symlinkSync(path.dirname(first.folder), cache);
    assert.deepEqual(await pythonEnvironment({ cache, report: assert.fail }), first);
  });

  it("needs a Python, and says how to get one", async () => {
    await assert.rejects(install("/nowhere/python"), {
      name: "ServerError",
      message: /PYTHON names "\/nowhere\/python".*apt install python3/,
    });
    await assert.rejects(pythonEnvironment({ cache: folder("none"), env: { PATH: folder("empty") } }), {
      name: "ServerError",
      message: /^Python was not found\. Install Python 3\.10/,
    });
  });

  it("needs a new enough Python", async () => {
    const old = program("python3.9", "#!/bin/sh\necho 3.9\n");
    await assert.rejects(install(old), {
      name: "ServerError",
      message: /too old: .*python3\.9 is Python 3\.9.*3\.10/s,
    });
  });

  it("needs Python's venv, which Debian packs apart", async () => {
    const bare = program(
      "bare-python",
      '#!/bin/sh\n[ "$1" = -m ] && { echo "No module named venv" >&2; exit 1; }\nexec python3 "$@"\n',
    );
    await assert.rejects(install(bare), {
      name: "ServerError",
      message: /apt install python3-venv.*No module named venv/s,
    });
  });

  it("that pip could not fill is not taken for whole; what earlier tries left is removed", async () => {
    const cache = folder("offline");
    for (const name of ["env-01234567", "env-89abcdef"]) mkdirSync(path.join(cache, name, "bin"), { recursive: true });
    // Made from other requirements; servers may still run from it.
    writeFileSync(path.join(cache, "stamp.json"), JSON.stringify({ folder: path.join(cache, "env-89abcdef") }));
    const offline = {
      PIP_INDEX_URL: "http://127.0.0.1:9/",
      PIP_FIND_LINKS: "",
      PIP_RETRIES: "0",
      PIP_NO_CACHE_DIR: "1",
    };
    await assert.rejects(install("python3", offline, cache), {
      name: "ServerError",
      message: /^pip could not install .*needs the network once/,
    });
    assert.deepEqual(
      readdirSync(cache).filter((name) => !/^env-(?!01234567|89abcdef)/.test(name)),
      ["env-89abcdef", "lock", "stamp.json"],
    );
  });
});

describe("an error of a server", () => {
  it("that comes of a full disk says so, whoever met it", () => {
    for (const words of [
      "initdb: error: could not write: No space left on device",
      "ENOSPC: no space left, write",
      "EDQUOT",
    ]) {
      const { message } = failureOf("It could not be made", "Look at the log.", words, "/data/home");
      assert.match(message, /^It could not be made: the disk that holds \/data\/home is full\. Make room/);
    }
    assert.equal(
      failureOf("It broke", "Look here.", "permission denied\n", "/x").message,
      "It broke. Look here.\npermission denied",
    );
  });
});

describe("a lock", () => {
  it("lets one in at a time, and tells the other that it waits", async () => {
    const file = path.join(folder("lock"), "file");
    const events: string[] = [];
    let leave = () => {};
    const first = withLock("python3", file, assert.fail, async () => {
      events.push("first in");
      await new Promise<void>((resolve) => {
        leave = resolve;
      });
      events.push("first out");
    });
    await waitFor(() => events[0], 10);
    await withLock(
      "python3",
      file,
      () => leave(),
      async () => {
        events.push("second in");
      },
    );
    await first;
    assert.deepEqual(events, ["first in", "first out", "second in"]);
  });

  it("says what cannot be locked, and why; the next one is", async () => {
    const inNothing = path.join(folder("lock"), "not there", "file");
    await assert.rejects(
      withLock("python3", inNothing, assert.fail, async () => {}),
      { message: `cannot lock ${inNothing}: [Errno 2] No such file or directory: '${inNothing}'` },
    );
    const oddlyNamed = path.join(folder("lock"), "of two\nlines, ñ");
    assert.equal(await withLock("python3", oddlyNamed, assert.fail, async () => "held"), "held");
  });

  it("does not outlive a holder that is killed", async () => {
    const file = path.join(folder("lock"), "killed");
    const script = `require("./rehearsal/servers/lock").withLock("python3", ${JSON.stringify(file)}, () => {}, () => {
      console.log("held");
      return new Promise(() => setInterval(() => {}, 1000));
    })`;
    const holder = spawn(process.execPath, ["--import", "tsx", "-e", script], {
      cwd: path.resolve(__dirname, "../.."),
    });
    await once(holder.stdout, "data");
    holder.kill("SIGKILL");
    assert.equal(
      await withLock(
        "python3",
        file,
        () => {},
        async () => "mine",
      ),
      "mine",
    );
  });
});

for (const major of [16, 18] as const) {
  describe(`PostgreSQL ${major}`, () => {
    let home: string;
    let server: PostgresServer;

    before(async () => {
      home = folder(`postgres-${major}`);
      server = await startPostgres({ home, major });
    });
    after(() => stopPostgres(home));

    async function ask(sql: string, login = { user: server.adminUser, password: server.adminPassword }) {
      const client = new Client({
        host: server.host,
        port: server.port,
        database: server.database,
        ...login,
        ssl: false,
      });
      client.on("error", () => {});
      await client.connect();
      return client.query(sql).finally(() => client.end());
    }

    const pid = () =>
      Number(readFileSync(path.join(home, `postgres-${major}`, "data/postmaster.pid"), "utf8").split("\n")[0]);
    const restart = (report?: (line: string) => void) => startPostgres({ home, major, ...(report && { report }) });

    it("has an admin as RDS has", async () => {
      const { rows } = await ask(
        `select current_setting('server_version_num')::int / 10000 as major, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
                pg_has_role('rds_superuser', 'member') as rds, pg_has_role('pg_read_all_data', 'member') as reads_all,
                (select datdba::regrole::text from pg_database where datname = current_database()) as owner
           from pg_roles where rolname = current_user`,
      );
      assert.deepEqual(rows, [
        {
          major,
          rolsuper: false,
          rolcreaterole: true,
          rolcreatedb: true,
          rolreplication: false,
          rolbypassrls: false,
          rds: true,
          reads_all: false,
          owner: "postgres",
        },
      ]);
      await ask("create role someone");
      await ask(
        "create schema theirs; create table theirs.t (); alter table theirs.t owner to someone",
        server.superuser,
      );
      await assert.rejects(ask("table theirs.t"), /permission denied/);
      await ask("drop schema theirs cascade", server.superuser);
    });

    it("asks everybody for the password, and listens on loopback only", async () => {
      await assert.rejects(ask("select", { user: "postgres", password: "wrong" }), /password authentication failed/);
      const { rows } = await ask(
        "select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets",
      );
      assert.deepEqual(rows, [{ addresses: "127.0.0.1", sockets: "" }]);
    });

    it("shows no password in arguments, log or another user's sight", async () => {
      const secret = "c0rrect-h0rse";
      await ask("create role twice");
      await assert.rejects(ask(`create role twice password '${secret}'`), /already exists/);
      const command = readFileSync(`/proc/${pid()}/cmdline`, "utf8");
      for (const text of [command, readFileSync(server.logFile, "utf8")]) {
        for (const hidden of [secret, server.adminPassword, server.superuser.password])
          assert.ok(!text.includes(hidden));
      }
      const credentials = path.join(home, `postgres-${major}`, "credentials.json");
      for (const file of [credentials, server.logFile]) assert.equal(statSync(file).mode & 0o077, 0, file);
    });

    it("is found running by whoever starts it next", async () => {
      const [before, port] = [pid(), server.port];
      assert.equal((await restart()).port, port);
      assert.equal(pid(), before);
    });

    it("has client programs of its own major", () => {
      for (const name of [server.programs.psql, server.programs.pg_dump, server.programs.pg_restore]) {
        assert.match(spawnSync(name, ["--version"], { encoding: "utf8" }).stdout, new RegExp(`\\) ${major}\\.`));
      }
    });

    it("keeps port and data through a stop, and through a kill", async () => {
      await ask("create table kept as select 1 as x");
      await server.stop();
      const { port } = server;
      server = await restart();
      await kill(pid());
      server = await restart();
      assert.equal(server.port, port);
      assert.deepEqual((await ask("table kept")).rows, [{ x: 1 }]);
    });

    it("is not misled by a process id that another process has now", async () => {
      const file = path.join(home, `postgres-${major}`, "data/postmaster.pid");
      // PostgreSQL itself sees through another user's process, but not through one of its own user.
      const other = spawn("sleep", ["600"], { ...unprivilegedIdentity() });
      const left = readFileSync(file, "utf8").replace(/^\d+/, String(other.pid));
      await server.stop();
      writeFileSync(file, left);
      server = await restart();
      other.kill();
      assert.equal((await ask("select")).rowCount, 1);
    });

    it("says so when its port is taken: states and .env files name it", async () => {
      await server.stop();
      const other = await takePort(server.port);
      await assert.rejects(restart(), {
        name: "ServerError",
        message: new RegExp(`^Port ${server.port}, .*PostgreSQL .*is taken by another program. End that program`),
      });
      await other.free();
      const { port } = server;
      server = await restart();
      assert.equal(server.port, port);
    });

    it("that runs and lets nobody in is not taken for another program: its own words are told", async () => {
      const { superuser } = server;
      const open = new Client({ ...superuser, host: server.host, port: server.port, database: "postgres" });
      await open.connect();
      await open.query(`alter role "${superuser.user}" nologin`);
      await assert.rejects(restart(), {
        name: "ServerError",
        message: /^PostgreSQL \(process \d+\) runs and lets nobody in: role .* is not permitted to log in\. Stop it/,
      });
      await open.query(`alter role "${superuser.user}" login`);
      await open.end();
      server = await restart();
    });

    it("that cannot start shows the end of its log", async () => {
      const file = path.join(home, `postgres-${major}`, "data/postgresql.auto.conf");
      const right = readFileSync(file, "utf8");
      await server.stop();
      writeFileSync(file, "no_such_setting = 1\n");
      await assert.rejects(restart(), {
        name: "ServerError",
        message: /^PostgreSQL did not start\. Its log is .*no_such_setting/s,
      });
      writeFileSync(file, right);
      server = await restart();
    });
  });
}

describe("a PostgreSQL data folder", () => {
  it("of another major is refused by name", async () => {
    const home = folder("other-major");
    const data = path.join(home, "postgres-16/data");
    mkdirSync(data, { recursive: true });
    writeFileSync(path.join(data, "PG_VERSION"), "15\n");
    writeFileSync(path.join(home, "postgres-16/credentials.json"), "{}");
    await assert.rejects(startPostgres({ home, major: 16 }), {
      name: "ServerError",
      message: /was made by PostgreSQL 15, not 16\. Remove /,
    });
  });

  it("that was cut short is made anew", async () => {
    const home = folder("cut-short");
    mkdirSync(path.join(home, "postgres-18/initdb-01234567/data"), { recursive: true });
    const server = await startPostgres({ home, major: 18 });
    await server.stop();
    assert.deepEqual(readdirSync(path.join(home, "postgres-18")).sort(), [
      "credentials.json",
      "data",
      "port",
      "server.log",
    ]);
  });

  it("is a copy of the one that its environment keeps, which a kill may have left unfinished; its password is its own", async () => {
    const [python, identity] = [await pythonEnvironment(), unprivilegedIdentity()];
    const place = folder("kept");
    const environment = { ...python, folder: path.join(place, "env") };
    mkdirSync(path.join(environment.folder, "cluster-pginstall18-unfinished/base"), { recursive: true });
    const wish = { major: 18, folder: undefined, place, identity, report: () => {} } as const;
    const { bin, blank } = await postgresPrograms(python, wish);
    const make = (name: string) => {
      const scratch = path.join(place, name);
      mkdirSync(scratch, { mode: 0o700 });
      return makeDataFolder({ environment, bin, blank, identity }, scratch, { name: "rdsadmin", password: name });
    };
    const [made, copied] = [await make("made"), await make("copied")];
    assert.deepEqual(readdirSync(environment.folder), ["cluster-pginstall18"]);
    // The first eight bytes tell apart what different runs of initdb made.
    const systemOf = (data: string) => readFileSync(path.join(data, "global/pg_control")).subarray(0, 8);
    assert.deepEqual(systemOf(copied), systemOf(made));
    const passwordOf = (data: string) => {
      const input = "select rolpassword from pg_authid where rolname = 'rdsadmin'\n";
      const options = { ...identity, cwd: "/", input, encoding: "utf8" } as const;
      const { stdout } = spawnSync(path.join(bin, "postgres"), ["--single", "-D", data, "postgres"], options);
      return /SCRAM-SHA-256\$[^"]+/.exec(stdout)?.[0];
    };
    const passwords = [made, copied, path.join(environment.folder, "cluster-pginstall18")].map(passwordOf);
    assert.ok(passwords[0]);
    assert.equal(new Set(passwords).size, 3);
  });

  it("is elsewhere, and found again, when the user that PostgreSQL runs as cannot reach the home", {
    skip: process.getuid?.() !== 0,
  }, async () => {
    const closed = folder("closed");
    chmodSync(closed, 0o700);
    const home = path.join(closed, "home");
    const first = await startPostgres({ home, major: 16 });
    const elsewhere = readFileSync(path.join(home, "elsewhere"), "utf8");
    try {
      assert.ok(first.logFile.startsWith(elsewhere));
      assert.equal((await startPostgres({ home, major: 16 })).port, first.port);
      await stopPostgres(home);
      assert.equal(existsSync(path.join(elsewhere, "postgres-16/data/postmaster.pid")), false);
    } finally {
      await stopPostgres(home);
      rmSync(elsewhere, { recursive: true });
    }
  });
});

describe("programs that the user PostgreSQL runs as cannot reach", () => {
  it("are copied where it can, each major's once", { skip: process.getuid?.() !== 0 }, () => {
    const parent = folder("closed-programs");
    for (const name of ["16/bin", "18/bin"]) {
      mkdirSync(path.join(parent, name), { recursive: true });
      writeFileSync(path.join(parent, name, "postgres"), name, { mode: 0o700 });
    }
    chmodSync(parent, 0o700);
    const [place, identity] = [folder("copies"), unprivilegedIdentity()];
    for (const name of ["16", "18", "16"]) {
      const copy = path.join(reachableCopy(parent, [name], place, identity), name, "bin/postgres");
      assert.equal(readFileSync(copy, "utf8"), `${name}/bin`);
      assert.equal(statSync(copy).uid, identity?.uid);
    }
    assert.equal(readdirSync(place).length, 2);
  });
});

describe("the AWS emulator", () => {
  /** Of every new home: an emulator draws its ids in the same order each time. */
  const FIRST_VPC = "vpc-9be0973a5ba939ba0";
  let home: string;
  let moto: MotoServer;

  before(async () => {
    home = folder("moto");
    moto = await startMoto({ home });
  });
  after(() => stopMoto(home));

  const clientOptions = () => ({ endpoint: moto.endpoint, credentials: moto.credentials, region: "us-east-1" });
  const pid = () => JSON.parse(readFileSync(path.join(home, "aws/server.json"), "utf8")).pid as number;

  /** Everything of the account that a state file may name. */
  async function snapshot() {
    const { Vpcs } = await new EC2Client(clientOptions()).send(new DescribeVpcsCommand({}));
    const { Role } = await new IAMClient(clientOptions()).send(new GetRoleCommand({ RoleName: "kept" }));
    const { Parameter } = await new SSMClient(clientOptions()).send(
      new GetParameterCommand({ Name: "/kept", WithDecryption: true }),
    );
    return { vpcs: Vpcs?.map(({ VpcId }) => VpcId), role: [Role?.RoleId, Role?.CreateDate], parameter: Parameter };
  }

  it("remembers the account, ids and dates and all, through a stop and a kill", async () => {
    const account = await accountOf(home, moto, "us-east-1", SUBNETS);
    const unreachable = { ...moto, endpoint: "http://127.0.0.1:1" };
    assert.deepEqual(await accountOf(home, unreachable, "us-east-1", SUBNETS), account, "asked once");
    await assert.rejects(accountOf(home, unreachable, "us-east-1", SUBNETS.slice(1)), "other subnets are not known");
    // A home that an earlier version made carries its journal out again here: its state names this VPC.
    assert.equal(account.network.vpcId, FIRST_VPC);
    // A tenant's file names a subnet by its id in production.
    assert.deepEqual(account.network.subnetIds, SUBNETS);
    const { Subnets } = await new EC2Client(clientOptions()).send(new DescribeSubnetsCommand({ SubnetIds: SUBNETS }));
    assert.deepEqual(Subnets?.map(({ SubnetId }) => SubnetId).sort(), SUBNETS);
    await new IAMClient(clientOptions()).send(
      new CreateRoleCommand({ RoleName: "kept", AssumeRolePolicyDocument: "{}" }),
    );
    const put = { Name: "/kept", Value: "secret", Type: "SecureString" } as const;
    await new SSMClient(clientOptions()).send(new PutParameterCommand(put));
    const before = await snapshot();

    await moto.stop();
    moto = await startMoto({ home });
    assert.deepEqual(await snapshot(), before);

    await kill(pid());
    // As a kill leaves it in the middle of a request.
    writeFileSync(path.join(home, "aws/journal"), '{"at": "20', { flag: "a" });
    moto = await startMoto({ home });
    assert.deepEqual(await snapshot(), before);
    await new SSMClient(clientOptions()).send(new PutParameterCommand({ ...put, Overwrite: true }));
    assert.deepEqual(await prepareAccount(moto, "us-east-1", SUBNETS), account);
  });

  it("keeps its port and its process from one start to the next", async () => {
    const before = pid();
    assert.equal((await startMoto({ home })).endpoint, moto.endpoint);
    assert.equal(pid(), before);
    await moto.stop();
    const again = await startMoto({ home, startEmulator: startForked });
    assert.equal(again.endpoint, moto.endpoint);
    moto = again;
  });

  it("says so when its port is taken", async () => {
    await moto.stop();
    const other = await takePort(Number(new URL(moto.endpoint).port));
    await assert.rejects(startMoto({ home }), { name: "ServerError", message: /is taken by another program/ });
    await other.free();
    const again = await startMoto({ home, startEmulator: startForked });
    assert.equal(again.endpoint, moto.endpoint);
    moto = again;
  });

  it("is one for each home", async () => {
    const second = folder("moto-second");
    const other = await startMoto({ home: second, startEmulator: startForked });
    assert.notEqual(other.endpoint, moto.endpoint);
    // A copy of one that has answered other questions has an account as new as one that is started.
    assert.equal((await prepareAccount(other, "us-east-1", SUBNETS)).network.vpcId, FIRST_VPC);
    const ssm = new SSMClient({ ...clientOptions(), endpoint: other.endpoint });
    await assert.rejects(ssm.send(new GetParameterCommand({ Name: "/kept" })), { name: "ParameterNotFound" });
    await stopMoto(second);
  });

  it("lets nobody else read the account, and shows no secret in its log", () => {
    assert.equal(statSync(path.join(home, "aws")).mode & 0o077, 0);
    assert.equal(statSync(path.join(home, "aws/journal")).mode & 0o077, 0);
    assert.ok(!readFileSync(moto.logFile, "utf8").includes("secret"));
  });

  it("whose journal is damaged does not start, and shows the end of its log", async () => {
    const broken = folder("moto-broken");
    mkdirSync(path.join(broken, "aws"));
    writeFileSync(path.join(broken, "aws/journal"), "not JSON\n");
    await assert.rejects(startMoto({ home: broken }), (error) => {
      assert.ok(error instanceof ServerError);
      assert.match(error.message, /^The AWS emulator did not start\. Its log is /);
      return true;
    });
  });
});
