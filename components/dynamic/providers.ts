/**
 * The providers of the dynamic resources. CAUTION: the text of these functions is kept in the state of every stack and is what runs
 * there, also after the program has changed. So they capture nothing, they load the repository's code at the moment they are run,
 * and what they load is frozen: see README.md in this folder. The process they run in stands in the project folder and knows no
 * TypeScript until tsx is loaded.
 */
import type { dynamic } from "@pulumi/pulumi";

export const schemaGuardProvider: dynamic.ResourceProvider = {
  check: async (olds, news) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/schema-guard-run`).check(olds, news);
  },
  create: async (inputs) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/schema-guard-run`).create(inputs);
  },
  diff: async (id, olds, news) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/schema-guard-run`).diff(id, olds, news);
  },
  update: async (id, olds, news) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/schema-guard-run`).update(id, olds, news);
  },
};

export const sqlScriptProvider: dynamic.ResourceProvider = {
  create: async (inputs) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/sql-script-run`).create(inputs);
  },
  diff: async (id, olds, news) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/sql-script-run`).diff(id, olds, news);
  },
  update: async (id, olds, news) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/sql-script-run`).update(id, olds, news);
  },
  read: async (id, props) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/sql-script-run`).read(id, props);
  },
};

export const dropGuardProvider: dynamic.ResourceProvider = {
  create: async (inputs) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/drop-guard-run`).create(inputs);
  },
  diff: async (id, olds, news) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/drop-guard-run`).diff(id, olds, news);
  },
  update: async (id, olds, news) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/drop-guard-run`).update(id, olds, news);
  },
  delete: async (id, props) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/drop-guard-run`).remove(id, props);
  },
};

export const offboardingGateProvider: dynamic.ResourceProvider = {
  create: async (inputs) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/offboarding-gate-run`).create(inputs);
  },
  diff: async (id, olds, news) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/offboarding-gate-run`).diff(id, olds, news);
  },
  update: async (id, olds, news) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/offboarding-gate-run`).update(id, olds, news);
  },
  delete: async (id, props) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/offboarding-gate-run`).remove(id, props);
  },
};
