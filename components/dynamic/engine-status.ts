import { credentials, Metadata } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { Pace } from "../../domain/pace";
import { type Amount, amountText, partOf } from "../../domain/quantities";

/** Milliseconds from one message to the next: where there is no terminal, Pulumi prints a line for each. */
const EVERY = 5_000;

/** An engine that does not answer is not worth waiting for. */
const PATIENCE = 2_000;

/**
 * Tells the engine how far a long step is. Pulumi shows that beside the stack for as long as nothing newer is there, and keeps it
 * nowhere. Whether it arrives changes nothing.
 */
export class EngineStatus {
  private readonly client: EngineClient | undefined;
  private readonly pace: Pace;
  private toldAt: number;

  /**
   * @param engine Where the engine listens, as the SDK's process of dynamic resources is told by its first argument; elsewhere nobody is told.
   * @param now Milliseconds of a clock.
   */
  constructor(
    private readonly tenant: string,
    engine: string | undefined,
    private readonly now: () => number = () => performance.now(),
  ) {
    if (engine !== undefined && /^[\w.[\]:-]+:\d+$/.test(engine)) {
      this.client = new EngineClient(engine, credentials.createInsecure());
    }
    this.pace = new Pace(now);
    this.toldAt = now();
  }

  tell(step: string, amount: Amount): void {
    this.pace.at(partOf(amount));
    if (this.client === undefined || this.now() - this.toldAt < EVERY) return;
    this.toldAt = this.now();
    const left = this.pace.left();
    const request = new LogRequest();
    request.setSeverity(LogSeverity.INFO);
    request.setMessage(`${this.tenant}: ${step}: ${amountText(amount)}${left && `, ${left}`}`);
    request.setEphemeral(true);
    this.client.log(request, new Metadata(), { deadline: Date.now() + PATIENCE }, () => {});
  }

  close(): void {
    this.client?.close();
  }
}
