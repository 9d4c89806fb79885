import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, beforeEach, describe, it } from "node:test";
import { DestinationError } from "../../database/backup/destination/backup-destination";
import { openDestination } from "../../database/backup/destination/open-destination";
import { S3Destination } from "../../database/backup/destination/s3-destination";

const FILE = "backup_acme_20261124T101500Z.dump";
const CONTENT = Buffer.alloc(100_000, "acme");

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** What passes for S3 here. */
let server: Server;
let answer: Answer;
/** Every request as `PUT /bucket/key`. */
let asked: string[];

before(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume().on("end", () => answer(request, response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
after(() => void server.close());
beforeEach(() => {
  asked = [];
});

const aws = () => ({
  region: "eu-west-1",
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  credentials: { accessKeyId: "key", secretAccessKey: "hidden" },
});
const destination = () => openDestination("s3://backups/prod/", { aws: aws() });

/** Answers as S3 does; a HEAD request gets the status alone. */
function refusing(status: number, code: string, message: string, headers: Record<string, string> = {}): Answer {
  return ({ method }, response) => {
    const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    response.writeHead(status, { "content-type": "application/xml", ...headers });
    response.end(method === "HEAD" ? undefined : body);
  };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => assert.fail("it was not refused"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DestinationError, String(error));
  return error.message;
}

const write = (content: Readable = Readable.from([CONTENT])) => refusal(destination().write(FILE, content));
const PLACE = `s3://backups/prod/${FILE}`;
const PERMISSIONS =
  "the credentials in use need s3:ListBucket on the bucket backups, and s3:PutObject, s3:GetObject and " +
  "s3:AbortMultipartUpload on what is in it";
const OTHER_REGION =
  "the bucket is in us-east-1 and this stack works in eu-west-1: name a bucket in eu-west-1 in b2b-tenants:backups destination";
const UNREACHABLE =
  "S3 cannot be reached from this machine: check its network, aws:region, and AWS_ENDPOINT_URL if that is set";

describe("an S3 that refuses", () => {
  it("a backup is named, with the permissions that are needed, and the content is let go", async () => {
    answer = refusing(403, "AccessDenied", "Access Denied");
    const content = Readable.from([CONTENT]);
    assert.equal(await write(content), `cannot write ${PLACE}: S3 answers AccessDenied: Access Denied; ${PERMISSIONS}`);
    assert.ok(content.destroyed);
    assert.deepEqual(asked, [`PUT /backups/prod/${FILE}?x-id=PutObject`]);
  });

  it("the first part of a large one leaves nothing behind and stops whoever makes the content", async () => {
    answer = (request, response) => {
      if (request.url?.includes("uploads")) return void response.end("<R><UploadId>u1</UploadId></R>");
      if (request.method === "DELETE") return void response.writeHead(204).end();
      refusing(403, "AccessDenied", "Access Denied")(request, response);
    };
    const content = Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(1024 * 1024)));
    const small = new S3Destination({
      bucket: "backups",
      prefix: "prod",
      aws: aws(),
      uploadPartBytes: 5 * 1024 * 1024,
    });
    assert.match(
      await refusal(small.write(FILE, content)),
      /: S3 answers AccessDenied: Access Denied; the credentials/,
    );
    assert.ok(content.destroyed);
    assert.equal(asked.at(-1), `DELETE /backups/prod/${FILE}?uploadId=u1&x-id=AbortMultipartUpload`);
  });

  it("to show the bucket fails the check, which asks for nothing else", async () => {
    answer = refusing(403, "AccessDenied", "Access Denied");
    assert.equal(await refusal(destination().check()), `cannot use s3://backups: S3 answers 403; ${PERMISSIONS}`);
    assert.deepEqual(asked, ["HEAD /backups/"]);
  });

  it("because of a KMS key says what is needed on the key", async () => {
    answer = refusing(403, "AccessDenied", "no kms:GenerateDataKey");
    const kms = openDestination("s3://backups", { aws: aws(), kmsKeyId: "alias/backups" });
    const expected = `${PERMISSIONS}, and kms:GenerateDataKey and kms:Decrypt on the key alias/backups`;
    assert.ok((await refusal(kms.write(FILE, Readable.from([CONTENT])))).endsWith(`; ${expected}`));
  });

  const cases: readonly (readonly [string, Answer, string])[] = [
    [
      "a missing bucket",
      refusing(404, "NoSuchBucket", "Gone."),
      "S3 answers NoSuchBucket: Gone; make the bucket, or correct b2b-tenants:backups destination",
    ],
    [
      "another region",
      refusing(301, "PermanentRedirect", "Elsewhere", { "x-amz-bucket-region": "us-east-1" }),
      `S3 answers PermanentRedirect: Elsewhere; ${OTHER_REGION}`,
    ],
    [
      "credentials that ended",
      refusing(400, "ExpiredToken", "Expired"),
      "S3 answers ExpiredToken: Expired; these AWS credentials are wrong or no longer valid: renew them, and run again",
    ],
    [
      "a name that is taken",
      refusing(412, "PreconditionFailed", "Taken"),
      "S3 answers PreconditionFailed: Taken; a file of this name is there already, and was not touched; run again later: the time is part of the name",
    ],
    [
      "what nobody foresaw, with its control characters spelled out",
      refusing(400, "New", "a&#x1b;[2Jb"),
      "S3 answers New: a\\u{1b}[2Jb",
    ],
  ];
  for (const [what, given, expected] of cases) {
    it(`because of ${what} is understood`, async () => {
      answer = given;
      assert.equal(await write(), `cannot write ${PLACE}: ${expected}`);
    });
  }

  it("in another region fails the check with that region's name", async () => {
    answer = refusing(400, "", "", { "x-amz-bucket-region": "us-east-1" });
    assert.equal(await refusal(destination().check()), `cannot use s3://backups: S3 answers 400; ${OTHER_REGION}`);
  });
});

describe("an S3 out of reach", () => {
  it("is named as such", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    other.close();
    await once(other, "close");
    const closed = openDestination("s3://backups", { aws: { ...aws(), endpoint: `http://127.0.0.1:${port}` } });
    const expected = `cannot use s3://backups: connect ECONNREFUSED 127.0.0.1:${port}; ${UNREACHABLE}`;
    assert.equal(await refusal(closed.check()), expected);
  });

  it("because there are no credentials says where to give them", async () => {
    const kept = { ...process.env };
    const hidden = {
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    };
    Object.assign(process.env, hidden);
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"])
      delete process.env[name];
    try {
      const { region, endpoint } = aws();
      const anonymous = openDestination("s3://backups", { aws: { region, endpoint } });
      const expected =
        "cannot use s3://backups: Could not load credentials from any providers; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and " +
        "AWS_SECRET_ACCESS_KEY, or run where a role is given, as for the rest of the stack";
      assert.equal(await refusal(anonymous.check()), expected);
      assert.deepEqual(asked, []);
    } finally {
      process.env = kept;
    }
  });
});

describe("a download from S3", () => {
  /** Serves `CONTENT` in the ranges asked for; the answer to `damaged` (counted from 1) is cut short. */
  const serving =
    (damaged?: number): Answer =>
    (request, response) => {
      const [from = 0, to = 0] = (request.headers.range ?? "").match(/\d+/g)?.map(Number) ?? [];
      const part = CONTENT.subarray(from, to + 1);
      const range = `bytes ${from}-${from + part.length - 1}/${CONTENT.length}`;
      response.writeHead(206, { "content-length": part.length, "content-range": range, etag: '"1"' });
      if (asked.length !== damaged) return void response.end(part);
      response.write(part.subarray(0, part.length / 2), () => response.socket?.destroy());
    };
  const inParts = () => new S3Destination({ bucket: "backups", prefix: "", aws: aws(), readPartBytes: 30_000 });

  it("comes in parts, all of the same object", async () => {
    const matches: unknown[] = [];
    answer = (request, response) => {
      matches.push(request.headers["if-match"]);
      serving()(request, response);
    };
    assert.deepEqual(await buffer(await inParts().read(FILE)), CONTENT);
    assert.deepEqual(matches, [undefined, '"1"', '"1"', '"1"']);
  });

  it("that breaks off at once is refused", async () => {
    answer = serving(1);
    assert.match(await refusal(inParts().read(FILE)), new RegExp(`^cannot read s3://backups/${FILE}: aborted`));
  });

  it("that breaks off later fails the stream", async () => {
    answer = serving(3);
    const content = await inParts().read(FILE);
    assert.match(await refusal(buffer(content)), new RegExp(`^cannot read s3://backups/${FILE}: aborted`));
  });

  it("that is shorter than S3 said fails the stream", async () => {
    answer = (request, response) => {
      if (asked.length < 3) return serving()(request, response);
      response.writeHead(206, { "content-length": 7, "content-range": `bytes 60000-60006/${CONTENT.length}` });
      response.end("shorter");
    };
    const content = await inParts().read(FILE);
    const expected = `cannot read s3://backups/${FILE}: it broke off after 7 of 30000 bytes`;
    assert.equal(await refusal(buffer(content)), expected);
  });

  it("of something that is replaced meanwhile fails the stream", async () => {
    answer = (request, response) =>
      asked.length === 1
        ? serving()(request, response)
        : refusing(412, "PreconditionFailed", "Other")(request, response);
    assert.match(
      await refusal(buffer(await inParts().read(FILE))),
      /: Other; it was replaced while it was read; run again$/,
    );
  });

  it("of something that is not there is refused", async () => {
    answer = refusing(404, "NoSuchKey", "Gone");
    const expected = `cannot read s3://backups/${FILE}: S3 answers NoSuchKey: Gone; there is no such file; check the name`;
    assert.equal(await refusal(inParts().read(FILE)), expected);
  });
});

it("content that fails before its first byte is not blamed on S3, which is not asked", async () => {
  const content = new PassThrough();
  const broken = new Error("pg_dump is missing");
  const written = assert.rejects(destination().write(FILE, content), broken);
  content.destroy(broken);
  await written;
  assert.deepEqual(asked, []);
});
