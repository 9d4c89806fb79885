import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  GetParameterCommand,
  ListTagsForResourceCommand,
  type ParameterType,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
} from "@aws-sdk/client-ssm";
import type { Props } from "../../protocol/property-values";
import { doing } from "./aws-error";
import { type AwsType, text } from "./aws-type";
import { retag, tagList, tagMap } from "./tags";

const TYPES = ["String", "StringList", "SecureString"];
const KIND = "Parameter";
const GONE = ["ParameterNotFound"];

/** `aws.ssm.Parameter`. Its id is its name. */
export const ssmParameter: AwsType = {
  inputs: {
    name: { autonamed: true, replaces: true },
    type: { required: true },
    value: { computed: true },
    insecureValue: { computed: true },
    tags: {},
  },
  computed: ["arn", "dataType", "insecureValue", "region", "tier", "value", "version"],
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
    if (changed.has("value")) outputs.push("version");
    if (changed.has("insecureValue")) outputs.push("value");
    return outputs;
  },
  create: async (inputs, aws, made) => {
    const name = text(inputs.name);
    const request = { ...put(name, inputs), Overwrite: false, Tags: tagList(inputs.tags) };
    await doing(`creating SSM Parameter (${name})`, () => aws.ssm.send(new PutParameterCommand(request)));
    made(name);
  },
  read: async (name, known, aws) => {
    const work = () => aws.ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    const found = (await doing(`reading SSM Parameter (${name})`, work, GONE))?.Parameter;
    if (!found) return undefined;
    const { TagList } = await aws.ssm.send(new ListTagsForResourceCommand({ ResourceType: KIND, ResourceId: name }));
    const insecure = text(known.insecureValue) !== "" && found.Type !== "SecureString";
    return {
      arn: found.ARN ?? "",
      name: found.Name ?? name,
      type: found.Type ?? "",
      version: found.Version ?? 0,
      value: insecure ? "" : (found.Value ?? ""),
      insecureValue: insecure ? (found.Value ?? "") : "",
      dataType: found.DataType ?? "text",
      region: aws.region,
      // What AWS gives where nothing is asked for.
      tier: "Standard",
      tags: tagMap(TagList),
    };
  },
  update: async ({ id, olds, news, changed }, aws) => {
    if ([...changed].some((key) => key !== "tags")) {
      await doing(`updating SSM Parameter (${id})`, () =>
        aws.ssm.send(new PutParameterCommand({ ...put(id, news), Overwrite: true })),
      );
    }
    const resource = { ResourceType: KIND, ResourceId: id } as const;
    await doing(`updating tags for SSM Parameter (${id})`, () =>
      retag(
        olds.tags,
        news.tags,
        (TagKeys) => aws.ssm.send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys })),
        (Tags) => aws.ssm.send(new AddTagsToResourceCommand({ ...resource, Tags })),
      ),
    );
  },
  delete: async (id, _state, aws) => {
    const work = () => aws.ssm.send(new DeleteParameterCommand({ Name: id }));
    await doing(`deleting SSM Parameter (${id})`, work, GONE);
  },
};

function put(name: string, inputs: Props) {
  return {
    Name: name,
    Type: text(inputs.type) as ParameterType,
    Value: text(inputs.insecureValue) || text(inputs.value),
  };
}
