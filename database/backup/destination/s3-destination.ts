import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  type PutObjectCommandInput,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { AwsClientSettings } from "../../../domain/aws-access";
import type { BackupDestination, DestinationError } from "./backup-destination";
import { nameOf, s3Error, wordsOf } from "./s3-error";
import { WatchedContent } from "./watched-content";

const MIB = 1024 * 1024;
/**
 * S3 takes 10,000 parts, so 312 GiB in all. Larger ones would cost memory: two are being sent while a third is collected, and
 * several tenants may be backed up at once.
 */
const UPLOAD_PART_BYTES = 32 * MIB;
const PARTS_AT_ONCE = 2;
const READ_PART_BYTES = 16 * MIB;

const CONNECT_TIMEOUT_MS = 5_000;
/** Of silence, not of the whole request: a slow upload is let go on. */
const SILENCE_TIMEOUT_MS = 30_000;

export interface S3DestinationOptions {
  readonly bucket: string;
  /** Without slashes around it; may be empty. */
  readonly prefix: string;
  readonly aws: AwsClientSettings;
  /** KMS key that S3 encrypts with; default S3's own key. */
  readonly kmsKeyId?: string;
  /** At least 5 MiB. */
  readonly uploadPartBytes?: number;
  readonly readPartBytes?: number;
}

/** Backups in an S3 bucket, encrypted by S3. */
export class S3Destination implements BackupDestination {
  private readonly s3: S3Client;

  constructor(private readonly options: S3DestinationOptions) {
    this.s3 = new S3Client({
      ...options.aws,
      requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENCE_TIMEOUT_MS },
    });
  }

  place(file: string): string {
    return `s3://${this.options.bucket}/${this.key(file)}`;
  }

  /** Whether the bucket is there and these credentials may see it; that they may write to it, only a backup shows. */
  async check(): Promise<void> {
    const { bucket } = this.options;
    await this.s3.send(new HeadBucketCommand({ Bucket: bucket })).catch((error) => {
      throw this.failure(`cannot use s3://${bucket}`, error);
    });
  }

  async write(file: string, content: Readable): Promise<void> {
    const watched = new WatchedContent(content);
    const upload = new Upload({
      client: this.s3,
      params: { ...this.object(file), ...this.encryption(), IfNoneMatch: "*", Body: watched.stream() },
      partSize: this.options.uploadPartBytes ?? UPLOAD_PART_BYTES,
      queueSize: PARTS_AT_ONCE,
      // Removed below: what fails there would take the place of what failed first.
      leavePartsOnError: true,
    });
    try {
      await upload.done();
    } catch (error) {
      const left = await this.removeParts(file, upload.uploadId);
      if (watched.failure) throw watched.failure.reason;
      throw this.failure(`cannot write ${this.place(file)}${left}`, error, {
        PreconditionFailed:
          "a file of this name is there already, and was not touched; run again later: the time is part of the name",
      });
    } finally {
      watched.release();
    }
  }

  /** Reads part by part, so that no connection has to outlive a reader that pauses, as pg_restore does while it builds an index. */
  async read(file: string): Promise<Readable> {
    const first = await this.readPart(file, 0);
    return Readable.from(this.partsFrom(file, first), { objectMode: false });
  }

  async list(): Promise<string[]> {
    const { bucket, prefix } = this.options;
    const folder = prefix === "" ? "" : `${prefix}/`;
    const names: string[] = [];
    try {
      for await (const { Contents = [] } of paginateListObjectsV2(
        { client: this.s3 },
        { Bucket: bucket, Prefix: folder, Delimiter: "/" },
      )) {
        names.push(...Contents.flatMap(({ Key = "" }) => Key.slice(folder.length) || []));
      }
    } catch (error) {
      throw this.failure(`cannot list s3://${bucket}/${folder}`, error);
    }
    return names;
  }

  /** @returns What a message has to add: nothing, unless parts may still be there. */
  private async removeParts(file: string, uploadId: string | undefined): Promise<string> {
    if (uploadId === undefined) return "";
    const abort = new AbortMultipartUploadCommand({ ...this.object(file), UploadId: uploadId });
    return this.s3.send(abort).then(
      () => "",
      (error) =>
        ` (and could not remove the parts already sent: ${wordsOf(error)}; a lifecycle rule of the bucket, or ` +
        "`aws s3api abort-multipart-upload`, does)",
    );
  }

  private async *partsFrom(file: string, first: Part): AsyncGenerator<Uint8Array> {
    let offset = 0;
    for (let part = first; ; part = await this.readPart(file, offset, first.etag)) {
      // A chunk of no bytes would end the stream.
      if (part.bytes.length > 0) yield part.bytes;
      offset += part.bytes.length;
      if (offset >= first.total) return;
    }
  }

  /** @param etag Of the object that the parts before were of: another may have its name by now. */
  private async readPart(file: string, from: number, etag?: string): Promise<Part> {
    const bytes = this.options.readPartBytes ?? READ_PART_BYTES;
    const range = `bytes=${from}-${from + bytes - 1}`;
    try {
      const answer = await this.s3.send(new GetObjectCommand({ ...this.object(file), Range: range, IfMatch: etag }));
      const part = await receive(answer);
      const due = Math.min(bytes, part.total - from);
      if (part.bytes.length !== due) throw new Error(`it broke off after ${part.bytes.length} of ${due} bytes`);
      return part;
    } catch (error) {
      // No range of an empty object can be asked for.
      if (from === 0 && nameOf(error) === "InvalidRange") return { bytes: new Uint8Array(), total: 0, etag: undefined };
      throw this.failure(`cannot read ${this.place(file)}`, error, {
        PreconditionFailed: "it was replaced while it was read; run again",
      });
    }
  }

  private object(file: string): { Bucket: string; Key: string } {
    return { Bucket: this.options.bucket, Key: this.key(file) };
  }

  private key(file: string): string {
    return this.options.prefix === "" ? file : `${this.options.prefix}/${file}`;
  }

  private encryption(): Pick<PutObjectCommandInput, "ServerSideEncryption" | "SSEKMSKeyId"> {
    const { kmsKeyId } = this.options;
    if (kmsKeyId === undefined) return { ServerSideEncryption: "AES256" };
    return { ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyId };
  }

  private failure(failed: string, error: unknown, known?: Readonly<Record<string, string>>): DestinationError {
    const { bucket, aws, kmsKeyId } = this.options;
    return s3Error(failed, error, { bucket, region: aws.region, kmsKeyId }, known);
  }
}

interface Part {
  readonly bytes: Uint8Array;
  /** Size of the whole object. */
  readonly total: number;
  readonly etag: string | undefined;
}

async function receive({ Body, ContentLength, ContentRange, ETag }: GetObjectCommandOutput): Promise<Part> {
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  const total = Number(/\/(\d+)$/.exec(ContentRange ?? "")?.[1] ?? ContentLength);
  return { bytes, total, etag: ETag };
}
