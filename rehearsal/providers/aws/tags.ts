import { CreateTagsCommand, DeleteTagsCommand, type ResourceType, type TagSpecification } from "@aws-sdk/client-ec2";
import type { PropertyValue, Props } from "../../protocol/property-values";
import type { Aws } from "./clients";

export interface Tag {
  Key: string;
  Value: string;
}

/** A property's tags in the form of AWS's API. */
export function tagList(tags: PropertyValue | undefined): Tag[] {
  return Object.entries((tags ?? {}) as Props).map(([Key, value]) => ({ Key, Value: String(value) }));
}

/** The tags of AWS's API as a property. Those that AWS itself sets are not the program's business. */
export function tagMap(tags: readonly { Key?: string; Value?: string }[] | undefined): Props {
  const own = (tags ?? []).filter(({ Key }) => Key !== undefined && !Key.startsWith("aws:"));
  return Object.fromEntries(own.map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
}

/** What has to be set and what removed to get from one map of tags to another. */
export function tagChanges(
  olds: PropertyValue | undefined,
  news: PropertyValue | undefined,
): { set: Tag[]; removed: string[] } {
  const [before, after] = [(olds ?? {}) as Props, (news ?? {}) as Props];
  return {
    set: tagList(after).filter(({ Key, Value }) => before[Key] !== Value),
    removed: Object.keys(before).filter((key) => !(key in after)),
  };
}

/** Tags given at the creation of something in EC2; none must be left away, not empty. */
export function tagSpecifications(type: ResourceType, tags: PropertyValue | undefined): TagSpecification[] {
  const Tags = tagList(tags);
  return Tags.length > 0 ? [{ ResourceType: type, Tags }] : [];
}

export async function retagEc2(
  aws: Aws,
  id: string,
  olds: PropertyValue | undefined,
  news: PropertyValue | undefined,
): Promise<void> {
  const { set, removed } = tagChanges(olds, news);
  const Tags = removed.map((Key) => ({ Key }));
  if (Tags.length > 0) await aws.ec2.send(new DeleteTagsCommand({ Resources: [id], Tags }));
  if (set.length > 0) await aws.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: set }));
}
