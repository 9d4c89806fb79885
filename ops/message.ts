import { WARNINGS } from "./report/messages";
import { filled, type Language, type ValuesOf } from "./texts";
import { FINDINGS } from "./verify/messages";

export const MESSAGES = { ...FINDINGS, ...WARNINGS } as const;

export type MessageName = keyof typeof MESSAGES;

type Value = string | number | Message;

/** Something that is told to people: in English, or on a page in the reader's language. As text and as JSON it is English. */
export class Message {
  constructor(
    readonly name: MessageName,
    readonly values: Readonly<Record<string, Value>>,
  ) {}

  in(language: Language): string {
    const values = Object.entries(this.values).map(([name, value]) => [name, textOf(value, language)]);
    return filled(MESSAGES[this.name], language, Object.fromEntries(values));
  }

  toString(): string {
    return this.in("en");
  }

  toJSON(): string {
    return this.toString();
  }
}

function textOf(value: Value, language: Language): string | number {
  return value instanceof Message ? value.in(language) : value;
}

/** A message with all values that its texts name. */
export function message<Name extends MessageName>(
  name: Name,
  ...[values]: keyof ValuesOf<(typeof MESSAGES)[Name], Value> extends never
    ? []
    : [values: ValuesOf<(typeof MESSAGES)[Name], Value>]
): Message {
  return new Message(name, values ?? {});
}
