import { z } from "zod";
import { integer, mapping, text } from "./fields";

/** What SNS takes, and no text with a space, a comma or a character that some mail server reads otherwise. */
const ADDRESS = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,63}$/;

/** CloudWatch tells capital letters apart, and RDS keeps identifiers in small ones. */
const DATABASE_INSTANCE = /^(?=.{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Says it all: what is refused is shown without what stands before its @, where a password might be. */
const ADDRESS_ALLOWED =
  "an e-mail address, for example ops@example.com: letters, digits and ._+- before the @, and a domain name after it";

const addresses = z
  .array(text(ADDRESS, ADDRESS_ALLOWED).meta({ takes: "an e-mail address" }), {
    error: "must be a list of e-mail addresses",
  })
  .min(1, { error: "must be a list of at least one e-mail address" })
  .check((context) => {
    const mailboxes = context.value.map((address) => address.toLowerCase());
    for (const [i, mailbox] of mailboxes.entries()) {
      if (mailboxes.indexOf(mailbox) === i) continue;
      const message = "must not repeat another address";
      context.issues.push({ code: "custom", path: [i], message, input: context.value, continue: true });
    }
  })
  .meta({
    description:
      "Who is told; the fleet stack's count, for all stacks. The whole section `alarms` may be left out, for no alarms. Change: the others need not confirm again.",
  });

const thresholds = mapping({
  cpuPercent: integer(1, 99)
    .meta({ description: "Alarm above this percentage of the CPU for 15 minutes." })
    .default(80),
  freeableMemory: integer(1, 16_777_216).meta({ description: "Alarm below this many MiB of memory." }).default(100),
  freeStoragePercent: integer(1, 99)
    .meta({ description: "Alarm below this percentage of `allocatedStorage`." })
    .default(10),
  connectionsWarning: integer(1, 262_143).meta({ description: "Warning above this many connections." }).default(15),
  connectionsAlarm: integer(1, 262_143)
    .meta({
      description:
        "Alarm above this many connections: more than `connectionsWarning`, less than `limits.maxConnections`.",
    })
    .default(18),
}).check((context) => {
  const { connectionsWarning, connectionsAlarm } = context.value;
  if (connectionsWarning < connectionsAlarm) return;
  context.issues.push({
    code: "custom",
    path: ["connectionsAlarm"],
    message: `must be more than connectionsWarning, ${connectionsWarning}`,
    input: context.value,
    params: { default: connectionsAlarm },
    continue: true,
  });
});

/** The setting `alarms`. */
export const alarms = mapping({
  addresses,
  databaseInstance: text(
    DATABASE_INSTANCE,
    "the identifier of an RDS instance in lower case, for example b2b-platform",
  ).meta({
    description: "The RDS instance that the database's alarms watch.",
  }),
  allocatedStorage: integer(5, 65_536).meta({
    description:
      "GiB that the instance has allocated: CloudWatch knows only what is free of it. Raise it with the disk.",
  }),
  // Every threshold has a default, and so have all of them together.
  thresholds: thresholds.prefault({}),
});
