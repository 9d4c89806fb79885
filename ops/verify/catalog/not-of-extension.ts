/**
 * SQL that holds for what no extension has brought along: what comes with one is the extension's.
 *
 * @param classid SQL for the catalog of the object.
 * @param objid SQL for its oid.
 */
export function notOfExtension(classid: string, objid: string): string {
  return `not exists (select from pg_depend e where e.classid = ${classid} and e.objid = ${objid} and e.deptype = 'e')`;
}
