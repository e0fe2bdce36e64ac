// Identity providers on loopback, for tests: one like Pro Santé Connect, one like FranceConnect v2.
//
//   node main.mjs '{"people":{…},"origins":["https://site"],…}'   prints READY and a line of JSON
//
// People log in by a form with their name in it. Who runs the tests can make the next answer wrong: POST /__fault
// {"kind":…}; and ask what was asked for: GET /__asked. It ends when its standard input does.
import process from "node:process";
import { start } from "./provider.mjs";

// Who starts this reads one line; what the library has to say later finds nobody.
process.stdout.on("error", () => {});

const settings = JSON.parse(process.argv[2]);
const at = (path) => settings.origins.map((origin) => origin + path);
const goodbye = at("/au-revoir");

const secret = "a-secret-that-only-the-tests-know-0123456789";
const psc = {
  redirect_uris: at("/connexion/psc/retour"),
  post_logout_redirect_uris: goodbye,
  grant_types: ["authorization_code", "refresh_token"],
};
const pscClients = [
  { ...psc, client_id: "basic", client_secret: secret, token_endpoint_auth_method: "client_secret_basic" },
  { ...psc, client_id: "post", client_secret: secret, token_endpoint_auth_method: "client_secret_post" },
];
if (settings.client_jwk) {
  pscClients.push({
    ...psc,
    client_id: "jwt",
    jwks: { keys: [settings.client_jwk] },
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "ES256",
  });
}
if (settings.tls) {
  pscClients.push({
    ...psc,
    client_id: "mtls",
    token_endpoint_auth_method: "tls_client_auth",
    tls_client_auth_subject_dn: "CN=mtls",
  });
}

const professional = ["SubjectNameID", "SubjectRefPro", "SubjectRole", "preferred_username", "family_name", "given_name"];
const pivot = ["given_name", "given_name_array", "family_name", "birthdate", "gender", "birthplace", "birthcountry"];

const providers = {
  // Keycloak's paths; the description is not where OpenID Connect Discovery puts it; nonsense in acr_values_supported.
  psc: await start({
    port: settings.psc_port ?? 0,
    mount: "/auth/realms/esante-wallet",
    description: "/.well-known/wallet-openid-configuration",
    routes: {
      authorization: "/protocol/openid-connect/auth",
      token: "/protocol/openid-connect/token",
      introspection: "/protocol/openid-connect/token/introspect",
      userinfo: "/protocol/openid-connect/userinfo",
      end_session: "/protocol/openid-connect/logout",
      jwks: "/protocol/openid-connect/certs",
      revocation: "/protocol/openid-connect/revoke",
    },
    algorithm: "RS256",
    people: settings.people,
    // Keycloak puts the claims into the ID token too.
    conform: false,
    scopes: { openid: ["sub", "amr"], scope_all: professional },
    levels: ["0", "eidas1"],
    seconds: { AccessToken: 120, AuthorizationCode: 60, IdToken: 120, RefreshToken: 1800, Interaction: 600, Session: 14400, Grant: 14400 },
    clients: pscClients,
    refresh: true,
    tls: settings.tls,
  }),
  franceconnect: await start({
    port: settings.franceconnect_port ?? 0,
    mount: "/api/v2",
    description: "/.well-known/openid-configuration",
    routes: { authorization: "/authorize", token: "/token", userinfo: "/userinfo", end_session: "/session/end", jwks: "/jwks" },
    algorithm: "ES256",
    people: settings.people,
    scopes: { openid: ["sub"], identite_pivot: pivot, email: ["email"] },
    levels: ["eidas1", "eidas2", "eidas3"],
    seconds: { AccessToken: 60, AuthorizationCode: 30, IdToken: 60, Interaction: 1800, Session: 1800, Grant: 1800 },
    pairwise: true,
    demand: ["nonce", "state", "acr_values"],
    clients: [
      {
        client_id: "patients",
        client_secret: secret,
        // Subjects are made up per host: one host.
        redirect_uris: at("/connexion/franceconnect/retour").slice(0, 1),
        post_logout_redirect_uris: goodbye,
        token_endpoint_auth_method: "client_secret_post",
        id_token_signed_response_alg: "ES256",
        userinfo_signed_response_alg: "ES256",
        grant_types: ["authorization_code"],
        subject_type: "pairwise",
      },
    ],
  }),
};

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
console.log("READY", JSON.stringify({ psc: providers.psc, franceconnect: providers.franceconnect, secret }));
