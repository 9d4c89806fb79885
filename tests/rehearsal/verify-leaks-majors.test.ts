import { describeHoles, type Hole, type Seed } from "./leaking-database";

/** What the oldest server has no statement for that closes it on later ones, or knows another way. */
const HOLES: Hole[] = [
  {
    title: "a view of the admin's in a tenant's schema, which reads with the admin's rights",
    seed: [
      ...adminIn("create view schema_a.live as select 1 as one; grant select on schema_a.live to user_a"),
      ["user_a", "create view schema_a.upon as select one from schema_a.live"],
    ],
    told: ["relation: user_a -> -: view schema_a.live"],
    clear: [["user_a", "drop view schema_a.upon, schema_a.live"]],
  },
  {
    title: "such a view of a neighbour's rows, which is dropped for those",
    seed: [
      ["user_b", "grant usage on schema schema_b to postgres; grant select on schema_b.products to postgres"],
      ...adminIn(
        "create view schema_a.live as select name from schema_b.products; grant select on schema_a.live to user_a",
      ),
      ["user_b", "revoke usage on schema schema_b from postgres; revoke select on schema_b.products from postgres"],
    ],
    told: ['dependency: user_a -> b: rule "_RETURN" on schema_a.live', "relation: user_a -> -: view schema_a.live"],
  },
];

describeHoles("what majors tell apart", HOLES, () => {}, [14, 18]);

/** Something that the admin makes in the schema of tenant a, where it has no rights of its own. */
function adminIn(sql: string): Seed {
  return [
    ["user_a", "grant create, usage on schema schema_a to postgres"],
    ["postgres", sql],
    ["user_a", "revoke create, usage on schema schema_a from postgres"],
  ];
}
