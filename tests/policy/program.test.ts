import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, beforeEach, describe, it } from "node:test";
import type { ResourceValidation, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { policies } from "../../policy/policies";
import { tenantIn } from "../../policy/reading/resource";
import { resourcesAreOfKnownTypes } from "../../policy/rules/known-types";
import { configOf, runProgram } from "../components/program";
import { nameOf, type Registered, stackViolations, typeOf, violations } from "./analysis";
import { asRegistered } from "./program-resources";
import { withSettings } from "./stack-settings";

const ALARMS = { addresses: ["ops@example.com"], databaseInstance: "b2b-platform", allocatedStorage: 20 };

describe("the policy pack, about the program as it is", () => {
  let resources: Registered[];
  const settings = withSettings();
  beforeEach(() => settings({ PULUMI_CONFIG: JSON.stringify(configOf({ tenantsDir: "tenants", fleet: true })) }));

  before(async () => {
    const tenantsDir = mkdtempSync(join(tmpdir(), "policies-"));
    try {
      for (const slug of ["acme", "acme_2"]) {
        writeFileSync(join(tenantsDir, `${slug}.yaml`), "frontendUrl: https://shop.example.com\n");
      }
      const { registrations: all, result } = await runProgram({ tenantsDir, fleet: true, more: { alarms: ALARMS } });
      assert.equal(result.error, undefined);
      assert.ok(all.length > 50, "the program registered next to nothing");
      resources = asRegistered(all);
    } finally {
      rmSync(tenantsDir, { recursive: true, force: true });
    }
  });

  it("finds nothing in any resource", async () => {
    for (const resource of resources) {
      assert.deepEqual(await violations(policies, resource), [], resource.urn);
    }
  });

  it("finds nothing in the whole stack", async () => {
    assert.deepEqual(await stackViolations(policies, resources), []);
  });

  for (const policy of policies) {
    // That one looks at the type alone, not at properties.
    if ("validateResource" in policy && policy !== resourcesAreOfKnownTypes) {
      it(`${policy.name} has looked at resources of each tenant`, () => {
        const seen = resources.filter((one) => looksAt(policy, one)).map(({ urn }) => tenantIn(urn));
        assert.ok(seen.includes("acme") && seen.includes("acme_2"), `it looked at ${seen.join(", ")}`);
      });
    }
  }

  it("every policy of the whole stack has something to find", async () => {
    const withoutGates = resources.filter(({ urn }) => !urn.includes(":OffboardingGate::"));
    const others = resources.filter(({ urn }) => urn.endsWith("::acme_2-role")).map(({ urn }) => urn);
    const renamed = withoutGates.map(
      (one): Registered => ({
        ...one,
        urn: one.urn.replace(/::acme-role$/, "::acme_2-role-2"),
        propertyDependencies: one.urn.endsWith("::acme-env-SECRET_KEY") ? { value: others } : {},
      }),
    );
    const found = (await stackViolations(policies, renamed)).map(({ message }) => message.split(":")[0]);
    const asked = policies.filter((policy) => "validateStack" in policy).map(({ name }) => name);
    assert.deepEqual([...new Set(found)].sort(), [...asked].sort());
  });
});

/** Whether the policy reads anything of the resource's properties or options. */
function looksAt({ validateResource }: ResourceValidationPolicy, { urn, props }: Registered): boolean {
  let looked = false;
  const watched = (target: object) =>
    new Proxy(target, {
      get(_, key) {
        looked = true;
        return Reflect.get(target, key);
      },
    });
  const about = { type: typeOf(urn), name: nameOf(urn), urn };
  const args = { ...about, props: watched(props), opts: watched({}) } as unknown as ResourceValidationArgs;
  (validateResource as ResourceValidation)(args, () => {});
  return looked;
}
