/** Lines at the end of a terminal's output that are kept up to date. */
import { Pace } from "../domain/pace";

/** Per second, at most: few enough not to slow a remote terminal down. */
const REDRAWS = 5;

export interface Terminal {
  write(text: string): void;
  readonly columns: number;
}

/** Draws lines over those that it drew before. */
export class LiveLines {
  private drawn = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly terminal: Terminal) {}

  /** @param above Lines that stay where they are: what follows is drawn below them. */
  draw(lines: readonly string[], above: readonly string[] = []): void {
    const up = this.drawn === 0 ? "" : `\u001b[${this.drawn}A`;
    const most = Math.max(20, this.terminal.columns - 1);
    const clear = this.drawn === 0 ? "" : "\u001b[J";
    const all = [...above, ...lines.map((line) => line.slice(0, most))];
    this.terminal.write(`${up}${clear}${all.map((line) => `${line}\n`).join("")}`);
    this.drawn = lines.length;
  }

  /** Has them drawn again and again until `stop`; it keeps no process alive. */
  start(draw: () => void): void {
    this.timer ??= setInterval(draw, 1000 / REDRAWS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

/** The task of all tenants together: no slug has a space. */
export const ALL = "in all";

/** What of a long work is told while it goes on, one task for each tenant, several at once. */
export interface Tasks {
  begun(task: string): void;
  /** @param part What of all is done, from 0 to 1; undefined where nobody knows. A smaller part than before counts something else. */
  at(task: string, what: string, part?: number): void;
  ended(task: string): void;
}

interface Task {
  readonly began: number;
  readonly pace: Pace;
  what: string;
}

/** A line for each task that is under way. */
export class TaskLines implements Tasks {
  private readonly tasks = new Map<string, Task>();
  private readonly lines: LiveLines;

  /** @param now Milliseconds of a clock. */
  constructor(
    terminal: Terminal,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.lines = new LiveLines(terminal);
  }

  begun(task: string): void {
    this.tasks.set(task, { began: this.now(), pace: new Pace(this.now), what: "" });
    this.lines.start(() => this.draw());
  }

  at(task: string, what: string, part?: number): void {
    const known = this.tasks.get(task);
    if (known === undefined) return;
    known.what = what;
    known.pace.at(part);
  }

  /** Once the last has ended nothing is left of the lines. */
  ended(task: string): void {
    this.tasks.delete(task);
    if (this.tasks.size > 0) return;
    this.lines.stop();
    this.draw();
  }

  /** Tells a line that stays, above the tasks. */
  say(line: string): void {
    this.draw([line]);
  }

  draw(above: readonly string[] = []): void {
    const width = Math.max(0, ...[...this.tasks.keys()].map((task) => task.length));
    this.lines.draw(
      [...this.tasks].map(([name, task]) => `${name.padEnd(width)}  ${this.text(task)}`),
      above,
    );
  }

  private text({ began, pace, what }: Task): string {
    const left = pace.left();
    return `${`${Math.round((this.now() - began) / 1000)} s`.padStart(6)}  ${what}${left && `  ${left}`}`;
  }
}
