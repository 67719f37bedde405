//! How long keys are fresh: what the response says, within bounds.

/// The bounds on freshness, in seconds.
pub(super) const LEAST_FRESH: i64 = 5 * 60;
pub(super) const MOST_FRESH: i64 = 24 * 60 * 60;
/// The freshness if the response says nothing.
pub(super) const DEFAULT_FRESH: i64 = 60 * 60;

/// Returns for how many seconds a response is fresh, by its `Cache-Control` and `Age`, or `None` if it says
/// nothing.
///
/// Even if the response forbids it, keys are kept for the least time, because a key set must be kept to be
/// used at all.
///
/// <https://www.rfc-editor.org/rfc/rfc9111#section-4.2>
pub(super) fn lifetime(cache_control: Option<&str>, age: Option<&str>) -> Option<i64> {
    let directives = cache_control?.split(',').map(|directive| {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        (name.trim(), value.trim())
    });
    let mut stated: Option<i64> = None;
    for (name, value) in directives {
        let seconds = if is_one_of(name, &["no-store", "no-cache"]) {
            0
        } else if is_one_of(name, &["max-age"]) {
            // What cannot be read is stale: <https://www.rfc-editor.org/rfc/rfc9111#section-4.2.1>
            delta_seconds(unquoted(value)).unwrap_or(0)
        } else {
            continue;
        };
        stated = Some(stated.map_or(seconds, |least| least.min(seconds)));
    }
    // The first of several counts. One that cannot be read counts as the greatest age.
    let first = age.map(|age| age.split(',').next().unwrap_or(age).trim());
    let age = first.map_or(0, |age| delta_seconds(age).unwrap_or(i64::MAX));
    Some(stated?.saturating_sub(age).clamp(LEAST_FRESH, MOST_FRESH))
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// Reads a number of seconds. One that is too large counts as the largest.
fn delta_seconds(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(i64::MAX))
}
