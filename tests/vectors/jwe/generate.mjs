// Writes jose.json: every pair of algorithms, by panva's `jose`.
//
// In a folder that has a copy of this file (Node.js 20.12 or later):
//
//     npm install jose@6.2.18
//     node generate.mjs > jose.json

import { randomBytes } from "node:crypto";
import {
  base64url, compactDecrypt, CompactEncrypt, exportJWK, generateKeyPair, generateSecret, SignJWT,
} from "jose";

const WRAPPING = ["A128KW", "A192KW", "A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW"];
const RSA = ["RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512"];
const AGREEMENT = ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"];
const CURVES = ["P-256", "P-384", "P-521", "X25519"];
const PASSWORD = ["PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"];
const CONTENT = [
  "A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512",
];

// What the parties of an agreement call themselves, where they do.
const apu = new TextEncoder().encode("Alice");
const apv = new TextEncoder().encode("Bob");
const PARTIES = { "A192GCM": { apv }, "A256GCM": { apu }, "A128CBC-HS256": { apu, apv } };

// What the tests expect of each token.
const CLAIMS = {
  iss: "https://as.example.com", aud: "https://api.example.com", sub: "user-1", client_id: "app-1",
  scope: "read", jti: "token-1", iat: 1800000000, exp: 1800000300,
};

async function signed() {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const header = { typ: "at+jwt", alg: "ES256", kid: "sig-1" };
  const token = await new SignJWT(CLAIMS).setProtectedHeader(header).sign(privateKey);
  const jwk = { ...await exportJWK(publicKey), kid: "sig-1", alg: "ES256", use: "sig" };
  return { token, jwks: { keys: [jwk] } };
}

async function pair(alg, options) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
  return exportJWK(privateKey);
}

async function makeKeys() {
  const keys = { "RSA": await pair("RSA-OAEP") };
  for (const crv of CURVES) keys[crv] = await pair("ECDH-ES", { crv });
  for (const alg of [...WRAPPING, ...CONTENT]) {
    keys[alg] = { ...await exportJWK(await generateSecret(alg, { extractable: true })), alg };
  }
  keys.password = await exportJWK(new TextEncoder().encode(base64url.encode(randomBytes(12))));
  for (const [kid, key] of Object.entries(keys)) Object.assign(key, { kid, use: "enc" });
  return keys;
}

// Each pair of algorithms with the name of its key.
function* pairs() {
  for (const enc of CONTENT) {
    yield ["dir", enc, enc];
    for (const alg of WRAPPING) yield [alg, enc, alg];
    for (const alg of RSA) yield [alg, enc, "RSA"];
    for (const alg of AGREEMENT) for (const crv of CURVES) yield [alg, enc, crv];
    for (const alg of PASSWORD) yield [alg, enc, "password"];
  }
}

// What the sender has: the public half of a pair, or the secret.
function sendersHalf(key) {
  const { d, p, q, dp, dq, qi, ...half } = key;
  return half;
}

async function makeCase(token, keys, [alg, enc, name], zip) {
  const header = { alg, enc, cty: "JWT", kid: name, ...zip && { zip: "DEF" } };
  const draft = new CompactEncrypt(new TextEncoder().encode(token)).setProtectedHeader(header);
  if (alg.startsWith("PBES2")) draft.setKeyManagementParameters({ p2c: 1000 });
  const parties = alg.startsWith("ECDH") && PARTIES[enc];
  if (parties) draft.setKeyManagementParameters(parties);
  const encrypted = await draft.encrypt(sendersHalf(keys[name]));
  const options = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] };
  const { plaintext } = await compactDecrypt(encrypted, keys[name], options);
  if (new TextDecoder().decode(plaintext) !== token) throw new Error(`${alg} ${enc}`);
  const id = [alg, enc, name, ...Object.keys(parties || {}), ...zip ? ["zip"] : []].join(" ");
  return { id, alg, enc, key: name, token: encrypted, ...zip && { zip } };
}

// One key and one case a line.
function print({ source, license_note, jwks, keys, cases }) {
  const lines = (entries) => entries.join(",\n");
  const members = Object.entries(keys).map(([name, key]) => `"${name}": ${JSON.stringify(key)}`);
  const rows = cases.map((row) => JSON.stringify(row));
  console.log(`{
"source": ${JSON.stringify(source)},
"license_note": ${JSON.stringify(license_note)},
"jwks": ${JSON.stringify(jwks)},
"keys": {
${lines(members)}
},
"cases": [
${lines(rows)}
]
}`);
}

const { token, jwks } = await signed();
const keys = await makeKeys();
const cases = [];
for (const row of pairs()) cases.push(await makeCase(token, keys, row, false));
for (const row of [["dir", "A256GCM", "A256GCM"], ["ECDH-ES", "A128CBC-HS256", "X25519"]]) {
  cases.push(await makeCase(token, keys, row, true));
}
const source = "Generated for this crate with jose 6.2.18 for JavaScript";
print({ source, license_note: "No rights reserved.", jwks, keys, cases });
