// What the SDK does for each resource that nobody here needs, and that a fleet pays for. An SDK that works otherwise is left alone.
import * as pulumi from "@pulumi/pulumi";
import { isGrpcError } from "@pulumi/pulumi/errors";

// An `import` of all of it would be a copy, after which the SDK would go on as before.
import rpc = require("@pulumi/pulumi/runtime/rpc");

/**
 * Has the SDK take no stack trace for each resource: the engine would store all of them, 650 bytes a resource, and write them with every
 * step. Node's `--stack-trace-limit` does not reach this one (findings/pulumi-sdk-keeps-stack-traces.sh).
 */
export function withoutStackTraces(): void {
  const resource = pulumi.Resource as unknown as { stackTrace?: () => readonly [] };
  if (resource.stackTrace !== undefined) resource.stackTrace = () => [];
}

/**
 * Has the SDK send the engine no debug messages: it sends some five for each resource, one call after the other, also where nobody has asked
 * for them, which is a third of the program's work (findings/pulumi-sdk-sends-debug-messages.sh). For a run with `pulumi up --debug`, leave
 * this out.
 */
export function withoutDebugMessages(): void {
  const log = pulumi.log as { debug?: typeof pulumi.log.debug };
  if (log.debug !== undefined) log.debug = async () => {};
}

/** What came of one output property. */
interface Settled {
  readonly value: unknown;
  readonly isKnown: boolean;
  readonly isSecret: boolean;
  readonly dependencies: readonly pulumi.Resource[];
}

/** Parts of the SDK that its types leave out. */
type TransferProperties = (onto: object, label: string, props: object) => Record<string, OutputProperty["settle"]>;
const sdk = rpc as { transferProperties?: TransferProperties };
const Output = pulumi.Output as unknown as new (
  resource: object,
  value: Promise<unknown>,
  isKnown: Promise<boolean>,
  isSecret: Promise<boolean>,
  dependencies: Promise<readonly pulumi.Resource[]>,
) => pulumi.Output<unknown>;

/**
 * Has the SDK make the output of a resource's property once somebody reads it: it makes some thirty promises for each property of each
 * resource, and an EC2 instance alone has 57 of them, of which the program reads a few (findings/pulumi-sdk-promises-for-each-property.sh).
 */
export function withOutputsOnDemand(): void {
  if (sdk.transferProperties?.length === TRANSFER_ARGUMENTS) sdk.transferProperties = outputsOnDemand;
}

const TRANSFER_ARGUMENTS = 3;

/** As the SDK's own: gives `onto` an output for each of `props`, and returns what settles them once the resource is registered. */
const outputsOnDemand: TransferProperties = (onto, label, props) => {
  const settlers: ReturnType<TransferProperties> = {};
  for (const name of Object.keys(props)) {
    // The SDK sees to these itself.
    if (name === "id" || name === "urn") continue;
    if (Object.hasOwn(onto, name)) throw new Error(`Property '${name}' is already initialized on target '${label}'`);
    const property = new OutputProperty();
    settlers[name] = property.settle;
    const define = (value: unknown) =>
      Object.defineProperty(onto, name, { value, writable: true, enumerable: true, configurable: true });
    const get = () => {
      const output = property.output(onto);
      define(output);
      return output;
    };
    Object.defineProperty(onto, name, { get, set: define, enumerable: true, configurable: true });
  }
  return settlers;
};

class OutputProperty {
  private outcome: (() => Settled) | undefined;
  private tell: ((outcome: () => Settled) => void) | undefined;

  readonly settle = (
    value: unknown,
    isKnown: boolean,
    isSecret: boolean,
    dependencies: readonly pulumi.Resource[] = [],
    error?: Error,
  ): void => {
    // The engine is ending, and has said why; the SDK leaves the output open then.
    if (error !== undefined && isGrpcError(error)) return;
    this.outcome = () => {
      if (error !== undefined) throw error;
      return { value, isKnown, isSecret, dependencies };
    };
    this.tell?.(this.outcome);
  };

  output(resource: object): pulumi.Output<unknown> {
    const told = new Promise<() => Settled>((resolve) => {
      if (this.outcome === undefined) this.tell = resolve;
      else resolve(this.outcome);
    });
    const settled = told.then((outcome) => outcome());
    return new Output(
      resource,
      settled.then(({ value }) => value),
      settled.then(({ isKnown }) => isKnown),
      settled.then(({ isSecret }) => isSecret),
      settled.then(({ dependencies }) => dependencies),
    );
  }
}
