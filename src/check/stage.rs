//! The checks of the pipeline itself: a closed list. The checks of claims are rules
//! ([`rules`](crate::rules)), and that list is open.

use super::section::Section;

/// Defines the checks: variant, code, section, and a sentence for the documentation.
macro_rules! stages {
    ($($stage:ident = $code:literal, $section:expr, $says:literal;)*) => {
        /// A check of the pipeline.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Stage {
            $(#[doc = $says] $stage,)*
        }

        impl Stage {
            /// Every check of the pipeline, in the order in which they run.
            pub(crate) const ALL: &[Self] = &[$(Self::$stage,)*];

            pub(crate) const fn code(self) -> &'static str {
                match self {
                    $(Self::$stage => $code,)*
                }
            }

            pub(crate) const fn section(self) -> Option<Section> {
                match self {
                    $(Self::$stage => $section,)*
                }
            }

            pub(crate) const fn says(self) -> &'static str {
                match self {
                    $(Self::$stage => $says,)*
                }
            }
        }
    };
}

const fn rfc(number: u16, section: &'static str) -> Option<Section> {
    Some(Section::rfc(number, section))
}

stages! {
    FormSize = "form.size", None, "The token is not longer than the limit.";
    FormJwe = "form.jwe", rfc(7516, "7.1"), "An encrypted token has five base64url segments and a strict JSON header without critical extensions.";
    JweAlg = "jwe.alg", rfc(7516, "4.1.1"), "The key management algorithm is permitted, and its parameters are well-formed.";
    JweEnc = "jwe.enc", rfc(7516, "4.1.2"), "The content encryption algorithm is permitted.";
    JweCty = "jwe.cty", rfc(7519, "5.2"), "The content type says that the content is another token.";
    JweZip = "jwe.zip", rfc(7516, "4.1.3"), "Compressed content is permitted, and inflates within its limit.";
    JweKey = "jwe.key", rfc(7516, "5.2"), "Exactly one decryption key fits.";
    JweDecrypt = "jwe.decrypt", rfc(7516, "5.2"), "The content decrypts, and claims that the header replicates are the claims of the content.";
    FormSdJwt = "form.sd_jwt", rfc(9901, "4"), "An SD-JWT is a JWT, disclosures in canonical base64url, and perhaps a key-binding JWT, with ~ between them.";
    SdJwtKeyBinding = "sd_jwt.key_binding", rfc(9901, "7.3"), "A key-binding JWT came along if the validator verifies one, and none if it does not.";
    FormCompact = "form.compact", rfc(7515, "7.1"), "A signed token has three segments in the base64url alphabet.";
    FormBase64url = "form.base64url", rfc(7515, "2"), "Each segment is canonical base64url without padding.";
    FormHeader = "form.header", rfc(7515, "5.2"), "The header is a strict JSON object.";
    HeaderAlg = "header.alg", rfc(8725, "3.1"), "The algorithm is permitted.";
    HeaderTyp = "header.typ", rfc(8725, "3.11"), "The type is the one of this kind of token.";
    HeaderCty = "header.cty", rfc(7519, "5.2"), "The content type does not announce another token.";
    HeaderCrit = "header.crit", rfc(7515, "4.1.11"), "No critical extension is listed, because none is understood.";
    HeaderB64 = "header.b64", rfc(7797, "7"), "The payload is base64url-encoded.";
    HeaderZip = "header.zip", rfc(7516, "4.1.3"), "A signed token is not compressed.";
    HeaderKid = "header.kid", rfc(7515, "4.1.4"), "The key id is a string.";
    HeaderKeys = "header.keys", rfc(8725, "3.10"), "Keys and links in the header have their types. They are never fetched or trusted, and the row names those that were ignored.";
    KeyIssuer = "key.issuer", rfc(8725, "3.8"), "The issuer that the token names is trusted.";
    KeyClient = "key.client", rfc(7523, "3"), "The client that the token names is known.";
    KeyEmbedded = "key.embedded", rfc(9449, "4.2"), "The public key in the header can be used with the algorithm.";
    KeyConfirmed = "key.confirmed", rfc(9901, "7.3"), "The key that the issuer of the first token names in cnf.jwk can be used with the algorithm.";
    KeyFound = "key.found", rfc(7515, "appendix-D"), "Exactly one key of the party fits.";
    KeyAlg = "key.alg", rfc(8725, "3.1"), "The header's algorithm is the algorithm of the key.";
    CryptoSignature = "crypto.signature", rfc(7515, "5.2"), "The signature verifies.";
    PayloadJson = "payload.json", rfc(7519, "7.2"), "The payload is a strict JSON object.";
    SdJwtAlg = "sd_jwt.alg", rfc(9901, "4.1.1"), "The hash function of the disclosures is permitted.";
    SdJwtDisclosures = "sd_jwt.disclosures", rfc(9901, "7.1"), "Each disclosure is well-formed and has one digest in what the issuer signed, and no digest occurs twice.";
    DialectTells = "dialect.tells", rfc(8725, "3.12"), "The claims by which the issuer's tokens of this kind differ from its other tokens are as its dialect says. Issuers with the standard dialect do not have this check.";
    DialectNames = "dialect.names", None, "Client, scopes and audience are where the issuer's dialect says, and no two places disagree. Issuers with the standard dialect do not have this check.";
    ClaimsDeserialize = "claims.deserialize", None, "The claims fit the caller's type.";
    RequestScopes = "request.scopes", rfc(6750, "3.1"), "The token has every scope that the operation needs.";
    RequestAuthentication = "request.authentication", rfc(9470, "3"), "The kind can show the authentication that the request demands. Only kinds without rules on `acr` or `auth_time` have this check.";
    RequestProof = "request.proof", rfc(9449, "7.1"), "A DPoP proof that came with the token can be checked (`ValidatorBuilder::dpop`).";
    StateRevoked = "state.revoked", rfc(7009, "2"), "The token, its subject, client, session or key was not revoked.";
    StateReplay = "state.replay", rfc(7519, "4.1.7"), "The token was not used before.";
}

impl Stage {
    #[expect(clippy::as_conversions, reason = "the number of a fieldless variant")]
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}
