import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { DestinationError } from "../../database/backup/destination/backup-destination";
import { openDestination } from "../../database/backup/destination/open-destination";
import { S3Destination, type S3DestinationOptions } from "../../database/backup/destination/s3-destination";
import { type MotoServer, startMoto } from "../../rehearsal/servers/moto";
import { waitFor } from "../../rehearsal/servers/process";
import { startForked } from "./emulator-host";

const MIB = 1024 * 1024;
const BUCKET = "backups";
/** One part of the least size that S3 takes, and some of another. */
const ARCHIVE = randomBytes(6 * MIB);

let home: string;
let moto: MotoServer;
let s3: S3Client;

before(async () => {
  home = mkdtempSync(path.join(tmpdir(), "backup-s3-"));
  moto = await startMoto({ home, startEmulator: startForked });
  s3 = new S3Client(aws());
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});

after(async () => {
  await moto.stop();
  rmSync(home, { recursive: true, force: true });
});

const aws = (endpoint = moto.endpoint) => ({ region: "us-east-1", endpoint, credentials: moto.credentials });

/** In a prefix of its own, with small parts. */
const destination = (prefix: string, more: Partial<S3DestinationOptions> = {}) =>
  new S3Destination({
    bucket: BUCKET,
    prefix,
    aws: aws(),
    uploadPartBytes: 5 * MIB,
    readPartBytes: 4 * MIB,
    ...more,
  });

/** As a program prints it: in pieces that are no multiple of anything. */
function* pieces(bytes: Buffer, size = 100_003) {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

const archive = () => Readable.from(pieces(ARCHIVE));

/** Names under a prefix, and uploads begun there but not ended. */
async function found(prefix: string): Promise<{ objects: unknown[]; uploads: unknown[] }> {
  const under = { Bucket: BUCKET, Prefix: `${prefix}/` };
  const { Contents = [] } = await s3.send(new ListObjectsV2Command(under));
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand(under));
  return { objects: Contents.map(({ Key }) => Key), uploads: Uploads.map(({ Key }) => Key) };
}

const NOTHING = { objects: [], uploads: [] };

/** Passes connections on to the emulator for as long as it is let; then every one breaks off, new ones too. */
async function proxy(): Promise<{ endpoint: string; passed: () => number; cut(): void; close(): Promise<unknown> }> {
  const open = new Set<Socket>();
  let [bytes, isCut] = [0, false];
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy();
    const onward = connect(Number(new URL(moto.endpoint).port), "127.0.0.1");
    for (const end of [socket, onward]) open.add(end.on("error", () => {}));
    socket.on("data", (chunk) => {
      bytes += chunk.length;
    });
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    isCut = true;
    for (const end of open) end.destroy();
  };
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed: () => bytes,
    cut,
    close: () => {
      cut();
      return once(server.close(), "close");
    },
  };
}

describe("the emulator's S3", () => {
  it("remembers backups, and uploads under way, through a stop", async () => {
    await destination("kept").write("file", archive());
    const begun = { Bucket: BUCKET, Key: "kept/begun" };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(begun));
    await moto.stop();
    moto = await startMoto({ home, startEmulator: startForked });
    assert.ok((await buffer(await destination("kept").read("file"))).equals(ARCHIVE));
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: "kept/" }));
    assert.deepEqual(
      Uploads?.map((upload) => upload.UploadId),
      [UploadId],
    );
  });

  it("does not carry out half a request", async () => {
    const socket = connect(Number(new URL(moto.endpoint).port), "127.0.0.1");
    const credential = "AWS4-HMAC-SHA256 Credential=rehearsal/20261124/us-east-1/s3/aws4_request";
    const head = [
      `PUT /${BUCKET}/half/file HTTP/1.1`,
      "Host: 127.0.0.1",
      `Authorization: ${credential}`,
      "Content-Length: 10",
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\nhalf`);
    // It ends the connection once it has decided.
    assert.equal((await buffer(socket)).toString(), "");
    assert.deepEqual(await found("half"), NOTHING);
  });
});

describe("a backup in S3", () => {
  it("is read as it was written, in many parts or one or none", async () => {
    const whole = destination("whole");
    for (const [file, bytes] of [
      ["large", ARCHIVE],
      ["exactly", ARCHIVE.subarray(0, 5 * MIB)],
      ["small", ARCHIVE.subarray(0, 1000)],
      ["empty", Buffer.alloc(0)],
    ] as const) {
      await whole.write(file, Readable.from(pieces(bytes)));
      assert.ok((await buffer(await whole.read(file))).equals(bytes), file);
    }
    await destination("whole/deeper").write("other", Readable.from(["{}"]));
    assert.deepEqual(await whole.list(), ["empty", "exactly", "large", "small"]);
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "whole/large" }));
    assert.match(ETag ?? "", /-2"$/);
  });

  it("is encrypted, by the key that was named if one was", async () => {
    const encryption = async (Key: string) => {
      const { ServerSideEncryption, SSEKMSKeyId } = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
      return [ServerSideEncryption, SSEKMSKeyId];
    };
    for (const [file, content] of [
      ["parts", archive],
      ["one", () => Readable.from(["{}"])],
    ] as const) {
      await destination("own").write(file, content());
      await destination("kms", { kmsKeyId: "alias/backups" }).write(file, content());
      assert.deepEqual(await encryption(`own/${file}`), ["AES256", undefined]);
      assert.deepEqual(await encryption(`kms/${file}`), ["aws:kms", "alias/backups"]);
    }
  });

  it("does not take the place of one that is there, in many parts or one", async () => {
    const taken = destination("taken");
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "taken/file", Body: "first" }));
    for (const content of [archive(), Readable.from(["second"])]) {
      await assert.rejects(taken.write("file", content), (error) => {
        assert.ok(error instanceof DestinationError);
        assert.match(
          error.message,
          /^cannot write s3:\/\/backups\/taken\/file: S3 answers PreconditionFailed: .*is there already/,
        );
        return true;
      });
    }
    assert.equal((await buffer(await taken.read("file"))).toString(), "first");
    assert.deepEqual(await found("taken"), { objects: ["taken/file"], uploads: [] });
  });

  it("whose content fails half-way leaves no object and no parts, and the content's error is passed on", async () => {
    const broken = new Error("pg_dump was killed");
    async function* failing() {
      yield* pieces(ARCHIVE);
      // The first part can go; its upload has to be given up.
      const begun = await waitFor(async () => (await found("failing")).uploads.length > 0 || undefined, 30);
      assert.ok(begun);
      throw broken;
    }
    await assert.rejects(destination("failing").write("file", Readable.from(failing())), broken);
    assert.deepEqual(await found("failing"), NOTHING);
  });

  it("is refused when S3 dies between two parts; there is no object, and the message says what is left", async () => {
    const line = await proxy();
    try {
      async function* dying() {
        yield* pieces(ARCHIVE);
        assert.ok(await waitFor(() => line.passed() > 5 * MIB || undefined, 30));
        line.cut();
        yield* pieces(ARCHIVE);
      }
      const content = Readable.from(dying());
      await assert.rejects(destination("dying", { aws: aws(line.endpoint) }).write("file", content), (error) => {
        assert.ok(error instanceof DestinationError);
        assert.match(
          error.message,
          /^cannot write s3:\/\/backups\/dying\/file \(and could not remove the parts already sent: /,
        );
        assert.match(error.message, /; S3 cannot be reached from this machine: .*$/);
        return true;
      });
      assert.ok(content.destroyed);
      assert.deepEqual(await found("dying"), { objects: [], uploads: ["dying/file"] });
    } finally {
      await line.close();
    }
  });
});

it("a bucket is checked: one that is there, and one that is not", async () => {
  await openDestination(`s3://${BUCKET}`, { aws: aws() }).check();
  await assert.rejects(openDestination("s3://no-such-bucket/prefix", { aws: aws() }).check(), (error) => {
    assert.ok(error instanceof DestinationError);
    assert.equal(
      error.message,
      "cannot use s3://no-such-bucket: S3 answers 404; make the bucket, or correct b2b-tenants:backups destination",
    );
    return true;
  });
});

it("endpoint and credentials come from the environment where they are not given", async () => {
  const kept = { ...process.env };
  const { accessKeyId, secretAccessKey } = moto.credentials;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: moto.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  });
  try {
    const plain = openDestination(`s3://${BUCKET}/environment/`, { aws: { region: "us-east-1" } });
    assert.equal(plain.place("file"), `s3://${BUCKET}/environment/file`);
    await plain.write("file", Readable.from(["{}"]));
    assert.equal((await buffer(await plain.read("file"))).toString(), "{}");
  } finally {
    process.env = kept;
  }
});
