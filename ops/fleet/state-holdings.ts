import { GATE_TYPE, SHARED_DATABASE_TYPE, TENANT_TYPE } from "../../domain/resource-types";
import { parseUrn, slugOf } from "../../domain/urn";
import type { StackExport } from "../stack/stack-access";
import type { Holdings } from "./stack-deployer";

/** The last thing that a shared database does: it takes CONNECT from PUBLIC. */
const CLOSED = /-public-connect$/;

/** What a stack's exported state says of it. */
export function holdingsIn({ deployment }: StackExport): Holdings {
  const { resources = [], pending_operations: pending = [] } = deployment;
  const parsed = resources.map(({ urn }) => parseUrn(urn));
  const slugsOf = (type: string) => parsed.flatMap((urn) => (urn?.type === type ? (slugOf(urn) ?? []) : []));
  const tenants = [...new Set(slugsOf(TENANT_TYPE))].sort();
  const gates = new Set(slugsOf(GATE_TYPE));
  return {
    tenants,
    unfinished: tenants.filter((slug) => !gates.has(slug)),
    resources: resources.length,
    sharedDatabase: parsed.some((urn) => urn?.within.includes(SHARED_DATABASE_TYPE) && CLOSED.test(urn.name)),
    interrupted: pending?.length ?? 0,
  };
}
