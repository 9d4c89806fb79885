import { Client } from "pg";
import type { MovableStacks } from "../../ops/move/movable-stacks";
import { type BootSession, tick } from "../../rehearsal/session/boot";

/** The backend of a tenant whose server fetches its parameters after each `up`: then it logs in by the `.env` that it got. */
export class FollowingBackend {
  private readonly sessions: Client[] = [];

  constructor(
    private readonly session: BootSession,
    private readonly slug: string,
  ) {}

  /** These stacks, with the backend behind them. */
  behind(stacks: MovableStacks): MovableStacks {
    const { deployer } = stacks;
    const deploy: MovableStacks["deployer"]["deploy"] = async (stack, operation, tell) => {
      const deployed = await deployer.deploy(stack, operation, tell);
      if (operation === "up") await this.logIn();
      return deployed;
    };
    return { ...stacks, deployer: { ...deployer, deploy } };
  }

  async stop(): Promise<void> {
    await Promise.all(this.sessions.splice(0).map((client) => client.end()));
  }

  private async logIn(): Promise<void> {
    const { env } = await tick(this.session, this.slug);
    const client = new Client({ connectionString: env.DATABASE_URL ?? "" });
    client.on("error", () => {});
    await client.connect().then(
      () => void this.sessions.push(client),
      // It may be shut out.
      () => {},
    );
  }
}
