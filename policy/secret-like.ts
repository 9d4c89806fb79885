import { adminLogin, indexOfPassword } from "./admin-login";
import { SECRET_KINDS } from "./secret-kinds";

/** Certificates and public keys look random and are for everybody. */
const PUBLIC_BLOCK = /-----BEGIN (CERTIFICATE|PUBLIC KEY|PGP PUBLIC KEY BLOCK)-----[\s\S]*?-----END \1-----/g;

/** What in a text reads like a secret, the admin's password included: each kind, and on which lines, counted from 1. */
export function secretLikes(text: string): ReadonlyMap<string, readonly number[]> {
  const searched = text.replace(PUBLIC_BLOCK, (block) => block.replace(/[^\n]/g, " "));
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

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
