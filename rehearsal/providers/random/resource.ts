import { isDeepStrictEqual } from "node:util";
import {
  hasUnknown,
  markSecrets,
  type PropertyValue,
  type Props,
  secret,
  UNKNOWN,
} from "../../protocol/property-values";
import type { CheckFailure, DiffRequest, ResourceHandler } from "../stand-in";

/** One resource type of pulumi-random: a value that is drawn once and kept until an input changes. */
export interface RandomResource {
  /** Every input with the value it has when it is not given; `null` for none. */
  readonly inputs: Readonly<Record<string, PropertyValue>>;
  /** The inputs that stand in the state only when given, with how the real plugin's state delta speaks of them. */
  readonly optional: Readonly<Record<string, "map" | "string">>;
  /** The outputs that are drawn. */
  readonly drawn: readonly string[];
  readonly secrets: readonly string[];
  /** Inputs that the state holds under a second name too. */
  readonly copies?: Readonly<Record<string, string>>;
  /** Further state that the real plugin writes on create. */
  readonly extra?: Props;
  validate(inputs: Props): CheckFailure[];
  /** Draws the value. `inputs` are complete. */
  draw(inputs: Props): Promise<{ readonly id: string; readonly outputs: Props }>;
}

/** What pulumi-random does around all of its types, so that a type only has to say what it draws. */
export function handlerOf(resource: RandomResource): ResourceHandler<undefined> {
  function complete(inputs: Props): Props {
    return { ...resource.inputs, ...inputs };
  }

  function changed({ olds, news, ignoreChanges }: DiffRequest): string[] {
    const wanted = complete(news);
    return Object.keys(resource.inputs)
      .filter((key) => !ignoreChanges.includes(key))
      .filter((key) => hasUnknown(wanted[key] ?? null) || !isDeepStrictEqual(wanted[key], olds[key] ?? null))
      .sort();
  }

  /** The inputs as they stand in the state. */
  function kept(inputs: Props): Props {
    const all = complete(inputs);
    const present = Object.entries(all).filter(([key, value]) => !(key in resource.optional) || value !== null);
    const copies = Object.entries(resource.copies ?? {}).map(([copy, of]) => [copy, all[of] ?? null] as const);
    return Object.fromEntries([...present, ...copies]);
  }

  /** How the real plugin's bridge notes where its state differs from Terraform's; absent values it counts as secret. */
  function rawStateDelta(state: Props): PropertyValue {
    const noted = Object.entries(resource.optional)
      .filter(([key, kind]) => kind === "map" || (state[key] ?? null) === null)
      .map(([key]) => [key, (state[key] ?? null) === null ? secret({ replace: { raw: null } }) : { map: {} }]);
    return { obj: noted.length > 0 ? { ps: Object.fromEntries(noted) } : {} };
  }

  function answer(state: Props): Props {
    const secrets = markSecrets(state, resource.secrets);
    return { ...secrets, ...resource.extra, __pulumi_raw_state_delta: rawStateDelta(state) };
  }

  return {
    inputs: Object.keys(resource.inputs),
    check: ({ news }) => ({ inputs: news, failures: resource.validate(news) }),
    diff: (request) => {
      const diffs = changed(request);
      const replaces = diffs.filter((key) => !isOnlyEmptyKeepers(key, request));
      return { changes: diffs.length > 0, diffs, replaces };
    },
    create: async ({ inputs, preview }) => {
      const state = kept(inputs);
      if (preview) {
        return { id: "", properties: { ...state, ...Object.fromEntries(resource.drawn.map((key) => [key, UNKNOWN])) } };
      }
      const { id, outputs } = await resource.draw(complete(inputs));
      return { id, properties: answer({ ...state, ...outputs }) };
    },
    read: ({ id, properties, inputs, type }) => {
      if (Object.keys(properties).length === 0) {
        // The id asked for may be the secret itself, so the message does not repeat it.
        throw new Error(`the rehearsal's random stand-in does not support importing ${type}`);
      }
      return { id, properties: answer(properties), inputs };
    },
    update: ({ olds, news }) => ({ properties: answer({ ...olds, ...kept(news) }) }),
    // The value lives in the state alone.
    delete: () => undefined,
  };
}

/** Keepers that come or go without holding anything draw no new value; the plugin only notes them. */
function isOnlyEmptyKeepers(key: string, { olds, news }: DiffRequest): boolean {
  const isEmpty = (value: PropertyValue | undefined) =>
    Object.keys((value as Props | null | undefined) ?? {}).length === 0;
  return key === "keepers" && news.keepers !== UNKNOWN && isEmpty(olds.keepers) && isEmpty(news.keepers);
}
