import { randomUUID } from "node:crypto";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { connect, type LocalPlugin, type Plugin, type StartPlugin } from "../protocol/plugin";
import { type PropertyValue, type Props, secret } from "../protocol/property-values";
import { ProviderClient } from "./provider-client";
import type { ResourceState } from "./state";
import { createUrn, providedPackage, type Urn } from "./urn";

export interface StackConfig {
  /** By full key, for example `b2b-tenants:fleet`; structured values as JSON text. */
  readonly values: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

/** The package that serves `pulumi.dynamic.Resource`. */
export const DYNAMIC_PACKAGE = "pulumi-nodejs";

/**
 * The running plugins, one for each provider resource. A reference is `<urn>::<id>`, as resources name their provider.
 */
export class Providers {
  private readonly clients = new Map<string, Promise<ProviderClient>>();
  private readonly configured = new Map<string, ResourceState>();
  private readonly plugins: Promise<Plugin | LocalPlugin>[] = [];
  private readonly connections: ResourceProviderClient[] = [];
  private stopped = false;

  constructor(
    private readonly pluginFor: (packageName: string) => StartPlugin,
    private readonly engineAddress: string,
    private readonly print: (line: string) => void,
  ) {}

  static reference(provider: ResourceState): string {
    return `${provider.urn}::${provider.id}`;
  }

  /** A client of the package's plugin, before it is configured for one provider resource. */
  async start(packageName: string): Promise<ProviderClient> {
    if (this.stopped) throw new Error(`the ${packageName} plugin is not started any more: the run has ended`);
    const plugin = this.pluginFor(packageName)(this.engineAddress, this.print);
    this.plugins.push(plugin);
    const connection = connect(await plugin, ResourceProviderClient);
    this.connections.push(connection);
    return new ProviderClient(connection);
  }

  /** Configures `client` for the provider resource and makes it what its reference leads to. */
  async configure(client: ProviderClient, provider: ResourceState): Promise<void> {
    const args = { ...provider.inputs };
    delete args.__internal;
    await client.configure(provider.urn, provider.id ?? "", args);
    this.clients.set(Providers.reference(provider), Promise.resolve(client));
    this.configured.set(Providers.reference(provider), provider);
  }

  /** The provider resource that a reference leads to; undefined for a resource that has none. */
  resource(reference: string | undefined): ResourceState | undefined {
    return reference === undefined ? undefined : this.configured.get(reference);
  }

  /** Those that the engine made for the resources which name none. */
  get defaults(): readonly ResourceState[] {
    return [...this.configured.values()].filter(({ parent }) => parent === undefined);
  }

  /** The client that a reference leads to; for a provider that only the state knows, its plugin is started now. */
  get(reference: string, known: readonly ResourceState[]): Promise<ProviderClient> {
    let client = this.clients.get(reference);
    if (client === undefined) {
      client = this.startFromState(reference, known);
      this.clients.set(reference, client);
    }
    return client;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    const started = await Promise.allSettled(this.plugins);
    for (const connection of this.connections) connection.close();
    await Promise.all(started.map((plugin) => (plugin.status === "fulfilled" ? plugin.value.stop() : undefined)));
  }

  private async startFromState(reference: string, known: readonly ResourceState[]): Promise<ProviderClient> {
    const provider = known.find((resource) => Providers.reference(resource) === reference);
    if (provider === undefined) throw new Error(`the state has no provider ${reference}`);
    const client = await this.start(providedPackage(provider.type));
    await this.configure(client, provider);
    return client;
  }
}

/** Identity and inputs of the provider that serves resources which name none. */
export function defaultProvider(
  packageName: string,
  version: string,
  config: StackConfig,
  stack: string,
  project: string,
): { readonly urn: Urn; readonly type: string; readonly name: string; readonly inputs: Props } {
  const type = `pulumi:providers:${packageName}`;
  const name = version === "" ? "default" : `default_${version.replace(/[.+-]/g, "_")}`;
  const inputs: Props = version === "" ? {} : { version };
  for (const [key, text] of Object.entries(config.values)) {
    const value: PropertyValue = config.secretKeys.includes(key) ? secret(text) : text;
    if (packageName === DYNAMIC_PACKAGE) {
      inputs[key] = value;
    } else if (key.startsWith(`${packageName}:`)) {
      inputs[key.slice(packageName.length + 1)] = value;
    }
  }
  return { urn: createUrn(stack, project, "", type, name), type, name, inputs };
}

export function newProviderId(): string {
  return randomUUID();
}
