//! Settings that are numbers, and the one error for those that are out of range.

use ::time::Duration;

use crate::limits::Limits;

/// A setting whose value is out of its range.
///
/// Every error of this crate about a number that is too small or too large is, or holds, one of these.
///
/// ```
/// # use jwt_appraisal::*;
/// let mut limits = Limits::default();
/// limits.keys_per_set = 0;
/// let error = JwkSet::from_json_within("{}", &limits).unwrap_err();
/// assert_eq!(error.to_string(), "the setting keys_per_set is 0, but it must be from 1 to 10000 keys");
/// if let KeyError::OutOfRange(setting) = error {
///     assert_eq!((setting.setting, setting.least, setting.most), ("keys_per_set", 1, 10_000));
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the setting {setting} is {found}, but it must be from {least} to {most} {unit}")]
#[non_exhaustive]
pub struct OutOfRange {
    /// The name of the setting: that of the builder's method, or of the field of [`Limits`].
    pub setting: &'static str,
    /// Its value. A fraction is rounded down, and a value above `i64::MAX` is given as that.
    pub found: i64,
    /// The smallest value that is permitted.
    pub least: i64,
    /// The largest value that is permitted.
    pub most: i64,
    /// The unit of the three numbers, such as `s` for seconds.
    pub unit: &'static str,
}

/// A setting that is not a whole number of seconds. A part of a second would have no effect.
///
/// ```
/// # use jwt_appraisal::{JwkSet, KeyError, KeyStore, SignatureAlgorithm};
/// # use time::Duration;
/// let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::default())?;
/// let error = keys.cooldown(Duration::milliseconds(1_500)).unwrap_err();
/// assert!(matches!(error, KeyError::FractionOfSecond(fraction) if fraction.setting == "cooldown"));
/// # Ok::<(), KeyError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the setting {setting} has a fraction of a second, but it must be a whole number of seconds"
)]
#[non_exhaustive]
pub struct FractionOfSecond {
    /// The name of the setting: that of the builder's method.
    pub setting: &'static str,
}

/// Why a duration cannot be a setting.
pub(crate) enum DurationError {
    OutOfRange(OutOfRange),
    FractionOfSecond(FractionOfSecond),
}

/// Reads a setting that counts whole seconds.
pub(crate) fn whole_seconds(
    setting: &'static str,
    duration: Duration,
    least: i64,
    most: i64,
) -> Result<i64, DurationError> {
    let whole = duration.whole_seconds();
    let fraction = duration.subsec_nanoseconds();
    let found = if fraction < 0 { whole.saturating_sub(1) } else { whole };
    if !(least..=most).contains(&found) {
        let error = OutOfRange { setting, found, least, most, unit: "s" };
        return Err(DurationError::OutOfRange(error));
    }
    if fraction != 0 {
        return Err(DurationError::FractionOfSecond(FractionOfSecond { setting }));
    }
    Ok(found)
}

/// Checks that every limit is within its range.
pub(crate) fn check_limits(limits: &Limits) -> Result<(), OutOfRange> {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    match limits.out_of_range() {
        Some((setting, found, most, unit)) => {
            let (found, most) = (number(found), number(most));
            Err(OutOfRange { setting, found, least: 1, most, unit })
        }
        None => Ok(()),
    }
}
