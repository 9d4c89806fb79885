import { printableLines } from "../../domain/printable";
import { MESSAGES, Message } from "../message";
import { filled, type Language, type Texts } from "../texts";
import { html, type Markup } from "./markup";
import { WORDS, type Word } from "./words";

type Values = Readonly<Record<string, string | number | Message>>;

/** Every text that a page may need. */
export const TEXTS = { ...MESSAGES, ...WORDS } as const satisfies Texts;

/** Says things in the language of a page. */
export interface Say {
  /** A text. Where the browser chooses the language, its element says which text it is. */
  (word: Word, values?: Values): Markup;
  /** What was told of a finding. */
  message(message: Message): Markup;
  /** An attribute that names an element for screen readers. */
  label(word: Word, values?: Values): Markup;
  /** An option of a select, which holds no elements. */
  option(value: string, word: Word): Markup;
}

/** @param language Undefined where the browser chooses it: then the page is English, and a script makes it Spanish where that is wanted. */
export function sayIn(language: Language | undefined): Say {
  const chosen = language ?? "en";
  const fixed = language !== undefined;
  const text = (name: keyof typeof TEXTS, values: Values = {}): Markup => {
    const words = wordsOf(chosen, name, values);
    return fixed ? html`${words}` : html`<span data-word="${name}"${valuesAttribute(values)}>${words}</span>`;
  };
  const message = ({ name, values }: Message) => text(name, values);
  const label = (word: Word, values: Values = {}): Markup => {
    const words = wordsOf(chosen, word, values);
    return fixed
      ? html`aria-label="${words}"`
      : html`aria-label="${words}" data-label="${word}"${valuesAttribute(values)}`;
  };
  const option = (value: string, word: Word): Markup => {
    const known = fixed ? html`` : html` data-word="${word}"`;
    return html`<option value="${value}"${known}>${wordsOf(chosen, word, {})}</option>`;
  };
  return Object.assign((word: Word, values?: Values) => text(word, values), { message, label, option });
}

function valuesAttribute(values: Values): Markup {
  return Object.keys(values).length === 0 ? html`` : html` data-values="${JSON.stringify(plain(values))}"`;
}

/** A message among the values stands there by its own name and values. What markup would write in another way is no JSON any more. */
function plain(values: Values): object {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    value instanceof Message
      ? { word: value.name, values: plain(value.values) }
      : typeof value === "number"
        ? value
        : printableLines(value),
  ]);
  return Object.fromEntries(entries);
}

function wordsOf(language: Language, name: keyof typeof TEXTS, values: Values): string {
  const texts = Object.entries(values).map(([key, value]) => [
    key,
    value instanceof Message ? value.in(language) : value,
  ]);
  return filled(TEXTS[name], language, Object.fromEntries(texts));
}
