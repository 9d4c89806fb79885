import { CreateTagsCommand, DeleteTagsCommand, type ResourceType, type TagSpecification } from "@aws-sdk/client-ec2";
import type { PropertyValue, Props } from "../../protocol/property-values";
import type { Aws } from "./clients";

export interface Tag {
  Key: string;
  Value: string;
}

type Tags = PropertyValue | undefined;

/** A property's tags in the form of AWS's API. */
export function tagList(tags: Tags): Tag[] {
  return Object.entries((tags ?? {}) as Props).map(([Key, value]) => ({ Key, Value: String(value) }));
}

/** The tags of AWS's API as a property. Those that AWS itself sets are not the program's business. */
export function tagMap(tags: readonly { Key?: string; Value?: string }[] | undefined): Props {
  const own = (tags ?? []).filter(({ Key }) => Key !== undefined && !Key.startsWith("aws:"));
  return Object.fromEntries(own.map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
}

/** Tags given at the creation of something in EC2; none must be left away, not empty. */
export function tagSpecifications(type: ResourceType, tags: Tags): TagSpecification[] {
  const Tags = tagList(tags);
  return Tags.length > 0 ? [{ ResourceType: type, Tags }] : [];
}

/** Brings the tags of a resource from one map to another, by its service's two calls. */
export async function retag(
  olds: Tags,
  news: Tags,
  remove: (keys: string[]) => Promise<unknown>,
  set: (tags: Tag[]) => Promise<unknown>,
): Promise<void> {
  const [before, after] = [(olds ?? {}) as Props, (news ?? {}) as Props];
  const removed = Object.keys(before).filter((key) => !(key in after));
  const changed = tagList(after).filter(({ Key, Value }) => before[Key] !== Value);
  if (removed.length > 0) await remove(removed);
  if (changed.length > 0) await set(changed);
}

export function retagEc2({ ec2 }: Aws, id: string, olds: Tags, news: Tags): Promise<void> {
  return retag(
    olds,
    news,
    (keys) => ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: keys.map((Key) => ({ Key })) })),
    (Tags) => ec2.send(new CreateTagsCommand({ Resources: [id], Tags })),
  );
}
