"""Writes keys.json: python3 generate.py > keys.json (Python's `cryptography`, 42 or later).

The private keys are forgotten when the program ends.
"""

import base64
import datetime
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa, x448, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

# What the tests expect of each token.
CLAIMS = {
    "iss": "https://as.example.com",
    "aud": "https://api.example.com",
    "sub": "user-1",
    "iat": 1_800_000_000,
    "exp": 1_800_000_300,
}
CURVES = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1, "secp256k1": ec.SECP256K1}
DAY = datetime.datetime(2027, 1, 15, tzinfo=datetime.timezone.utc)
CA = ed25519.Ed25519PrivateKey.generate()


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def number(value, octets=None):
    return b64(value.to_bytes(octets or (value.bit_length() + 7) // 8, "big"))


def raw(public):
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def rsa_jwk(public):
    numbers = public.public_numbers()
    return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}


def ec_jwk(public, crv):
    numbers, octets = public.public_numbers(), (public.curve.key_size + 7) // 8
    return {"kty": "EC", "crv": crv, "x": number(numbers.x, octets), "y": number(numbers.y, octets)}


def okp_jwk(public, crv):
    return {"kty": "OKP", "crv": crv, "x": b64(raw(public))}


def certificate(public):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "as.example.com")])
    builder = x509.CertificateBuilder(name, name, public, x509.random_serial_number(), DAY, DAY)
    names = x509.SubjectAlternativeName([x509.DNSName("as.example.com")])
    return builder.add_extension(names, critical=False).sign(CA, None)


def pem(public):
    text, form = serialization.Encoding.PEM, serialization.PublicFormat
    forms = {"spki": public.public_bytes(text, form.SubjectPublicKeyInfo)}
    if isinstance(public, rsa.RSAPublicKey):
        forms["pkcs1"] = public.public_bytes(text, form.PKCS1)
    forms["certificate"] = certificate(public).public_bytes(text)
    return {name: block.decode() for name, block in forms.items()}


def token(alg, sign):
    header = {"typ": "receipt+jwt", "alg": alg, "kid": "k1"}
    message = ".".join(b64(json.dumps(part).encode()) for part in (header, CLAIMS))
    return f"{message}.{b64(sign(message.encode()))}"


def ecdsa(key, digest):
    octets = (key.curve.key_size + 7) // 8

    def sign(message):
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
        return r.to_bytes(octets, "big") + s.to_bytes(octets, "big")

    return sign


def row(name, alg, key, jwk, sign=None):
    public = key.public_key()
    signed = token(alg, sign) if sign else None
    return {"name": name, "alg": alg, "jwk": jwk(public), "pem": pem(public), "token": signed}


def rows():
    for bits, exponent, alg, digest in [
        (2048, 65537, "RS256", hashes.SHA256()),
        (3072, 3, "RS384", hashes.SHA384()),
        (1024, 65537, "RS256", None),
    ]:
        key = rsa.generate_private_key(exponent, bits)
        sign = digest and (lambda message: key.sign(message, padding.PKCS1v15(), digest))
        yield row(f"RSA-{bits}", alg, key, rsa_jwk, sign)
    for crv, alg, digest in [
        ("P-256", "ES256", hashes.SHA256()),
        ("P-384", "ES384", hashes.SHA384()),
        ("P-521", "ES512", hashes.SHA512()),
        ("secp256k1", "ES256K", hashes.SHA256()),
    ]:
        key = ec.generate_private_key(CURVES[crv]())
        yield row(crv, alg, key, lambda public: ec_jwk(public, crv), ecdsa(key, digest))
    for crv, alg, kind in [
        ("Ed25519", "Ed25519", ed25519.Ed25519PrivateKey),
        ("Ed448", "Ed448", ed448.Ed448PrivateKey),
        ("X25519", "Ed25519", x25519.X25519PrivateKey),
        ("X448", "Ed448", x448.X448PrivateKey),
    ]:
        key = kind.generate()
        yield row(crv, alg, key, lambda public: okp_jwk(public, crv), getattr(key, "sign", None))


print(json.dumps(list(rows()), indent=2))
