import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  ListTagsForResourceCommand,
  type ParameterTier,
  type ParameterType,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
} from "@aws-sdk/client-ssm";
import type { Props } from "../../protocol/property-values";
import { doing, unlessAwsError } from "./aws-error";
import { type AwsType, optionalText, text } from "./aws-type";
import { tagChanges, tagList, tagMap } from "./tags";

const TYPES = ["String", "StringList", "SecureString"];
const KIND = "Parameter";

/** `aws.ssm.Parameter`. Its id is its name. */
export const ssmParameter: AwsType = {
  inputs: {
    name: { autonamed: true, replaces: true },
    type: { required: true },
    value: { computed: true },
    insecureValue: { computed: true },
    description: {},
    allowedPattern: {},
    dataType: { computed: true, replaces: true },
    keyId: { computed: true },
    tier: { computed: true },
    overwrite: {},
    tags: {},
  },
  computed: ["arn", "dataType", "insecureValue", "keyId", "region", "tier", "value", "version"],
  secrets: ["value"],
  validate: (inputs) => {
    const failures = [];
    if (!TYPES.includes(text(inputs.type))) {
      const reason = `expected type to be one of ${JSON.stringify(TYPES)}, got ${text(inputs.type)}`;
      failures.push({ property: "type", reason });
    }
    if ((inputs.value === undefined) === (inputs.insecureValue === undefined)) {
      failures.push({ property: "value", reason: "exactly one of value and insecureValue must be given" });
    } else if (inputs.type === "SecureString" && inputs.insecureValue !== undefined) {
      failures.push({ property: "insecureValue", reason: "cannot be given for a parameter of type SecureString" });
    }
    return failures;
  },
  unsettled: (changed) => {
    const outputs = [];
    if (changed.has("value") || changed.has("description")) outputs.push("version");
    if (changed.has("insecureValue")) outputs.push("value");
    return outputs;
  },
  create: async (inputs, aws, made) => {
    const name = text(inputs.name);
    // AWS takes tags at the creation only, and then refuses a name that exists; with `overwrite` it is the other way round.
    const overwrite = inputs.overwrite === true;
    const Tags = tagList(inputs.tags);
    await doing(`creating SSM Parameter (${name})`, () =>
      aws.ssm.send(
        new PutParameterCommand({ ...put(name, inputs), Overwrite: overwrite, ...(!overwrite && { Tags }) }),
      ),
    );
    made(name);
    if (overwrite && Tags.length > 0) {
      await doing(`setting SSM Parameter (${name}) tags`, () =>
        aws.ssm.send(new AddTagsToResourceCommand({ ResourceType: KIND, ResourceId: name, Tags })),
      );
    }
  },
  read: async (name, known, aws) => {
    const { Parameter: found } = await doing(`reading SSM Parameter (${name})`, () =>
      unlessAwsError(
        aws.ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true })),
        ["ParameterNotFound"],
        { Parameter: undefined },
      ),
    );
    if (!found) return undefined;
    const filter = { Key: "Name", Option: "Equals", Values: [name] };
    const { Parameters } = await aws.ssm.send(new DescribeParametersCommand({ ParameterFilters: [filter] }));
    const { TagList } = await aws.ssm.send(new ListTagsForResourceCommand({ ResourceType: KIND, ResourceId: name }));
    const detail = Parameters?.[0];
    const insecure = text(known.insecureValue) !== "" && found.Type !== "SecureString";
    return {
      arn: found.ARN ?? "",
      name: found.Name ?? name,
      type: found.Type ?? "",
      version: found.Version ?? 0,
      value: insecure ? "" : (found.Value ?? ""),
      insecureValue: insecure ? (found.Value ?? "") : "",
      description: detail?.Description ?? "",
      allowedPattern: detail?.AllowedPattern ?? "",
      dataType: found.DataType ?? "text",
      keyId: detail?.KeyId ?? "",
      tier: detail?.Tier ?? "Standard",
      region: aws.region,
      tags: tagMap(TagList),
    };
  },
  update: async ({ id, olds, news, changed }, aws) => {
    if ([...changed].some((key) => key !== "tags" && key !== "overwrite")) {
      await doing(`updating SSM Parameter (${id})`, () =>
        aws.ssm.send(new PutParameterCommand({ ...put(id, news), Overwrite: true })),
      );
    }
    const { set, removed } = tagChanges(olds.tags, news.tags);
    const resource = { ResourceType: KIND, ResourceId: id } as const;
    await doing(`updating tags for SSM Parameter (${id})`, async () => {
      if (removed.length > 0) await aws.ssm.send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys: removed }));
      if (set.length > 0) await aws.ssm.send(new AddTagsToResourceCommand({ ...resource, Tags: set }));
    });
  },
  delete: async (id, _state, aws) => {
    await doing(`deleting SSM Parameter (${id})`, () =>
      unlessAwsError(aws.ssm.send(new DeleteParameterCommand({ Name: id })), ["ParameterNotFound"], undefined),
    );
  },
};

function put(name: string, inputs: Props) {
  return {
    Name: name,
    Type: text(inputs.type) as ParameterType,
    Value: text(inputs.insecureValue) || text(inputs.value),
    Description: optionalText(inputs.description),
    AllowedPattern: optionalText(inputs.allowedPattern),
    DataType: optionalText(inputs.dataType),
    KeyId: optionalText(inputs.keyId),
    Tier: optionalText(inputs.tier) as ParameterTier | undefined,
  };
}
