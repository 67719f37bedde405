//! Compressed content of an encrypted token, inflated within a limit.

use crate::check::Reason;
#[cfg(feature = "deflate")]
use crate::check::{Found, ReasonKind, fail};

/// Inflates into at most `most` bytes, which is all the memory that this takes: the rest of a
/// decompression bomb is never read.
///
/// <https://www.rfc-editor.org/rfc/rfc7516#section-4.1.3>, rfc8725bis §3.15
#[cfg(feature = "deflate")]
pub(super) fn inflate(deflated: &[u8], most: usize) -> Result<Vec<u8>, Reason> {
    use miniz_oxide::inflate::TINFLStatus;
    use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
    use zeroize::Zeroize as _;

    let mut inflated = vec![0; most];
    let (status, read, written) = decompress(
        &mut DecompressorOxide::new(),
        deflated,
        &mut inflated,
        0,
        TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
    );
    if status == TINFLStatus::Done && read == deflated.len() {
        inflated.truncate(written);
        return Ok(inflated);
    }
    // It was confidential.
    inflated.as_mut_slice().zeroize();
    let too_long = status == TINFLStatus::HasMoreOutput;
    fail(if too_long { ReasonKind::TooLong } else { ReasonKind::NotDeflate }, Found::Nothing)
}

/// Without the feature nothing permits `zip`.
#[cfg(not(feature = "deflate"))]
pub(super) fn inflate(_: &[u8], _: usize) -> Result<Vec<u8>, Reason> {
    Err(crate::check::ReasonKind::NotPermitted.into())
}

#[cfg(all(test, feature = "deflate"))]
mod tests {
    use super::*;

    const MOST: usize = 250_000;

    /// A gigabyte in a megabyte, more than a token can hold: a flushed block is repeated.
    #[test]
    fn a_bomb_of_a_gigabyte_ends_at_the_limit() {
        use miniz_oxide::deflate::core::{
            CompressorOxide, TDEFLFlush, compress, create_comp_flags_from_zip_params,
        };
        let mut block = vec![0; 20_000];
        let letters = vec![b'A'; 10_000_000];
        let flags = create_comp_flags_from_zip_params(9, -15, 0);
        let mut compressor = CompressorOxide::new(flags);
        let (_, _, written) = compress(&mut compressor, &letters, &mut block, TDEFLFlush::Full);
        block.truncate(written);
        let bomb = block.repeat(100);
        assert!(bomb.len() < 1_100_000);
        let inflated = allocation_counter::measure(|| {
            assert_eq!(inflate(&bomb, MOST), Err(ReasonKind::TooLong.into()));
        });
        assert!(inflated.bytes_max <= 300_000, "{} bytes", inflated.bytes_max);
    }

    #[test]
    fn the_limit_itself_is_reached() {
        let deflate = |bytes| miniz_oxide::deflate::compress_to_vec(&vec![b'A'; bytes], 6);
        for most in [1, 1_000, MOST] {
            assert_eq!(inflate(&deflate(most), most), Ok(vec![b'A'; most]));
            assert_eq!(inflate(&deflate(most + 1), most), Err(ReasonKind::TooLong.into()));
            assert_eq!(inflate(&deflate(0), most), Ok(Vec::new()));
        }
    }
}
