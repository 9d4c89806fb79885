import { jsonText } from "../../domain/json-text";
import { printableLines } from "../../domain/printable";

/** Markup of a page. Made by `html` alone, which escapes whatever is not markup yet: a name cannot become any. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Content = Markup | string | number | undefined | readonly Content[];

/** Markup with values in it, as text or in an attribute that stands in double quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.map((part, index) => part + (index < values.length ? textOf(values[index]) : "")).join(""));
}

function textOf(value: Content): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(textOf).join("");
  return escaped(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A text as HTML shows it, with nothing in it that would turn the direction of what follows. */
function escaped(text: string): string {
  return printableLines(text).replace(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
}

/** JSON to stand in a script element: no text in it can end the element. */
export function scriptJson(value: unknown): string {
  return jsonText(value).replaceAll("<", "\\u003c");
}

/** An element that is never run, and holds what `scriptJson` gave. */
export function dataScript(id: string, json: string): Markup {
  return html`<script type="application/json" id="${id}">${new Markup(json)}</script>`;
}
