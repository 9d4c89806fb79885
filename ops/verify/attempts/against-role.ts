import { escapeIdentifier as name } from "pg";
import type { Check } from "../leak";
import { type Attempt, readable } from "./attempt";

/** Becoming another role. */
export function becoming(role: string, victim: string | undefined): Attempt[] {
  return attempts(role, victim, [
    ["set role", `set local role ${name(role)}`],
    ["membership", `grant ${name(role)} to current_user`],
  ]);
}

/** Becoming another role, acting in its name, or changing it. */
export function againstRole(role: string, victim: string | undefined): Attempt[] {
  return [
    ...becoming(role, victim),
    ...attempts(role, victim, [
      ["set role", `set local session authorization ${name(role)}`],
      ["role attribute", `alter role ${name(role)} password 'intruder'`],
      ["limit", `alter role ${name(role)} connection limit 0`],
      ["search path", `alter role ${name(role)} set search_path = intruder`],
      ["role attribute", `drop role ${name(role)}`],
      ["default privilege", `alter default privileges for role ${name(role)} grant all on tables to current_user`],
      ["ownership", `reassign owned by ${name(role)} to current_user`],
      ["ownership", `drop owned by ${name(role)}`],
    ]),
  ];
}

function attempts(role: string, victim: string | undefined, list: readonly [Check, string][]): Attempt[] {
  return list.map(([check, statement]) => ({
    check,
    walls: [`role ${role}`],
    victim,
    object: `role ${readable(role)}`,
    statement,
  }));
}
