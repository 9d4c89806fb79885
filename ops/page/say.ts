import { html, type Markup } from "./markup";
import { LANGUAGES, type Language } from "./page-options";
import { WORDS, type Word } from "./words";

type Values = Readonly<Record<string, string | number>>;

/** Says things in the language of a page. */
export interface Say {
  /** A text. Where the browser chooses the language, its element says which text it is. */
  (word: Word, values?: Values): Markup;
  /** An attribute that names an element for screen readers. */
  label(word: Word, values?: Values): Markup;
  /** An option of a select, which holds no elements. */
  option(value: string, word: Word): Markup;
}

/** @param language Undefined where the browser chooses it: then the page is English, and a script makes it Spanish where that is wanted. */
export function sayIn(language: Language | undefined): Say {
  const chosen = language ?? "en";
  const fixed = language !== undefined;
  const say = (word: Word, values: Values = {}): Markup => {
    const text = wordsOf(chosen, word, values);
    return fixed ? html`${text}` : html`<span data-word="${word}"${valuesAttribute(values)}>${text}</span>`;
  };
  const label = (word: Word, values: Values = {}): Markup => {
    const text = wordsOf(chosen, word, values);
    return fixed
      ? html`aria-label="${text}"`
      : html`aria-label="${text}" data-label="${word}"${valuesAttribute(values)}`;
  };
  const option = (value: string, word: Word): Markup => {
    const known = fixed ? html`` : html` data-word="${word}"`;
    return html`<option value="${value}"${known}>${wordsOf(chosen, word, {})}</option>`;
  };
  return Object.assign(say, { label, option });
}

function valuesAttribute(values: Values): Markup {
  return Object.keys(values).length === 0 ? html`` : html` data-values="${JSON.stringify(values)}"`;
}

/** A text that has a form for one and another for many, as "{n} tenant|{n} tenants", takes the one for `n`. browser/page.js does the same. */
function wordsOf(language: Language, word: Word, values: Values): string {
  const [one = "", many = one] = WORDS[word][LANGUAGES.indexOf(language)]?.split("|") ?? [];
  return (values.n === 1 ? one : many).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
