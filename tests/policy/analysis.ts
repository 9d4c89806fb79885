import type { Policies, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

/** One resource as the engine hands it to a policy pack. */
export interface Registered {
  readonly urn: string;
  readonly props: Readonly<Record<string, JavaScriptValue>>;
  /** The one option that policies look at. */
  readonly deleteBeforeReplace?: boolean;
  /** These are for policies of the whole stack only. */
  readonly parent?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
}

export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Marks a value as the protocol marks secrets. */
export function secret(value: string): { [key: string]: JavaScriptValue } {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

type Answer = (error: Error | null | undefined, response: proto.AnalyzeResponse) => void;
type Rpc = (call: { request: unknown }, answer: Answer) => void;

// The functions that the SDK serves its gRPC service with: what reaches a policy here has been through the protocol.
const { makeAnalyzeRpcFun, makeAnalyzeStackRpcFun } = require("@pulumi/policy/server") as Readonly<
  Record<"makeAnalyzeRpcFun" | "makeAnalyzeStackRpcFun", (...pack: [string, string, string, Policies]) => Rpc>
>;

/** What the policies say of one resource, as `policy-name: message`. */
export async function violations(policies: Policies, { urn, props, ...rest }: Registered): Promise<string[]> {
  const request = new proto.AnalyzeRequest();
  request.setUrn(urn);
  request.setType(typeOf(urn));
  request.setName(nameOf(urn));
  request.setProperties(Struct.fromJavaScript(props));
  request.setOptions(optionsOf(rest));
  const found = await diagnosticsOf(makeAnalyzeRpcFun("b2b-tenants", "0.1.0", "advisory", policies), request);
  return found.map(spelled);
}

/** What one policy says of a resource, without its own name and description. */
export async function messages(
  policy: ResourceValidationPolicy,
  urn: string,
  props: object,
  options: Pick<Registered, "deleteBeforeReplace"> = {},
): Promise<string[]> {
  const found = await violations([policy], { urn, props: props as Registered["props"], ...options });
  return found.map((message) => withoutDescription(policy, message));
}

/** What one policy of the whole stack says, without its own name and description. */
export async function stackMessages(
  policy: StackValidationPolicy,
  resources: readonly Registered[],
): Promise<StackViolation[]> {
  const found = await stackViolations([policy], resources);
  return found.map(({ message, urn }) => ({ message: withoutDescription(policy, message), urn }));
}

function withoutDescription({ name, description }: Policies[number], message: string): string {
  const prefix = `${name}: ${description}\n`;
  if (!message.startsWith(prefix)) throw new Error(`no message of ${name}: ${message}`);
  return message.slice(prefix.length);
}

export interface StackViolation {
  /** As `policy-name: message`. */
  readonly message: string;
  /** The resource that it is about; empty for the whole stack. */
  readonly urn: string;
}

/** What the policies say of a whole stack. */
export async function stackViolations(
  policies: Policies,
  resources: readonly Registered[],
): Promise<readonly StackViolation[]> {
  const request = new proto.AnalyzeStackRequest();
  request.setResourcesList(
    resources.map(({ urn, props, parent = "", dependencies = [], propertyDependencies = {}, ...rest }) => {
      const resource = new proto.AnalyzerResource();
      resource.setUrn(urn);
      resource.setType(typeOf(urn));
      resource.setName(nameOf(urn));
      resource.setProperties(Struct.fromJavaScript(props));
      resource.setOptions(optionsOf(rest));
      resource.setParent(parent);
      resource.setDependenciesList([...dependencies]);
      for (const [property, urns] of Object.entries(propertyDependencies)) {
        const entry = new proto.AnalyzerPropertyDependencies();
        entry.setUrnsList([...urns]);
        resource.getPropertydependenciesMap().set(property, entry);
      }
      return resource;
    }),
  );
  const found = await diagnosticsOf(makeAnalyzeStackRpcFun("b2b-tenants", "0.1.0", "advisory", policies), request);
  return found.map((one) => ({ message: spelled(one), urn: one.getUrn() }));
}

function optionsOf({ deleteBeforeReplace }: Pick<Registered, "deleteBeforeReplace">): proto.AnalyzerResourceOptions {
  const options = new proto.AnalyzerResourceOptions();
  options.setDeletebeforereplace(deleteBeforeReplace ?? false);
  options.setDeletebeforereplacedefined(deleteBeforeReplace !== undefined);
  return options;
}

/** The pack's level is advisory in these tests, so that each policy has to say by itself that it is mandatory. */
function diagnosticsOf(rpc: Rpc, request: unknown): Promise<proto.AnalyzeDiagnostic[]> {
  return new Promise((resolve, reject) => {
    rpc({ request }, (error, response) => {
      if (error) return reject(error);
      const diagnostics = response.getDiagnosticsList();
      const weak = diagnostics.find((one) => one.getEnforcementlevel() !== proto.EnforcementLevel.MANDATORY);
      if (weak) return reject(new Error(`${weak.getPolicyname()} is not mandatory: ${weak.getMessage()}`));
      return resolve(diagnostics);
    });
  });
}

function spelled(diagnostic: proto.AnalyzeDiagnostic): string {
  return `${diagnostic.getPolicyname()}: ${diagnostic.getMessage()}`;
}

export function typeOf(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types.slice(types.lastIndexOf("$") + 1);
}

export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
