import type { Plugin } from "../../rehearsal/protocol/plugin";
import type { Session } from "../../rehearsal/session/session";
import { ProgramHost } from "./program-host";

const POLICY_PACK = "policy pack";

/** Nobody calls the engine back here. */
const NO_ENGINE = "127.0.0.1:1";

/**
 * Plugins, and a process for the program, that outlive the runs of one rehearsal: to start them anew for each run would be most of
 * its time. Each is started when a run first asks for it, and each run configures the plugins again.
 */
export class KeptPlugins {
  private readonly host = new ProgramHost();
  private readonly started = new Map<string, Promise<Plugin>>();

  /** The session, whose runs have these plugins and this host from now on. */
  of(session: Session): Session {
    return {
      ...session,
      engine: (observer, signal) => {
        const options = session.engine(observer, signal);
        const { pluginFor, policyPack } = options;
        return {
          ...options,
          startProgram: (program) => this.host.start(program),
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
    this.host.close();
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
