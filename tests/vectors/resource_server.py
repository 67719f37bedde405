"""Writes resource_server.json: requests to a resource server, and what it has to answer.

With Python 3.9 or later:

    pip install cryptography==50.0.2
    python3 resource_server.py > resource_server.json

The keys are written here and every signature is deterministic, so each run writes the same file. They
protect nothing.
"""

import base64
import hashlib
import hmac
import json
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NOW = 1_800_000_000
RSA_P = int(
    "fd594a16ee115e2b21a65cb26608a926ffb281d02594582bea234104f814ec86777ce15a4d95b5a81059349f99f39b46"
    "4b192120c48b3ce60674b05ded9a52f3a064f7b884f907293252dc8db6466118c54e59778cb87926658f821b83c20796"
    "6a1dbc1364838f487ffc133b08af20f1fb93ce7f534a8c6551c7fe5c8fdef64f",
    16,
)
RSA_Q = int(
    "d7b398f3b5cc2c05b6040300898afec0def8c3207bb899081147008bac9d5bf00eab1028c656e5e6c54d74a5f83e24c3"
    "59f42999300cd7a23556cd3d47273322f9020b54511ad35f473ba7948093a57634a76404115a4263b6e0cd9bace0d81c"
    "6ff826d77057cdb1dc4a1634b306234b714281cff0e6892dba87c6690cf5dfa7",
    16,
)

# Of keys and signatures.


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def octets(number, length):
    return b64(number.to_bytes(length, "big"))


class Key:
    """A private key: for EC and Ed25519 it is the SHA-256 hash of its label."""

    def __init__(self, label, alg, kid=None):
        self.alg, self.kid = alg, kid
        seed = hashlib.sha256(f"resource server vectors: {label}".encode()).digest()
        if alg in ("ES256", "ES384"):
            curve = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1()}[alg]
            self.key = ec.derive_private_key(int.from_bytes(seed, "big"), curve)
        elif alg == "EdDSA":
            self.key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        else:
            n, phi, e = RSA_P * RSA_Q, (RSA_P - 1) * (RSA_Q - 1), 65537
            d = pow(e, -1, phi)
            numbers = rsa.RSAPrivateNumbers(
                RSA_P, RSA_Q, d, d % (RSA_P - 1), d % (RSA_Q - 1), pow(RSA_Q, -1, RSA_P),
                rsa.RSAPublicNumbers(e, n),
            )
            self.key = numbers.private_key()

    def bare_jwk(self):
        """The members that a thumbprint is made of (RFC 7638 section 3.2)."""
        public = self.key.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            crv, length = {"ES256": ("P-256", 32), "ES384": ("P-384", 48)}[self.alg]
            at = public.public_numbers()
            return {"crv": crv, "kty": "EC", "x": octets(at.x, length), "y": octets(at.y, length)}
        if isinstance(public, ed25519.Ed25519PublicKey):
            x = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
            return {"crv": "Ed25519", "kty": "OKP", "x": b64(x)}
        at = public.public_numbers()
        return {"e": octets(at.e, 3), "kty": "RSA", "n": octets(at.n, 256)}

    def published(self):
        return {**self.bare_jwk(), "kid": self.kid, "alg": self.alg, "use": "sig"}

    def thumbprint(self):
        return b64(hashlib.sha256(compact(self.bare_jwk()).encode()).digest())

    def sign(self, message, alg=None):
        alg = alg or self.alg
        if alg in ("ES256", "ES384"):
            sha, length = {"ES256": (hashes.SHA256(), 32), "ES384": (hashes.SHA384(), 48)}[alg]
            der = self.key.sign(message, ec.ECDSA(sha, deterministic_signing=True))
            r, s = decode_dss_signature(der)
            return r.to_bytes(length, "big") + s.to_bytes(length, "big")
        if alg == "EdDSA":
            return self.key.sign(message)
        sha = {"RS256": hashes.SHA256(), "RS512": hashes.SHA512()}[alg]
        return self.key.sign(message, padding.PKCS1v15(), sha)

    def pem(self):
        public = self.key.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


AS = Key("as", "ES256", "as-1")
RSA = Key("rsa", "RS256", "rsa-1")
ED = Key("ed", "EdDSA", "ed-1")
DOWN = Key("down", "ES256", "down-1")
STRANGER = Key("stranger", "ES256", "stranger-1")
FORGER = Key("forger", "ES256", "as-1")
HOLDER = Key("holder", "ES256")
HOLDER_ED = Key("holder of Ed25519", "EdDSA")
HOLDER_384 = Key("holder of P-384", "ES384")
OTHER_HOLDER = Key("another holder", "ES256")

ISSUERS = {
    "as": ("https://as.example.com", [AS], ["ES256"]),
    "rsa": ("https://rsa.example.com", [RSA], ["RS256"]),
    "ed": ("https://ed.example.com", [ED], ["EdDSA"]),
    "down": ("https://down.example.com", None, ["ES256"]),
    "stranger": ("https://stranger.example.com", [STRANGER], ["ES256"]),
}

# Of policies.

NONCE, OLD_NONCE = "server-nonce-2", "server-nonce-1"

POLICIES = {
    "api": {
        "resource": "https://api.example.com",
        "issuers": ["as", "rsa", "ed", "down"],
        "scopes_supported": ["files:read", "files:write", "files:delete"],
        "implies": {"files:write": ["files:read"]},
        "requirement": {"scopes": ["files:read"]},
        "operations": [
            {
                "method": "DELETE",
                "path": "/files",
                "requirement": {"scopes": ["files:read", "files:delete"]},
            },
            {"method": "POST", "path": "/approvals", "requirement": {"acr_values": ["phr", "phrh"]}},
            {"method": "GET", "path": "/statements", "requirement": {"max_age": 600}},
            {
                "method": "POST",
                "path": "/transfers",
                "requirement": {"scopes": ["payments:write"], "acr_values": ["phr"], "max_age": 300},
            },
        ],
    },
    "alone": {
        "resource": "https://alone.example.com/",
        "issuers": ["as"],
        "other_audiences": "refused",
    },
    "mcp": {
        "resource": "https://mcp.example.com/mcp",
        "audience": "resource",
        "issuers": ["as", "down"],
        "scopes_supported": ["files:read", "files:delete"],
        "implies": {"files:admin": ["files:read", "files:delete"]},
        "requirement": {"scopes": ["files:read"]},
        "mcp": {
            "tools": {
                "read_file": ["files:read"],
                "delete_file": ["files:read", "files:delete"],
                "list_roots": [],
            },
            "methods": {"resources/read": ["files:read", "resources:read"]},
        },
    },
    "mcp-dpop": {
        "resource": "https://mcp.example.com/bound",
        "audience": "resource",
        "issuers": ["as"],
        "dpop": {"algorithms": ["ES256"]},
        "mcp": {"tools": {"list_roots": [], "delete_file": ["files:delete"]}, "methods": {}},
    },
    "dpop": {
        "resource": "https://pay.example.com/v1/",
        "issuers": ["as", "down"],
        "scopes_supported": ["payments:read", "payments:write"],
        "dpop": {"algorithms": ["ES256", "EdDSA"]},
        "operations": [
            {
                "method": "POST",
                "path": "/v1/payments",
                "requirement": {"scopes": ["payments:read", "payments:write"]},
            },
            {"method": "GET", "path": "/v1/limits", "requirement": {"acr_values": ["phr"]}},
        ],
    },
    "dpop-nonce": {
        "resource": "https://nonce.example.com/res?tenant=a",
        "issuers": ["as"],
        "bearer": False,
        "dpop": {"algorithms": ["ES256"], "nonce": NONCE, "previous_nonce": OLD_NONCE},
    },
}
DEFAULTS = {
    "tokens": "RFC 9068",
    "audience": "exact",
    "other_audiences": "accepted",
    "scopes_supported": [],
    "implies": {},
    "bearer": True,
    "dpop": None,
    "mcp": None,
    "operations": [],
}
NOTHING = {"scopes": [], "acr_values": [], "max_age": None}
for policy in POLICIES.values():
    for member, value in DEFAULTS.items():
        policy.setdefault(member, value)
    if policy["dpop"]:
        policy["dpop"] = {"nonce": None, "previous_nonce": None, **policy["dpop"]}
    policy["requirement"] = {**NOTHING, **policy.get("requirement", {})}
    for operation in policy["operations"]:
        operation["requirement"] = {**NOTHING, **operation["requirement"]}


def origin(policy):
    parts = urlsplit(POLICIES[policy]["resource"])
    return f"{parts.scheme}://{parts.netloc}"


WELL_KNOWN = {
    "api": "/.well-known/oauth-protected-resource",
    "alone": "/.well-known/oauth-protected-resource",
    "mcp": "/.well-known/oauth-protected-resource/mcp",
    "mcp-dpop": "/.well-known/oauth-protected-resource/bound",
    "dpop": "/.well-known/oauth-protected-resource/v1/",
    "dpop-nonce": "/.well-known/oauth-protected-resource/res?tenant=a",
}

# Of tokens.

SERIAL = iter(range(1, 10_000))


def jws(key, header, payload, alg=None):
    text = payload if isinstance(payload, str) else compact(payload)
    message = f"{b64(compact(header).encode())}.{b64(text.encode())}"
    return f"{message}.{b64(key.sign(message.encode(), alg))}"


def claims_for(policy, issuer="as", without=(), **claims):
    resource = POLICIES[policy]["resource"]
    if policy == "api":
        claims.setdefault("scope", "files:read")
    if policy == "mcp":
        claims.setdefault("scope", "files:read")
    good = {
        "iss": ISSUERS[issuer][0],
        "aud": resource,
        "sub": "user-1",
        "client_id": "app-1",
        "jti": f"token-{next(SERIAL)}",
        "iat": NOW - 30,
        "exp": NOW + 600,
        **claims,
    }
    return {name: value for name, value in good.items() if name not in without}


def token(policy="api", issuer="as", key=None, header=None, alg=None, **claims):
    key = key or {"as": AS, "rsa": RSA, "ed": ED, "down": DOWN, "stranger": STRANGER}[issuer]
    head = {"typ": "at+jwt", "alg": alg or key.alg, "kid": key.kid, **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    return jws(key, head, claims_for(policy, issuer, **claims), alg)


def bound(policy="dpop", key=HOLDER, **claims):
    return token(policy, cnf={"jkt": key.thumbprint()}, **claims)


def hash_of(text):
    return b64(hashlib.sha256(text.encode()).digest())


def proof(method, url, access_token, key=HOLDER, header=None, without=(), signed_by=None, **claims):
    head = {"typ": "dpop+jwt", "alg": key.alg, "jwk": key.bare_jwk(), **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    good = {
        "jti": f"proof-{next(SERIAL)}",
        "htm": method,
        "htu": url,
        "iat": NOW - 2,
        "ath": hash_of(access_token),
        **claims,
    }
    good = {name: value for name, value in good.items() if name not in without}
    return jws(signed_by or key, head, good)


# Of requests and expectations.


def request(policy, method, target, *headers, body=None):
    made = {"method": method, "target": target}
    made["headers"] = [["Host", urlsplit(origin(policy)).netloc], *map(list, headers)]
    if body is not None:
        made["body"] = body
    return made


def bearer(text, scheme="Bearer"):
    return ("Authorization", f"{scheme} {text}")


def requirement_of(policy, asked):
    path = asked["target"].split("?")[0]
    for operation in POLICIES[policy]["operations"]:
        if (operation["method"], operation["path"]) == (asked["method"], path):
            return operation["requirement"]
    return POLICIES[policy]["requirement"]


CALLER = {"sub": "user-1", "client_id": "app-1"}


def accept(asked, sub="user-1", client_id="app-1"):
    return asked, {"status": 200, "caller": {"sub": sub, "client_id": client_id}}


def either(step, *statuses, reason, last=False):
    """The same step with further statuses that the specifications leave room for, recommended or not."""
    asked, expect = step
    all = [*statuses, expect["status"]] if last else [expect["status"], *statuses]
    return asked, {**expect, "status": all, "reason": reason}


def maybe(step, reason, recommended=401):
    """The same step, which may also be accepted."""
    asked, expect = step
    statuses = [recommended, 401 if recommended == 200 else 200]
    return asked, {**expect, "status": statuses, "reason": reason, "caller": CALLER}


def refuse(policy, asked, status, error, used="Bearer", scope=None, more=None, **rest):
    """An answer with challenges. The error stands on that of the scheme that was used."""
    terms = POLICIES[policy]
    offered = (["Bearer"] if terms["bearer"] else []) + (["DPoP"] if terms["dpop"] else [])
    listed = error if isinstance(error, list) else [error]
    challenges = []
    for scheme in offered:
        on_it = scheme == used or used not in offered
        known = [code for code in listed if code is not None]
        parameters = {"error": error if on_it else [None, *known]}
        needed = scope or " ".join(requirement_of(policy, asked)["scopes"])
        if needed:
            parameters["scope"] = needed if isinstance(needed, list) else [needed, None]
        parameters["resource_metadata"] = [origin(policy) + WELL_KNOWN[policy], None]
        if scheme == "DPoP":
            parameters["algs"] = [" ".join(terms["dpop"]["algorithms"]), None]
        if on_it:
            parameters.update(more or {})
        challenge = {"scheme": scheme, "parameters": parameters}
        absent = [name for name in ("acr_values", "max_age") if name not in parameters]
        if scheme == "Bearer":
            absent.append("algs")
        challenges.append({**challenge, "absent": absent, "optional": scheme != used and on_it is False})
    return asked, {"status": status, "challenges": challenges, **rest}


NO_CREDENTIALS = [None, "invalid_token", "invalid_request"]


def no_credentials(policy, asked, used="Bearer", **rest):
    """RFC 6750 section 3.1: without authentication information there SHOULD be no error code."""
    return refuse(policy, asked, 401, NO_CREDENTIALS, used, **rest)


def invalid_token(policy, asked, used="Bearer", **rest):
    return refuse(policy, asked, 401, "invalid_token", used, **rest)


def invalid_proof(policy, asked, *others, status=401, **rest):
    """RFC 9449 section 7.1: the error SHOULD be there."""
    error = ["invalid_dpop_proof", *others, None]
    return refuse(policy, asked, status, error, "DPoP", **rest)


def unavailable(asked):
    reason = (
        "whether the token is good is not known, so neither 200 nor 401 is true; RFC 9110 section "
        "15.6.4 has 503 for it, and Retry-After MAY be there"
    )
    expect = {"status": [503, 500], "reason": reason, "challenges": []}
    return asked, {**expect, "headers": {"Retry-After": [True, None]}}


CASES = []


def case(name, rules, comment, policy, *steps):
    steps = [{"request": asked, "expect": expect} for asked, expect in steps]
    rules = [rule.strip() for rule in rules.split(",")]
    CASES.append({"id": name, "rules": rules, "comment": comment, "policy": policy, "steps": steps})


def files(*headers, target="/files"):
    return request("api", "GET", target, *headers)


MALFORMED = (
    "RFC 6750 section 3.1 has 400 for a malformed request (SHOULD), MCP has 400 as well; a server that "
    "finds no credentials in the field answers 401"
)


def credentials():
    malformed = ["invalid_request", "invalid_token", None]
    good = token()
    case("credentials-good", "MCP-05,RFC 6750 §2.1", "a good token in the header", "api",
         accept(files(bearer(good))))
    for scheme in ("bearer", "BEARER", "bEaReR"):
        case(f"credentials-scheme-{scheme}", "RFC 6750 §2.1,RFC 9110 §11.1",
             "names of schemes are compared without regard to letter case", "api",
             accept(files(bearer(good, scheme))))
    case("credentials-two-spaces", "RFC 6750 §2.1", "1*SP stands between scheme and token", "api",
         accept(files(bearer(f" {good}"))))
    case("credentials-none", "MCP-10,RFC 6750 §3.1", "no Authorization header", "api",
         no_credentials("api", files()))
    case("credentials-none-on-an-operation", "MCP-11,RFC 6750 §3",
         "the challenge names the scopes of the operation", "api",
         no_credentials("api", request("api", "DELETE", "/files")))
    case("credentials-basic", "RFC 6750 §3.1", "an authentication method that is not offered", "api",
         no_credentials("api", files(("Authorization", "Basic dXNlci0xOnNlY3JldA=="))))
    case("credentials-token-without-scheme", "RFC 6750 §2.1", "the token alone is no scheme and token",
         "api", either(refuse("api", files(("Authorization", good)), 401, NO_CREDENTIALS), 400,
                       reason=MALFORMED))
    case("credentials-tab", "RFC 6750 §2.1,RFC 9110 §11.4", "a tab is no space", "api",
         either(refuse("api", files(("Authorization", f"Bearer\t{good}")), 401, NO_CREDENTIALS), 400,
                reason=MALFORMED))
    case("credentials-dpop-not-offered", "RFC 9110 §11.6.1",
         "DPoP at a server that offers Bearer and nothing else", "api",
         no_credentials("api", files(bearer(good, "DPoP"))))
    case("credentials-empty", "RFC 6750 §3.1,MCP-10", "an empty Authorization header", "api",
         either(refuse("api", files(("Authorization", "")), 401, NO_CREDENTIALS), 400,
                reason=MALFORMED))
    rows = [
        ("no-token", "Bearer", "a scheme without a token"),
        ("spaces-only", "Bearer    ", "a scheme and spaces"),
        ("two-tokens", f"Bearer {good} {good}", "two tokens after the scheme"),
        ("trailing-parameter", f"Bearer {good}, realm=x", "something behind the token"),
        ("quoted", f'Bearer "{good}"', "a token in quotes"),
        ("as-parameter", f"Bearer token={good}", "`=` stands at the end of a token only"),
        ("padding-only", "Bearer ===", "nothing but padding"),
    ]
    for name, value, comment in rows:
        case(f"credentials-{name}", "RFC 6750 §2.1,RFC 6750 §3.1,MCP-10", comment, "api",
             either(refuse("api", files(("Authorization", value)), 400, malformed), 401,
                    reason=MALFORMED))
    repeated = (
        "RFC 6750 section 3.1 has 400 for a request with more than one token (SHOULD); the field is no "
        "list (RFC 9110 section 5.3), so a server may find no credentials in it"
    )
    for name, second in (("the-same", good), ("another", token(sub="user-2")), ("a-bad-one", "x.y.z")):
        asked = files(bearer(good), bearer(second))
        case(f"credentials-repeated-{name}", "RFC 6750 §3.1,RFC 9110 §5.3",
             "two Authorization headers", "api",
             either(refuse("api", asked, 400, malformed), 401, reason=repeated))
    asked = files(bearer(good), ("Authorization", "Basic dXNlci0xOnNlY3JldA=="))
    case("credentials-repeated-basic", "RFC 6750 §3.1,RFC 9110 §5.3",
         "two Authorization headers of two schemes", "api",
         either(refuse("api", asked, 400, malformed), 401, reason=repeated))
    in_query = f"/files?access_token={good}"
    case("credentials-query-only", "MCP-05,RFC 6750 §2.3", "a token in the query is not looked at",
         "api", either(no_credentials("api", files(target=in_query)), 400,
                       reason="a server may call such a request malformed"))
    two_methods = (
        "RFC 6750 section 3.1 has 400 for more than one method (SHOULD); a server without the query "
        "method may take the parameter for one of the application"
    )
    asked = files(bearer(good), target=in_query)
    case("credentials-query-beside-header", "MCP-05,RFC 6750 §2,RFC 6750 §3.1",
         "a token in the query beside the one in the header", "api",
         either(refuse("api", asked, 400, malformed, caller=CALLER), 401, 200, reason=two_methods))
    asked = files(bearer(good), target=f"/files?a=1&access%5Ftoken={good}")
    case("credentials-escaped-query-beside-header", "MCP-05,RFC 6750 §2,RFC 6750 §3.1",
         "the same with an escape in the parameter's name", "api",
         either(refuse("api", asked, 400, malformed, caller=CALLER), 401, 200, reason=two_methods))
    case("credentials-other-query", "RFC 6750 §2.3", "a parameter whose name only resembles it", "api",
         accept(files(bearer(good), target="/files?my_access_token=1&access_tokens=2")))
    form = ("Content-Type", "application/x-www-form-urlencoded")
    asked = request("api", "POST", "/files", form, body=f"access_token={good}")
    case("credentials-form-only", "MCP-05,RFC 6750 §2.2", "a token in a form is not looked at", "api",
         either(no_credentials("api", asked), 400,
                reason="a server may call such a request malformed"))
    case("credentials-every-request", "MCP-05,MCP-17",
         "a request after a good one, in the same session, needs a token of its own", "api",
         accept(files(bearer(good), ("Mcp-Session-Id", "session-1"))),
         no_credentials("api", files(("Mcp-Session-Id", "session-1"))))


def tokens():
    def good(name, rules, comment, text, **rest):
        case(f"token-{name}", rules, comment, "api", accept(files(bearer(text)), **rest))

    def bad(name, rules, comment, text):
        case(f"token-{name}", rules, comment, "api", invalid_token("api", files(bearer(text))))

    def free(name, rules, comment, text, reason, recommended=401):
        step = invalid_token("api", files(bearer(text)))
        case(f"token-{name}", rules, comment, "api", maybe(step, reason, recommended))

    good("rs256", "AT-05", "signed with RS256", token(issuer="rsa", sub="user-2"), sub="user-2")
    good("ed25519", "AT-05", "signed with Ed25519", token(issuer="ed", client_id="app-2"),
         client_id="app-2")
    good("client-itself", "AT-11", "sub equals client_id", token(sub="app-1"), sub="app-1")
    free("typ-upper-case", "AT-01", "media types are compared without regard to letter case",
         token(header={"typ": "AT+JWT"}), recommended=200,
         reason="RFC 7515 section 4.1.9 has a media type, RFC 9068 section 4 a fixed value")
    good("typ-in-full", "AT-01", "the media type in full", token(header={"typ": "application/at+jwt"}))
    good("aud-array", "AT-04", "an array with one audience", token(aud=["https://api.example.com"]))
    good("aud-one-of-two", "AT-04", "an audience beside the server's own, where that is accepted",
         token(aud=["https://other.example.com", "https://api.example.com"]))
    good("exp-fraction", "AT-06", "a date may have a fraction (RFC 7519 section 2)",
         token(exp=NOW + 600.5))
    good("nbf-past", "RFC 7519 §4.1.5", "nbf has passed", token(nbf=NOW - 600))
    good("unknown-claims", "RFC 7519 §4", "claims that are not understood are ignored",
         token(color="red", **{"https://example.com/x": {"y": [1, None]}}))

    bad("expired", "AT-06,AT-08,MCP-10", "it expired an hour ago",
        token(iat=NOW - 7200, exp=NOW - 3600))
    bad("expired-at-the-epoch", "AT-06", "exp is 0", token(iat=0, exp=0))
    bad("not-yet-valid", "RFC 7519 §4.1.5", "nbf is in an hour", token(nbf=NOW + 3600, exp=NOW + 7200))
    for name, value in (("string", str(NOW + 600)), ("null", None), ("object", {})):
        bad(f"exp-{name}", "AT-02,AT-06", "exp is not a number", token(exp=value))
    bad("nbf-string", "RFC 7519 §4.1.5", "nbf is not a number", token(nbf="1"))
    bad("aud-other", "AT-04,MCP-07", "it is for another resource",
        token(aud="https://other.example.com"))
    bad("aud-others", "AT-04,MCP-07", "it is for other resources",
        token(aud=["https://other.example.com", "https://api.example.net"]))
    bad("aud-empty", "AT-04", "it is for nobody", token(aud=[]))
    bad("aud-object", "AT-04", "aud is an object", token(aud={"https://api.example.com": True}))
    bad("aud-list-in-a-string", "AT-04", "two audiences in one string",
        token(aud="https://api.example.com https://other.example.com"))
    for name, value in (
        ("upper-case-host", "https://API.example.com"),
        ("trailing-slash", "https://api.example.com/"),
        ("path", "https://api.example.com/files"),
        ("port", "https://api.example.com:443"),
        ("http", "http://api.example.com"),
        ("longer-host", "https://api.example.com.example.net"),
        ("prefix", "https://api.example.co"),
        ("wildcard", "https://*.example.com"),
    ):
        bad(f"aud-{name}", "AT-04,RFC 7519 §2",
            "audiences are compared as they stand, without transformations", token(aud=value))
    bad("iss-not-trusted", "AT-03", "a good token of an issuer that is not trusted",
        token(issuer="stranger"))
    for name, value in (
        ("trailing-slash", "https://as.example.com/"),
        ("upper-case", "https://AS.example.com"),
        ("of-another", "https://rsa.example.com"),
        ("empty", ""),
        ("array", ["https://as.example.com"]),
    ):
        bad(f"iss-{name}", "AT-03", "iss is not exactly that of the issuer whose key it is",
            token(iss=value))
    bad("kid-unknown", "AT-05", "it names a key that the issuer does not have",
        token(header={"kid": "as-2"}))
    bad("kid-of-another-issuer", "AT-05,RFC 8725 §3.8", "it names a key of another issuer",
        token(header={"kid": "rsa-1"}))
    free("kid-none", "AT-05", "it names no key, and the issuer has one", token(header={"kid": None}),
         reason="RFC 9068 does not demand kid, and a server need not guess", recommended=200)
    bad("forged", "AT-05", "signed with another key under the name of the issuer's", token(key=FORGER))
    bad("forged-by-another-issuer", "AT-05,RFC 8725 §3.8",
        "signed by another trusted issuer in the name of this one",
        token(issuer="as", key=RSA))
    bad("forged-with-key-in-header", "AT-05", "the key that verifies it came along in the header",
        token(key=FORGER, header={"jwk": FORGER.bare_jwk(), "kid": None}))
    bad("forged-with-key-url", "AT-05", "the header says where the key is said to be",
        token(key=FORGER, header={"jku": "https://as.example.com.example.net/jwks"}))
    head, payload, signature = token().split(".")
    other = b64(compact(claims_for("api", sub="admin")).encode())
    bad("payload-exchanged", "AT-05", "claims of another token", f"{head}.{other}.{signature}")
    bad("signature-cut-off", "AT-05", "half of the signature", f"{head}.{payload}.{signature[:40]}")
    bad("signature-empty", "AT-05", "no signature", f"{head}.{payload}.")
    bad("signature-zero", "AT-05", "a signature of zeros", f"{head}.{payload}.{b64(bytes(64))}")
    for name in ("none", "None", "nOnE"):
        head = b64(compact({"typ": "at+jwt", "alg": name}).encode())
        bad(f"alg-{name}", "AT-05,RFC 8725 §3.2", "an unsecured token", f"{head}.{payload}.")
    head = b64(compact({"typ": "at+jwt", "alg": "none", "kid": "as-1"}).encode())
    bad("alg-none-with-signature", "AT-05", "alg none with the signature of another header",
        f"{head}.{payload}.{signature}")
    for name, secret in (
        ("pem", RSA.pem()),
        ("jwk", compact(RSA.published()).encode()),
        ("n", base64.urlsafe_b64decode(RSA.bare_jwk()["n"] + "==")),
    ):
        head = b64(compact({"typ": "at+jwt", "alg": "HS256", "kid": "rsa-1"}).encode())
        text = b64(compact(claims_for("api", "rsa")).encode())
        mac = hmac.new(secret, f"{head}.{text}".encode(), hashlib.sha256).digest()
        bad(f"alg-hs256-{name}", "AT-05,RFC 8725 §3.1", "a MAC whose secret is the public key",
            f"{head}.{text}.{b64(mac)}")
    bad("alg-not-permitted", "AT-05,RFC 8725 §3.1", "RS512 with a key for RS256",
        token(issuer="rsa", alg="RS512"))

    for name, typ in (
        ("absent", None),
        ("jwt", "JWT"),
        ("logout", "logout+jwt"),
        ("dpop", "dpop+jwt"),
        ("id-jag", "oauth-id-jag+jwt"),
        ("secevent", "secevent+jwt"),
        ("longer", "at+jwt2"),
        ("text", "text/at+jwt"),
    ):
        bad(f"typ-{name}", "AT-01,AT-10,RFC 8725 §3.11",
            "typ is not that of an access token; all claims are", token(header={"typ": typ}))
    id_token = claims_for("api", without=("client_id", "jti", "scope"), nonce="n-1", azp="app-1")
    bad("id-token", "AT-01,AT-10", "an ID token that names the resource as an audience",
        jws(AS, {"typ": "JWT", "alg": "ES256", "kid": "as-1"}, {**id_token, "aud": [
            "app-1", "https://api.example.com"]}))
    events = {"http://schemas.openid.net/event/backchannel-logout": {}}
    logout = claims_for("api", without=("client_id", "scope"), events=events, sid="s-1")
    bad("logout-token", "AT-01", "a logout token for the resource",
        jws(AS, {"typ": "logout+jwt", "alg": "ES256", "kid": "as-1"}, logout))
    bad("dpop-proof", "AT-01,DP-15", "a DPoP proof as access token",
        proof("GET", "https://api.example.com/files", "", without=("ath",)))
    for claim in ("iss", "exp", "aud", "sub", "client_id", "iat", "jti"):
        bad(f"without-{claim}", "AT-02", f"{claim} is required", token(without=(claim,)))
    bad("sub-number", "AT-02", "sub is not a string", token(sub=1))
    bad("client-id-null", "AT-02", "client_id is null", token(client_id=None))

    twice = (
        "RFC 7519 section 4: parsers reject names that stand twice, or use the last one"
    )
    good_claims = claims_for("api")

    def doubled(member, first, last):
        rest = {name: value for name, value in good_claims.items() if name != member}
        members = compact(rest)[1:-1]
        return jws(AS, {"typ": "at+jwt", "alg": "ES256", "kid": "as-1"},
                   f'{{"{member}":{compact(first)},{members},"{member}":{compact(last)}}}')

    for member, value in (
        ("aud", "https://other.example.com"), ("exp", NOW - 3600), ("iss", "https://rsa.example.com"),
    ):
        own = good_claims[member]
        bad(f"twice-{member}-last-bad", "RFC 7519 §4", f"{member} stands twice, and the last is wrong",
            doubled(member, own, value))
        free(f"twice-{member}-first-bad", "RFC 7519 §4",
             f"{member} stands twice, and the first is wrong", doubled(member, value, own), twice)
    for name, value in (("empty", []), ("unknown", ["x"]), ("not-there", ["exp"]), ("string", "exp")):
        extra = {"crit": value, "x": 1}
        bad(f"crit-{name}", "RFC 7515 §4.1.11", "crit that is not understood, or malformed",
            token(header=extra))
    for name, text in (
        ("opaque", "mF_9.B5f-4.1JqM"),
        ("two-parts", "eyJhbGciOiJFUzI1NiJ9.e30"),
        ("four-parts", f"{token()}.e30"),
        ("padded", token() + "=="),
        ("not-json", jws(AS, {"typ": "at+jwt", "alg": "ES256", "kid": "as-1"}, "not JSON")),
        ("array", jws(AS, {"typ": "at+jwt", "alg": "ES256", "kid": "as-1"}, "[]")),
    ):
        bad(f"form-{name}", "AT-08,RFC 7519 §7.2", "it is not a signed JWT in compact form", text)

    unaware = (
        "RFC 9449 section 7.2: a resource server that does not know DPoP would accept a bound token as "
        "a bearer token (RFC 7519 has claims ignored that are not understood)"
    )
    free("cnf-jkt-as-bearer", "AT-13,AT-14", "bound to a key, where DPoP is not offered",
         token(cnf={"jkt": HOLDER.thumbprint()}), unaware)
    free("cnf-x5t-as-bearer", "AT-13,RFC 8705 §3", "bound to a certificate that did not come along",
         token(cnf={"x5t#S256": hash_of("a certificate")}),
         "RFC 8705 section 3 demands the certificate of servers that support it; others ignore cnf")
    free("cnf-unknown-as-bearer", "AT-15,RFC 7800 §3.1", "bound in a way that nobody knows",
         token(cnf={"other#method": "x"}),
         "RFC 7800 section 3.1 has members ignored that are not understood, unless the application "
         "demands more; without its only member the token is no longer bound")
    case("token-other-audience-refused", "AT-04,MCP-08",
         "an audience beside the server's own, where that is refused", "alone",
         invalid_token("alone", request("alone", "GET", "/", bearer(token("alone", aud=[
             "https://alone.example.com/", "https://other.example.com"])))))
    case("token-own-audience-alone", "AT-04", "the only audience, as an array", "alone",
         accept(request("alone", "GET", "/", bearer(token("alone", aud=["https://alone.example.com/"])))))


def keys():
    case("keys-unavailable", "RFC 9110 §15.6.4", "the issuer's keys could not be fetched", "api",
         unavailable(files(bearer(token(issuer="down")))))
    asked = files(bearer(token(issuer="down", exp=NOW - 3600, iat=NOW - 7200)))
    asked, expect = invalid_token("api", asked)
    case("keys-unavailable-and-expired", "AT-06", "the same, and the token has expired", "api",
         (asked, {**expect, "status": [503, 500, 401],
                  "reason": "without a key no claim is believed; a server may look at exp before"}))
    case("keys-unavailable-of-another", "AT-05", "the keys of another issuer are there", "api",
         accept(files(bearer(token(issuer="rsa")))))


def scopes():
    def delete(scope):
        return request("api", "DELETE", "/files", bearer(token(scope=scope)))

    for name, rules, comment, scope in (
        ("one-lacking", "MCP-12,RFC 6750 §3.1", "one of two scopes", "files:read"),
        ("the-other-lacking", "MCP-12", "the other one of two scopes", "files:delete"),
        ("all-lacking", "MCP-12", "neither of two scopes", "other"),
        ("empty", "AT-09", "no scope", None),
        ("letter-case", "RFC 6749 §3.3", "scopes are compared in their letters",
         "FILES:READ FILES:DELETE"),
        ("prefix", "RFC 6749 §3.3", "scopes that only begin alike",
         "files:read:own files:delete:own"),
    ):
        asked = delete(scope) if scope else request(
            "api", "DELETE", "/files", bearer(token(without=("scope",))))
        missing = {"files:read": "files:delete", "files:delete": "files:read"}.get(scope)
        named = ["files:read files:delete", *([missing] if missing else []), None]
        rest = {}
        if missing:
            rest["reason"] = "MCP: scopes that the token has need not be named again"
        case(f"scope-{name}", rules, comment, "api",
             refuse("api", asked, 403, "insufficient_scope", scope=named, **rest))
    case("scope-both", "MCP-12", "both scopes, in another order, and a further one", "api",
         accept(delete("other files:delete files:read")))
    case("scope-implied", "MCP-13", "a broader scope implies the narrower one", "api",
         accept(delete("files:delete files:write")))
    case("scope-not-implied", "MCP-13", "the narrower scope does not imply the broader one", "api",
         refuse("api", files(bearer(token(scope="files:delete"))), 403, "insufficient_scope"))
    case("scope-array", "AT-09,RFC 8693 §4.2", "scope is an array", "api",
         either(refuse("api", files(bearer(token(scope=["files:read"]))), 401,
                       ["invalid_token", "insufficient_scope"]), 403,
                reason="scope is one string (RFC 8693 section 4.2); a server may also find none in it"))
    asked = request("api", "DELETE", "/files", bearer(token(exp=NOW - 3600, iat=NOW - 7200, scope="x")))
    case("scope-lacking-and-expired", "AT-08,RFC 6750 §3.1",
         "of an expired token nothing is said but that it is not valid", "api",
         invalid_token("api", asked))


def step_up():
    error = "insufficient_user_authentication"

    def approve(**claims):
        return request("api", "POST", "/approvals", bearer(token(**claims)))

    def state(**claims):
        return request("api", "GET", "/statements", bearer(token(**claims)))

    def transfer(**claims):
        claims.setdefault("scope", "payments:write")
        return request("api", "POST", "/transfers", bearer(token(**claims)))

    acr = {"acr_values": ["phr phrh", None]}
    age = {"max_age": ["600", None]}
    both = {"acr_values": ["phr", None], "max_age": ["300", None]}
    for value in ("phr", "phrh"):
        case(f"step-up-acr-{value}", "AT-16,RFC 9470 §3", "one of the classes that will do", "api",
             accept(approve(acr=value)))
    for name, claims in (("other", {"acr": "pwd"}), ("absent", {}), ("list", {"acr": "phr phrh"})):
        case(f"step-up-acr-{name}", "AT-16,RFC 9470 §3", "none of the classes that will do", "api",
             refuse("api", approve(**claims), 401, error, more=acr))
    case("step-up-auth-time-recent", "AT-16,RFC 9470 §3", "the user authenticated a minute ago", "api",
         accept(state(auth_time=NOW - 60)))
    for name, claims in (("old", {"auth_time": NOW - 3600}), ("absent", {})):
        case(f"step-up-auth-time-{name}", "AT-16,RFC 9470 §3",
             "the user authenticated too long ago, or nobody knows when", "api",
             refuse("api", state(**claims), 401, error, more=age))
    case("step-up-both", "AT-16,RFC 9470 §3", "class and age will do", "api",
         accept(transfer(acr="phr", auth_time=NOW - 60)))
    for name, claims in (
        ("class", {"acr": "pwd", "auth_time": NOW - 60}),
        ("age", {"acr": "phr", "auth_time": NOW - 3600}),
        ("either", {"acr": "pwd", "auth_time": NOW - 3600}),
    ):
        case(f"step-up-both-but-{name}", "AT-16,RFC 9470 §3", "class, age, or both will not do", "api",
             refuse("api", transfer(**claims), 401, error, more=both))
    case("step-up-and-scope", "AT-16,MCP-12", "the scope is lacking, the authentication is good", "api",
         refuse("api", transfer(acr="phr", auth_time=NOW - 60, scope="files:read"), 403,
                "insufficient_scope"))
    step = refuse("api", transfer(acr="pwd", auth_time=NOW - 60, scope="files:read"), 401,
                  [error, "insufficient_scope"], more={"acr_values": ["phr", None],
                                                       "max_age": ["300", None]})
    case("step-up-lacking-and-scope-lacking", "AT-16,MCP-12", "scope and authentication are lacking",
         "api", either(step, 403, reason="no specification says which is to be told first"))
    case("step-up-and-expired", "AT-06,AT-08", "a better authentication would not help", "api",
         invalid_token("api", approve(acr="pwd", exp=NOW - 3600, iat=NOW - 7200)))


PAY = "https://pay.example.com/v1/accounts"


def with_proof(policy, text, *proofs, method="GET", target="/v1/accounts", scheme="DPoP", body=None):
    extra = [("Content-Type", "application/json")] if body is not None else []
    headers = [bearer(text, scheme), *[("DPoP", made) for made in proofs], *extra]
    return request(policy, method, target, *headers, body=body)


def dpop():
    text = bound()

    def good(name, rules, comment, made, **rest):
        case(f"dpop-{name}", rules, comment, "dpop", accept(with_proof("dpop", text, made, **rest)))

    def bad(name, rules, comment, made, *others, **rest):
        case(f"dpop-{name}", rules, comment, "dpop",
             invalid_proof("dpop", with_proof("dpop", text, made), *others, **rest))

    def free(name, rules, comment, made, reason):
        step = invalid_proof("dpop", with_proof("dpop", text, made))
        case(f"dpop-{name}", rules, comment, "dpop", maybe(step, reason, recommended=200))

    def made(*arguments, method="GET", url=PAY, access_token=text, **rest):
        return proof(method, url, access_token, *arguments, **rest)

    good("good", "DP-01,DP-02,DP-10,DP-11", "a bound token with its proof", made())
    good("good-lower-case-scheme", "RFC 9110 §11.1", "names of schemes have no letter case", made(),
         scheme="dpop")
    ed = bound(key=HOLDER_ED)
    case("dpop-good-ed25519", "DP-03,DP-11", "a proof with Ed25519", "dpop",
         accept(with_proof("dpop", ed, made(key=HOLDER_ED, access_token=ed))))
    good("target-with-query", "DP-07", "the query of the request stands not in htu", made(),
         target="/v1/accounts?page=2&sort=name")
    good("target-with-other-spelling", "DP-07", "htu is compared with the target of the request",
         made(url="https://pay.example.com/v1/accounts/7"), target="/v1/accounts/7")
    case("dpop-unbound-as-bearer", "RFC 9449 §7.2", "a bearer token where both are offered", "dpop",
         accept(request("dpop", "GET", "/v1/accounts", bearer(token("dpop")))))
    case("dpop-none", "DP-14,RFC 9449 §7.1", "no credentials: both schemes are offered", "dpop",
         no_credentials("dpop", request("dpop", "GET", "/v1/accounts")))
    case("dpop-bound-as-bearer", "AT-14,DP-13,RFC 9449 §7.2", "a bound token as bearer token", "dpop",
         invalid_token("dpop", with_proof("dpop", text, scheme="Bearer")))
    case("dpop-bound-as-bearer-with-proof", "AT-14,DP-13,RFC 9449 §7.2",
         "the same with a good proof beside it", "dpop",
         invalid_token("dpop", with_proof("dpop", text, made(), scheme="Bearer")))
    case("dpop-proof-alone", "DP-15,MCP-10", "a proof without a token", "dpop",
         no_credentials("dpop", request("dpop", "GET", "/v1/accounts",
                                        ("DPoP", made(without=("ath",))))))
    missing = (
        "RFC 9449 section 7.1 has 401; section 4.3 (1) is a matter of the request's form, for which RFC "
        "6750 section 3.1 has 400"
    )
    case("dpop-no-proof", "DP-01,RFC 9449 §4.3", "no proof", "dpop",
         either(invalid_proof("dpop", with_proof("dpop", text), "invalid_token", "invalid_request"),
                400, reason=missing))
    for name, second in (("the-same-twice", None), ("two", made())):
        first = made()
        asked = with_proof("dpop", text, first, second or first)
        case(f"dpop-{name}", "DP-01,RFC 9449 §4.3", "two DPoP headers", "dpop",
             either(invalid_proof("dpop", asked, "invalid_request"), 400, reason=missing))
    bad("two-in-one", "DP-01", "two proofs in one header", f"{made()}, {made()}", "invalid_request")
    bad("empty", "DP-01", "an empty DPoP header", "", "invalid_token", "invalid_request")
    bad("opaque", "DP-01", "what stands there is no JWT", "x")

    bad("htm-other", "DP-06", "for another method", made(method="POST"))
    bad("htm-letter-case", "DP-06", "methods have letter case", made(method="get"))
    for name, url in (
        ("path", "https://pay.example.com/v1/account"),
        ("longer-path", "https://pay.example.com/v1/accounts/7"),
        ("root", "https://pay.example.com/"),
        ("host", "https://api.example.com/v1/accounts"),
        ("scheme", "http://pay.example.com/v1/accounts"),
        ("port", "https://pay.example.com:8443/v1/accounts"),
        ("relative", "/v1/accounts"),
        ("letter-case", "https://pay.example.com/v1/Accounts"),
    ):
        bad(f"htu-{name}", "DP-07", "for another URI", made(url=url))
    normal = "normalization of the URIs is a SHOULD (RFC 9449 section 4.3)"
    for name, url in (
        ("upper-case-host", "https://PAY.example.com/v1/accounts"),
        ("upper-case-scheme", "HTTPS://pay.example.com/v1/accounts"),
        ("default-port", "https://pay.example.com:443/v1/accounts"),
        ("escape", "https://pay.example.com/v1/%61ccounts"),
        ("dot-segment", "https://pay.example.com/v1/./accounts"),
    ):
        free(f"htu-{name}", "DP-07,RFC 3986 §6.2", "the same URI in another spelling", made(url=url),
             normal)
    free("htu-with-query", "DP-07", "htu has a query, which is ignored",
         made(url=f"{PAY}?page=2"),
         "htu is defined without query and fragment (RFC 9449 section 4.2), and section 4.3 has them "
         "ignored")
    spoofed = with_proof("dpop", text, made(url="https://evil.example.net/v1/accounts"))
    spoofed["headers"][0] = ["Host", "evil.example.net"]
    case("dpop-htu-of-host-header", "DP-07", "htu agrees with a Host header that is not the resource's",
         "dpop", either(invalid_proof("dpop", spoofed), 400, 404, 421,
                        reason="a server may refuse such a Host header before anything else"))
    bad("ath-other", "DP-10", "for another token", made(ath=hash_of("another token")))
    bad("ath-hex", "DP-10", "the hash in hexadecimal",
        made(ath=hashlib.sha256(text.encode()).hexdigest()))
    other = bound()
    case("dpop-ath-of-another-bound-token", "DP-10",
         "a bound token needs a proof of its own, not one for another token of the same key", "dpop",
         invalid_proof("dpop", with_proof("dpop", other, made())))
    for claim in ("jti", "htm", "htu", "iat", "ath"):
        bad(f"without-{claim}", "DP-02", f"{claim} is required", made(without=(claim,)))
    for name, typ in (("jwt", "JWT"), ("absent", None), ("at", "at+jwt")):
        bad(f"typ-{name}", "DP-02", "typ is not that of a proof", made(header={"typ": typ}))
    bad("without-jwk", "DP-02", "no key", made(header={"jwk": None}), "invalid_token")
    private = {**HOLDER.bare_jwk(), "d": octets(HOLDER.key.private_numbers().private_value, 32)}
    bad("jwk-private", "DP-05", "the key has its private part", made(header={"jwk": private}),
        "invalid_token")
    bad("forged", "DP-04", "signed with another key than the one in the header",
        made(signed_by=OTHER_HOLDER))
    unsigned = {"typ": "dpop+jwt", "alg": "none", "jwk": HOLDER.bare_jwk()}
    body = {"jti": "proof-none", "htm": "GET", "htu": PAY, "iat": NOW - 2, "ath": hash_of(text)}
    bad("alg-none", "DP-03", "an unsecured proof",
        f"{b64(compact(unsigned).encode())}.{b64(compact(body).encode())}.")
    secret = {"kty": "oct", "k": b64(b"0" * 32)}
    head = b64(compact({"typ": "dpop+jwt", "alg": "HS256", "jwk": secret}).encode())
    message = f"{head}.{b64(compact({**body, 'jti': 'proof-mac'}).encode())}"
    mac = hmac.new(b"0" * 32, message.encode(), hashlib.sha256).digest()
    bad("alg-hs256", "DP-03", "a MAC", f"{message}.{b64(mac)}", "invalid_token")
    bound_384 = bound(key=HOLDER_384)
    case("dpop-alg-not-offered", "DP-03", "an algorithm that is not offered", "dpop",
         invalid_proof("dpop", with_proof("dpop", bound_384,
                                          made(key=HOLDER_384, access_token=bound_384))))
    bad("old", "DP-09", "it was made an hour ago", made(iat=NOW - 3600))
    bad("ahead", "DP-09", "it will be made in an hour", made(iat=NOW + 3600))
    bad("iat-string", "DP-09", "iat is not a number", made(iat=str(NOW)))
    blame = "RFC 9449 section 7.1 shows invalid_token for it, section 4.3 (12) is about the proof"
    case("dpop-key-other", "DP-11", "a proof with another key than the one that the token is bound to",
         "dpop", refuse("dpop", with_proof("dpop", text, made(key=OTHER_HOLDER)), 401,
                        ["invalid_token", "invalid_dpop_proof", None], "DPoP", reason=blame))
    unbound = token("dpop")
    case("dpop-unbound", "DP-11,RFC 9449 §7.1", "a token that is not bound, with a proof", "dpop",
         refuse("dpop", with_proof("dpop", unbound, made(access_token=unbound)), 401,
                ["invalid_token", "invalid_dpop_proof", None], "DPoP", reason=blame))
    case("dpop-unbound-without-proof", "DP-01,RFC 9449 §7.1",
         "a token that is not bound, without a proof", "dpop",
         either(refuse("dpop", with_proof("dpop", unbound), 401,
                       ["invalid_dpop_proof", "invalid_token", "invalid_request", None], "DPoP"),
                400, reason=missing))
    expired = bound(exp=NOW - 3600, iat=NOW - 7200)
    case("dpop-token-expired", "AT-06,DP-14", "an expired token with a good proof", "dpop",
         invalid_token("dpop", with_proof("dpop", expired, made(access_token=expired)), "DPoP"))
    elsewhere = bound(aud="https://api.example.com")
    case("dpop-token-for-another", "AT-04,DP-14", "a token for another resource", "dpop",
         invalid_token("dpop", with_proof("dpop", elsewhere, made(access_token=elsewhere)), "DPoP"))
    down = bound(issuer="down")
    case("dpop-keys-unavailable", "RFC 9110 §15.6.4", "the issuer's keys could not be fetched", "dpop",
         unavailable(with_proof("dpop", down, made(access_token=down))))
    lacking = bound(scope="payments:read")
    asked = with_proof("dpop", lacking, made(method="POST", url="https://pay.example.com/v1/payments",
                                             access_token=lacking),
                       method="POST", target="/v1/payments")
    case("dpop-scope-lacking", "MCP-12,RFC 9449 §7.1", "the error stands on the scheme that was used",
         "dpop", refuse("dpop", asked, 403, "insufficient_scope", "DPoP",
                        scope=["payments:read payments:write", "payments:write", None],
                        reason="scopes that the token has need not be named again"))
    malformed = ["invalid_request", "invalid_token", "invalid_dpop_proof", None]
    case("dpop-no-token", "RFC 6750 §3.1,RFC 9449 §7.1", "a scheme without a token", "dpop",
         either(refuse("dpop", request("dpop", "GET", "/v1/accounts", ("Authorization", "DPoP")), 400,
                       malformed, "DPoP"), 401, reason=MALFORMED))
    weak = bound(acr="pwd")
    step, acr = "insufficient_user_authentication", {"acr_values": ["phr", None]}

    def limits(**rest):
        url = "https://pay.example.com/v1/limits"
        return with_proof("dpop", weak, made(url=url, access_token=weak, **rest), target="/v1/limits")

    case("dpop-step-up", "AT-16,RFC 9470 §3", "the user has to authenticate otherwise", "dpop",
         refuse("dpop", limits(), 401, step, "DPoP", more=acr))
    case("dpop-step-up-and-proof-bad", "AT-16,DP-14", "the same with a proof for another method", "dpop",
         refuse("dpop", limits(method="POST"), 401, [step, "invalid_dpop_proof", None], "DPoP",
                more=acr, reason="no specification says which is to be told first"))
    both = token("dpop", cnf={"jkt": HOLDER.thumbprint(), "x5t#S256": hash_of("a certificate")})
    step = invalid_token("dpop", with_proof("dpop", both, made(access_token=both)), "DPoP")
    case("dpop-and-certificate", "AT-13,RFC 8705 §3",
         "bound to a key and to a certificate, which did not come along", "dpop",
         maybe(step, "RFC 8705 section 3 demands the certificate of servers that support it"))
    once = with_proof("dpop", text, made())
    case("dpop-replayed", "DP-12,RFC 9449 §11.1", "the same request a second time", "dpop",
         accept(once), maybe(invalid_proof("dpop", once), "RFC 9449 section 11.1 lets a server "
                             "remember proofs, and does not demand it"))
    case("dpop-another-proof", "DP-12", "the same token with another proof", "dpop",
         accept(with_proof("dpop", text, made())), accept(with_proof("dpop", text, made())))
    refused_first = made(jti="proof-of-two")
    case("dpop-two-tokens-one-jti", "DP-10,DP-12",
         "a proof that was refused with another token is good with its own", "dpop",
         invalid_proof("dpop", with_proof("dpop", other, refused_first)),
         accept(with_proof("dpop", text, refused_first)))


def dpop_nonce():
    policy, url, target = "dpop-nonce", "https://nonce.example.com/res", "/res?tenant=a"
    text = bound(policy)
    given = {"DPoP-Nonce": NONCE}
    perhaps = {"DPoP-Nonce": [NONCE, None]}

    def made(**rest):
        return proof("GET", url, rest.pop("access_token", text), **rest)

    def asked(*proofs, at=text, scheme="DPoP"):
        return with_proof(policy, at, *proofs, target=target, scheme=scheme)

    def nonce(step_of, error, headers, **rest):
        return refuse(policy, step_of, 401, error, "DPoP", headers=headers, **rest)

    case("nonce-good", "DP-08", "a proof with the server's nonce", policy,
         accept(asked(made(nonce=NONCE))))
    case("nonce-absent", "DP-08,RFC 9449 §9", "a good proof without a nonce", policy,
         nonce(asked(made()), "use_dpop_nonce", given))
    case("nonce-retried", "DP-08,RFC 9449 §9", "without, and then with the nonce that was given",
         policy, nonce(asked(made()), "use_dpop_nonce", given), accept(asked(made(nonce=NONCE))))
    for name, value in (("other", "another-nonce"), ("empty", ""), ("letter-case", NONCE.upper())):
        case(f"nonce-{name}", "DP-08,RFC 9449 §9", "a nonce that is not the server's", policy,
             nonce(asked(made(nonce=value)), ["use_dpop_nonce", "invalid_dpop_proof"], given,
                   reason="RFC 9449 section 9 has use_dpop_nonce; the proof is invalid by section 4.3"))
    step = nonce(asked(made(nonce=[NONCE])), ["invalid_dpop_proof", "use_dpop_nonce"], perhaps,
                 reason="it has no nonce, or is malformed")
    case("nonce-array", "DP-08", "a nonce that is not a string", policy, step)
    step = nonce(asked(made(nonce=OLD_NONCE)), ["use_dpop_nonce", "invalid_dpop_proof"], perhaps)
    case("nonce-previous", "DP-08,RFC 9449 §8.2", "the nonce before the present one", policy,
         maybe(step, "a server may accept recent nonces", recommended=200))
    case("nonce-absent-and-htm-other", "DP-06,DP-08", "a new nonce would not help", policy,
         nonce(asked(proof("POST", url, text)), ["invalid_dpop_proof", "use_dpop_nonce", None], perhaps,
               reason="no specification says which is to be told first"))
    expired = bound(policy, exp=NOW - 3600, iat=NOW - 7200)
    case("nonce-absent-and-token-expired", "AT-06,DP-08", "neither is good", policy,
         nonce(asked(made(access_token=expired), at=expired),
               ["invalid_token", "use_dpop_nonce"], {"DPoP-Nonce": [NONCE, None]},
               reason="no specification says which is to be told first"))
    case("nonce-none", "DP-14", "no credentials: DPoP alone is offered", policy,
         no_credentials(policy, request(policy, "GET", target), "DPoP", headers=perhaps))
    only = "RFC 9449 has no error for a scheme that is not offered; the token is not for it either"
    case("nonce-bearer-not-offered", "DP-13,RFC 9449 §7.2", "a token as bearer token", policy,
         no_credentials(policy, asked(at=token(policy), scheme="Bearer"), "DPoP", headers=perhaps,
                        reason=only))
    case("nonce-bound-as-bearer", "AT-14,DP-13", "a bound token as bearer token", policy,
         no_credentials(policy, asked(scheme="Bearer"), "DPoP", headers=perhaps, reason=only))


JSON = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")]


def call(body, policy="mcp", **claims):
    text = body if isinstance(body, str) else compact(body)
    target = urlsplit(POLICIES[policy]["resource"]).path
    return request(policy, "POST", target, bearer(token(policy, **claims)), *JSON, body=text)


def tool(name):
    params = {"name": name, "arguments": {"path": "/a"}}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def mcp():
    both = "files:read files:delete"
    lacking = [both, "files:delete", None]
    again = "MCP: scopes that the token has need not be named again"

    def insufficient(asked, scope=lacking, **rest):
        rest.setdefault("reason", again)
        return refuse("mcp", asked, 403, "insufficient_scope", scope=scope, **rest)

    def good(name, rules, comment, asked):
        case(f"mcp-{name}", rules, comment, "mcp", accept(asked))

    case("mcp-no-credentials", "MCP-04,MCP-10,MCP-11", "the first request of a client", "mcp",
         no_credentials("mcp", request("mcp", "POST", "/mcp", *JSON,
                                       body=compact({"jsonrpc": "2.0", "id": 1, "method": "ping"}))))
    case("mcp-expired", "MCP-06,MCP-10", "an expired token", "mcp",
         invalid_token("mcp", call(tool("read_file"), exp=NOW - 3600, iat=NOW - 7200)))
    good("tool-allowed", "MCP-12", "a tool whose scopes the token has", call(tool("read_file")))
    good("tool-of-no-scope", "MCP-12", "a tool that needs no scope", call(tool("list_roots")))
    good("tool-both-scopes", "MCP-12", "a tool of two scopes",
         call(tool("delete_file"), scope="files:delete files:read"))
    good("tool-implied", "MCP-13", "a broader scope implies both",
         call(tool("delete_file"), scope="files:admin"))
    case("mcp-tool-lacking", "MCP-12", "a tool of two scopes, one of which is lacking", "mcp",
         insufficient(call(tool("delete_file"))))
    case("mcp-base-lacking", "MCP-10,MCP-12", "what every request needs is lacking", "mcp",
         insufficient(call(tool("list_roots"), scope="files:delete"), ["files:read", None]))
    case("mcp-keys-unavailable", "RFC 9110 §15.6.4", "the issuer's keys could not be fetched", "mcp",
         unavailable(call(tool("read_file"), issuer="down")))
    for method in ("initialize", "tools/list", "ping", "notifications/initialized"):
        good(f"method-{method.replace('/', '-')}", "MCP-12", "a method that needs no scope of its own",
             call({"jsonrpc": "2.0", "id": 1, "method": method, "params": {}}))
    read = {"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": "file:///a"}}
    good("method-allowed", "MCP-12", "a method whose scopes the token has",
         call(read, scope="files:read resources:read"))
    case("mcp-method-lacking", "MCP-12", "a method of two scopes, one of which is lacking", "mcp",
         insufficient(call(read), ["files:read resources:read", "resources:read", None]))
    good("response", "MCP-12", "a response to a request of the server",
         call({"jsonrpc": "2.0", "id": 1, "result": {}}))
    good("get", "MCP-05", "the stream of the server, without a body",
         request("mcp", "GET", "/mcp", bearer(token("mcp")), ("Accept", "text/event-stream")))

    unlisted = (
        "the policy lists no such tool, so nobody may call it; a server may also say that there is none"
    )
    for name, other in (
        ("other", "drop_database"),
        ("letter-case", "Read_File"),
        ("trailing-space", "read_file "),
        ("empty", ""),
        ("prefix", "read"),
    ):
        asked = call(tool(other), scope="files:admin")
        asked, expect = refuse("mcp", asked, 403, "insufficient_scope", scope=None)
        del expect["challenges"]  # no scope helps, so there is nothing to challenge for
        case(f"mcp-tool-unlisted-{name}", "MCP-12", "a tool that is not listed", "mcp",
             (asked, {**expect, "status": [403, 404, 400], "reason": unlisted}))
    escaped = compact(tool("delete_file")).replace("delete_file", "\\u0064elete_file")
    case("mcp-tool-with-escape", "MCP-12", "the name of a tool with an escape", "mcp",
         insufficient(call(escaped)))
    escaped = compact(tool("delete_file")).replace("tools/call", "tools\\/call")
    case("mcp-method-with-escape", "MCP-12", "the name of the method with an escape", "mcp",
         insufficient(call(escaped)))
    escaped = compact(tool("delete_file")).replace('"method"', '"metho\\u0064"')
    case("mcp-member-with-escape", "MCP-12", "the member `method` with an escape in its name", "mcp",
         insufficient(call(escaped)))
    escaped = compact(tool("delete_file")).replace('"name"', '"n\\u0061me"')
    case("mcp-name-member-with-escape", "MCP-12", "the member `name` with an escape in its name", "mcp",
         insufficient(call(escaped)))
    late = '{"jsonrpc":"2.0","id":1,"params":{"arguments":{"name":"read_file"},"name":"delete_file"},' \
        '"method":"tools/call"}'
    case("mcp-members-in-another-order", "MCP-12",
         "the method stands last, and an argument is called `name`", "mcp", insufficient(call(late)))
    batch = (
        "JSON-RPC has batches, MCP has had none since 2025-06-18; a server that takes them names all "
        "scopes at once"
    )
    for name, tools in (("last", ["read_file", "delete_file"]), ("first", ["delete_file", "read_file"])):
        step = insufficient(call([tool(one) for one in tools]))
        case(f"mcp-batch-{name}-forbidden", "MCP-12", "a batch with one call that is not permitted",
             "mcp", either(step, 400, reason=batch, last=True))
    case("mcp-batch-permitted", "MCP-12", "a batch whose calls are permitted", "mcp",
         either(accept(call([tool("read_file"), tool("list_roots")])), 400, reason=batch, last=True))

    def unclear(name, comment, body, *others, reason, permitted=False):
        step = refuse("mcp", call(body), 400, ["invalid_request", "insufficient_scope", None],
                      scope=[*lacking])
        expect = {**step[1], "status": [400, *others], "reason": reason}
        if permitted:
            expect["caller"] = CALLER
        for challenge in expect["challenges"]:
            challenge["optional"] = True
        case(f"mcp-{name}", "MCP-10,MCP-12", comment, "mcp", (step[0], expect))

    twice = (
        "what a repeated member means is not said (RFC 8259 section 4): two readers could take it for "
        "two requests. A server may hold it against either reading"
    )
    lenient = f"{twice}, if the same reading is carried out"
    last = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s","name":"%s"}}'
    unclear("twice-name-last-forbidden", "`name` stands twice", last % ("read_file", "delete_file"),
            403, reason=twice)
    unclear("twice-name-first-forbidden", "`name` stands twice", last % ("delete_file", "read_file"),
            403, 200, reason=lenient, permitted=True)
    both_names = '{"jsonrpc":"2.0","id":1,"method":"%s",%s"params":{"name":"delete_file"}%s}'
    unclear("twice-method-last-forbidden", "`method` stands twice",
            both_names % ("ping", "", ',"method":"tools/call"'), 403, reason=twice)
    unclear("twice-method-first-forbidden", "`method` stands twice",
            both_names % ("tools/call", "", ',"method":"ping"'), 403, 200, reason=lenient,
            permitted=True)
    unclear("twice-method-with-escape", "`method` stands twice, once with an escape in its name",
            both_names % ("ping", "", ',"metho\\u0064":"tools/call"'), 403, reason=twice)
    unclear("twice-params-last-forbidden", "`params` stands twice",
            both_names % ("tools/call", '"params":{"name":"read_file"},', ""), 403, reason=twice)
    form = "a malformed message (MCP-10); a server may also find no tool that is permitted"
    for name, comment, body in (
        ("not-json", "the body is not JSON", "tools/call delete_file"),
        ("empty-body", "there is no message", ""),
        ("cut-off", "the JSON ends early", compact(tool("read_file"))[:-2]),
        ("two-messages", "two messages in one body", compact(tool("read_file")) * 2),
        ("not-an-object", "the message is a string", '"tools/call"'),
        ("array-as-object", "members as an array", '["2.0",1,"tools/call",{"name":"read_file"}]'),
        ("without-name", "a call of no tool",
         '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}'),
        ("without-params", "a call without parameters", '{"jsonrpc":"2.0","id":1,"method":"tools/call"}'),
        ("name-not-a-string", "a tool whose name is a number",
         '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":1}}'),
        ("method-not-a-string", "a method that is an array",
         '{"jsonrpc":"2.0","id":1,"method":["tools/call"],"params":{"name":"delete_file"}}'),
        ("params-array", "parameters as an array",
         '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["delete_file"]}'),
    ):
        unclear(name, comment, body, 403, reason=form)

    same = (
        "MCP has the audience as the canonical URI: upper case in scheme and host SHOULD be accepted, "
        "the form without trailing slash is preferred; RFC 7519 section 2 compares strings as they stand"
    )
    for name, aud in (
        ("upper-case-host", "https://MCP.Example.com/mcp"),
        ("upper-case-scheme", "HTTPS://mcp.example.com/mcp"),
        ("trailing-slash", "https://mcp.example.com/mcp/"),
    ):
        step = invalid_token("mcp", call(tool("read_file"), aud=aud))
        case(f"mcp-aud-{name}", "MCP-07,MCP-15", "the server's URI in another spelling", "mcp",
             maybe(step, same, recommended=200))
    for name, aud in (
        ("other-path", "https://mcp.example.com/other"),
        ("longer-path", "https://mcp.example.com/mcp/v2"),
        ("origin", "https://mcp.example.com"),
        ("path-letter-case", "https://mcp.example.com/MCP"),
        ("two-slashes", "https://mcp.example.com/mcp//"),
        ("query", "https://mcp.example.com/mcp?x=1"),
        ("fragment", "https://mcp.example.com/mcp#x"),
        ("user", "https://user@mcp.example.com/mcp"),
        ("other-host", "https://mcp.example.com.example.net/mcp"),
        ("http", "http://mcp.example.com/mcp"),
        ("bound", "https://mcp.example.com/bound"),
    ):
        case(f"mcp-aud-{name}", "MCP-07,MCP-08,MCP-15", "another URI than the server's", "mcp",
             invalid_token("mcp", call(tool("read_file"), aud=aud)))

    def with_key(text, body):
        made = proof("POST", "https://mcp.example.com/bound", text)
        asked = with_proof("mcp-dpop", text, made, method="POST", target="/bound", body=compact(body))
        return asked

    case("mcp-dpop-none", "MCP-20,DP-14", "no credentials: both schemes, each with the metadata",
         "mcp-dpop", no_credentials("mcp-dpop", request("mcp-dpop", "POST", "/bound", *JSON, body="{}")))
    case("mcp-dpop-good", "MCP-20,DP-11", "a bound token with its proof", "mcp-dpop",
         accept(with_key(bound("mcp-dpop"), tool("list_roots"))))
    case("mcp-dpop-bound-as-bearer", "AT-14,MCP-20", "a bound token as bearer token", "mcp-dpop",
         invalid_token("mcp-dpop", call(tool("list_roots"), "mcp-dpop",
                                        cnf={"jkt": HOLDER.thumbprint()})))
    case("mcp-dpop-tool-lacking", "MCP-12,MCP-20", "the scope of a tool is lacking", "mcp-dpop",
         refuse("mcp-dpop", with_key(bound("mcp-dpop"), tool("delete_file")), 403,
                "insufficient_scope", "DPoP", scope=["files:delete", None]))


def metadata():
    def document(policy, *headers):
        terms = POLICIES[policy]
        servers = [ISSUERS[name][0] for name in terms["issuers"]]
        members = {"resource": terms["resource"], "authorization_servers": servers}
        # Where bearer tokens are not accepted, what to say of them is not specified.
        if terms["bearer"]:
            members["bearer_methods_supported"] = ["header"]
        absent = ["jwks_uri", "signed_metadata"]
        for member, value in (
            ("scopes_supported", terms["scopes_supported"]),
            ("dpop_signing_alg_values_supported", (terms["dpop"] or {}).get("algorithms")),
        ):
            if value:
                members[member] = value
            else:
                absent.append(member)
        members["dpop_bound_access_tokens_required"] = not terms["bearer"]
        optional = ["bearer_methods_supported", "scopes_supported", "dpop_signing_alg_values_supported"]
        if terms["bearer"]:
            optional.append("dpop_bound_access_tokens_required")
        optional = [member for member in optional if member in members]
        expect = {"status": 200, "headers": {"Content-Type": "application/json"}}
        expect["document"] = {"members": members, "optional": optional, "absent": absent}
        return request(policy, "GET", WELL_KNOWN[policy], *headers), expect

    for policy, comment in (
        ("api", "a resource without a path"),
        ("alone", "a resource whose path is a slash"),
        ("mcp", "a resource with a path"),
        ("mcp-dpop", "another resource on the same host"),
        ("dpop", "a resource whose path ends with a slash"),
        ("dpop-nonce", "a resource with a query"),
    ):
        case(f"metadata-{policy}", "MCP-02,MCP-03,MCP-16,RFC 9728 §3.1,RFC 9728 §3.2", comment, policy,
             document(policy))
    case("metadata-with-token", "RFC 9728 §3.1", "a token that is good makes no difference", "api",
         document("api", bearer(token())))
    for name, policy, target in (
        ("other-query", "dpop-nonce", "/.well-known/oauth-protected-resource/res?tenant=b"),
        ("no-query", "dpop-nonce", "/.well-known/oauth-protected-resource/res"),
        ("without-slash", "dpop", "/.well-known/oauth-protected-resource/v1"),
        ("longer-path", "mcp", "/.well-known/oauth-protected-resource/mcp/x"),
        ("appended", "mcp", "/mcp/.well-known/oauth-protected-resource"),
    ):
        asked = request(policy, "GET", target)
        case(f"metadata-{name}", "MCP-16,RFC 9728 §3.3",
             "the well-known path of another resource: the document would name another one", policy,
             (asked, {"status": [401, 404], "reason": "there is nothing, or nothing without a token"}))


def check():
    """What a list of alternatives has to have."""
    ids = [made["id"] for made in CASES]
    assert len(ids) == len(set(ids)), "ids stand twice"
    for made in CASES:
        for step in made["steps"]:
            expect = step["expect"]
            errors = [c["parameters"].get("error") for c in expect.get("challenges", [])]
            several = isinstance(expect["status"], list)
            assert not several or expect["reason"], made["id"]
            assert 200 not in (expect["status"] if several else []) or "caller" in expect, made["id"]
            assert all(error is not None for error in errors), made["id"]
            assert len(made["comment"]) < 100, made["id"]


def text(value, **options):
    return json.dumps(value, ensure_ascii=False, **options)


def write(document):
    """One line for each step, so that changes can be read."""
    cases, policies = document.pop("cases"), document.pop("policies")
    print(text(document, indent=1)[:-2], '"policies": {', sep=",\n ")
    rows = [f"  {text(name)}: {text(policy)}" for name, policy in policies.items()]
    print(",\n".join(rows), ' },\n "cases": [', sep="\n")
    rows = []
    for made in cases:
        steps = made.pop("steps")
        lines = [f'    {{"request": {text(step["request"])},\n'
                 f'     "expect": {text(step["expect"])}}}' for step in steps]
        rows.append("  " + text(made)[:-1] + ', "steps": [\n' + ",\n".join(lines) + "]}")
    print(",\n".join(rows), " ]", "}", sep="\n")


def main():
    for part in (credentials, tokens, keys, scopes, step_up, dpop, dpop_nonce, mcp, metadata):
        part()
    check()
    issuers = {
        name: {
            "issuer": issuer,
            "jwks": None if published is None else {"keys": [key.published() for key in published]},
            "algorithms": algorithms,
        }
        for name, (issuer, published, algorithms) in ISSUERS.items()
    }
    document = {
        "description": "requests to an OAuth resource server, and what it has to answer; README.md "
        "beside this file says how to read it",
        "source": "made by resource_server.py; licence: MIT, as the crate",
        "version": 1,
        "now": NOW,
        "issuers": issuers,
        "policies": POLICIES,
        "count": len(CASES),
        "cases": CASES,
    }
    write(document)


main()
