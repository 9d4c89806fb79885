import { named, type Registration } from "../components/recorder";
import { type Registered, secret } from "./analysis";

/** What a program registered, as the engine of a stack would hand it over. */
export function asRegistered(all: readonly Registration[], stack = "prod"): Registered[] {
  return all.map((one) => registered(one, all, stack));
}

function registered(one: Registration, all: readonly Registration[], stack: string): Registered {
  const urnOf = (name: string) => `urn:pulumi:${stack}::b2b-tenants::${typesOf(name, all)}::${name}`;
  return {
    urn: urnOf(one.name),
    props: marked(one.inputs) as Registered["props"],
    parent: one.parent && urnOf(one.parent),
    dependencies: one.dependsOn.map(urnOf),
    propertyDependencies: Object.fromEntries(
      Object.entries(one.madeFrom).map(([property, names]) => [property, names.map(urnOf)]),
    ),
    ...(one.deleteBeforeReplace ? { deleteBeforeReplace: true } : {}),
  };
}

/** The types of a resource and of all that it hangs under. The pretended engine writes only the last two into a URN. */
function typesOf(name: string, all: readonly Registration[]): string {
  const { parent, type } = named(all, name);
  return parent ? `${typesOf(parent, all)}$${type}` : type;
}

/** The recorder's way to write a secret, as the protocol has it. */
function marked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== "object" || value === null) return value;
  if ("secret" in value) return secret(value.secret as string);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, marked(inner)]));
}
