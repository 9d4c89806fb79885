import { StringDecoder } from "node:string_decoder";

/** A line longer than this is cut in pieces: whoever writes it decides on no more of this process's memory. */
const MOST_CHARACTERS = 4096;

/**
 * Parts of a server's message that quote values: of the row at fault, of the line of a COPY, of a statement that was put together. And the
 * program's own statement, whose many lines would leave no room for the message.
 */
const QUOTING = /^(DETAIL|CONTEXT|QUERY): |^\w+: detail: Query was: /;

/** The statement of an archive that failed: its first line says which. */
const STATEMENT = /^Command was: /;

/**
 * Splits what a program of PostgreSQL's writes into lines, tells each, and remembers the last ones.
 *
 * Leaves out what may hold rows of the database, which are a customer's: from where a message begins to quote values, up to the
 * next line that the program begins with its own name. A value may have any number of lines, so nothing in between can be trusted.
 */
export class LastLines {
  private readonly decoder = new StringDecoder("utf8");
  private readonly lines: string[] = [];
  private rest = "";
  /** Whether `rest` begins in the middle of a line. */
  private within = false;
  private quoting = false;

  constructor(
    private readonly program: string,
    private readonly most: number,
    private readonly onLine: (line: string) => void,
  ) {}

  add(chunk: Buffer): void {
    const pieces = (this.rest + this.decoder.write(chunk)).split("\n");
    this.rest = pieces.pop() ?? "";
    for (const line of pieces) {
      this.take(line);
      this.within = false;
    }
    while (this.rest.length > MOST_CHARACTERS) {
      this.take(this.rest.slice(0, MOST_CHARACTERS));
      this.within = true;
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
    if (!this.within) this.quoting = QUOTING.test(line) || (this.quoting && !line.startsWith(`${this.program}: `));
    if (this.quoting || line.trim() === "") return;
    this.lines.push(line.trimEnd());
    if (this.lines.length > this.most) this.lines.shift();
    this.onLine(line.trimEnd());
    if (!this.within && STATEMENT.test(line)) this.quoting = true;
  }
}
