import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { doing } from "./aws-error";
import { type AwsType, text } from "./aws-type";
import { retag, tagList, tagMap } from "./tags";

const GONE = ["NotFound", "NotFoundException"];

/** `aws.sns.Topic`, of the standard kind. Its id is its ARN. */
export const snsTopic: AwsType = {
  inputs: {
    name: { autonamed: true, replaces: true },
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
  },
  read: async (arn, _known, aws) => {
    const work = () => aws.sns.send(new GetTopicAttributesCommand({ TopicArn: arn }));
    const found = await doing(`reading SNS Topic (${arn})`, work, GONE);
    if (!found?.Attributes) return undefined;
    const { Tags } = await aws.sns.send(new ListTagsForResourceCommand({ ResourceArn: arn }));
    const { Owner = "", Policy = "", SignatureVersion, TracingConfig = "" } = found.Attributes;
    return {
      arn,
      name: arn.slice(arn.lastIndexOf(":") + 1),
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
  update: ({ id: ResourceArn, olds, news }, { sns }) =>
    doing(`updating tags for SNS Topic (${ResourceArn})`, () =>
      retag(
        olds.tags,
        news.tags,
        (TagKeys) => sns.send(new UntagResourceCommand({ ResourceArn, TagKeys })),
        (Tags) => sns.send(new TagResourceCommand({ ResourceArn, Tags })),
      ),
    ),
  // AWS deletes its subscriptions with it, those that nobody has confirmed too.
  delete: async (id, _state, aws) => {
    await doing(`deleting SNS Topic (${id})`, () => aws.sns.send(new DeleteTopicCommand({ TopicArn: id })), GONE);
  },
};
