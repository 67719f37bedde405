//! Whatever the order of polls, answers and tokens.

use jwt_appraisal::Verdict;
use jwt_appraisal::remote::{FetchAnswer, FetchRequest, Step, Update};
use jwt_appraisal::testing::TestIssuer;
use proptest::prelude::*;

use super::sim::{HOUR, KEYS, Sim, discovering, issuer, keys, known, metadata};

#[derive(Clone, Debug)]
enum Move {
    Pass(i64),
    Poll,
    /// Hands in what came of a request, not always the last one.
    Answer(Came, usize),
    /// A token with a `kid` that was never published.
    Unknown,
}

#[derive(Clone, Debug)]
enum Came {
    First,
    Second,
    Metadata,
    NotModified,
    Empty,
    /// A set of which no key can be used.
    Useless,
    Status(u16),
    Nothing,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let came = prop_oneof![
        4 => Just(Came::First),
        2 => Just(Came::Second),
        4 => Just(Came::Metadata),
        1 => Just(Came::NotModified),
        1 => Just(Came::Empty),
        1 => Just(Came::Useless),
        1 => prop_oneof![Just(302), Just(404), Just(503)].prop_map(Came::Status),
        1 => Just(Came::Nothing),
    ];
    let pass = prop_oneof![1_i64..20, 20_i64..400, 400_i64..8000];
    let step = prop_oneof![
        3 => pass.prop_map(Move::Pass),
        4 => Just(Move::Poll),
        4 => (came, 0_usize..4).prop_map(|(came, back)| Move::Answer(came, back / 3)),
        2 => Just(Move::Unknown),
    ];
    prop::collection::vec(step, 1..60)
}

fn answer(came: &Came, first: &TestIssuer, second: &TestIssuer) -> FetchAnswer {
    match came {
        Came::First => keys(first).etag("\"1\""),
        Came::Second => keys(second).cache_control("max-age=600"),
        Came::Metadata => metadata(),
        Came::NotModified => FetchAnswer::new(304, ""),
        Came::Empty => FetchAnswer::new(200, r#"{"keys":[]}"#),
        Came::Useless => FetchAnswer::new(200, r#"{"keys":[{"kty":"quantum"}]}"#),
        Came::Status(status) => FetchAnswer::new(*status, ""),
        Came::Nothing => FetchAnswer::timed_out(),
    }
}

/// Texts that are nearly URLs.
fn nearly_urls() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-z0-9.-]{1,6}",
        2 => prop::sample::select(vec![
            "https://", "http://", "https:", "//", "localhost", "127.0.0.1", "[::1]", "0x7f", "1", ".",
            ":443", ":", "@", "/", "?", "#", "\\", "%2f", "%", "..", "/..", "/.", "%2e", "/%2E", "\t", " ", "é", "xn--", "[", "]",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    let start = prop::sample::select(vec!["https://", "http://", ""]);
    (start, prop::collection::vec(part, 0..6))
        .prop_map(|(start, rest)| start.to_owned() + &rest.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_url_that_passes_is_read_alike_by_another_parser(text in nearly_urls()) {
        let cache = known().jwks_uri(&*text).allow_http_on_loopback().build();
        let Ok(cache) = cache else { return Ok(()) };
        let Step::Fetch(request) = cache.poll(super::support::now()) else { unreachable!() };
        prop_assert_eq!(request.url(), &*text);
        // The other parser knows more of names in other scripts; what it refuses is not fetched.
        let Ok(url) = reqwest::Url::parse(&text) else { return Ok(()) };
        let host = url.host_str().unwrap();
        let rest = text.split_once("://").unwrap().1;
        prop_assert!(rest.to_ascii_lowercase().starts_with(host), "{} is not {}", text, host);
        prop_assert!(url.username().is_empty() && url.password().is_none());
        prop_assert_eq!(url.fragment(), None);
        let before_query = rest.split('?').next().unwrap();
        let path = before_query.split_once('/').map_or("", |(_, path)| path);
        prop_assert_eq!(url.path().strip_prefix('/'), Some(path));
        let local = ["localhost", "[::1]"].contains(&host) || host.starts_with("127.");
        prop_assert!(url.scheme() == "https" || url.scheme() == "http" && local, "{}", text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cache_keeps_its_promises(moves in moves(), discovers in any::<bool>()) {
        let mut sim = Sim::new(if discovers { discovering() } else { known() });
        let (first, second, stranger) = (issuer("k1"), issuer("k2"), issuer("k3"));
        // Requests that were given out and not handed in, with the second in which they were.
        let mut out: Vec<(FetchRequest, i64)> = Vec::new();
        let (mut generation, mut usable_until, mut failures) = (0, None::<i64>, 0);
        // A round that begins before it is planned is caused by a token.
        let (mut planned, mut in_round, mut by_token) = (sim.now, false, false);
        let (mut last_set, mut fetched) = (None::<i64>, None::<i64>);
        for step in moves {
            match step {
                Move::Pass(seconds) => sim.now += seconds,
                Move::Unknown => {
                    let usable = usable_until.is_some_and(|until| sim.now <= until);
                    let known = usable && sim.status().failures == 0;
                    let fresh = fetched.is_some_and(|since| sim.now - since < 30);
                    let verdict = sim.verdict(&stranger);
                    prop_assert_ne!(verdict, Verdict::Accepted);
                    prop_assert!(known || verdict == Verdict::Undetermined, "may be a rotation");
                    prop_assert!(!(known && fresh) || verdict == Verdict::Rejected, "is unknown");
                }
                Move::Poll => {
                    let step = sim.cache.poll(sim.at());
                    let given_up = failures < sim.status().failures;
                    if given_up {
                        // A retry is planned, and what comes before it need not be asked for.
                        (planned, in_round) = (sim.now, false);
                        failures = sim.status().failures;
                    }
                    match step {
                        Step::Fetch(request) => {
                            if !in_round {
                                (in_round, by_token) = (true, sim.now < planned);
                            }
                            if request.url() == KEYS {
                                let cooled = last_set.is_none_or(|last| sim.now - last >= 30);
                                prop_assert!(cooled || !by_token, "within the cooldown");
                                last_set = Some(sim.now);
                            }
                            let alive = |(_, since): &(_, i64)| sim.now - since < 15;
                            prop_assert!(!out.iter().any(alive), "two requests at once");
                            out.push((request, sim.now));
                        }
                        Step::WaitUntil(due) => {
                            let due = due.unix_timestamp();
                            prop_assert!(due > sim.now, "waits for the past");
                            prop_assert!(due <= sim.now + 24 * HOUR, "waits for ever");
                        }
                        _ => unreachable!("there are two steps"),
                    }
                }
                Move::Answer(came, back) if back < out.len() => {
                    let (request, since) = out.remove(out.len() - 1 - back);
                    let update = sim.complete(request, answer(&came, &first, &second));
                    let status = sim.status();
                    match &update {
                        Update::Replaced { usable_until: until, generation: now, .. } => {
                            generation += 1;
                            prop_assert_eq!(*now, generation);
                            usable_until = Some(until.unix_timestamp());
                        }
                        Update::Unchanged { usable_until: until, .. } => {
                            usable_until = Some(until.unix_timestamp());
                        }
                        Update::Kept { usable_until: until, .. } => {
                            let until = until.map(|until| until.unix_timestamp());
                            prop_assert!(until <= usable_until, "a failure prolongs nothing");
                            usable_until = until;
                        }
                        _ => {}
                    }
                    if let Some(fresh) = status.fresh_until {
                        let stale = status.usable_until.unwrap() - fresh;
                        prop_assert_eq!(stale.whole_seconds(), HOUR);
                        if matches!(update, Update::Replaced { .. } | Update::Unchanged { .. }) {
                            fetched = Some(since);
                            let lifetime = fresh.unix_timestamp() - since;
                            prop_assert!((300..=24 * HOUR).contains(&lifetime));
                            (planned, in_round) = (since + lifetime * 4 / 5, false);
                        }
                    }
                    if matches!(update, Update::Kept { .. }) {
                        (planned, in_round) = (sim.now, false);
                    }
                    failures = status.failures;
                }
                Move::Answer(..) => {}
            }
            let status = sim.status();
            prop_assert_eq!(status.generation, generation);
            prop_assert_eq!(status.usable_until.map(|until| until.unix_timestamp()), usable_until);
            let old = [&first, &second].map(|issuer| sim.verdict(issuer));
            let stale = usable_until.is_none_or(|until| sim.now > until);
            prop_assert_eq!(stale, old == [Verdict::Undetermined; 2], "past fresh and stale");
        }
    }
}
