import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { unlessFailed } from "../../components/after-failure";

test("a value that a failure keeps from being known is the stand-in, whether the engine calls it unknown or leaves it out", async () => {
  await pulumi.runtime.setMocks({ call: () => ({}), newResource: () => ({ id: "", state: {} }) }, "p", "s", false);
  const of = <T>(value: T, standIn: NoInfer<T>) =>
    new Promise<T>((resolve) => unlessFailed(pulumi.output(value) as pulumi.Output<T>, standIn).apply(resolve));
  const [missing, unknown] = [undefined as unknown as string, pulumi.unknown as unknown as string];
  assert.equal(await of("arn", "none"), "arn");
  assert.equal(await of("", "none"), "");
  assert.equal(await of(missing, "none"), "none");
  assert.equal(await of(unknown, "none"), "none");
  assert.deepEqual(await of(["word", "id"], ["", ""]), ["word", "id"]);
  assert.deepEqual(await of(["word", missing], ["", ""]), ["", ""]);
  assert.deepEqual(await of(["word", unknown], ["", ""]), ["", ""]);
});
