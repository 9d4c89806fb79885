import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

/** What a program asks the engine for, of one resource. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  /** Name of the parent; empty for none. */
  readonly parent: string;
  readonly urn: string;
  /** The inputs; a secret one is written as `{ secret: VALUE }`. */
  readonly inputs: Record<string, unknown>;
  /** Names of the resources it waits for, sorted. */
  readonly dependsOn: string[];
  /** Name of the resource that it vanishes with; empty for none. */
  readonly deletedWith: string;
  readonly deleteBeforeReplace: boolean;
  /** Names of the resources that each input is made from. */
  readonly madeFrom: Readonly<Record<string, readonly string[]>>;
  readonly ignoreChanges: string[];
  readonly importId: string;
  /** Name of the explicit provider; empty for the default one. */
  readonly provider: string;
  readonly secretOutputs: string[];
}

export const ADMIN_PASSWORD = "admin-password";
export const PASSWORD = "generated-password";
/** The group that the fleet stack declares, as others find it. */
export const SERVER_GROUP = "sg-5e40e45";
/** As the program asks for it: 64 hexadecimal digits. */
export const SECRET_KEY = "5ec12e70".repeat(8);

/** What a provider would answer, as far as the program reads it. */
function outputs(type: string, name: string, inputs: Record<string, unknown>): Record<string, unknown> {
  switch (type) {
    case "random:index/randomPassword:RandomPassword":
      return { result: pulumi.secret(name.endsWith("-secret-key") ? SECRET_KEY : PASSWORD) };
    case "aws:ssm/parameter:Parameter":
      return { arn: `arn:aws:ssm:us-east-1:123456789012:parameter${String(inputs.name)}` };
    case "aws:sns/topic:Topic":
      return { arn: `arn:aws:sns:us-east-1:123456789012:${String(inputs.name)}` };
    case "aws:ec2/instance:Instance":
      return { publicDns: "ec2-1.example.com", publicIp: "198.51.100.1", privateIp: "10.0.0.1" };
    default:
      return {};
  }
}

/** Runs a program against a pretended engine and returns what it registered, in the order of the names. */
export async function record<T>(
  program: () => T | Promise<T>,
  stack = "prod",
): Promise<{ registrations: Registration[]; result: T }> {
  const registrations: Registration[] = [];
  const register = MockMonitor.prototype.registerResource;
  MockMonitor.prototype.registerResource = async function (request: RegisterResourceRequest, callback) {
    const urn = (this as unknown as UrnMaker).newUrn(request.getParent(), request.getType(), request.getName());
    registrations.push(registration(urn, request));
    return register.call(this, request, callback);
  };
  const { stackTraceLimit } = Error;
  // The SDK takes a stack trace for every promise; mapping all lines of each would be most of the time. One line tells where.
  Error.stackTraceLimit = 1;
  try {
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => ({
          id: type === "aws:ec2/securityGroup:SecurityGroup" ? SERVER_GROUP : `${name}-id`,
          state: { ...inputs, ...outputs(type, name, inputs) },
        }),
        call: ({ token, inputs }) => {
          if (token === "aws:ec2/getSecurityGroup:getSecurityGroup") return { ...inputs, id: SERVER_GROUP };
          throw new Error(`the program must not look up anything else: ${token}`);
        },
      },
      "b2b-tenants",
      stack,
      false,
    );
    const result = await program();
    // Only once every call has been answered is the list complete.
    await pulumi.runtime.disconnect();
    return { registrations: registrations.sort((a, b) => (a.urn < b.urn ? -1 : 1)), result };
  } finally {
    MockMonitor.prototype.registerResource = register;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The value of an output, and whether it is a secret. */
export async function settled<T>(output: pulumi.Output<T>): Promise<{ value: T; secret: boolean }> {
  const value = await new Promise<T>((resolve) => output.apply(resolve as (value: unknown) => void));
  return { value, secret: await pulumi.isSecret(output) };
}

/** The one resource of that name. */
export function named(registrations: readonly Registration[], name: string): Registration {
  const [found, second] = registrations.filter((registration) => registration.name === name);
  if (!found || second) throw new Error(`not exactly one resource is named ${name}`);
  return found;
}

interface UrnMaker {
  newUrn(parent: string, type: string, name: string): string;
}

function registration(urn: string, request: RegisterResourceRequest): Registration {
  return {
    type: request.getType(),
    name: request.getName(),
    parent: nameOf(request.getParent()),
    urn,
    inputs: plain(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
    dependsOn: request.getDependenciesList().map(nameOf).sort(),
    deletedWith: nameOf(request.getDeletedwith()),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    madeFrom: Object.fromEntries(
      [...request.getPropertydependenciesMap().entries()].map(([key, from]) => [key, from.getUrnsList().map(nameOf)]),
    ),
    ignoreChanges: request.getIgnorechangesList(),
    importId: request.getImportid(),
    provider: providerName(request.getProvider()),
    secretOutputs: request.getAdditionalsecretoutputsList(),
  };
}

/** The SDK's mark of a secret among plain values. */
const SECRET_MARK = "4dabf18193072939515e22adb298388d";

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET_MARK in value) return { secret: (value as unknown as { value: unknown }).value };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

/** A reference to a provider is its URN and its id. */
function providerName(reference: string): string {
  return reference.split("::").at(-2) ?? "";
}
