import assert from "node:assert/strict";
import { Plugin, type PluginCommand } from "../../rehearsal/engine/plugin";
import { startPolicyPack } from "../../rehearsal/engine/policy-pack";
import { DYNAMIC_PACKAGE } from "../../rehearsal/engine/providers";
import { aws } from "../../rehearsal/providers/aws/provider";
import { postgresql } from "../../rehearsal/providers/postgresql/provider";
import { random } from "../../rehearsal/providers/random/provider";
import { serve } from "../../rehearsal/providers/serve";
import type { Session } from "../../rehearsal/session/session";

const POLICY_PACK = "policy pack";

/** Nobody calls the engine back here. */
const NO_ENGINE = "127.0.0.1:1";

/**
 * Plugins that outlive the runs of one rehearsal: to start them anew for each run would be most of its time. Each run
 * configures them again. The stand-ins are served from this process.
 */
export class KeptPlugins {
  private constructor(
    private readonly ports: ReadonlyMap<string, number>,
    private readonly closing: readonly (() => Promise<void>)[],
  ) {}

  static async start(session: Session): Promise<KeptPlugins> {
    const ports = new Map<string, number>();
    const closing: (() => Promise<void>)[] = [];
    for (const standIn of [aws, postgresql, random]) {
      const served = await serve(standIn as Parameters<typeof serve>[0]);
      ports.set(standIn.name, served.port);
      closing.push(() => served.stop());
    }
    const { commandFor, policyPack, config, stack } = session.engine({});
    assert.ok(policyPack);
    const about = { project: "b2b-tenants", stack, config, address: NO_ENGINE, preview: false };
    const policies = await startPolicyPack(policyPack, about);
    ports.set(POLICY_PACK, policies.port);
    closing.push(() => policies.stop());
    const dynamic = await Plugin.start(DYNAMIC_PACKAGE, commandFor(DYNAMIC_PACKAGE), [NO_ENGINE]);
    ports.set(DYNAMIC_PACKAGE, dynamic.port);
    closing.push(() => dynamic.stop());
    return new KeptPlugins(ports, closing);
  }

  /** The session, whose runs have these plugins from now on. */
  of(session: Session): Session {
    return {
      ...session,
      engine: (observer, signal) => ({
        ...session.engine(observer, signal),
        commandFor: (name) => this.commandFor(name, session.home.path),
        policyPack: this.commandFor(POLICY_PACK, session.home.path),
      }),
    };
  }

  async close(): Promise<void> {
    for (const close of this.closing) await close();
  }

  private commandFor(name: string, cwd: string): PluginCommand {
    return { program: "/bin/sh", args: ["-c", `echo ${this.ports.get(name)}; exec sleep 600`], cwd };
  }
}
