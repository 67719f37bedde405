"""Writes jwcrypto.json: every pair of algorithms that jwcrypto has.

With Python 3.9 or later:

    pip install jwcrypto==1.6.1 cryptography==50.0.2
    python3 generate.py > jwcrypto.json
"""

import json
import secrets

from jwcrypto.common import base64url_encode
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

BITS = {"A128": 128, "A192": 192, "A256": 256}
WRAPPING = [f"{aes}{kind}" for kind in ("KW", "GCMKW") for aes in BITS]
RSA = ["RSA-OAEP", "RSA-OAEP-256"]
AGREEMENT = ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"]
CURVES = {"P-256": "EC", "P-384": "EC", "P-521": "EC", "X25519": "OKP"}
PASSWORD = ["PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"]
CONTENT = {
    "A128GCM": 128,
    "A192GCM": 192,
    "A256GCM": 256,
    "A128CBC-HS256": 256,
    "A192CBC-HS384": 384,
    "A256CBC-HS512": 512,
}

# What the parties of an agreement call themselves, where they do.
APU, APV = base64url_encode("Alice"), base64url_encode("Bob")
PARTIES = {
    "A128GCM": {"apu": APU, "apv": APV},
    "A192CBC-HS384": {"apu": APU},
    "A256CBC-HS512": {"apv": APV},
}

# What the tests expect of each token.
CLAIMS = {
    "iss": "https://as.example.com",
    "aud": "https://api.example.com",
    "sub": "user-1",
    "client_id": "app-1",
    "scope": "read",
    "jti": "token-1",
    "iat": 1_800_000_000,
    "exp": 1_800_000_300,
}


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def signed():
    """A token, and the set to verify it with."""
    key = JWK.generate(kty="EC", crv="P-256", kid="sig-1", alg="ES256", use="sig")
    token = JWS(compact(CLAIMS))
    token.add_signature(key, protected=compact({"typ": "at+jwt", "alg": "ES256", "kid": "sig-1"}))
    return token.serialize(compact=True), {"keys": [key.export_public(as_dict=True)]}


def make_keys():
    keys = {"RSA": JWK.generate(kty="RSA", size=2048, kid="RSA", use="enc")}
    for crv, kty in CURVES.items():
        keys[crv] = JWK.generate(kty=kty, crv=crv, kid=crv, use="enc")
    secrets_of = {name: BITS[name[:4]] for name in WRAPPING} | CONTENT
    for name, bits in secrets_of.items():
        keys[name] = JWK.generate(kty="oct", size=bits, kid=name, alg=name, use="enc")
    password = base64url_encode(secrets.token_urlsafe(12))
    keys["password"] = JWK(kty="oct", k=password, kid="password", use="enc")
    return keys


def pairs():
    """Each pair of algorithms with the name of its key."""
    for enc in CONTENT:
        yield "dir", enc, enc
        yield from ((alg, enc, alg) for alg in WRAPPING)
        yield from ((alg, enc, "RSA") for alg in RSA)
        yield from ((alg, enc, crv) for alg in AGREEMENT for crv in CURVES)
        yield from ((alg, enc, "password") for alg in PASSWORD)


def encrypt(token, key, header):
    """Encrypts to the public half of the key, and reads it back with the key."""
    recipient = key if key["kty"] == "oct" else JWK(**key.export_public(as_dict=True))
    encrypted = JWE(token, protected=compact(header))
    encrypted.add_recipient(recipient)
    encrypted = encrypted.serialize(compact=True)
    opened = JWE()
    opened.deserialize(encrypted, key)
    assert opened.payload.decode() == token, header
    return encrypted


def make_case(token, keys, alg, enc, name, zip=False):
    parties = PARTIES.get(enc, {}) if alg in AGREEMENT else {}
    header = {"alg": alg, "enc": enc, "cty": "JWT", "kid": name, **parties}
    if alg in PASSWORD:
        header["p2c"] = 1000
    if zip:
        header["zip"] = "DEF"
    compressed = {"zip": True} if zip else {}
    case_id = " ".join([alg, enc, name, *parties, *compressed])
    encrypted = encrypt(token, keys[name], header)
    return {"id": case_id, "alg": alg, "enc": enc, "key": name, "token": encrypted, **compressed}


def dump(members):
    """Prints JSON: of a list and of the keys one element a line."""

    def text(name, value):
        if isinstance(value, list):
            return "[\n" + ",\n".join(map(compact, value)) + "\n]"
        if name == "keys":
            return "{\n" + ",\n".join(f"{compact(kid)}: {compact(key)}" for kid, key in value.items()) + "\n}"
        return compact(value)

    print("{\n" + ",\n".join(f"{compact(name)}: {text(name, it)}" for name, it in members.items()) + "\n}")


def main():
    token, jwks = signed()
    keys = make_keys()
    cases = [make_case(token, keys, *row) for row in pairs()]
    for row in [
        ("A256KW", "A128GCM", "A256KW"),
        ("RSA-OAEP", "A192GCM", "RSA"),
        ("ECDH-ES+A128KW", "A256CBC-HS512", "P-256"),
    ]:
        cases.append(make_case(token, keys, *row, zip=True))
    dump(
        {
            "source": "Generated for this crate with jwcrypto 1.6.1 for Python",
            "license_note": "No rights reserved.",
            "jwks": jwks,
            "keys": {name: key.export(as_dict=True) for name, key in keys.items()},
            "cases": cases,
        }
    )


if __name__ == "__main__":
    main()
