import assert from "node:assert/strict";
import { test } from "node:test";
import { loginInUse, passwordGenerations, previousLogin } from "../../domain/login-turns";

test("each generation changes the password of the login that was not in use, and no other", () => {
  let before = passwordGenerations(1);
  assert.deepEqual([before, loginInUse("acme", 1)], [{ first: 1, second: undefined }, "user_acme"]);
  for (let generation = 2; generation < 8; generation++) {
    const now = passwordGenerations(generation);
    const [kept, changed] = generation % 2 === 0 ? (["first", "second"] as const) : (["second", "first"] as const);
    assert.deepEqual([now[kept], now[changed]], [before[kept], generation]);
    assert.equal(loginInUse("acme", generation), changed === "first" ? "user_acme" : "user2_acme");
    assert.equal(previousLogin("acme", generation), loginInUse("acme", generation - 1));
    before = now;
  }
});
