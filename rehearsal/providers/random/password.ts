import { randomInt } from "node:crypto";
import { genSalt, hash } from "bcryptjs";
import { hasUnknown, type Props } from "../../protocol/property-values";
import type { CheckFailure } from "../stand-in";
import { atLeast } from "./lengths";
import type { RandomResource } from "./resource";

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** `RandomPassword`. The id is always `none`: it stands in clear in the state. */
const randomPassword: Omit<RandomResource, "draw"> = {
  inputs: {
    keepers: null,
    length: null,
    lower: true,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
    minUpper: 0,
    numeric: true,
    overrideSpecial: null,
    special: true,
    upper: true,
  },
  optional: { keepers: "map", overrideSpecial: "string" },
  drawn: ["bcryptHash", "id", "result"],
  secrets: ["bcryptHash", "result"],
  copies: { number: "numeric" },
  extra: { __meta: JSON.stringify({ schema_version: "3" }) },
  validate: (inputs) => {
    const tooShort = atLeast(inputs, "length", 1);
    return tooShort.length > 0 ? tooShort : validateClasses(inputs);
  },
};

/** @param bcryptCost Each more doubles the time that a password's hash takes; the real plugin has 10, the least is 4. */
export function randomPasswordResource(bcryptCost: number): RandomResource {
  return {
    ...randomPassword,
    draw: async (inputs) => {
      const result = drawPassword(inputs);
      // The real plugin's library writes the older version of the same algorithm.
      const salt = (await genSalt(bcryptCost)).replace(/^\$2b\$/, "$2a$");
      return { id: "none", outputs: { bcryptHash: await hash(result, salt), id: "none", result } };
    },
  };
}

interface CharacterClass {
  readonly characters: string;
  readonly least: number;
}

function classesOf(inputs: Props): CharacterClass[] {
  const special = typeof inputs.overrideSpecial === "string" ? inputs.overrideSpecial : SPECIAL;
  const all: [Props[string] | undefined, string, Props[string] | undefined][] = [
    [inputs.upper, UPPER, inputs.minUpper],
    [inputs.lower, LOWER, inputs.minLower],
    [inputs.numeric, NUMERIC, inputs.minNumeric],
    [inputs.special, special, inputs.minSpecial],
  ];
  return all
    .filter(([wanted]) => wanted !== false)
    .map(([, characters, least]) => ({ characters, least: Number(least ?? 0) }));
}

function validateClasses(inputs: Props): CheckFailure[] {
  if (hasUnknown(inputs)) return [];
  const classes = classesOf(inputs);
  if (classes.every(({ characters }) => characters === "")) {
    return [{ property: "special", reason: "at least one of upper, lower, numeric and special must be true" }];
  }
  const least = classes.reduce((sum, each) => sum + each.least, 0);
  if (Number(inputs.length) >= least) return [];
  const reason = `must be at least the sum of minUpper, minLower, minNumeric and minSpecial (${least}), got ${inputs.length}`;
  return [{ property: "length", reason }];
}

/** Draws first what each class demands, fills up from all classes, and shuffles: every place is as likely for each. */
function drawPassword(inputs: Props): string {
  const classes = classesOf(inputs);
  const drawn = classes.flatMap(({ characters, least }) => Array.from({ length: least }, () => pick(characters)));
  const any = classes.map(({ characters }) => characters).join("");
  while (drawn.length < Number(inputs.length)) drawn.push(pick(any));
  for (let last = drawn.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [drawn[last], drawn[other]] = [drawn[other] as string, drawn[last] as string];
  }
  return drawn.join("");
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}
