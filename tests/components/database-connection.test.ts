import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionRefused } from "../../database/connection";

const TARGET = {
  host: "db.example.com",
  port: 5432,
  database: "postgres",
  sslmode: "verify-full",
  user: "user_acme",
  password: "never shown",
} as const;

/** The message for an error of Node's or of the server's, with that code. */
function told(code: string, message = "what happened"): string {
  return new ConnectionRefused(TARGET, Object.assign(new Error(message), { code })).message;
}

const WHERE = "cannot log in as user_acme to PostgreSQL at db.example.com:5432, database postgres: what happened";
const UNTRUSTED =
  "this machine does not trust who signed the server's certificate: set NODE_EXTRA_CA_CERTS to a file with RDS's CA bundle " +
  "(https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem), or set 'sslmode: require' in b2b-tenants:database, " +
  "which encrypts without asking who answers";

for (const code of [
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_UNTRUSTED",
]) {
  test(`${code}: whom to trust is what to look at`, () => assert.equal(told(code), `${WHERE}; ${UNTRUSTED}`));
}

for (const code of ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]) {
  test(`${code}: the certificate's time is what to look at`, () => {
    const advice =
      "the server's certificate is not valid today: check this machine's clock, renew the certificate on the server (for " +
      "RDS, rotate it), and bring the CA bundle in NODE_EXTRA_CA_CERTS up to date";
    assert.equal(told(code), `${WHERE}; ${advice}`);
  });
}

test("ERR_TLS_CERT_ALTNAME_INVALID: the name is what to look at", () => {
  const advice =
    "the server's certificate is for another name: give the server's own name as host in b2b-tenants:database, or set " +
    "'sslmode: verify-ca' there, which does not compare names";
  assert.equal(told("ERR_TLS_CERT_ALTNAME_INVALID"), `${WHERE}; ${advice}`);
});

for (const code of ["CERT_REVOKED", "INVALID_CA", "ERR_TLS_INVALID_PROTOCOL_VERSION", "ERR_SSL_WRONG_VERSION_NUMBER"]) {
  test(`${code}: the encryption is what to look at, not the network`, () => {
    assert.match(told(code), /; the encrypted connection could not be made; see sslmode in b2b-tenants:database$/);
  });
}

for (const code of ["ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT"]) {
  test(`${code}: the network is what to look at`, () =>
    assert.match(told(code), /security group admits this machine$/));
}

test("an answer of the server that nothing is known about stands for itself", () => {
  assert.equal(told("57P03"), WHERE);
});

test("of a host with several addresses the first error is told", () => {
  const error = new AggregateError([Object.assign(new Error("what happened"), { code: "CERT_UNTRUSTED" })]);
  assert.equal(new ConnectionRefused(TARGET, error).message, `${WHERE}; ${UNTRUSTED}`);
});

test("53200: who holds the locks is what to look at", () => {
  assert.match(
    told("53200", "out of shared memory"),
    /: out of shared memory; a session holds so many locks .*from pg_locks group by pid.*pg_terminate_backend/,
  );
});
