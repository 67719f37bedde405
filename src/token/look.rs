//! The one way to look at a token before anything is verified: segments, base64url, header.

use super::compact::{UnverifiedToken, check_base64url, check_size};
use super::header::{HeaderBuffer, JoseHeader};
use crate::check::{Reason, Stage};
use crate::json::Document;
use crate::limits::Limits;

/// A token and its header. Nothing about them is verified.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a, 'd> {
    pub(crate) token: UnverifiedToken<'a>,
    pub(crate) header: JoseHeader<'d>,
}

/// The first check that failed.
pub(crate) struct LookError {
    pub(crate) stage: Stage,
    pub(crate) reason: Reason,
}

impl<'a, 'd> Look<'a, 'd> {
    /// Looks at a token whose size was checked. Each check that passes is reported.
    pub(crate) fn at<'b>(
        token: &'a [u8],
        limits: &Limits,
        octets: &'b mut HeaderBuffer,
        json: &'d mut Document<'b>,
        mut passed: impl FnMut(Stage),
    ) -> Result<Self, LookError> {
        let failed = |stage| move |reason| LookError { stage, reason };
        let token = UnverifiedToken::split(token).map_err(failed(Stage::FormCompact))?;
        passed(Stage::FormCompact);
        check_base64url(&token).map_err(failed(Stage::FormBase64url))?;
        passed(Stage::FormBase64url);
        let octets = octets.decode(token.header(), limits.header_bytes);
        let header = octets.and_then(|octets| JoseHeader::parse(octets, json, limits));
        let header = header.map_err(failed(Stage::FormHeader))?;
        passed(Stage::FormHeader);
        Ok(Self { token, header })
    }

    /// Looks at a token of any size, if that is within the limits, without the reason if it fails.
    pub(crate) fn at_any<'b>(
        token: &'a [u8],
        limits: &Limits,
        octets: &'b mut HeaderBuffer,
        json: &'d mut Document<'b>,
    ) -> Option<Self> {
        check_size(token, limits.token_bytes).ok()?;
        Self::at(token, limits, octets, json, |_| {}).ok()
    }
}
