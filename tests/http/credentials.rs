//! Where a token is looked for, and where not.

use http::Request;
use jwt_appraisal::http::{Credentials, CredentialsError, Scheme};
use proptest::prelude::*;

use super::site::{Site, authenticate, bearer, request, told};

fn credentials(request: &Request<()>) -> Result<(Scheme, String), CredentialsError> {
    let found = Credentials::of(request.headers(), request.uri())?;
    Ok((found.scheme(), found.token().to_owned()))
}

#[test]
fn exactly_one_well_formed_header() {
    use CredentialsError::{Malformed, Missing, Repeated};
    type Found<'a> = Result<(Scheme, &'a str), CredentialsError>;
    let rows: &[(&str, &[&str], Found<'_>)] = &[
        ("MCP-05", &["Bearer a.b.c"], Ok((Scheme::Bearer, "a.b.c"))),
        ("RFC 9110 §11.1", &["bEARER a.b.c"], Ok((Scheme::Bearer, "a.b.c"))),
        ("RFC 9449 §7.1", &["dpop a.b.c"], Ok((Scheme::Dpop, "a.b.c"))),
        ("RFC 6750 §2.1: 1*SP", &["Bearer   a.b.c"], Ok((Scheme::Bearer, "a.b.c"))),
        ("RFC 6750 §2.1: b64token", &["Bearer a+/~-_.b=="], Ok((Scheme::Bearer, "a+/~-_.b=="))),
        ("RFC 6750 §3: none", &[], Err(Missing)),
        ("RFC 6750 §3: another scheme", &["Basic dTpw"], Err(Missing)),
        ("RFC 6750 §3: a scheme with a longer name", &["Bearers a.b.c"], Err(Missing)),
        ("RFC 6750 §2: more than one", &["Bearer a.b.c", "Bearer a.b.c"], Err(Repeated)),
        ("RFC 6750 §2: one of another scheme", &["Basic dTpw", "Bearer a.b.c"], Err(Repeated)),
        ("RFC 6750 §2: two in one", &["Bearer a.b.c, Bearer a.b.c"], Err(Malformed)),
        ("RFC 6750 §2: two in one, by space", &["Bearer a.b.c d.e.f"], Err(Malformed)),
        ("RFC 6750 §2.1: no token", &["Bearer"], Err(Malformed)),
        ("RFC 6750 §2.1: spaces only", &["Bearer   "], Err(Malformed)),
        ("RFC 6750 §2.1: padding only", &["Bearer =="], Err(Malformed)),
        ("RFC 6750 §2.1: padding inside", &["Bearer a=b"], Err(Malformed)),
        ("RFC 6750 §2.1: quoted", &["Bearer \"a.b.c\""], Err(Malformed)),
        ("RFC 6750 §2.1: a tab", &["Bearer\ta.b.c"], Err(Missing)),
        ("RFC 6750 §2.1: not ASCII", &["Bearer ä.b.c"], Err(Malformed)),
    ];
    for (rule, values, expected) in rows {
        let headers: Vec<_> = values.iter().map(|value| ("authorization", *value)).collect();
        let expected = expected.map(|(scheme, token)| (scheme, token.to_owned()));
        assert_eq!(credentials(&request(&headers)), expected, "{rule}: {values:?}");
    }
}

#[test]
fn never_the_query() {
    let mut asked = request(&[]);
    *asked.uri_mut() = "/mcp?access_token=a.b.c".parse().unwrap();
    assert_eq!(credentials(&asked), Err(CredentialsError::Missing), "MCP-05");
    let mut both = bearer("a.b.c");
    *both.uri_mut() = "/mcp?page=2&access_token=d.e.f".parse().unwrap();
    assert_eq!(credentials(&both), Err(CredentialsError::InQuery), "RFC 6750 §2");
    let mut others = bearer("a.b.c");
    *others.uri_mut() = "/mcp?access_tokens=2&x=access_token".parse().unwrap();
    assert!(credentials(&others).is_ok());
}

#[test]
fn a_token_is_not_printed() {
    let asked = bearer("secret.secret.secret");
    let found = Credentials::of(asked.headers(), asked.uri()).unwrap();
    assert_eq!(format!("{found:?}"), "Credentials { scheme: Bearer, .. }");
}

#[test]
fn a_header_of_a_megabyte() {
    let site = Site::new();
    let long = "a".repeat(1 << 20);
    let denied = authenticate(&site.server(), &bearer(&long)).unwrap_err();
    assert_eq!(told(&denied).0, 401);
    assert!(denied.to_string().contains("form.size"), "{denied}");
    assert!(denied.to_string().len() < 400);
    let denied = authenticate(&site.server(), &bearer(&"ä ".repeat(1 << 19))).unwrap_err();
    assert_eq!(told(&denied).0, 400);
}

#[test]
fn many_headers() {
    let site = Site::new();
    let token = site.token().sign();
    let authorization = format!("Bearer {token}");
    let mut headers = vec![("authorization", authorization.as_str())];
    headers.resize(1_000, ("x-filler", "1"));
    assert!(authenticate(&site.server(), &request(&headers)).is_ok());
    let repeated = vec![("authorization", authorization.as_str()); 1_000];
    assert_eq!(told(&authenticate(&site.server(), &request(&repeated)).unwrap_err()).0, 400);
}

proptest! {
    /// Whatever the header says, what comes out is a token of the right alphabet or an error.
    #[test]
    fn any_bytes(value in prop::collection::vec(any::<u8>(), 0..200)) {
        let Ok(value) = http::HeaderValue::from_bytes(&value) else { return Ok(()) };
        let mut asked = request(&[]);
        asked.headers_mut().insert("authorization", value);
        if let Ok((_, token)) = credentials(&asked) {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
            prop_assert!(token.bytes().all(allowed));
        }
    }
}
