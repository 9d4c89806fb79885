/** A statement that shows who owns an object. */
export function ownerOf(classid: string, oid: string): string {
  return (
    "select pg_describe_object(classid, objid, 0), refobjid::regrole from pg_shdepend " +
    `where classid = ${classid} and objid = ${oid} and deptype = 'o'`
  );
}
