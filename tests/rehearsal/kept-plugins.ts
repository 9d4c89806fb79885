import type { Plugin } from "../../rehearsal/protocol/plugin";
import type { Session } from "../../rehearsal/session/session";
import { runHosted } from "./program-host";

const POLICY_PACK = "policy pack";

/** Nobody calls the engine back here. */
const NO_ENGINE = "127.0.0.1:1";

/**
 * Plugins that outlive the runs of one rehearsal: to start them anew for each run would be most of its time. Each is started
 * when a run first asks for it, and configured again by each run. The program is run by a process that outlives its runs, too.
 */
export class KeptPlugins {
  private readonly started = new Map<string, Promise<Plugin>>();

  /** The session, whose runs have these plugins from now on. */
  of(session: Session): Session {
    return {
      ...session,
      engine: (observer, signal) => {
        const options = session.engine(observer, signal);
        const { pluginFor, policyPack } = options;
        return {
          ...options,
          startProgram: runHosted,
          pluginFor: (name) => () => this.kept(name, () => pluginFor(name)(NO_ENGINE, silent)),
          policyPack: async (about) => {
            const start = () => policyPack?.({ ...about, address: NO_ENGINE, preview: false }, silent);
            return this.kept(POLICY_PACK, start);
          },
        };
      },
    };
  }

  async close(): Promise<void> {
    for (const plugin of this.started.values()) await (await plugin).stop();
  }

  private async kept(name: string, start: () => Promise<Plugin> | undefined): Promise<Plugin> {
    const plugin = this.started.get(name) ?? start();
    if (plugin === undefined) throw new Error(`there is no ${name}`);
    this.started.set(name, plugin);
    return { port: (await plugin).port, stop: async () => {} };
  }
}

function silent(): void {}
