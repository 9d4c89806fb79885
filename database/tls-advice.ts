const UNTRUSTED =
  "this machine does not trust who signed the server's certificate: set NODE_EXTRA_CA_CERTS to a file with RDS's CA bundle " +
  "(https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem), or set 'sslmode: require' in b2b-tenants:database, " +
  "which encrypts without asking who answers";

const NOT_VALID_TODAY =
  "the server's certificate is not valid today: check this machine's clock, renew the certificate on the server (for RDS, " +
  "rotate it), and bring the CA bundle in NODE_EXTRA_CA_CERTS up to date";

const OTHER_NAME =
  "the server's certificate is for another name: give the server's own name as host in b2b-tenants:database, or set " +
  "'sslmode: verify-ca' there, which does not compare names";

/** What to do when server and client do not come to an encrypted session, by the codes of Node and OpenSSL; the first match counts. */
export const TLS_ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_SELF_SIGNED_|CERT_UNTRUSTED$)/, UNTRUSTED],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, NOT_VALID_TODAY],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, OTHER_NAME],
  [
    /^(CERT_|INVALID_|ERR_TLS_|ERR_SSL_|EPROTO$)/,
    "the encrypted connection could not be made; see sslmode in b2b-tenants:database",
  ],
];
