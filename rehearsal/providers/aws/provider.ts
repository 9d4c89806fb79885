import type { StandIn } from "../stand-in";
import { type Aws, clientsFor, unsupportedArguments } from "./clients";
import { cloudwatchMetricAlarm } from "./cloudwatch-metric-alarm";
import { handlerOf } from "./handler";
import { iamInstanceProfile } from "./iam-instance-profile";
import { iamRole } from "./iam-role";
import { iamRolePolicy } from "./iam-role-policy";
import { instance } from "./instance";
import { getSecurityGroup, securityGroup } from "./security-group";
import { egressRule, ingressRule } from "./security-group-rule";
import { snsTopic } from "./sns-topic";
import { snsTopicSubscription } from "./sns-topic-subscription";
import { ssmParameter } from "./ssm-parameter";

/** Stands in for pulumi-aws, for the resource types and functions that the program uses. It calls AWS's real API, wherever `aws:endpoints` says. */
export const aws: StandIn<Aws> = {
  name: "aws",
  version: "7.48.0",
  capabilities: { supportsPreview: true, acceptResources: true, supportsAutonamingConfiguration: true },
  resources: {
    "aws:cloudwatch/metricAlarm:MetricAlarm": handlerOf(cloudwatchMetricAlarm),
    "aws:ec2/instance:Instance": handlerOf(instance),
    "aws:ec2/securityGroup:SecurityGroup": handlerOf(securityGroup),
    "aws:iam/instanceProfile:InstanceProfile": handlerOf(iamInstanceProfile),
    "aws:iam/role:Role": handlerOf(iamRole),
    "aws:iam/rolePolicy:RolePolicy": handlerOf(iamRolePolicy),
    "aws:sns/topic:Topic": handlerOf(snsTopic),
    "aws:sns/topicSubscription:TopicSubscription": handlerOf(snsTopicSubscription),
    "aws:ssm/parameter:Parameter": handlerOf(ssmParameter),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": handlerOf(egressRule),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": handlerOf(ingressRule),
  },
  functions: { "aws:ec2/getSecurityGroup:getSecurityGroup": getSecurityGroup },
  checkConfig: ({ news }) => ({
    inputs: news,
    failures: unsupportedArguments(news).map((property) => ({
      property,
      reason: `the rehearsal's aws stand-in does not support the argument '${property}'`,
    })),
  }),
  configure: (args) => clientsFor(args),
  close: async (context) => context.close(),
};
