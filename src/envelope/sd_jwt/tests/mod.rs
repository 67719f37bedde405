//! SD-JWT without a signature: its parts, and what becomes of a payload.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it cannot continue"
)]

mod issued;
mod rules;
mod vectors;

use std::cell::OnceCell;

use serde_json::Value as Model;

use super::{SdHash, SdJwt, disclose};
use crate::base64url;
use crate::check::Reason;
use crate::crypto::CryptoProvider;
use crate::json::{Bounds, Document, Tested};

#[cfg(feature = "ring")]
static PROVIDER: &CryptoProvider = &crate::crypto::ring::PROVIDER;
#[cfg(not(feature = "ring"))]
static PROVIDER: &CryptoProvider = &crate::crypto::aws_lc_rs::PROVIDER;

const WIDE: Bounds = Bounds { depth: 16, values: 4_096, members: 256, lenient_keys: false };

/// What becomes of the payload of an SD-JWT whose signature is taken for good.
fn processed(token: &str) -> Result<Model, Reason> {
    processed_within(token, WIDE)
}

fn processed_within(token: &str, bounds: Bounds) -> Result<Model, Reason> {
    let sd_jwt = SdJwt::split(token.as_bytes(), 64)?;
    let payload = sd_jwt.issuer_jwt().split('.').nth(1).unwrap();
    let payload = base64url::decode(payload).unwrap();
    let (decoded, mut document) = (OnceCell::new(), Document::new());
    document.read(&payload, bounds)?;
    let mut grafts = document.grafts(bounds, &Tested);
    let hash = SdHash::find(&grafts, PROVIDER)?;
    disclose(&sd_jwt, hash, &decoded, &mut grafts)?;
    Ok(document.root().read_into().unwrap())
}

/// An SD-JWT without a signature.
fn presented<'a>(payload: &Model, disclosures: impl IntoIterator<Item = &'a str>) -> String {
    let mut token = format!("e30.{}.AA~", base64url::encode(payload.to_string().as_bytes()));
    for disclosure in disclosures {
        token.push_str(disclosure);
        token.push('~');
    }
    token
}

/// The digest of a disclosure.
fn digest(disclosure: &str) -> String {
    base64url::encode(&(PROVIDER.sha256)(disclosure.as_bytes()))
}

fn encoded(disclosure: &Model) -> String {
    base64url::encode(disclosure.to_string().as_bytes())
}
