//! Tags that this process makes itself. Those that come are verified elsewhere, as a whole.

use ring::hmac;

pub(super) fn hmac_sha256(key: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    let mut output = [0; 32];
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes);
    output.copy_from_slice(tag.as_ref());
    output
}
