import assert from "node:assert/strict";
import { test } from "node:test";
import { initialisedWith, withMarker, withoutMarker } from "../../database/schema-marker";

const OLD = "a".repeat(64);
const NEW = "b".repeat(64);

for (const [name, comment, expected] of [
  ["no comment", null, undefined],
  ["a person's comment", "The tables of ACME", undefined],
  ["a marker", `b2b-tenants: initialised, sha256 ${OLD}`, OLD],
  ["a marker below a person's comment", `Of ACME\nb2b-tenants: initialised, sha256 ${OLD}`, OLD],
  ["a marker in the middle of a line", `see b2b-tenants: initialised, sha256 ${OLD}`, undefined],
  ["a hash that was cut", `b2b-tenants: initialised, sha256 ${OLD.slice(1)}`, undefined],
] as const) {
  test(`read: ${name}`, () => assert.equal(initialisedWith(comment), expected));
}

for (const [name, comment, expected] of [
  ["no comment", null, `b2b-tenants: initialised, sha256 ${NEW}`],
  ["an empty comment", " \n", `b2b-tenants: initialised, sha256 ${NEW}`],
  ["a person's comment stays", "It's $& of ACME", `It's $& of ACME\nb2b-tenants: initialised, sha256 ${NEW}`],
  [
    "an older marker is replaced",
    `Of ACME\nb2b-tenants: initialised, sha256 ${OLD}\nmore`,
    `Of ACME\nb2b-tenants: initialised, sha256 ${NEW}\nmore`,
  ],
] as const) {
  test(`written: ${name}`, () => {
    assert.equal(withMarker(comment, NEW), expected);
    assert.equal(initialisedWith(withMarker(comment, NEW)), NEW);
  });
}

for (const [name, comment, expected] of [
  ["no comment", null, null],
  ["the marker alone", `b2b-tenants: initialised, sha256 ${OLD}`, null],
  ["a person's comment stays", `Of ACME\nb2b-tenants: initialised, sha256 ${OLD}\nmore`, "Of ACME\nmore"],
] as const) {
  test(`taken out: ${name}`, () => assert.equal(withoutMarker(comment), expected));
}
