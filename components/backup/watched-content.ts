import { Readable } from "node:stream";

/**
 * Content on its way to a destination. Remembers whether it failed itself: then nothing is wrong with the place it was going to.
 */
export class WatchedContent {
  /** What the content failed with; undefined as long as it has not. */
  failure: { readonly reason: unknown } | undefined;

  constructor(private readonly content: Readable) {
    // It may fail before anybody reads it, and unheard that would end the process. Whoever reads it then learns of it.
    content.on("error", () => {});
  }

  async *chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.content) yield Buffer.from(chunk);
    } catch (reason) {
      this.failure = { reason };
      throw reason;
    }
  }

  stream(): Readable {
    return Readable.from(this.chunks());
  }

  /** Lets go of the content, so that whoever makes it does not wait for a reader for ever. */
  release(): void {
    this.content.destroy();
  }
}
