import { duration, mapping, text } from "./fields";

/** Where the migrations are when no setting says so, relative to the project folder. */
export const MIGRATIONS_FOLDER = "sql/migrations";

const LEAST_MS = 50;
const MOST_MS = 60_000;

/** The setting `migrations`. */
export const migrations = mapping({
  folder: text(/^[^\p{C}]{1,1000}$/u, "a folder, relative to the project folder or absolute")
    .meta({ description: "Folder of the migrations. One that is named has to be there." })
    .default(MIGRATIONS_FOLDER),
  lockTimeout: duration()
    .meta({
      description:
        "Longest that a statement of a migration waits for a lock, and so the longest that the tenant's backend waits behind it; `50ms` to `1min`. Default: `3s`.",
      takes: "a duration",
    })
    .default(3_000),
}).check((context) => {
  const { lockTimeout } = context.value;
  if (lockTimeout >= LEAST_MS && lockTimeout <= MOST_MS) return;
  context.issues.push({
    code: "custom",
    path: ["lockTimeout"],
    message: "must be from 50ms to 1min",
    input: context.value,
    continue: true,
  });
});
