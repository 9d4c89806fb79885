/** The gRPC services by which the program registers its resources and logs. */
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engineProto from "@pulumi/pulumi/proto/engine_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { listen, MESSAGE_LIMITS } from "../protocol/plugin";
import type { Props } from "../protocol/property-values";
import { type Goal, goalOf } from "./goal";
import type { Invoked } from "./provider-client";
import type { Severity } from "./step";
import type { Registered } from "./steps";
import { createUrn, type Urn } from "./urn";

/** A call of a provider's function. */
export interface Invocation {
  /** For example `aws:ec2/getSecurityGroup:getSecurityGroup`. */
  readonly token: string;
  readonly args: Props;
  /** `<urn>::<id>`, or empty for the default provider. */
  readonly provider: string;
  readonly version: string;
}

/** What the program's calls come to. A call whose promise never resolves is never answered. */
export interface ProgramCalls {
  register(goal: Goal): Promise<Registered>;
  registerOutputs(urn: Urn, outputs: Props): Promise<void>;
  /** Asks a provider's function. What it fails with is the program's to deal with. */
  invoke(invocation: Invocation): Promise<Invoked>;
  /** The program, or a plugin, used something that the engine refuses, or failed in a registration. */
  failed(urn: Urn, error: Error): void;
  /** Resolves when the program may end. */
  shutdown(): Promise<void>;
  log(severity: Severity, message: string, urn: Urn): void;
}

const RESULTS = {
  success: proto.Result.SUCCESS,
  failed: proto.Result.FAIL,
  skipped: proto.Result.SKIP,
} satisfies Record<Registered["result"], proto.Result>;

type Call<Request> = grpc.ServerUnaryCall<Request, unknown>;
type Answer = grpc.sendUnaryData<unknown>;

const SEVERITIES: ReadonlyMap<number, Severity> = new Map([
  [engineProto.LogSeverity.INFO, "info"],
  [engineProto.LogSeverity.WARNING, "warning"],
  [engineProto.LogSeverity.ERROR, "error"],
]);

/** Serves `ResourceMonitor` and `Engine`, the two services that a Pulumi program talks to, on one loopback port. */
export class MonitorServer {
  private readonly server = new grpc.Server(MESSAGE_LIMITS);
  private calls: ProgramCalls | undefined;
  private rootUrn = "";

  constructor(
    private readonly stack: string,
    private readonly project: string,
    /** Told what somebody is at who has nothing to report yet. */
    private readonly status: (message: string) => void,
  ) {}

  /** @returns the address, for example `127.0.0.1:40123`. */
  async listen(): Promise<string> {
    this.server.addService(ResourceMonitorService, this.monitorMethods() as grpc.UntypedServiceImplementation);
    this.server.addService(EngineService, this.engineMethods() as grpc.UntypedServiceImplementation);
    return `127.0.0.1:${await listen(this.server)}`;
  }

  serve(calls: ProgramCalls): void {
    this.calls = calls;
  }

  close(): void {
    this.server.forceShutdown();
  }

  private monitorMethods(): object {
    return {
      supportsFeature: (_: Call<proto.SupportsFeatureRequest>, answer: Answer) => {
        const response = new proto.SupportsFeatureResponse();
        response.setHassupport(true);
        answer(null, response);
      },
      registerResource: (call: Call<proto.RegisterResourceRequest>, answer: Answer) =>
        this.registerResource(call.request, answer),
      registerResourceOutputs: (call: Call<proto.RegisterResourceOutputsRequest>, answer: Answer) => {
        const outputs = (call.request.getOutputs()?.toJavaScript() ?? {}) as Props;
        this.answered(call.request.getUrn(), answer, async () => {
          await this.calls?.registerOutputs(call.request.getUrn(), outputs);
          return new Empty();
        });
      },
      signalAndWaitForShutdown: (_: Call<Empty>, answer: Answer) =>
        this.answered("", answer, async () => {
          await this.calls?.shutdown();
          return new Empty();
        }),
      invoke: (call: Call<proto.ResourceInvokeRequest>, answer: Answer) => this.invoke(call.request, answer),
      streamInvoke: this.refused("a streaming invoke"),
      call: this.refused("a call (a provider method)"),
      readResource: this.refused("a resource read (`get`)"),
      registerStackTransform: this.refused("a stack transform"),
      registerStackInvokeTransform: this.refused("an invoke transform"),
      registerResourceHook: this.refused("a resource hook"),
      registerErrorHook: this.refused("an error hook"),
      registerPackage: this.refused("a parameterized package"),
    };
  }

  private registerResource(request: proto.RegisterResourceRequest, answer: Answer): void {
    const urn = createUrn(this.stack, this.project, request.getParent(), request.getType(), request.getName());
    this.answered(urn, answer, async () => {
      const goal = goalOf(request, this.stack, this.project);
      const { state, result } = await (this.calls as ProgramCalls).register(goal);
      if (result !== "success" && !request.getSupportsresultreporting())
        throw new Error("the program's SDK is too old");
      const response = new proto.RegisterResourceResponse();
      response.setUrn(state.urn);
      response.setId(state.id ?? "");
      response.setObject(Struct.fromJavaScript(state.outputs ?? {}));
      response.setResult(RESULTS[result]);
      return response;
    });
  }

  private invoke(request: proto.ResourceInvokeRequest, answer: Answer): void {
    const [token, args] = [request.getTok(), (request.getArgs()?.toJavaScript() ?? {}) as Props];
    const invocation = { token, args, provider: request.getProvider(), version: request.getVersion() };
    (this.calls as ProgramCalls).invoke(invocation).then(
      ({ returned, failures }) => {
        const response = new provider.InvokeResponse().setReturn(Struct.fromJavaScript(returned));
        for (const { property, reason } of failures) {
          response.addFailures(new provider.CheckFailure().setProperty(property).setReason(reason));
        }
        answer(null, response);
      },
      ({ message }: Error) =>
        answer({
          code: grpc.status.UNKNOWN,
          details: `invocation of ${token} returned an error: ${message}`,
        }),
    );
  }

  private engineMethods(): object {
    return {
      log: (call: Call<engineProto.LogRequest>, answer: Answer) => {
        const [message, urn] = [call.request.getMessage(), call.request.getUrn()];
        const severity = SEVERITIES.get(call.request.getSeverity());
        if (call.request.getEphemeral()) this.status(message);
        else if (severity !== undefined) this.calls?.log(severity, message, urn);
        answer(null, new Empty());
      },
      getRootResource: (_: Call<engineProto.GetRootResourceRequest>, answer: Answer) => {
        const response = new engineProto.GetRootResourceResponse();
        response.setUrn(this.rootUrn);
        answer(null, response);
      },
      setRootResource: (call: Call<engineProto.SetRootResourceRequest>, answer: Answer) => {
        this.rootUrn = call.request.getUrn();
        answer(null, new engineProto.SetRootResourceResponse());
      },
      requirePulumiVersion: (_: Call<unknown>, answer: Answer) => {
        answer(null, new engineProto.RequirePulumiVersionResponse());
      },
      startDebugging: this.refused("a debugger session"),
    };
  }

  /** A failure is told to the deployment and never answered: the program is ended instead, as Pulumi's engine does. */
  private answered(urn: Urn, answer: Answer, respond: () => Promise<unknown>): void {
    respond().then(
      (response) => answer(null, response),
      (error: Error) => this.calls?.failed(urn, error),
    );
  }

  private refused(what: string): (call: unknown, answer: Answer) => void {
    return (_, answer) => {
      const message = `the program uses ${what}, which the rehearsal engine does not support`;
      this.calls?.failed("", new Error(message));
      answer({ code: grpc.status.UNIMPLEMENTED, details: message });
    };
  }
}
