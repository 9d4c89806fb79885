import type { Policies } from "@pulumi/policy";
import { noGrantToPublic } from "./policies/no-grant-to-public";

/** Everything that a change must leave as it is, whatever it is for. */
export const policies: Policies = [noGrantToPublic];
