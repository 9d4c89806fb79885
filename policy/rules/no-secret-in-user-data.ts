import { isAbsent } from "../reading/absent";
import { secretLikes } from "../reading/secret-like";
import { forEach, LAUNCH_TEMPLATE, SERVERS } from "../reading/server-types";
import { readUserData } from "../reading/user-data";
import { type Check, resourcePolicy } from "../resource-policy";

const ADVICE =
  "Whatever runs on a server reads its user data. Keep it in a parameter, which the server fetches at boot.";

const MOST_LINES = 5;

const holdNoSecret = ["userData", "userDataBase64"].map(
  (property): Check =>
    ({ props }) => {
      if (isAbsent(props[property])) return [];
      const text = readUserData(props[property]);
      if (text === undefined)
        return [`Nobody can read its ${property} here. Give it as text, or as that in Base64 or gzip.`];
      return [...secretLikes(text)].map(
        ([kind, lines]) => `Its ${property} has ${kind} on ${linesTold(lines)}. ${ADVICE}`,
      );
    },
);

function linesTold(lines: readonly number[]): string {
  const told = lines.slice(0, MOST_LINES).join(", ");
  const others = lines.length - MOST_LINES;
  return `line${lines.length > 1 ? "s" : ""} ${told}${others > 0 ? ` and ${others} more` : ""}`;
}

export const noSecretInUserData = resourcePolicy(
  "no-secret-in-user-data",
  "The user data of a server holds nothing that reads like a secret.",
  forEach([...SERVERS, LAUNCH_TEMPLATE], holdNoSecret),
);
