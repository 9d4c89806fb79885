import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as proto from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency } from "@pulumi/pulumi/proto/plugin_pb";
import { Unsupported } from "./answer";

/** What of a package's manifest matters here. */
interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Of a package whose resources a plugin serves: which plugin. */
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
    readonly parameterization?: unknown;
  };
}

/** The plugins that serve the resources of the program's packages. */
export function requiredPackages(request: proto.GetRequiredPackagesRequest): proto.GetRequiredPackagesResponse {
  const response = new proto.GetRequiredPackagesResponse();
  for (const [packageName, { pulumi, version = "" }] of manifests(directory(request.getInfo()))) {
    if (!pulumi?.resource) continue;
    if (pulumi.parameterization !== undefined) {
      throw new Unsupported(`${packageName} is a parameterized package, which this language host does not support`);
    }
    const dependency = new PackageDependency();
    dependency.setKind("resource");
    dependency.setName(pulumi.name ?? packageName.replace(/^.*\//, ""));
    dependency.setVersion(pulumi.version ?? version);
    dependency.setServer(pulumi.server ?? "");
    response.addPackages(dependency);
  }
  return response;
}

/** What the program's manifest names, with the versions that are installed. */
export function directDependencies(request: proto.GetProgramDependenciesRequest): proto.GetProgramDependenciesResponse {
  if (request.getTransitivedependencies()) {
    throw new Unsupported("this language host tells direct dependencies alone; npm ls --all tells all of them");
  }
  const response = new proto.GetProgramDependenciesResponse();
  for (const [name, { version = "" }] of manifests(directory(request.getInfo()))) {
    const dependency = new proto.DependencyInfo();
    dependency.setName(name);
    dependency.setVersion(version);
    response.addDependencies(dependency);
  }
  return response;
}

function directory(info: proto.ProgramInfo | undefined): string {
  return info?.getProgramDirectory() ?? process.cwd();
}

/** Of the packages that the program in this folder depends on and that are installed, by name. */
function manifests(folder: string): [string, Manifest][] {
  const own = manifestAt(join(folder, "package.json"));
  const lookup = createRequire(join(folder, "package.json")).resolve.paths("package") ?? [];
  return Object.keys(own?.dependencies ?? {}).flatMap((name) => {
    const found = lookup.map((place) => manifestAt(join(place, name, "package.json"))).find((it) => it !== undefined);
    return found === undefined ? [] : [[name, found]];
  });
}

function manifestAt(path: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}
