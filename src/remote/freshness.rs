//! For how long keys are fresh: what the answer says, within bounds.

/// The bounds on freshness, in seconds.
pub(super) const LEAST_FRESH: i64 = 5 * 60;
pub(super) const MOST_FRESH: i64 = 24 * 60 * 60;
/// Where the answer does not say.
pub(super) const DEFAULT_FRESH: i64 = 60 * 60;

/// For how many seconds an answer is fresh, by its `Cache-Control` and `Age`; `None` if it does not say.
///
/// Nothing is kept for less than the least, whatever the answer forbids: a key set has to be kept to
/// be used at all.
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
            // What can not be read is stale: <https://www.rfc-editor.org/rfc/rfc9111#section-4.2.1>
            delta_seconds(unquoted(value)).unwrap_or(0)
        } else {
            continue;
        };
        stated = Some(stated.map_or(seconds, |least| least.min(seconds)));
    }
    let age = age.and_then(|age| delta_seconds(age.trim())).unwrap_or(0);
    Some(stated?.saturating_sub(age).clamp(LEAST_FRESH, MOST_FRESH))
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// A number of seconds; one that is too large to be read is the largest.
fn delta_seconds(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::lifetime;

    #[test]
    fn freshness_is_what_the_answer_says_within_bounds() {
        for (cache_control, age, expected) in [
            (None, None, None),
            (None, Some("10"), None),
            (Some(""), None, None),
            (Some("public"), None, None),
            (Some("s-maxage=7200"), None, None),
            (Some("max-age=7200"), None, Some(7200)),
            (Some("public, MAX-AGE=7200 , must-revalidate"), None, Some(7200)),
            (Some("max-age=\"7200\""), None, Some(7200)),
            (Some("max-age=7200"), Some("1200"), Some(6000)),
            (Some("max-age=7200"), Some("-1"), Some(7200)),
            (Some("max-age=7200"), Some("soon"), Some(7200)),
            (Some("max-age=7200"), Some("99999999999999999999"), Some(300)),
            (Some("max-age=7200, max-age=600"), None, Some(600)),
            (Some("max-age=0"), None, Some(300)),
            (Some("max-age"), None, Some(300)),
            (Some("max-age=-5"), None, Some(300)),
            (Some("max-age=1e9"), None, Some(300)),
            (Some("max-age=31536000"), None, Some(86_400)),
            (Some("max-age=99999999999999999999"), None, Some(86_400)),
            (Some("max-age=7200, no-cache"), None, Some(300)),
            (Some("No-Store"), None, Some(300)),
            (Some("ext=\"a, max-age=9\", max-age=7200"), None, Some(300)),
        ] {
            assert_eq!(lifetime(cache_control, age), expected, "{cache_control:?} {age:?}");
        }
    }
}
