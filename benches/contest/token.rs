//! The token of every benchmark and of the allocation counts.

use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};

/// The issuer of every token.
pub(crate) const ISSUER: &str = "https://as.example.com";

/// The resource server.
pub(crate) const AUDIENCE: &str = "https://api.example.com/v1";

/// The client that every token was issued to.
pub(crate) const CLIENT: &str = "s6BhdRkqt3";

/// An ordinary access token has about so many bytes, whatever its signature takes of them.
const BYTES: usize = 900;

/// So long a token lives: any benchmark is done before it expires.
const LIFETIME: i64 = 12 * 60 * 60;

/// An access token with the claims of RFC 9068 §2.2, drafted.
///
/// It is filled up to its length with `org_units`, a claim of the issuer's own that no contestant's type
/// reads, as tokens have them.
pub(crate) fn draft(key: &TestKey) -> TestToken {
    let bare = bare(key);
    let mut units = Vec::new();
    loop {
        units.push(format!("engineering-{}", units.len()));
        let filled = bare.clone().claim("org_units", units.clone());
        if filled.sign().len() >= BYTES {
            return filled;
        }
    }
}

fn bare(key: &TestKey) -> TestToken {
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    let issuer = TestIssuer::new(ISSUER).with_key(key.clone());
    issuer
        .access_token(AUDIENCE)
        .at(now)
        .claim("nbf", now)
        .claim("exp", now.saturating_add(LIFETIME))
        .claim("auth_time", now)
        .claim("sub", "248289761001")
        .claim("client_id", CLIENT)
        .claim("scope", "openid profile files:read files:write")
        .claim("jti", "0191f4c2-7c1e-7d5a-9c0b-3f4c5d6e7f80")
}
