//! Stage 2, ADMIT: the header against the policy → [`AdmittedHeader`].

use crate::alg::registered_name;
use crate::check::{Finding, Found, IgnoredKeys, Ledger, Reason, ReasonKind, Stage, fail};
use crate::json::{JsonKind, Member, Value};
use crate::names::same_media_type;
use crate::policy::{HeaderPolicy, TypPolicy};
use crate::token::JoseHeader;

/// What selection needs of a header that passed every check of this stage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdmittedHeader<'d> {
    alg: &'d str,
    kid: Option<&'d str>,
    jwk: Option<Value<'d>>,
    header: JoseHeader<'d>,
}

impl<'d> AdmittedHeader<'d> {
    /// Runs every check of this stage. This is the only way to get an admitted header.
    pub(crate) fn admit(
        header: JoseHeader<'d>,
        policy: &HeaderPolicy,
        uses_jwk: bool,
        ledger: &mut Ledger,
    ) -> Option<Self> {
        ledger.check(Stage::HeaderAlg, || check_alg(header, policy));
        ledger.check(Stage::HeaderTyp, || check_typ(header, &policy.typ));
        ledger.check(Stage::HeaderCty, || check_cty(header));
        ledger.check(Stage::HeaderCrit, || check_crit(header));
        ledger.check(Stage::HeaderB64, || check_b64(header));
        ledger.check(Stage::HeaderZip, || check_zip(header));
        ledger.check(Stage::HeaderKid, || check_kid(header));
        ledger.check(Stage::HeaderKeys, || check_keys(header));
        ledger.note_ignored(|| ignored_keys(header, uses_jwk));
        if !ledger.is_clean() {
            return None;
        }
        let (kid, jwk) = (header.kid().present(), header.get("jwk"));
        Some(Self { alg: header.alg().present()?, kid, jwk, header })
    }

    pub(crate) fn alg(self) -> &'d str {
        self.alg
    }

    pub(crate) fn kid(self) -> Option<&'d str> {
        self.kid
    }

    /// The key that the header brings along, for the kinds that are signed with it.
    pub(crate) fn jwk(self) -> Option<Value<'d>> {
        self.jwk
    }

    /// Checks the type again, against the types of the issuer.
    pub(crate) fn check_typ(self, typ: &TypPolicy) -> Finding {
        check_typ(self.header, typ)
    }

    /// Whether the type is one of these.
    pub(crate) fn is_typed(self, typ: &TypPolicy) -> bool {
        typ.accepts(self.header.typ())
    }
}

/// `alg` is one of the permitted names, character by character.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#section-4.1.1>, rfc8725bis §3.1
fn check_alg(header: JoseHeader<'_>, policy: &HeaderPolicy) -> Finding {
    match header.alg() {
        Member::Absent => fail(ReasonKind::Missing, Found::Nothing),
        Member::WrongType(kind) => fail(ReasonKind::WrongType, Found::Kind(kind)),
        Member::Present(alg) if policy.permits(alg) => Finding::Pass,
        Member::Present(alg) => {
            fail(ReasonKind::NotPermitted, Found::text(alg, registered_name(alg)))
        }
    }
}

/// `typ` is the type of this kind of token. Silence is refusal, but for a kind whose issuers do not
/// all send a type: that takes none, `JWT` and its own, and still refuses every other. Where the type
/// was waived, it is still a string, if it is there.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9>, rfc8725bis §3.11
fn check_typ(header: JoseHeader<'_>, policy: &TypPolicy) -> Finding {
    match header.typ() {
        Member::WrongType(kind) => fail(ReasonKind::WrongType, Found::Kind(kind)),
        typ if policy.accepts(typ) => typ.present().map_or(Finding::Absent, |_| Finding::Pass),
        Member::Absent => fail(ReasonKind::Missing, Found::Nothing),
        Member::Present(typ) => fail(ReasonKind::NotPermitted, Found::text(typ, known_type(typ))),
    }
}

/// A signed JWT's content is its claims; a `cty` of `JWT` says that there is another token inside.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-5.2>
fn check_cty(header: JoseHeader<'_>) -> Finding {
    match header.cty() {
        Member::Absent => Finding::Absent,
        Member::WrongType(kind) => fail(ReasonKind::WrongType, Found::Kind(kind)),
        Member::Present(cty) if same_media_type(cty, "JWT") => {
            fail(ReasonKind::NotPermitted, Found::Name("JWT"))
        }
        Member::Present(_) => Finding::Pass,
    }
}

/// No extension is understood here, so whatever `crit` lists, the token is refused; the reason
/// says whether the list itself is in order.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11>
pub(crate) fn check_crit(header: JoseHeader<'_>) -> Finding {
    let Some(crit) = header.get("crit") else {
        return Finding::Absent;
    };
    if crit.kind() != JsonKind::Array {
        return fail(ReasonKind::WrongType, Found::Kind(crit.kind()));
    }
    let mut names = 0_usize;
    for name in crit.elements() {
        if let Err(reason) = check_critical_name(header, crit, name) {
            return reason.into();
        }
        names = names.saturating_add(1);
    }
    let kind = match names {
        0 => ReasonKind::Malformed,
        _ => ReasonKind::NotUnderstood,
    };
    fail(kind, Found::Nothing)
}

/// A string, once, of a member that is there and that no base specification defines.
fn check_critical_name(
    header: JoseHeader<'_>,
    crit: Value<'_>,
    name: Value<'_>,
) -> Result<(), Reason> {
    const REGISTERED: &[&str] = &[
        "alg", "enc", "zip", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty",
        "crit", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c",
    ];
    let Some(text) = name.as_str() else {
        return fail(ReasonKind::WrongType, Found::Kind(name.kind()));
    };
    let same = |other: &Value<'_>| other.as_str() == Some(text);
    let twice = crit.elements().filter(same).count() > 1;
    if twice || REGISTERED.contains(&text) || header.get(text).is_none() {
        return fail(ReasonKind::Malformed, Found::Nothing);
    }
    Ok(())
}

/// A JWT's payload is always base64url-encoded.
///
/// <https://www.rfc-editor.org/rfc/rfc7797#section-7>
fn check_b64(header: JoseHeader<'_>) -> Finding {
    match header.get("b64") {
        None => Finding::Absent,
        Some(b64) => match b64.as_bool() {
            Some(true) => Finding::Pass,
            Some(false) => fail(ReasonKind::NotPermitted, Found::Name("false")),
            None => fail(ReasonKind::WrongType, Found::Kind(b64.kind())),
        },
    }
}

/// `zip` means nothing in a JWS.
///
/// <https://www.rfc-editor.org/rfc/rfc7516#section-4.1.3>
fn check_zip(header: JoseHeader<'_>) -> Finding {
    match header.get("zip") {
        None => Finding::Absent,
        Some(zip) => fail(ReasonKind::NotPermitted, Found::Kind(zip.kind())),
    }
}

/// `kid` is a string, if it is there.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#section-4.1.4>
pub(crate) fn check_kid(header: JoseHeader<'_>) -> Finding {
    match header.kid() {
        Member::Absent => Finding::Absent,
        Member::WrongType(kind) => fail(ReasonKind::WrongType, Found::Kind(kind)),
        Member::Present(_) => Finding::Pass,
    }
}

/// Keys, certificates and links that a header brings along are never fetched, and never used but for
/// the `jwk` of a kind that is signed with it (check `key.embedded`); what is checked is that they
/// are of the type that they have to be.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#section-4.1.2>, rfc8725bis §3.10
pub(crate) fn check_keys(header: JoseHeader<'_>) -> Finding {
    let mut finding = Finding::Absent;
    for (name, value) in header.members() {
        let expected = match name {
            "jwk" => JsonKind::Object,
            "x5c" => JsonKind::Array,
            "jku" | "x5u" | "x5t" | "x5t#S256" => JsonKind::String,
            _ => continue,
        };
        if let Err(reason) = check_key_member(value, expected) {
            return reason.into();
        }
        finding = Finding::Pass;
    }
    finding
}

/// The members of a header that bring a key or a link to one along and that nothing uses. A kind that is
/// signed with the key in its own header uses `jwk`.
fn ignored_keys(header: JoseHeader<'_>, uses_jwk: bool) -> IgnoredKeys {
    let brings = |name: &str| header.get(name).is_some() && !(uses_jwk && name == "jwk");
    IgnoredKeys::of(brings)
}

/// A member has its type, and the elements of an array are strings.
fn check_key_member(value: Value<'_>, expected: JsonKind) -> Result<(), Reason> {
    if value.kind() != expected {
        return fail(ReasonKind::WrongType, Found::Kind(value.kind()));
    }
    match value.elements().find(|element| element.as_str().is_none()) {
        Some(other) => fail(ReasonKind::WrongType, Found::Kind(other.kind())),
        None => Ok(()),
    }
}

/// The registered name of an explicit type, so that a report can print it without printing input.
fn known_type(text: &str) -> Option<&'static str> {
    const KNOWN: &[&str] = &[
        "JWT",
        "at+jwt",
        "client-authentication+jwt",
        "dc+sd-jwt",
        "dpop+jwt",
        "eat+jwt",
        "entity-statement+jwt",
        "jwk-set+jwt",
        "kb+jwt",
        "key-attestation+jwt",
        "logout+jwt",
        "oauth-authz-req+jwt",
        "oauth-client-attestation+jwt",
        "oauth-client-attestation-pop+jwt",
        "oauth-id-jag+jwt",
        "openid4vci-proof+jwt",
        "secevent+jwt",
        "statuslist+jwt",
        "token-introspection+jwt",
        "txntoken+jwt",
        "vc+sd-jwt",
        "wit+jwt",
        "wpt+jwt",
    ];
    let same = |name: &&&str| same_media_type(name, text);
    KNOWN.iter().find(same).copied()
}
