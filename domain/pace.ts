/** Estimates how much longer a task will take, from how much of it is done. */
export class Pace {
  private part: number | undefined;
  private since: number;

  /** @param now Milliseconds of a clock. */
  constructor(private readonly now: () => number) {
    this.since = now();
  }

  /** @param part What is done, from 0 to 1; undefined where nobody knows. A smaller part than before counts something else. */
  at(part: number | undefined): void {
    if (part === undefined || part < (this.part ?? 0)) this.since = this.now();
    this.part = part;
  }

  /** As `about 30 s left`; nothing where that cannot be told. */
  left(): string {
    const { part, since } = this;
    if (part === undefined || part <= 0 || part >= 1) return "";
    const seconds = ((this.now() - since) * (1 - part)) / part / 1000;
    if (seconds < 1) return "";
    return `about ${seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`} left`;
  }
}
