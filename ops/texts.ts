export const LANGUAGES = ["en", "es"] as const;

export type Language = (typeof LANGUAGES)[number];

/**
 * Texts in each language, by name. Values stand in braces. What stands before "|" is for one, what follows for any other number `n`; some
 * texts have one form.
 */
export type Texts = Readonly<Record<string, Text>>;

export type Text = readonly [en: string, es: string];

/** The names in braces of a text. */
type Named<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Named<Rest> : never;

/** What a text of a table needs, by name. */
export type ValuesOf<T extends Text, Value> = Readonly<Record<Named<T[0]> | Named<T[1]>, Value>>;

/** A text with its values. browser/page.js of a page does the same. */
export function filled(text: Text, language: Language, values: Readonly<Record<string, unknown>>): string {
  const [one = "", many = one] = text[LANGUAGES.indexOf(language)]?.split("|") ?? [];
  return (values.n === 1 ? one : many).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
