//! One plain SD-JWT, and what is wrong with others.

use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::testing::{TestDisclosure, TestIssuer, TestKey, TestRecipient};
use jwt_appraisal::{
    Appraisal, ConfigError, ContentEncryptionAlgorithm, DecryptionKeys, KeyManagementAlgorithm,
    Limits, Outcome, ReasonKind, SignatureAlgorithm, Validator, ValidatorSet, Verdict, danger,
    rules,
};
use serde_json::{Value, json};

use super::membership::{Address, Club, Membership, kind};
use super::support::{
    AUDIENCE, ISSUER, NOW, Scene, expect_accepted, expect_rejected, findings, now, private_key,
    validator_builder,
};

/// What the claims type sees.
fn seen(club: &Club, token: &str) -> Membership {
    club.appraise(token).into_result().unwrap().into_claims()
}

fn nothing_disclosed() -> Membership {
    Membership {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        exp: NOW + 300,
        iat: NOW,
        cnf: None,
        sub: "user-1".to_owned(),
        club: "c-1".to_owned(),
        name: None,
        address: None,
        teams: vec!["go".to_owned()],
    }
}

fn reason<C>(appraisal: &Appraisal<C>, code: &str) -> Option<ReasonKind> {
    appraisal.checks().find(|check| check.id() == code)?.kind()
}

#[test]
fn claims_are_those_that_the_holder_discloses() {
    let club = Club::new();
    let shown = &club.disclosures;
    assert_eq!(seen(&club, &club.draft().present([])), nothing_disclosed());
    let named = Membership { name: Some("Erika".to_owned()), ..nothing_disclosed() };
    assert_eq!(seen(&club, &club.draft().present([&shown.name])), named);
    let country = Address { country: "DE".to_owned(), street: None };
    let address = Membership { address: Some(country), ..nothing_disclosed() };
    assert_eq!(seen(&club, &club.draft().present([&shown.address])), address);
    let full = Address { country: "DE".to_owned(), street: Some("Road 1".to_owned()) };
    let all = Membership {
        address: Some(full),
        teams: vec!["go".to_owned(), "chess".to_owned()],
        ..named
    };
    assert_eq!(seen(&club, &club.draft().present(club.disclosures.all())), all);
}

#[test]
fn a_token_without_selective_claims_is_an_sd_jwt_as_well() {
    let club = Club::new();
    let draft = club.draft().without("_sd").without("_sd_alg").claim("teams", json!(["go"]));
    assert_eq!(seen(&club, &draft.present([])), nothing_disclosed());
    let draft = draft.claim("_sd_alg", "sha-512");
    assert_eq!(seen(&club, &draft.present([])), nothing_disclosed());
}

#[test]
fn the_rows_stand_around_those_of_the_issuers_jwt() {
    let club = Club::new();
    let appraisal = club.appraise(club.draft().present(club.disclosures.all()));
    expect_accepted("SD-01", "a good one", &appraisal);
    let codes: Vec<_> = appraisal.checks().map(|check| check.id().to_string()).collect();
    let validator = club.validator();
    assert!(validator.checks().map(ToString::to_string).eq(codes.iter().cloned()));
    let plain = KindBuilder::issued("plain").typ("plain+jwt").rules(rules::COMMON);
    let plain = club.builder_of(plain.profile::<Value>()).build().unwrap();
    let mut expected: Vec<_> = plain.checks().map(ToString::to_string).collect();
    let payload = expected.iter().position(|code| code == "payload.json").unwrap();
    expected
        .splice(payload + 1..payload + 1, ["sd_jwt.alg", "sd_jwt.disclosures"].map(str::to_owned));
    expected.splice(1..1, ["form.sd_jwt", "sd_jwt.key_binding"].map(str::to_owned));
    assert_eq!(codes, expected);
}

#[track_caller]
fn refuses(club: &Club, rule: &str, code: &str, what: &str, token: &str) {
    expect_rejected(rule, &[code], what, &club.appraise(token));
}

#[test]
fn presentations_that_are_malformed() {
    let club = Club::new();
    let (jwt, all) = (club.draft().sign(), club.draft().present(club.disclosures.all()));
    let unterminated = all.strip_suffix('~').unwrap();
    for (what, token) in [
        ("no tilde", jwt.clone()),
        ("no last tilde", unterminated.to_owned()),
        ("two tildes", format!("{jwt}~~")),
        ("two tildes at the end", format!("{all}~")),
        ("a space", all.replacen('~', "~ ", 1)),
        ("padding", format!("{jwt}~{}=~", club.disclosures.name)),
        ("not canonical", format!("{jwt}~{}~", "AB")),
        ("two JWTs", format!("{jwt}~{jwt}~")),
        ("nothing", String::new()),
    ] {
        refuses(&club, "SD-01", "form.sd_jwt", what, &token);
    }
    refuses(&club, "SD-01", "form.compact", "nothing before the tilde", "~");
    refuses(&club, "SD-01", "form.compact", "two segments", "e30.e30~");
}

#[test]
fn a_key_binding_jwt_is_refused_while_it_cannot_be_verified() {
    let club = Club::new();
    let key = TestKey::generate("holder", SignatureAlgorithm::Es256);
    let holder = TestIssuer::new("holder").with_key(key);
    let bound = holder.token("kb+jwt").at(NOW).claim("aud", AUDIENCE).sign();
    let appraisal = club.appraise(club.draft().present(club.disclosures.all()) + &bound);
    expect_rejected("SD-03", &["sd_jwt.key_binding"], "with a key-binding JWT", &appraisal);
    assert_eq!(reason(&appraisal, "sd_jwt.key_binding"), Some(ReasonKind::KeyBinding));
    // Without it the credential is bound to a key whose possession was not shown.
    let jwk = holder.key().jwk();
    let draft = club.draft().claim("cnf", json!({ "jwk": jwk }));
    let appraisal = club.appraise(draft.present([]));
    expect_rejected("SD-03", &["claims.cnf"], "bound, without a proof", &appraisal);
}

#[test]
fn disclosures_that_the_issuer_did_not_sign() {
    let club = Club::new();
    let shown = &club.disclosures;
    let admin = TestDisclosure::claim("role", "admin");
    let code = "sd_jwt.disclosures";
    let foreign = club.draft().present([&shown.name, &admin]);
    refuses(&club, "SD-14", code, "a foreign disclosure", &foreign);
    let twice = club.draft().present([&shown.name, &shown.name]);
    refuses(&club, "SD-14", code, "a disclosure twice", &twice);
    let inner = club.draft().present([&shown.street]);
    refuses(&club, "SD-14", code, "a disclosure inside of one that is missing", &inner);
    let other = TestDisclosure::claim("name", "Eve");
    refuses(&club, "SD-06", code, "another value", &club.draft().present([&other]));
}

#[test]
fn what_the_issuer_signed_is_checked_as_well() {
    let club = Club::new();
    let code = "sd_jwt.disclosures";
    let with = |content: &Value| {
        let disclosure = TestDisclosure::json(content);
        let draft = club.draft().claim("_sd", json!([disclosure.digest()]));
        draft.present([&disclosure])
    };
    refuses(&club, "SD-09", code, "two elements", &with(&json!(["s", 1])));
    refuses(&club, "SD-10", code, "the name _sd", &with(&json!(["s", "_sd", ["x"]])));
    refuses(&club, "SD-10", code, "a name that is there", &with(&json!(["s", "sub", "admin"])));
    refuses(&club, "SD-10", code, "the name iss", &with(&json!(["s", "iss", "other"])));
    let mut draft = club.draft().claim("_sd", json!(["decoy", "decoy"]));
    refuses(&club, "SD-13", code, "a digest twice", &draft.present([]));
    draft = club.draft().claim("_sd", "decoy");
    refuses(&club, "SD-16", code, "no array", &draft.present([]));
    draft = club.draft().claim("_sd_alg", "sha-1");
    refuses(&club, "SD-05", "sd_jwt.alg", "a weak hash", &draft.present([]));
    let appraisal = club.appraise(draft.present([]));
    let alg = appraisal.findings().next().unwrap();
    assert_eq!(alg.expected().as_deref(), Some("sha-256 or sha-384 or sha-512"));
    draft = club.draft().claim("_sd_alg", 256);
    refuses(&club, "SD-05", "sd_jwt.alg", "no name", &draft.present([]));
}

/// Rules see the payload with what is disclosed, and without what is kept back.
#[test]
fn claims_are_checked_after_the_disclosures() {
    let club = Club::new();
    let hidden = |content: &Value| {
        let disclosure = TestDisclosure::json(content);
        let name = content[1].as_str().unwrap();
        let draft = club.draft().without(name).claim("_sd", json!([disclosure.digest()]));
        (draft.present([]), draft.present([&disclosure]))
    };
    let (kept_back, disclosed) = hidden(&json!(["s", "exp", NOW + 60]));
    refuses(&club, "SD-15", "claims.exp", "exp kept back", &kept_back);
    assert_eq!(seen(&club, &disclosed).exp, NOW + 60);
    let (_, expired) = hidden(&json!(["s", "exp", NOW - 600]));
    refuses(&club, "SD-15", "claims.exp", "an exp that has passed", &expired);
    let (kept_back, disclosed) = hidden(&json!(["s", "sub", "user-7"]));
    refuses(&club, "SD-15", "claims.sub", "sub kept back", &kept_back);
    let accepted = club.appraise(disclosed).into_result().unwrap();
    assert_eq!(accepted.subject(), Some("user-7"), "the record has it as well");
    let (kept_back, _) = hidden(&json!(["s", "club", "c-1"]));
    refuses(&club, "SD-15", "claims.deserialize", "club kept back", &kept_back);
    let (_, other) = hidden(&json!(["s", "aud", "https://other.example"]));
    refuses(&club, "SD-15", "claims.aud", "another audience", &other);
    let required = kind().profile::<Value>().require("name");
    let validator = club.builder_of(required).build().unwrap();
    let without = validator.appraise_at(club.draft().present([]), now());
    expect_rejected("SD-15", &["claims.name"], "a required claim kept back", &without);
    let with = validator.appraise_at(club.draft().present([&club.disclosures.name]), now());
    expect_accepted("SD-15", "a required claim disclosed", &with);
}

/// Nothing that a presenter adds is read before the signature of the issuer.
#[test]
fn the_signature_comes_before_the_disclosures() {
    let club = Club::new();
    let forger = TestKey::generate(club.issuer.key().kid(), SignatureAlgorithm::Es256);
    let admin = TestDisclosure::claim("role", "admin");
    let forged = club.draft().claim("_sd", json!([admin.digest()])).signed_by(&forger);
    let appraisal = club.appraise(forged.present([&admin]));
    expect_rejected("SD-04", &["crypto.signature"], "a forged credential", &appraisal);
    let outcome = appraisal.checks().find(|check| check.id() == "sd_jwt.disclosures").unwrap();
    assert_eq!(outcome.outcome(), &Outcome::NotReached);
    let unsecured = club.draft().unsecured().present([]);
    expect_rejected("SD-04", &["header.alg"], "unsecured", &club.appraise(unsecured));
    let typed = club.draft().header("typ", "membership+jwt").present([]);
    expect_rejected("SD-21", &["header.typ"], "another type", &club.appraise(typed));
}

#[test]
fn tokens_of_other_kinds_have_no_disclosures() {
    let scene = Scene::new();
    let token = scene.token().sign();
    for (what, token) in [("a tilde", format!("{token}~")), ("one", format!("{token}~AA~"))] {
        let appraisal = scene.appraise(token);
        expect_rejected("PAR-01", &["form.compact"], what, &appraisal);
        assert_eq!(reason(&appraisal, "form.compact"), Some(ReasonKind::SdJwt));
    }
    // What such a token calls `_sd` is a claim as any other.
    let digests = scene.token().claim("_sd", "x").claim("...", "y").sign();
    expect_accepted("SD-16", "without a tilde", &scene.appraise(digests));
}

#[test]
fn the_number_of_disclosures_is_bounded() {
    let club = Club::new();
    let within = |most| {
        let mut limits = Limits::default();
        limits.disclosures = most;
        let validator = club.builder_of(kind().profile::<Value>()).limits(limits).build();
        validator.unwrap().appraise_at(club.draft().present(club.disclosures.all()), now())
    };
    expect_accepted("SD-17", "as many as permitted", &within(4));
    expect_rejected("SD-17", &["form.sd_jwt"], "one more", &within(3));
    let many = club.draft().present([]) + &"AA~".repeat(5_000);
    expect_rejected("SD-17", &["form.sd_jwt"], "very many", &club.appraise(many));
    let mut limits = Limits::default();
    limits.json_depth = 2;
    let validator = club.builder_of(kind().profile::<Value>()).limits(limits).build().unwrap();
    let shown = &club.disclosures;
    expect_rejected(
        "SD-17",
        &["payload.json"],
        "deep digests",
        &validator.appraise_at(club.draft().present([]), now()),
    );
    let draft = club.draft().without("teams");
    let flat = validator.appraise_at(draft.present([&shown.name]), now());
    expect_accepted("SD-17", "a flat payload", &flat);
    let deep = validator.appraise_at(draft.present([&shown.address]), now());
    expect_rejected("SD-17", &["sd_jwt.disclosures"], "a deep disclosure", &deep);
}

#[test]
fn a_refusal_before_the_signature_allocates_nothing() {
    let club = Club::new();
    let (validator, jwt) = (club.validator(), club.draft().sign());
    for (code, token) in [
        ("form.sd_jwt", jwt.clone()),
        ("form.sd_jwt", format!("{jwt}~{}", "AA~".repeat(129))),
        ("form.sd_jwt", format!("{jwt}~AB~")),
        ("form.compact", format!("e30.e30~{}", "AA~".repeat(100))),
        ("sd_jwt.key_binding", format!("{jwt}~{}e30.e30.AA", "AA~".repeat(100))),
        ("crypto.signature", format!("{jwt}AAAA~{}", "AA~".repeat(100))),
    ] {
        // The first appraisal of a process prepares the decoder.
        assert_eq!(findings(&validator.appraise_at(&token, now())), [code], "{token}");
        let info = allocation_counter::measure(|| {
            assert!(!validator.appraise_at(&token, now()).is_accepted());
        });
        assert_eq!(info.count_total, 0, "{code}");
    }
}

#[test]
fn several_issuers_have_their_own_keys() {
    let club = Club::new();
    let other = Club { issuer: TestIssuer::new("https://other.example"), ..Club::new() };
    let validator = validator_builder(kind().profile::<Membership>())
        .issuers([club.trusted(), other.trusted()])
        .audience(AUDIENCE)
        .build()
        .unwrap();
    for club in [&club, &other] {
        let accepted = validator
            .appraise_at(club.draft().present(club.disclosures.all()), now())
            .into_result()
            .unwrap();
        assert_eq!(accepted.issuer().as_str(), club.issuer.issuer());
    }
    // Whose keys apply must be seen before the signature.
    let iss = TestDisclosure::claim("iss", ISSUER);
    let hidden = club.draft().without("iss").claim("_sd", json!([iss.digest()]));
    let appraisal = validator.appraise_at(hidden.present([&iss]), now());
    expect_rejected("SD-04", &["key.issuer"], "a disclosed issuer", &appraisal);
    assert!(
        validator.pending_refresh_at(club.draft().present(club.disclosures.all()), now()).is_none()
    );
}

#[test]
fn a_set_tells_an_sd_jwt_by_its_type() {
    let (club, scene) = (Club::new(), Scene::new());
    let membership = || club.builder_of::<Value>(kind().profile()).build().unwrap();
    let plain = |typ: &str| {
        let plain = KindBuilder::issued("plain").typ(typ.to_owned()).rules(rules::COMMON);
        club.builder_of::<Value>(plain.profile()).build().unwrap()
    };
    let set_of = |plain: Validator<Value>| {
        ValidatorSet::builder()
            .member(scene.validator.clone(), |_| "access token")
            .member(plain, |_| "plain")
            .member(membership(), |_| "membership")
            .build()
    };
    // The presenter of a token can add and remove the `~`, so that tells nothing.
    let ambiguous = set_of(plain("membership+sd-jwt"));
    assert!(matches!(ambiguous, Err(ConfigError::AmbiguousSet)), "{ambiguous:?}");

    let set = set_of(plain("plain+jwt")).unwrap();
    let which = |token: &str| *set.appraise_at(token, now()).into_result().unwrap().claims();
    assert_eq!(which(&scene.token().sign()), "access token");
    assert_eq!(which(&club.draft().present(club.disclosures.all())), "membership");
    assert_eq!(which(&club.draft().present([])), "membership");
    let draft = club.issuer.token("plain+jwt").at(NOW).claim("aud", AUDIENCE);
    assert_eq!(which(&draft.sign()), "plain");
    assert_eq!(set.appraise_at(draft.sign() + "~", now()).verdict(), Verdict::Rejected);
    let stripped = club.draft().sign();
    assert_eq!(set.appraise_at(stripped, now()).verdict(), Verdict::Rejected, "SD-01: without ~");
}

/// Any other token of the issuer would pass for such a kind, once `~` is behind it.
#[test]
fn a_kind_with_disclosures_has_a_type() {
    for untyped in [
        KindBuilder::issued("membership").rules(rules::COMMON),
        KindBuilder::issued("membership").typ_or_untyped("membership+sd-jwt").rules(rules::COMMON),
    ] {
        let built = Club::new().builder_of(untyped.with_disclosures().profile::<Value>()).build();
        assert!(matches!(built, Err(ConfigError::UntypedDisclosures)), "{built:?}");
    }
}

#[test]
fn encrypted_sd_jwts_do_not_build() {
    let club = Club::new();
    let alg = KeyManagementAlgorithm::A128GcmKw;
    let recipient = TestRecipient::generate("enc-1", alg);
    let keys = DecryptionKeys::new(
        [private_key(&recipient)],
        [alg],
        [ContentEncryptionAlgorithm::A128Gcm],
    );
    let built = club.builder_of(kind().profile::<Value>()).encrypted_to(keys).build();
    assert!(matches!(built, Err(ConfigError::Unused { setting: "encrypted_to", .. })));
}

/// The name and the rules of a kind of this crate with another form would pass for that kind in records.
#[test]
fn a_kind_of_this_crate_does_not_get_disclosures() {
    let kind = jwt_appraisal::kind::ALL[0]();
    assert!(!kind.has_disclosures());
    let posing = KindBuilder::issued(kind.name().to_owned())
        .typ("at+jwt")
        .with_disclosures()
        .rules(kind.rules().to_vec());
    let built = Club::new().builder_of(posing.profile::<Value>()).build();
    assert!(matches!(built, Err(ConfigError::KindName { .. })), "{built:?}");
}

/// The header is that of the issuer's JWT, whatever follows it.
#[test]
fn the_unverified_header_of_an_sd_jwt_is_readable() {
    let club = Club::new();
    let token = club.draft().present(club.disclosures.all());
    for token in [token.clone(), format!("{token}a.b.c"), format!("{token}not a disclosure~~")] {
        let header = danger::peek_unverified_header(&token).unwrap();
        assert_eq!(header.typ().unwrap().to_string(), "membership+sd-jwt", "{token}");
        assert_eq!(header.alg().unwrap().to_string(), "ES256", "{token}");
    }
    let recipient = TestRecipient::generate("enc-1", KeyManagementAlgorithm::A128GcmKw);
    let encrypted = recipient.encrypt(&token, ContentEncryptionAlgorithm::A128Gcm);
    let long = format!("{token}{}~", "a".repeat(Limits::default().token_bytes));
    for token in [&*encrypted, &*long, "~", "~a.b.c", ""] {
        assert!(danger::peek_unverified_header(token).is_none());
    }
}
