/** Which of a tenant's two logins its server uses, and which password each has: all of it follows from `rotation.password`. */
import { roleName, secondLoginName } from "./names";

/** The login that a server is given: the role itself in every odd generation, the second login in every even one. */
export function loginInUse(slug: string, generation: number): string {
  return generation % 2 === 1 ? roleName(slug) : secondLoginName(slug);
}

/** The login that was in use one generation before. */
export function previousLogin(slug: string, generation: number): string {
  return loginInUse(slug, generation - 1);
}

/**
 * The generation that each login's password is of. The next generation changes the one that is not in use, and leaves the other as it is.
 * The second login has none before the first rotation: there is no such login then.
 */
export function passwordGenerations(generation: number): {
  readonly first: number;
  readonly second: number | undefined;
} {
  const [odd, even] = generation % 2 === 1 ? [generation, generation - 1] : [generation - 1, generation];
  return { first: odd, second: even === 0 ? undefined : even };
}
