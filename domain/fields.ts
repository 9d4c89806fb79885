/**
 * The fields that tenant files and stack settings share. Each message continues "'key' ": it says what is allowed, and
 * whoever reports it adds what was found. What is allowed is kept as `takes` too, for the tables of docs/.
 */
import { z } from "zod";
import { DURATION_ALLOWED, DURATION_PATTERN, parseDuration } from "./duration";
import { POOLERS } from "./pooler";

/** A text that one pattern describes completely. Patterns are lists of what is allowed, never of what is not. */
export function text(pattern: RegExp, allowed: string) {
  const error = `must be ${allowed}`;
  return z.string({ error }).regex(pattern, { error }).meta({ takes: allowed });
}

/** A text that a function finds a problem with, or not. */
export function checkedText(problemOf: (value: string) => string | undefined, pattern: string, allowed: string) {
  return z
    .string({ error: `must be ${allowed}` })
    .check((context) => {
      const message = problemOf(context.value);
      if (message) context.issues.push({ code: "custom", message, input: context.value, continue: true });
    })
    .meta({ pattern, takes: allowed });
}

/** A whole number in plain decimal. */
export function integer(least: number, most: number) {
  const error = `must be an integer from ${least} to ${most}`;
  return z
    .int({ error })
    .min(least, { error })
    .max(most, { error })
    .meta({ takes: `${least} to ${most}` });
}

export function flag() {
  return z.boolean({ error: "must be true or false" }).meta({ takes: "true or false" });
}

/** A duration such as `30s`; its value is milliseconds. */
export function duration() {
  const error = `must be ${DURATION_ALLOWED}`;
  return z
    .string({ error })
    .meta({ pattern: DURATION_PATTERN.source, takes: "a duration" })
    .transform((value, context) => {
      const milliseconds = parseDuration(value);
      if (milliseconds !== undefined) return milliseconds;
      context.issues.push({ code: "custom", message: error, input: value });
      return z.NEVER;
    });
}

/** A mapping of known keys. */
export function mapping<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: "must be a mapping of keys and values" });
}

/** Its description is the caller's: where a tenant file has it, it has no default of its own. */
export const pooler = () =>
  z.enum(POOLERS, { error: `must be ${POOLERS.slice(0, -1).join(", ")} or ${POOLERS.at(-1)}` });

export const instanceType = () =>
  text(/^[a-z][a-z0-9-]{0,20}\.[a-z0-9-]{1,20}$/, "an EC2 instance type, for example t3.micro");

/** The id of something in AWS, by the word that it begins with. */
export function awsId(kind: "ami" | "sg" | "subnet" | "vpc", what: string) {
  return text(new RegExp(`^${kind}-([0-9a-f]{8}|[0-9a-f]{17})$`), `${what}, for example ${kind}-0123456789abcdef0`);
}

export const subnetId = () => awsId("subnet", "a subnet id");
