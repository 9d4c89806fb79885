import { adminLogin, indexOfPassword } from "./admin-login";
import { SECRET_KINDS } from "./secret-kinds";

/** Certificates and public keys look random and are for everybody. */
const PUBLIC_BLOCK =
  /-----BEGIN (CERTIFICATE|PUBLIC KEY|PGP PUBLIC KEY BLOCK)-----((?:(?!-----)[\s\S])*)-----END \1-----/g;

/** How lines end, also in JSON. */
const LINE_END = /\r?\n|(?:\\r)?\\n/;

const BASE64_LINE = /^[A-Za-z0-9+/]+={0,2}$/;

/** What a PGP key has besides: headers, an empty line after them, and a checksum. */
const PGP_LINE = /^(?:(?:Version|Comment|Hash):.*|=[A-Za-z0-9+/]{4})?$/;

/** What in a text reads like a secret, the admin's password included: each kind, and on which lines, counted from 1. */
export function secretLikes(text: string): ReadonlyMap<string, readonly number[]> {
  const searched = text.replace(PUBLIC_BLOCK, withoutKey);
  const lines = searched.split("\n");
  const found = new Map<string, number[]>();
  const add = (kind: string, line: number) => found.set(kind, [...new Set([...(found.get(kind) ?? []), line])]);
  for (const { kind, pattern, isOne = () => true } of SECRET_KINDS) {
    for (const match of searched.matchAll(pattern)) {
      const line = lineAt(searched, match.index);
      if (isOne(match, lines[line - 1] ?? "")) add(kind, line);
    }
  }
  for (const password of adminLogin().passwords) {
    const index = indexOfPassword(text, password);
    if (index >= 0) add("the admin's password", lineAt(text, index));
  }
  return found;
}

/** Only if there is nothing but a key in it, since anybody can write its ends around something else. Headers are searched too. */
function withoutKey(block: string, kind: string, body: string): string {
  const lines = body.split(LINE_END).map((line) => line.trim());
  const isKey = (line: string) => BASE64_LINE.test(line) || (kind.startsWith("PGP") && PGP_LINE.test(line));
  if (lines.length < 2 || lines[0] !== "" || lines.at(-1) !== "" || !lines.slice(1, -1).every(isKey)) return block;
  return block.replace(/(?:Version|Comment|Hash):[^\n]*|[^\n]/g, (part) => (part.length > 1 ? part : " "));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
