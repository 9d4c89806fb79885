import type { Check, Checked } from "../resource-policy";
import { isAbsent } from "./absent";

export const PARAMETER = "aws:ssm/parameter:Parameter";

/** Where the provider takes a parameter's text from. */
const TEXTS = ["value", "insecureValue", "valueWo"];

/** A parameter's key in the `.env`: the last part of its name. */
export function keyOf({ name }: Checked["props"]): string {
  const text = String(name);
  return text.slice(text.lastIndexOf("/") + 1);
}

/** A check of each text that a parameter has, by itself, so that one which is not known yet hides no other. */
export function ofEachText(check: (text: string, parameter: Checked) => readonly string[]): Check[] {
  return TEXTS.map((property) => (parameter) => {
    const text = parameter.props[property];
    if (isAbsent(text)) return [];
    return typeof text === "string" ? check(text, parameter) : [`Its ${property} is no text. Give it one.`];
  });
}
