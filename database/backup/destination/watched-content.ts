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
    const chunks = this.content[Symbol.asyncIterator]();
    for (;;) {
      // No try around the yield: what a reader that stops early throws there is no failure of the content.
      const next = await chunks.next().catch((reason: unknown) => {
        this.failure = { reason };
        throw reason;
      });
      if (next.done) return;
      yield typeof next.value === "string" ? Buffer.from(next.value) : next.value;
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
