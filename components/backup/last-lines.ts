import { StringDecoder } from "node:string_decoder";

/** A line longer than this is cut in pieces: whoever writes it decides on no more of this process's memory. */
const MOST_CHARACTERS = 4096;

/** Splits what a program writes into lines, tells each, and remembers the last ones. */
export class LastLines {
  private readonly decoder = new StringDecoder("utf8");
  private readonly lines: string[] = [];
  private rest = "";

  constructor(
    private readonly most: number,
    private readonly onLine: (line: string) => void,
  ) {}

  add(chunk: Buffer): void {
    const pieces = (this.rest + this.decoder.write(chunk)).split("\n");
    this.rest = pieces.pop() ?? "";
    for (const line of pieces) this.take(line);
    while (this.rest.length > MOST_CHARACTERS) {
      this.take(this.rest.slice(0, MOST_CHARACTERS));
      this.rest = this.rest.slice(MOST_CHARACTERS);
    }
  }

  /** The last lines, with one that no line end closed. */
  end(): readonly string[] {
    this.take(this.rest + this.decoder.end());
    this.rest = "";
    return this.lines;
  }

  private take(line: string): void {
    if (line.trim() === "") return;
    this.lines.push(line.trimEnd());
    if (this.lines.length > this.most) this.lines.shift();
    this.onLine(line.trimEnd());
  }
}
