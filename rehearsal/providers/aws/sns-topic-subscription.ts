import { GetSubscriptionAttributesCommand, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { doing } from "./aws-error";
import { type AwsType, text } from "./aws-type";

const GONE = ["NotFound", "NotFoundException"];

/** `aws.sns.TopicSubscription` to e-mail addresses, which people confirm. Its id is its ARN. */
export const snsTopicSubscription: AwsType = {
  inputs: {
    topic: { required: true, replaces: true },
    protocol: { required: true, replaces: true },
    endpoint: { required: true, replaces: true },
  },
  computed: ["arn", "confirmationWasAuthenticated", "filterPolicyScope", "ownerId", "pendingConfirmation", "region"],
  validate: ({ protocol }) =>
    text(protocol) === "email"
      ? []
      : [
          {
            property: "protocol",
            reason: `the rehearsal's stand-in supports the protocol email, got ${text(protocol)}`,
          },
        ],
  create: async (inputs, aws, made) => {
    // Without the ARN asked for, AWS gives none before somebody has confirmed. Nobody waits for that: mails are slow.
    const { SubscriptionArn = "" } = await doing("creating SNS Topic Subscription", () =>
      aws.sns.send(
        new SubscribeCommand({
          TopicArn: text(inputs.topic),
          Protocol: text(inputs.protocol),
          Endpoint: text(inputs.endpoint),
          ReturnSubscriptionArn: true,
        }),
      ),
    );
    made(SubscriptionArn);
  },
  read: async (arn, _known, aws) => {
    const work = () => aws.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }));
    const found = await doing(`reading SNS Topic Subscription (${arn})`, work, GONE);
    if (!found?.Attributes) return undefined;
    const { Attributes } = found;
    return {
      arn,
      topic: Attributes.TopicArn ?? "",
      protocol: Attributes.Protocol ?? "",
      endpoint: Attributes.Endpoint ?? "",
      ownerId: Attributes.Owner ?? "",
      pendingConfirmation: Attributes.PendingConfirmation === "true",
      confirmationWasAuthenticated: Attributes.ConfirmationWasAuthenticated === "true",
      rawMessageDelivery: Attributes.RawMessageDelivery === "true",
      filterPolicyScope: Attributes.FilterPolicyScope ?? "",
      region: aws.region,
    };
  },
  update: () => {
    throw new Error("the rehearsal's stand-in makes no change to a subscription in place");
  },
  delete: async (id, _state, aws) => {
    const work = async () => {
      try {
        await aws.sns.send(new UnsubscribeCommand({ SubscriptionArn: id }));
      } catch (error) {
        // One that nobody has confirmed cannot be deleted. AWS forgets it after some days, or with its topic.
        if (!(error instanceof Error && error.message.includes("pending confirmation"))) throw error;
      }
    };
    await doing(`deleting SNS Topic Subscription (${id})`, work, GONE);
  },
};
