import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { doing, unlessAwsError } from "./aws-error";
import { type AwsType, text } from "./aws-type";
import { tagChanges, tagList, tagMap } from "./tags";

const GONE = ["NotFound", "NotFoundException"];

/** `aws.sns.Topic`, of the standard kind. Its id is its ARN. */
export const snsTopic: AwsType = {
  inputs: {
    name: { autonamed: true, replaces: true },
    displayName: {},
    tags: {},
  },
  computed: ["arn", "beginningArchiveTime", "owner", "policy", "region", "signatureVersion", "tracingConfig"],
  validate: ({ name }) =>
    /^[0-9A-Za-z_-]{1,256}$/.test(text(name))
      ? []
      : [{ property: "name", reason: `invalid topic name: ${text(name)}` }],
  create: async (inputs, aws, made) => {
    const Name = text(inputs.name);
    // Of a topic that exists AWS gives the ARN, provided that its tags are these; the real provider takes it as its own.
    const { TopicArn = "" } = await doing(`creating SNS Topic (${Name})`, () =>
      aws.sns.send(new CreateTopicCommand({ Name, Tags: tagList(inputs.tags) })),
    );
    made(TopicArn);
    if (text(inputs.displayName) !== "") await nameForPeople(TopicArn, text(inputs.displayName), aws);
  },
  read: async (arn, _known, aws) => {
    const found = await doing(`reading SNS Topic (${arn})`, () =>
      unlessAwsError(aws.sns.send(new GetTopicAttributesCommand({ TopicArn: arn })), GONE, undefined),
    );
    if (!found?.Attributes) return undefined;
    const { Tags } = await aws.sns.send(new ListTagsForResourceCommand({ ResourceArn: arn }));
    const { DisplayName = "", Owner = "", Policy = "", SignatureVersion, TracingConfig = "" } = found.Attributes;
    return {
      arn,
      name: arn.slice(arn.lastIndexOf(":") + 1),
      displayName: DisplayName,
      owner: Owner,
      policy: Policy,
      signatureVersion: Number(SignatureVersion ?? 0),
      tracingConfig: TracingConfig,
      beginningArchiveTime: "",
      fifoTopic: false,
      contentBasedDeduplication: false,
      region: aws.region,
      tags: tagMap(Tags),
    };
  },
  update: async ({ id, olds, news, changed }, aws) => {
    if (changed.has("displayName")) await nameForPeople(id, text(news.displayName), aws);
    const { set, removed } = tagChanges(olds.tags, news.tags);
    await doing(`updating tags for SNS Topic (${id})`, async () => {
      if (removed.length > 0) await aws.sns.send(new UntagResourceCommand({ ResourceArn: id, TagKeys: removed }));
      if (set.length > 0) await aws.sns.send(new TagResourceCommand({ ResourceArn: id, Tags: set }));
    });
  },
  // AWS deletes its subscriptions with it, those that nobody has confirmed too.
  delete: async (id, _state, aws) => {
    await doing(`deleting SNS Topic (${id})`, () =>
      unlessAwsError(aws.sns.send(new DeleteTopicCommand({ TopicArn: id })), GONE, undefined),
    );
  },
};

async function nameForPeople(TopicArn: string, AttributeValue: string, { sns }: Parameters<AwsType["update"]>[1]) {
  await doing(`setting SNS Topic (${TopicArn}) attribute (DisplayName)`, () =>
    sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "DisplayName", AttributeValue })),
  );
}
