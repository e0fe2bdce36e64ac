// One identity provider: npm's oidc-provider with people, a login form and faults.
import crypto from "node:crypto";
import http from "node:http";
import https from "node:https";
import { readFileSync } from "node:fs";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";
import { Faults } from "./faults.mjs";

async function privateKey(algorithm, kid) {
  const { privateKey: key } = await generateKeyPair(algorithm, { extractable: true });
  return { ...(await exportJWK(key)), alg: algorithm, kid, use: "sig" };
}

async function text(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** Port 0 first: the issuer holds the port, and must be known before the provider is made. */
async function listen(tls, port, handler) {
  const server = tls
    ? https.createServer(
        { key: readFileSync(tls.key), cert: readFileSync(tls.cert), ca: readFileSync(tls.ca), requestCert: true, rejectUnauthorized: false },
        handler,
      )
    : http.createServer(handler);
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  return server.address().port;
}

export async function start(settings) {
  let handle = (_request, answer) => answer.destroy();
  const port = await listen(settings.tls, settings.port, (request, answer) => handle(request, answer));
  const origin = `${settings.tls ? "https" : "http"}://127.0.0.1:${port}`;
  const issuer = origin + settings.mount;
  const keys = [await privateKey(settings.algorithm, "first")];
  const faults = new Faults(settings.algorithm, keys[0], await privateKey(settings.algorithm, "second"));
  const provider = make(settings, issuer, keys);
  provider.use(async (context, next) => {
    await next();
    await faults.apply(context);
  });
  handle = handler(settings, issuer, provider, faults);
  return issuer;
}

function make(settings, issuer, keys) {
  const person = (id) => Object.values(settings.people).find((known) => known.sub === id);
  const provider = new Provider(issuer, {
    clients: settings.clients,
    jwks: { keys },
    acrValues: settings.levels,
    claims: { ...settings.scopes, acr: null },
    scopes: Object.keys(settings.scopes),
    routes: settings.routes,
    ttl: settings.seconds,
    subjectTypes: [settings.pairwise ? "pairwise" : "public"],
    pairwiseIdentifier: (_context, id, client) => crypto.createHash("sha256").update(client.clientId + id).digest("hex"),
    cookies: { keys: [crypto.randomBytes(16).toString("hex")] },
    conformIdTokenClaims: settings.conform ?? true,
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt", ...(settings.tls ? ["tls_client_auth"] : [])],
    pkce: { required: () => true },
    issueRefreshToken: async () => settings.refresh === true,
    rotateRefreshToken: true,
    clientBasedCORS: () => false,
    // As Pro Santé Connect names people in answers to introspection.
    extraTokenClaims: async (_context, token) => {
      const id = person(token.accountId)?.SubjectNameID;
      return id && { SubjectNameID: id };
    },
    findAccount: async (_context, id) => person(id) && { accountId: id, claims: async () => person(id) },
    interactions: { url: (_context, interaction) => `${settings.mount}/login/${interaction.uid}` },
    // No page of consent: it would be the provider's business, not ours.
    loadExistingGrant: async (context) => {
      const { client, session } = context.oidc;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(Object.keys(settings.scopes).join(" "));
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: "introspection" in settings.routes },
      revocation: { enabled: "revocation" in settings.routes },
      jwtUserinfo: { enabled: true },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: true },
      mTLS: settings.tls
        ? {
            enabled: true,
            tlsClientAuth: true,
            certificateAuthorized: (context) => context.socket.authorized,
            getCertificate: (context) => context.socket.getPeerX509Certificate(),
            certificateSubjectMatches: (context, property, expected) =>
              property === "tls_client_auth_subject_dn" && context.socket.getPeerX509Certificate().subject === expected,
          }
        : { enabled: false },
    },
    renderError: (context, out) => {
      context.type = "json";
      context.body = out;
    },
  });
  provider.on("server_error", (_context, error) => console.error(error));
  return provider;
}

function handler(settings, issuer, provider, faults) {
  const callback = provider.callback();
  const form = Object.keys(settings.people).map((name) => `<option>${name}</option>`).join("");
  const page = `<!doctype html><title>Login</title><form method="post"><label>Person <select name="person">${form}</select></label>
    <button>Log in</button><button name="cancel" value="1">Cancel</button></form>`;

  async function logIn(request, answer) {
    if (request.method !== "POST") {
      answer.setHeader("content-type", "text/html; charset=utf-8");
      return answer.end(page);
    }
    const fields = new URLSearchParams(await text(request));
    const person = settings.people[fields.get("person")];
    const result = fields.has("cancel")
      ? { error: "access_denied", error_description: "cancelled" }
      : { login: { accountId: person.sub, acr: person.acr ?? "eidas1", amr: ["pwd", "mfa"], remember: false } };
    return provider.interactionFinished(request, answer, result, { mergeWithLastSubmission: false });
  }

  return async (request, answer) => {
    const url = new URL(request.url, issuer);
    const path = url.pathname.slice(settings.mount.length);
    if (url.pathname === "/__fault") {
      faults.set(JSON.parse(await text(request)).kind);
      return answer.end();
    }
    if (url.pathname === "/__asked") return answer.end(JSON.stringify(faults.asked));
    if (faults.isDown()) return answer.destroy();
    faults.note(path);
    if (path.startsWith("/login/")) return logIn(request, answer);
    const missing = (settings.demand ?? []).find((name) => !url.searchParams.get(name));
    const isShort = settings.demand && (url.searchParams.get("nonce") ?? "").length < 22;
    if (path === settings.routes.authorization && (missing || isShort)) {
      answer.statusCode = 400;
      return answer.end(`missing or too short: ${missing ?? "nonce"}`);
    }
    request.url = path === settings.description ? "/.well-known/openid-configuration" : request.url.slice(settings.mount.length);
    // The provider takes for its mount what the one has in front of the other.
    request.originalUrl = settings.mount + request.url;
    return callback(request, answer);
  };
}
