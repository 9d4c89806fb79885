import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isMap, isScalar, parseDocument } from "yaml";

/** The text of a tenant's file, with another stack; everything else, comments included, stays as it is. */
export function withStackKey(text: string, stack: string): string {
  const document = parseDocument(text);
  const { contents } = document;
  const pair = isMap(contents) ? contents.items.find(({ key }) => isScalar(key) && key.value === "stack") : undefined;
  if (isScalar(pair?.value) && pair.value.range) {
    const [begin, end] = pair.value.range;
    return `${text.slice(0, begin)}${stack}${text.slice(end)}`;
  }
  if (isMap(contents) && contents.flow !== true && contents.range) {
    const end = contents.range[1];
    const before = text.slice(0, end).replace(/\s*$/, "");
    return `${before}\nstack: ${stack}\n${text.slice(end).replace(/^\s*\n/, "")}`;
  }
  document.set("stack", stack);
  return document.toString();
}

/** Names another stack in a tenant's file, in one step: whoever reads it meanwhile reads either. */
export function writeStackKey(file: string, stack: string): void {
  // A file of another ending is passed over by whoever reads the folder.
  const temporary = file.replace(/[^/\\]+$/, `.${randomUUID()}.tmp`);
  try {
    writeFileSync(temporary, withStackKey(readFileSync(file, "utf8"), stack), { flag: "wx" });
    renameSync(temporary, file);
  } finally {
    if (existsSync(temporary)) rmSync(temporary);
  }
}
