import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { policyPackVariables } from "../protocol/node-program";
import { connect, type Plugin, type PluginCommand, type StartProcess } from "../protocol/plugin";
import {
  type Analyzed,
  configureRequest,
  type PolicyPackOptions,
  resourceRequest,
  stackRequest,
} from "./policy-requests";
import type { Urn } from "./urn";

/** What a policy says against a resource. */
export interface Violation {
  readonly urn: Urn;
  /** An advisory one is told and changes nothing. */
  readonly mandatory: boolean;
  readonly message: string;
}

/** Starts a policy pack; what it prints is handed to `print`, line by line. */
export type StartPolicyPack = (options: PolicyPackOptions, print: (line: string) => void) => Promise<Plugin>;

/** Of a policy that takes longer nobody knows whether it ends. */
const ANSWER_MS = 60_000;

/** A policy pack in a process of its own, run as Pulumi's Node language host runs it, and asked over Pulumi's `Analyzer` protocol. */
export class PolicyPack {
  private constructor(
    private readonly name: string,
    /** Number of its policies. */
    readonly size: number,
    private readonly rpc: AnalyzerClient,
    private readonly plugin: Plugin,
  ) {}

  /** @throws Error when the pack does not start, or has a policy of a kind that this engine does not support. */
  static async start(
    startPack: StartPolicyPack,
    options: PolicyPackOptions,
    print: (line: string) => void,
  ): Promise<PolicyPack> {
    const plugin = await startPack(options, print);
    const rpc = connect(plugin, AnalyzerClient);
    try {
      const info = await call<proto.AnalyzerInfo>((...rest) => rpc.getAnalyzerInfo(new Empty(), ...rest));
      refuseRemediation(info);
      await call((...rest) => rpc.configureStack(configureRequest(options), ...rest));
      return new PolicyPack(info.getName(), info.getPoliciesList().length, rpc, plugin);
    } catch (error) {
      rpc.close();
      await plugin.stop();
      throw error;
    }
  }

  async analyze(analyzed: Analyzed): Promise<readonly Violation[]> {
    const response = await call<proto.AnalyzeResponse>((...rest) =>
      this.rpc.analyze(resourceRequest(analyzed), ...rest),
    );
    return this.violations(response, analyzed.resource.urn);
  }

  /** `root` is the URN that what concerns no single resource is told of. */
  async analyzeStack(resources: readonly Analyzed[], root: Urn): Promise<readonly Violation[]> {
    const response = await call<proto.AnalyzeResponse>((...rest) =>
      this.rpc.analyzeStack(stackRequest(resources), ...rest),
    );
    return this.violations(response, root);
  }

  stop(): Promise<void> {
    this.rpc.close();
    return this.plugin.stop();
  }

  private violations(response: proto.AnalyzeResponse, urn: Urn): readonly Violation[] {
    return response.getDiagnosticsList().map((diagnostic) => ({
      urn: diagnostic.getUrn() || urn,
      mandatory: diagnostic.getEnforcementlevel() === proto.EnforcementLevel.MANDATORY,
      message: `policy ${this.name}/${diagnostic.getPolicyname()} is violated: ${diagnostic.getMessage()}`,
    }));
  }
}

/** Starts the pack's process, which has the stack's configuration in its environment as the program has. */
export function startPolicyPack(
  start: StartProcess,
  command: PluginCommand,
  { config, address, ...about }: PolicyPackOptions,
  print?: (line: string) => void,
): Promise<Plugin> {
  const env = { ...command.env, ...policyPackVariables({ ...about, config: config.values }) };
  return start("the policy pack", { ...command, env }, [address, "."], print);
}

function refuseRemediation(info: proto.AnalyzerInfo): void {
  const changing = info
    .getPoliciesList()
    .find((policy) => policy.getEnforcementlevel() === proto.EnforcementLevel.REMEDIATE);
  if (changing !== undefined) {
    throw new Error(
      `policy ${info.getName()}/${changing.getName()} would change resources (enforcement level "remediate"), ` +
        "which the rehearsal engine does not support",
    );
  }
}

type Rest<Response> = [
  metadata: grpc.Metadata,
  options: Partial<grpc.CallOptions>,
  done: (error: grpc.ServiceError | null, response: Response) => void,
];

function call<Response>(method: (...rest: Rest<Response>) => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    method(new grpc.Metadata(), { deadline: Date.now() + ANSWER_MS }, (error, response) => {
      if (error === null) {
        resolve(response);
      } else {
        reject(new Error(`the policy pack could not be asked: ${error.details}`));
      }
    });
  });
}
