/** Turns parsed YAML into plain values; `yaml-value.ts` puts the parts together. */
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type ParsedNode } from "yaml";
import { quotedText } from "./file-errors";

/** Stands for a value that could not be read, and that an error names already. */
export const UNREADABLE = Symbol("unreadable");

/** Deeper than any tenant file; bounds the recursion. */
const MAX_DEPTH = 8;

/** Where each value and its key start in the text, by the JSON of its path. */
export type Offsets = Map<string, { key: number; value: number }>;

/** Turns parsed nodes into plain values, and notes every part that is outside of the subset. */
export class NodeReader {
  constructor(
    private readonly offsets: Offsets,
    private readonly report: (offset: number, message: string) => void,
  ) {}

  read(document: Document.Parsed): unknown {
    return document.contents === null ? undefined : this.node(document.contents, [], document.contents.range[0]);
  }

  private node(node: ParsedNode | null, path: readonly PropertyKey[], keyOffset: number): unknown {
    const offset = node?.range[0] ?? keyOffset;
    this.offsets.set(JSON.stringify(path), { key: keyOffset, value: offset });
    if (node === null) return null;
    if (isAlias(node)) {
      this.report(offset, "aliases (*name) are not allowed; write the value out");
      return UNREADABLE;
    }
    if (node.anchor) this.report(offset, "anchors (&name) are not allowed; write the value out where it is needed");
    if (node.tag) {
      this.report(offset, "tags (!name) are not allowed; write the plain value");
      // Some tags make something else of what they stand before.
      return UNREADABLE;
    }
    if (isScalar(node)) return typeof node.value === "object" && node.value !== null ? UNREADABLE : node.value;
    if (path.length >= MAX_DEPTH) {
      this.report(offset, `nested more than ${MAX_DEPTH} levels deep; no key of a tenant file is`);
      return UNREADABLE;
    }
    if (isSeq(node)) {
      return node.items.map((item, i) => this.node(item as ParsedNode, [...path, i], (item as ParsedNode).range[0]));
    }
    return isMap(node) ? this.mapping(node.items, path) : UNREADABLE;
  }

  private mapping(items: readonly unknown[], path: readonly PropertyKey[]): Record<string, unknown> {
    const result: Record<string, unknown> = Object.create(null);
    for (const pair of items) {
      if (!isPair<ParsedNode, ParsedNode | null>(pair)) continue;
      const offset = pair.key.range[0];
      if (!isScalar(pair.key) || typeof pair.key.value !== "string") {
        this.report(offset, "a key must be a plain string");
      } else if (pair.key.value === "<<") {
        this.report(offset, "merge keys (<<) are not allowed; write the keys out");
      } else if (pair.key.value in result) {
        this.report(offset, `duplicate key ${quotedText(pair.key.value)}; allowed: once`);
      } else {
        if (pair.key.anchor) this.report(offset, "anchors (&name) are not allowed; write the plain key");
        if (pair.key.tag) this.report(offset, "tags (!name) are not allowed; write the plain key");
        result[pair.key.value] = this.node(pair.value, [...path, pair.key.value], offset);
      }
    }
    return result;
  }
}
