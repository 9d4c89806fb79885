import { LineCounter, parseDocument, type Tags } from "yaml";
import { NodeReader, type Offsets } from "./yaml-nodes";
import { isNestedTooDeeply, syntaxProblem, TOO_DEEP } from "./yaml-syntax";

/** Something wrong at one place of a text. Lines and columns start at 1. */
export interface PlacedError {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A YAML text as plain values, with the way back from each value to its place. */
export interface YamlValue {
  /** Mappings have no prototype, so that a key such as `__proto__` is a key like any other. Undefined: nothing to read. */
  readonly value: unknown;
  /** What YAML itself, or the subset of it that is allowed here, refuses. */
  readonly errors: readonly PlacedError[];
  /** Place of a value, of a key (`which: "key"`), or, if the path leads nowhere, of what should hold it. */
  place(path: readonly PropertyKey[], which?: "key" | "value"): { line: number; column: number };
}

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
  if (isNestedTooDeeply(text)) {
    return {
      value: undefined,
      errors: [{ line: 1, column: 1, message: TOO_DEEP }],
      place: () => ({ line: 1, column: 1 }),
    };
  }
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
      errors: [{ ...place(problem.offset), message: problem.message }],
      place: () => place(problem.offset),
    };
  }
  const errors: PlacedError[] = [];
  const offsets: Offsets = new Map();
  const value = new NodeReader(offsets, (offset, message) => errors.push({ ...place(offset), message })).read(document);
  return {
    value,
    errors,
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
