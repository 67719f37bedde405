"""Writes pkcs8.json: private keys in PKCS #8, each with a token that was encrypted to it.

With Python 3.9 or later and OpenSSL 3:

    pip install jwcrypto==1.6.1 cryptography==50.0.2
    python3 -B pkcs8.py > pkcs8.json
"""

import base64
import subprocess

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x448, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from generate import dump, encrypt, signed
from jwcrypto.jwk import JWK

CURVES = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}
TOKEN, JWKS = signed()


def text(octets):
    return base64.b64encode(octets).decode()


def private(key, encoding=Encoding.PEM, form=PrivateFormat.PKCS8, encryption=NoEncryption()):
    octets = key.private_bytes(encoding, form, encryption)
    return octets.decode() if encoding == Encoding.PEM else octets


def openssl(arguments, octets=None):
    command = ["openssl", *arguments.split()]
    return subprocess.run(command, input=octets, capture_output=True, check=True).stdout


def without_public(key, encoding):
    """ECPrivateKey has its public key as an option, which Python's `cryptography` always takes."""
    sec1 = openssl("ec -no_public", private(key).encode())
    return openssl(f"pkcs8 -topk8 -nocrypt -outform {encoding}", sec1)


def row(name, key, alg, pem=None, der=None):
    header = {"alg": alg, "enc": "A128CBC-HS256", "cty": "JWT", "kid": "enc-1"}
    jwk = JWK.from_pem(private(key).encode())
    return {
        "name": name,
        "alg": alg,
        "enc": header["enc"],
        "pem": pem or private(key),
        "der": text(der or private(key, Encoding.DER)),
        "token": encrypt(TOKEN, jwk, header),
    }


def good(keys):
    yield row("RSA", keys["RSA"], "RSA-OAEP-256")
    for crv in CURVES:
        yield row(crv, keys[crv], "ECDH-ES")
    for crv in CURVES:
        pem, der = (without_public(keys[crv], encoding) for encoding in ("PEM", "DER"))
        yield row(f"{crv} without its public key", keys[crv], "ECDH-ES+A256KW", pem.decode(), der)
    yield row("X25519", keys["X25519"], "ECDH-ES+A128KW")


def bad(keys):
    key, older = keys["P-256"], PrivateFormat.TraditionalOpenSSL
    password = BestAvailableEncryption(b"password")
    public = [Encoding.PEM, PublicFormat.SubjectPublicKeyInfo]
    three_primes = "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_primes:3"
    for name, pem in {
        "encrypted": private(key, encryption=password),
        "RSA PRIVATE KEY": private(keys["RSA"], form=older),
        "RSA PRIVATE KEY, encrypted": private(keys["RSA"], form=older, encryption=password),
        "EC PRIVATE KEY": private(key, form=older),
        "PUBLIC KEY": key.public_key().public_bytes(*public).decode(),
        "two blocks": private(key) + private(keys["P-384"]),
        "a public block after it": private(key) + key.public_key().public_bytes(*public).decode(),
        "Ed25519": private(ed25519.Ed25519PrivateKey.generate()),
        "X448": private(x448.X448PrivateKey.generate()),
        "secp256k1": private(ec.generate_private_key(ec.SECP256K1())),
        "RSA of three primes": openssl(three_primes).decode(),
    }.items():
        yield {"name": name, "pem": pem}
    der = private(key, Encoding.DER)
    for name, der in {
        "bytes after it": der + b"\0",
        "truncated": der[:-1],
        "encrypted DER": private(key, Encoding.DER, encryption=password),
        "PKCS #1 DER": private(keys["RSA"], Encoding.DER, older),
        "SEC1 DER": private(key, Encoding.DER, older),
        "public DER": key.public_key().public_bytes(Encoding.DER, public[1]),
    }.items():
        yield {"name": name, "der": text(der)}


def main():
    keys = {"RSA": rsa.generate_private_key(65537, 2048), "X25519": x25519.X25519PrivateKey.generate()}
    keys |= {crv: ec.generate_private_key(curve()) for crv, curve in CURVES.items()}
    source = "Generated for this crate with pyca/cryptography 50.0.2, OpenSSL 3.0.19 and jwcrypto 1.6.1"
    members = {"source": source, "license_note": "No rights reserved.", "jwks": JWKS}
    dump(members | {"good": list(good(keys)), "bad": list(bad(keys))})


main()
