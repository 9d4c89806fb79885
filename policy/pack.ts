import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies";

new PolicyPack("b2b-tenants", { enforcementLevel: "mandatory", policies });
