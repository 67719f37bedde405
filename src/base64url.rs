//! base64url without padding, canonical forms only.
//!
//! [RFC 7515 §2](https://www.rfc-editor.org/rfc/rfc7515#section-2),
//! [RFC 4648 §3.5](https://www.rfc-editor.org/rfc/rfc4648#section-3.5)

use std::sync::LazyLock;

use base64::Engine as _;
use zeroize::Zeroize as _;

/// The engine for the processor at hand; nothing of it ever changes.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static ENGINE: LazyLock<base64::engine::Simd> =
    LazyLock::new(|| base64::engine::Simd::url_safe(base64::engine::general_purpose::NO_PAD));

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static ENGINE: LazyLock<base64::engine::GeneralPurpose> =
    LazyLock::new(|| base64::engine::general_purpose::URL_SAFE_NO_PAD);

/// The text is not canonical base64url without padding, or too long for where it goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct NotBase64url;

/// The length of what `chars` characters decode to, in bytes.
pub(crate) fn decoded_len(chars: usize) -> usize {
    chars.saturating_mul(3) / 4
}

pub(crate) fn decode(text: &str) -> Result<Vec<u8>, NotBase64url> {
    let mut bytes = vec![0; decoded_len(text.len())];
    let Ok(written) = ENGINE.decode_slice(text, &mut bytes) else {
        // It may be a secret with a mistake in it.
        bytes.zeroize();
        return Err(NotBase64url);
    };
    bytes.truncate(written);
    Ok(bytes)
}

/// Room for a decoded text: `LARGE` bytes on the stack, of which only `SMALL` are cleared for an
/// ordinary text, and the heap for what is longer.
pub(crate) struct Buffer<const SMALL: usize, const LARGE: usize> {
    small: [u8; SMALL],
    large: Option<[u8; LARGE]>,
    heap: Vec<u8>,
}

impl<const SMALL: usize, const LARGE: usize> Buffer<SMALL, LARGE> {
    pub(crate) fn new() -> Self {
        Self { small: [0; SMALL], large: None, heap: Vec::new() }
    }

    pub(crate) fn decode(&mut self, text: &str) -> Result<&[u8], NotBase64url> {
        let len = decoded_len(text.len());
        if len <= SMALL {
            decode_into(text, &mut self.small)
        } else if len <= LARGE {
            decode_into(text, self.large.insert([0; LARGE]))
        } else {
            self.heap = decode(text)?;
            Ok(&self.heap)
        }
    }
}

/// Decodes into `buffer` and returns the part that was written.
pub(crate) fn decode_into<'b>(text: &str, buffer: &'b mut [u8]) -> Result<&'b [u8], NotBase64url> {
    let written = ENGINE.decode_slice(text, buffer).map_err(|_| NotBase64url)?;
    buffer.get(..written).ok_or(NotBase64url)
}

/// Whether a text that has only base64url characters is canonical, without decoding it: what can
/// be wrong then is its length, and bits of the last character that stand for nothing.
///
/// <https://www.rfc-editor.org/rfc/rfc4648#section-3.5>
pub(crate) fn is_canonical(text: &str) -> bool {
    let last: &[u8] = match text.len() % 4 {
        0 => return true,
        2 => b"AQgw",
        3 => b"AEIMQUYcgkosw048",
        _ => return false,
    };
    text.bytes().next_back().is_some_and(|character| last.contains(&character))
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}
