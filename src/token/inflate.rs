//! Compressed content of an encrypted token, inflated within a limit.

use crate::check::Reason;
#[cfg(feature = "deflate")]
use crate::check::{Found, ReasonKind, fail};

/// Inflates into at most `most` bytes, which is all the memory that this takes: the rest of a
/// decompression bomb is never read.
///
/// <https://www.rfc-editor.org/rfc/rfc7516#section-4.1.3>, rfc8725bis §3.15
#[cfg(feature = "deflate")]
pub(crate) fn inflate(deflated: &[u8], most: usize) -> Result<Vec<u8>, Reason> {
    use miniz_oxide::inflate::TINFLStatus;
    use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

    let mut inflated = vec![0; most];
    let (status, read, written) = decompress(
        &mut DecompressorOxide::new(),
        deflated,
        &mut inflated,
        0,
        TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
    );
    if status == TINFLStatus::HasMoreOutput {
        return fail(ReasonKind::TooLong, Found::Nothing);
    }
    if status != TINFLStatus::Done || read != deflated.len() {
        return fail(ReasonKind::NotDeflate, Found::Nothing);
    }
    inflated.truncate(written);
    Ok(inflated)
}

/// Without the feature nothing permits `zip`.
#[cfg(not(feature = "deflate"))]
pub(crate) fn inflate(_: &[u8], _: usize) -> Result<Vec<u8>, Reason> {
    Err(crate::check::ReasonKind::NotPermitted.into())
}
