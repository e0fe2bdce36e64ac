// What may be wrong with an answer of a provider. A fault spoils the next answer that it fits, once.
import { SignJWT, UnsecuredJWT, decodeJwt, generateKeyPair, importJWK } from "jose";

const now = () => Math.floor(Date.now() / 1000);

/** Claims changed in the ID token; `undefined` takes one out. */
const CLAIMS = {
  bad_nonce: () => ({ nonce: "x".repeat(43) }),
  no_nonce: () => ({ nonce: undefined }),
  bad_audience: () => ({ aud: "somebody-else" }),
  more_audiences: (claims) => ({ aud: [claims.aud, "somebody-else"] }),
  bad_party: () => ({ azp: "somebody-else" }),
  bad_issuer: () => ({ iss: "https://evil.example" }),
  no_issuer: () => ({ iss: undefined }),
  slash_issuer: (claims) => ({ iss: `${claims.iss}/` }),
  expired: () => ({ iat: now() - 420, exp: now() - 300 }),
  expired_a_little: () => ({ iat: now() - 160, exp: now() - 40 }),
  no_expiry: () => ({ exp: undefined }),
  future: () => ({ iat: now() + 300, exp: now() + 420 }),
  future_a_little: () => ({ iat: now() + 40, exp: now() + 160 }),
  low_level: () => ({ acr: "eidas0" }),
  no_level: () => ({ acr: undefined }),
  bad_access_token: () => ({ at_hash: "AAAAAAAAAAAAAAAAAAAAAA" }),
  other_subject: () => ({ sub: "somebody-else" }),
};

export class Faults {
  constructor(algorithm, key, nextKey) {
    Object.assign(this, { algorithm, key, nextKey, kind: null, asked: {} });
  }

  set(kind) {
    this.kind = kind;
  }

  note(path) {
    this.asked[path] = (this.asked[path] ?? 0) + 1;
  }

  isDown() {
    return this.kind === "down";
  }

  async apply(context) {
    const { route } = context.oidc ?? {};
    if (route === "discovery" && this.kind === "other_issuer") context.body.issuer = "https://evil.example";
    if (route === "jwks" && this.rotated) context.body.keys.push(await this.publicNextKey());
    if (route === "token" && context.body?.id_token) await this.spoilIdToken(context.body);
    if (route === "userinfo" && context.status === 200) await this.spoilUserinfo(context);
  }

  async spoilIdToken(body) {
    const kind = this.kind;
    const claims = decodeJwt(body.id_token);
    if (kind === "garbage") body.id_token = "not.a.token";
    else if (kind === "missing") delete body.id_token;
    else if (kind === "none") body.id_token = new UnsecuredJWT(claims).encode();
    else if (kind === "hs256") body.id_token = await this.sign(claims, Buffer.from("a-secret-that-only-the-tests-know-0123456789"), "HS256");
    else if (kind === "bad_signature") body.id_token = await this.sign(claims, await stranger(this.algorithm));
    else if (kind === "other_algorithm") {
      const other = this.algorithm === "RS256" ? "ES256" : "RS256";
      body.id_token = await this.sign(claims, await stranger(other), other);
    } else if (kind === "unknown_key") body.id_token = await this.sign(claims, await stranger(this.algorithm), this.algorithm, "third");
    else if (kind === "new_key") {
      this.rotated = true;
      body.id_token = await this.sign(claims, this.nextKey, this.algorithm, this.nextKey.kid);
    } else if (CLAIMS[kind]) {
      const changed = Object.fromEntries(Object.entries({ ...claims, ...CLAIMS[kind](claims) }).filter(([, value]) => value !== undefined));
      body.id_token = await this.sign(changed, this.key);
    } else return;
    this.kind = null;
  }

  async spoilUserinfo(context) {
    const kind = this.kind;
    const raw = context.body;
    const isSigned = typeof raw === "string" || Buffer.isBuffer(raw);
    const claims = isSigned ? decodeJwt(String(raw)) : raw;
    if (kind === "userinfo_other_subject") context.body = isSigned ? await this.sign({ ...claims, sub: "x" }, this.key) : { ...claims, sub: "x" };
    else if (kind === "userinfo_bad_signature") context.body = await this.sign(claims, await stranger(this.algorithm));
    else if (kind === "userinfo_other_audience") context.body = await this.sign({ ...claims, aud: "x" }, this.key);
    else if (kind === "userinfo_none") context.body = new UnsecuredJWT(claims).encode();
    else if (kind === "userinfo_plain") {
      context.type = "json";
      context.body = claims;
    } else if (kind === "userinfo_signed") {
      const { issuer } = context.oidc.provider;
      context.body = await this.sign({ ...claims, iss: issuer, aud: context.oidc.client.clientId }, this.key);
      context.type = "application/jwt";
    } else return;
    this.kind = null;
  }

  async sign(claims, key, algorithm = this.algorithm, kid = this.key.kid) {
    const signingKey = key.kty ? await importJWK(key, algorithm) : key;
    return new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid }).sign(signingKey);
  }

  async publicNextKey() {
    const { kty, n, e, crv, x, y, alg, kid, use } = this.nextKey;
    return Object.fromEntries(Object.entries({ kty, n, e, crv, x, y, alg, kid, use }).filter(([, value]) => value !== undefined));
  }
}

async function stranger(algorithm) {
  return (await generateKeyPair(algorithm)).privateKey;
}
