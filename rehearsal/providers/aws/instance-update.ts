import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DisassociateIamInstanceProfileCommand,
  ModifyInstanceAttributeCommand,
  type ModifyInstanceAttributeCommandInput,
  ModifyInstanceMetadataOptionsCommand,
  ReplaceIamInstanceProfileAssociationCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  waitUntilInstanceRunning,
  waitUntilInstanceStopped,
} from "@aws-sdk/client-ec2";
import type { Props } from "../../protocol/property-values";
import { text, type UpdateOf } from "./aws-type";
import type { Aws } from "./clients";
import { capitalised, describeInstance, rootVolumeId } from "./instance-read";
import { retagEc2 } from "./tags";

const SECONDS = 600;

/** Changes an instance in place. What AWS changes only on a stopped one is done last, in one stop. */
export async function updateInstance({ id, olds, news, changed }: UpdateOf, aws: Aws): Promise<void> {
  const modify = (what: Omit<ModifyInstanceAttributeCommandInput, "InstanceId">) =>
    aws.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, ...what }));

  await retagEc2(aws, id, olds.tags, news.tags);
  if (changed.has("iamInstanceProfile")) await changeProfile(id, text(news.iamInstanceProfile), aws);
  if (changed.has("vpcSecurityGroupIds")) await modify({ Groups: news.vpcSecurityGroupIds as string[] });
  if (changed.has("metadataOptions")) {
    const options = capitalised((news.metadataOptions ?? {}) as Props);
    await aws.ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: id, ...options }));
  }
  if (changed.has("rootBlockDevice")) await retagRootDevice(id, { olds, news }, aws);
  if (!changed.has("instanceType") && !changed.has("userData")) return;

  await stop(id, aws);
  if (changed.has("instanceType")) await modify({ InstanceType: { Value: text(news.instanceType) } });
  if (changed.has("userData")) await modify({ UserData: { Value: Buffer.from(text(news.userData)) } });
  await start(id, aws);
}

async function stop(id: string, aws: Aws): Promise<void> {
  await aws.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await waitUntilInstanceStopped(
    { client: aws.ec2, maxWaitTime: SECONDS, minDelay: 1, maxDelay: 10 },
    { InstanceIds: [id] },
  );
}

async function start(id: string, aws: Aws): Promise<void> {
  await aws.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
  await waitUntilInstanceRunning(
    { client: aws.ec2, maxWaitTime: SECONDS, minDelay: 1, maxDelay: 10 },
    { InstanceIds: [id] },
  );
}

async function changeProfile(id: string, Name: string, aws: Aws): Promise<void> {
  const Filters = [{ Name: "instance-id", Values: [id] }];
  const { IamInstanceProfileAssociations } = await aws.ec2.send(
    new DescribeIamInstanceProfileAssociationsCommand({ Filters }),
  );
  const AssociationId = IamInstanceProfileAssociations?.[0]?.AssociationId;
  const IamInstanceProfile = { Name };
  if (AssociationId && Name) {
    await aws.ec2.send(new ReplaceIamInstanceProfileAssociationCommand({ AssociationId, IamInstanceProfile }));
  } else if (AssociationId) {
    await aws.ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId }));
  } else if (Name) {
    await aws.ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: id, IamInstanceProfile }));
  }
}

async function retagRootDevice(id: string, { olds, news }: Pick<UpdateOf, "olds" | "news">, aws: Aws): Promise<void> {
  const found = await describeInstance(id, aws);
  const volumeId = found && rootVolumeId(found);
  const [before, after] = [(olds.rootBlockDevice ?? {}) as Props, (news.rootBlockDevice ?? {}) as Props];
  if (volumeId) await retagEc2(aws, volumeId, before.tags, after.tags);
}
