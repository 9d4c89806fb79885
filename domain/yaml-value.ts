import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type Tags,
} from "yaml";
import { quoted } from "./fault";
import { syntaxProblem } from "./yaml-syntax";

/** Something wrong at one place of a text. Lines and columns start at 1. */
export interface PlacedFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A YAML text as plain values, with the way back from each value to its place. */
export interface YamlValue {
  /** Mappings have no prototype, so that a key such as `__proto__` is a key like any other. Undefined: nothing to read. */
  readonly value: unknown;
  /** What YAML itself, or the subset of it that is allowed here, refuses. */
  readonly faults: readonly PlacedFault[];
  /** Place of a value, of a key (`which: "key"`), or, if the path leads nowhere, of what should hold it. */
  place(path: readonly PropertyKey[], which?: "key" | "value"): { line: number; column: number };
}

/** Stands for a value that could not be read, and that a fault names already. */
export const UNREADABLE = Symbol("unreadable");

/** Deeper than any tenant file; bounds the recursion. */
const MAX_DEPTH = 8;

type Offsets = Map<string, { key: number; value: number }>;

/**
 * Reads the subset of YAML that has one meaning for every reader: one document, string keys, no anchors, aliases, tags or
 * merge keys, integers in plain decimal. No message carries more of the text than a key.
 */
export function readYaml(text: string): YamlValue {
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // Own checks take the place of the library's messages: those may quote the text, and the text may hold a secret.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "error",
    version: "1.2",
    uniqueKeys: false,
    customTags: plainTags,
  });
  const problem = syntaxProblem(document);
  if (problem) {
    return {
      value: undefined,
      faults: [{ ...place(problem.offset), message: problem.message }],
      place: () => place(problem.offset),
    };
  }
  const faults: PlacedFault[] = [];
  const offsets: Offsets = new Map();
  const value = new Reader(offsets, (offset, message) => faults.push({ ...place(offset), message })).read(document);
  return {
    value,
    faults,
    place: (path, which = "value") => {
      for (let length = path.length; length >= 0; length--) {
        const found = offsets.get(JSON.stringify(path.slice(0, length)));
        if (found) return place(length === path.length ? found[which] : found.key);
      }
      return { line: 1, column: 1 };
    },
  };
}

/** Hexadecimal, octal, exponents, fractions and leading zeros stay strings: a schema that wants an integer refuses them. */
function plainTags(core: Tags): Tags {
  return core.flatMap((tag) => {
    if (typeof tag === "string" || tag.tag === "tag:yaml.org,2002:float" || ("format" in tag && tag.format)) return [];
    return tag.tag === "tag:yaml.org,2002:int" ? [{ ...tag, test: /^-?(0|[1-9][0-9]*)$/ } as typeof tag] : [tag];
  });
}

class Reader {
  constructor(
    private readonly offsets: Offsets,
    private readonly fault: (offset: number, message: string) => void,
  ) {}

  read(document: Document.Parsed): unknown {
    return document.contents === null ? undefined : this.node(document.contents, [], document.contents.range[0]);
  }

  private node(node: ParsedNode | null, path: readonly PropertyKey[], keyOffset: number): unknown {
    const offset = node?.range[0] ?? keyOffset;
    this.offsets.set(JSON.stringify(path), { key: keyOffset, value: offset });
    if (node === null) return null;
    if (isAlias(node)) {
      this.fault(offset, "aliases (*name) are not allowed; write the value out");
      return UNREADABLE;
    }
    if (node.anchor) this.fault(offset, "anchors (&name) are not allowed; write the value out where it is needed");
    if (node.tag) this.fault(offset, "tags (!name) are not allowed; write the plain value");
    if (isScalar(node)) return node.value;
    if (path.length >= MAX_DEPTH) {
      this.fault(offset, `nested more than ${MAX_DEPTH} levels deep; no key of a tenant file is`);
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
        this.fault(offset, "a key must be a plain string");
      } else if (pair.key.value === "<<") {
        this.fault(offset, "merge keys (<<) are not allowed; write the keys out");
      } else if (pair.key.value in result) {
        this.fault(offset, `duplicate key ${quoted(pair.key.value)}; allowed: once`);
      } else {
        result[pair.key.value] = this.node(pair.value, [...path, pair.key.value], offset);
      }
    }
    return result;
  }
}
