import { printable } from "../domain/printable";
import { type Amount, amountText, partOf } from "../domain/quantities";
import type { Output } from "./output";

/** Tells of long work on one tenant, step by step: in the tenant's line where there is a terminal, elsewhere in a line for each step. */
export class Steps {
  private step = "";
  private part: number | undefined;

  constructor(
    private readonly tenant: string,
    private readonly output: Pick<Output, "report" | "tasks">,
  ) {}

  /** Shows the tenant's line for the time of `work`. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const { tasks } = this.output;
    tasks?.begun(this.tenant);
    return work().finally(() => tasks?.ended(this.tenant));
  }

  /** @param part What of all such steps is done, from 0 to 1; else `at` tells. */
  begin(step: string, part = this.part): void {
    const { tasks, report } = this.output;
    this.step = step;
    this.part = part;
    if (tasks === undefined) report(step);
    else tasks.at(this.tenant, step, part);
  }

  /** Begins with one of several things; its name may be a tenant's own words. */
  nth(doing: string, name: string, index: number, total: number, part?: number): void {
    this.begin(`${doing} ${printable(name)} (${index + 1} of ${total})`, part);
  }

  /** How far the step is, or all those that count the same. Only a terminal shows it. */
  at(amount: Amount): void {
    this.part = partOf(amount);
    this.output.tasks?.at(this.tenant, `${this.step}: ${amountText(amount)}`, this.part);
  }
}
