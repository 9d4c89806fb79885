import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isMap, isScalar, type Pair, parseDocument } from "yaml";

/** The text of a tenant's file, with another stack; everything else, comments included, stays as it is. */
export function withStackKey(text: string, stack: string): string {
  return withKey(text, "stack", stack);
}

/** The text of a tenant's file, with that value of a key; everything else stays as it is. */
export function withKey(text: string, key: string, value: string): string {
  const document = parseDocument(text);
  const { contents } = document;
  const pair = pairOf(contents, key);
  if (isScalar(pair?.value) && pair.value.range) {
    const [begin, end] = pair.value.range;
    return `${text.slice(0, begin)}${value}${text.slice(end)}`;
  }
  if (isMap(contents) && contents.flow !== true && contents.range) {
    const end = contents.range[1];
    const before = text.slice(0, end).replace(/\s*$/, "");
    return `${before}\n${key}: ${value}\n${text.slice(end).replace(/^\s*\n/, "")}`;
  }
  document.set(key, parseDocument(value).contents);
  return document.toString();
}

/** The text of a tenant's file without a key that has one line of its own, as this command writes it; everything else stays as it is. */
export function withoutKey(text: string, key: string): string {
  const document = parseDocument(text);
  const pair = pairOf(document.contents, key);
  if (pair === undefined) return text;
  if (isScalar(pair.key) && isScalar(pair.value) && pair.key.range && pair.value.range) {
    const [begin, end] = [text.lastIndexOf("\n", pair.key.range[0]) + 1, pair.value.range[2]];
    if (begin === pair.key.range[0] && /(^|\n)$/.test(text.slice(0, end)))
      return text.slice(0, begin) + text.slice(end);
  }
  document.delete(key);
  return document.toString();
}

function pairOf(contents: unknown, key: string): Pair | undefined {
  return isMap(contents) ? contents.items.find((pair) => isScalar(pair.key) && pair.key.value === key) : undefined;
}

/** Names another stack in a tenant's file, in one step: whoever reads it meanwhile reads either. */
export function writeStackKey(file: string, stack: string): void {
  writeInOneStep(file, withStackKey(readFileSync(file, "utf8"), stack));
}

/** Writes a tenant's file: whoever reads it meanwhile reads all of the old one, or of the new. */
export function writeInOneStep(file: string, text: string): void {
  // A file of another ending is passed over by whoever reads the folder.
  const temporary = file.replace(/[^/\\]+$/, `.${randomUUID()}.tmp`);
  try {
    writeFileSync(temporary, text, { flag: "wx" });
    renameSync(temporary, file);
  } finally {
    if (existsSync(temporary)) rmSync(temporary);
  }
}
