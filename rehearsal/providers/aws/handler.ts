import { markSecrets, type PropertyValue, type Props, UNKNOWN } from "../../protocol/property-values";
import { type DiffAnswer, type DiffRequest, PartialFailure, type ResourceHandler } from "../stand-in";
import type { AwsType } from "./aws-type";
import { checkInputs } from "./check";
import type { Aws } from "./clients";
import { differences } from "./differences";

/** What pulumi-aws does around all of its types, so that a type only has to say which calls it is made of. */
export function handlerOf(type: AwsType): ResourceHandler<Aws> {
  /** The state as AWS has it, after a create or an update that has to show in it. */
  async function settled(id: string, inputs: Props, aws: Aws): Promise<Props> {
    const state = await type.read(id, inputs, aws);
    if (!state) throw new Error(`${id} was made, but AWS does not know it`);
    const [missed] = differences(type.inputs, state, inputs);
    if (missed) throw new Error(`AWS accepted '${missed.path}' of ${id} but did not apply it`);
    return answer(id, state, inputs);
  }

  function answer(id: string, state: Props, inputs: Props): Props {
    const kept = Object.fromEntries(Object.keys(type.inputs).map((key) => [key, inputs[key]] as const));
    const present = Object.entries({ ...kept, ...state, id }).filter(([, value]) => value !== undefined);
    const full = Object.fromEntries(present) as Props;
    if ("tags" in type.inputs) full.tagsAll = full.tags ?? {};
    return marked(full, type);
  }

  function compare(request: DiffRequest) {
    const { olds, news } = request;
    const found = differences(type.inputs, olds, news, request.ignoreChanges);
    const changed = new Set(found.map(({ input }) => input));
    const more = type.replacing?.({ olds, news, changed }) ?? [];
    const all = found.map((each) =>
      more.includes(each.input) && !each.kind.endsWith("_REPLACE")
        ? { ...each, kind: `${each.kind}_REPLACE` as typeof each.kind }
        : each,
    );
    return { all, changed };
  }

  return {
    inputs: Object.keys(type.inputs),
    check: (request) => checkInputs(type, request),
    diff: (request) => {
      const { all } = compare(request);
      const replaces = unique(all.filter(({ kind }) => kind.endsWith("_REPLACE")).map(({ input }) => input));
      const result: DiffAnswer = {
        changes: all.length > 0,
        diffs: unique(all.map(({ input }) => input)),
        replaces,
        detailedDiff: Object.fromEntries(all.map(({ path, kind }) => [path, { kind }])),
      };
      // Two resources cannot have one name, so one that the program named has to go before the new one is made.
      return replaces.length > 0 && keepsItsName(request) ? { ...result, deleteBeforeReplace: true } : result;
    },
    create: async ({ inputs, preview }, aws) => {
      if (preview) {
        const outputs = [...type.computed, ...("tags" in type.inputs ? ["tagsAll"] : [])];
        const unknown = Object.fromEntries(outputs.map((key) => [key, UNKNOWN]));
        return { id: "", properties: marked({ ...unknown, ...withoutMarks(inputs) }, type) };
      }
      let id: string | undefined;
      try {
        await type.create(inputs, aws, (made) => {
          id = made;
        });
        if (id === undefined) throw new Error("AWS gave no id");
        return { id, properties: await settled(id, withoutMarks(inputs), aws) };
      } catch (error) {
        throw failure(error, id, marked(withoutMarks(inputs), type));
      }
    },
    read: async ({ id, properties, inputs }, aws) => {
      const imported = Object.keys(properties).length === 0;
      const state = await type.read(id, imported ? {} : properties, aws);
      if (!state) return { id: "" };
      const current = answer(id, state, withoutMarks(inputs));
      return {
        id,
        properties: current,
        inputs: imported ? importedInputs(type, state) : refreshed(type, inputs, state),
      };
    },
    update: async (request, aws) => {
      const { id, olds, news, preview } = request;
      const { changed } = compare(request);
      const wanted = withoutMarks(news);
      if (preview) {
        const unsettled = (type.unsettled?.(changed) ?? []).map((key) => [key, UNKNOWN]);
        const properties = { ...olds, ...wanted, ...Object.fromEntries(unsettled) };
        if ("tags" in type.inputs) properties.tagsAll = wanted.tags ?? {};
        return { properties: marked(properties, type) };
      }
      try {
        await type.update({ id, olds, news: wanted, changed }, aws);
        return { properties: await settled(id, wanted, aws) };
      } catch (error) {
        throw failure(error, id, marked(olds, type));
      }
    },
    delete: async ({ id, properties }, aws) => {
      try {
        await type.delete(id, properties, aws);
      } catch (error) {
        throw failure(error, undefined, {});
      }
    },
  };

  function keepsItsName({ olds, news }: DiffRequest): boolean {
    return Object.entries(type.inputs).some(([key, spec]) => {
      const madeUp = Array.isArray(news.__defaults) && news.__defaults.includes(key);
      return spec.autonamed && !madeUp && olds[key] === news[key];
    });
  }
}

/** Inputs for a resource that the program did not make: what AWS says, less what it fills in by itself. */
function importedInputs(type: AwsType, state: Props): Props {
  const given = Object.entries(type.inputs).flatMap(([key, spec]): [string, PropertyValue][] => {
    const value = state[key];
    const own = value !== undefined && value !== "" && (!spec.computed || spec.required || spec.autonamed);
    return own ? [[key, value]] : [];
  });
  return { ...Object.fromEntries(given), __defaults: [] };
}

/** The inputs of the last run with what AWS says of them now. */
function refreshed(type: AwsType, inputs: Props, state: Props): Props {
  const current = { ...inputs };
  for (const { input } of differences(type.inputs, state, inputs)) {
    // A nested block keeps to the fields that the program gave.
    const [given, found] = [inputs[input], state[input]];
    if (type.inputs[input]?.fields && isBlock(given) && isBlock(found)) {
      current[input] = Object.fromEntries(Object.keys(given).map((field) => [field, found[field] ?? null]));
    } else if (found === undefined) delete current[input];
    else current[input] = found;
  }
  return current;
}

/** The state with its secrets marked; what is unknown yet gives nothing away. */
function marked(state: Props, type: AwsType): Props {
  return markSecrets(
    state,
    (type.secrets ?? []).filter((key) => state[key] !== UNKNOWN),
  );
}

function isBlock(value: PropertyValue | undefined): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The bridge of the real provider words every failure like this. */
function failure(error: unknown, id: string | undefined, properties: Props): Error {
  const message = `1 error occurred:\n\t* ${error instanceof Error ? error.message : String(error)}\n\n`;
  return id === undefined ? new Error(message) : new PartialFailure(message, id, properties);
}

function withoutMarks(inputs: Props): Props {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
