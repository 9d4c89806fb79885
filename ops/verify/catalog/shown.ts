import { escapeIdentifier } from "pg";

/** A statement that shows who owns an object. */
export function ownerOf(classid: string, oid: string): string {
  return (
    "select pg_describe_object(classid, objid, 0), refobjid::regrole from pg_shdepend " +
    `where classid = ${classid} and objid = ${oid} and deptype = 'o'`
  );
}

/** A name to be read, not to be run: quoted where it could be taken for something else. */
export function shownName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : escapeIdentifier(name);
}
