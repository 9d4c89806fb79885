import type { Check } from "../leak";
import { quoted } from "../quoted";
import type { Attempt } from "./attempt";

/** Becoming another role. */
export function becoming(role: string, victim: string | undefined): Attempt[] {
  return attempts(role, victim, [
    ["set role", `set local role ${quoted(role)}`],
    ["membership", `grant ${quoted(role)} to current_user`],
  ]);
}

/** Becoming another role, acting in its name, or changing it. */
export function againstRole(role: string, victim: string | undefined): Attempt[] {
  return [
    ...becoming(role, victim),
    ...attempts(role, victim, [
      ["set role", `set local session authorization ${quoted(role)}`],
      ["role attribute", `alter role ${quoted(role)} password 'intruder'`],
      ["limit", `alter role ${quoted(role)} connection limit 0`],
      ["search path", `alter role ${quoted(role)} set search_path = intruder`],
      ["role attribute", `drop role ${quoted(role)}`],
      ["default privilege", `alter default privileges for role ${quoted(role)} grant all on tables to current_user`],
      ["ownership", `reassign owned by ${quoted(role)} to current_user`],
      ["ownership", `drop owned by ${quoted(role)}`],
    ]),
  ];
}

function attempts(role: string, victim: string | undefined, list: readonly [Check, string][]): Attempt[] {
  return list.map(([check, statement]) => ({
    check,
    walls: [`role ${role}`],
    victim,
    object: `role ${quoted(role)}`,
    statement,
  }));
}
