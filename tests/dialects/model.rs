//! Every combination of some values in the places of a dialect, against a model of what must become of them.

use jwt_appraisal::dialect::{Dialect, Form};
use jwt_appraisal::testing::TestToken;
use jwt_appraisal::{Profile, Validator};
use serde_json::{Value, json};

use super::acme::{World, appraise, trusting};
use super::support::{AUDIENCE, findings};

/// What becomes of a token: the value of the standard name, or the check that rejects it.
type Outcome = Result<Value, &'static str>;

struct Model<'a> {
    world: &'a World,
    validator: Validator<Value>,
    standard: &'static str,
}

impl<'a> Model<'a> {
    fn new(world: &'a World, dialect: Dialect, standard: &'static str) -> Self {
        let profile = Profile::access_token().claims::<Value>();
        let validator = trusting(&world.standard, dialect, profile).build().unwrap();
        Self { world, validator, standard }
    }

    #[track_caller]
    fn expect(&self, claims: &[(&str, &Option<Value>)], expected: &Outcome) {
        let mut token: TestToken = self.world.standard_token();
        for (name, value) in claims {
            token = match value {
                Some(value) => token.claim(*name, value.clone()),
                None => token.without(name),
            };
        }
        let appraisal = appraise(&self.validator, &token);
        match expected {
            Err(code) => assert_eq!(findings(&appraisal), [*code], "{claims:?}\n{appraisal}"),
            Ok(value) => {
                let claims_of = |accepted: &jwt_appraisal::Accepted<Value>| {
                    accepted.claims().get(self.standard).cloned().unwrap_or_default()
                };
                let found = appraisal.accepted().map(claims_of);
                assert_eq!(found.as_ref(), Some(value), "{claims:?}\n{appraisal}");
            }
        }
    }
}

#[test]
fn the_client_in_three_places() {
    let values = [
        None,
        Some(json!("a")),
        Some(json!("b")),
        Some(json!("")),
        Some(json!(7)),
        Some(Value::Null),
    ];
    let world = World::new();
    let dialect = Dialect::new("clients").client("azp").client("appid");
    let model = Model::new(&world, dialect, "client_id");
    for own in &values {
        for azp in &values {
            for appid in &values {
                let others: Vec<_> = [azp, appid].into_iter().flatten().collect();
                let all: Vec<_> = others.iter().copied().chain(own).collect();
                let expected = if others.iter().any(|other| !other.is_string())
                    || all.windows(2).any(|pair| !others.is_empty() && pair[0] != pair[1])
                {
                    Err("dialect.names")
                } else {
                    let client = all.first().filter(|client| client.as_str() > Some(""));
                    client.map(|client| (*client).clone()).ok_or("claims.client_id")
                };
                model.expect(&[("client_id", own), ("azp", azp), ("appid", appid)], &expected);
            }
        }
    }
}

/// The scopes of a value in one of the forms, or `None` if it has another form.
fn scopes_of(value: &Value, form: Form) -> Option<Vec<String>> {
    let words =
        |text: &str| text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    match (value.as_str(), value.as_array()) {
        (Some(text), _) if form != Form::List => Some(words(text)),
        (_, Some(list)) if form != Form::Text => {
            list.iter().map(|scope| scope.as_str().map(str::to_owned)).collect()
        }
        (_, _) => None,
    }
}

#[test]
fn the_scopes_in_two_places() {
    let values = [
        None,
        Some(json!("a b")),
        Some(json!("b a")),
        Some(json!("a")),
        Some(json!("")),
        Some(json!("a  b")),
        Some(json!(["a", "b"])),
        Some(json!(["a"])),
        Some(json!([])),
        Some(json!(["a b"])),
        Some(json!(["a", 7])),
        Some(json!(7)),
        Some(Value::Null),
    ];
    let world = World::new();
    for form in [Form::Text, Form::List, Form::Either] {
        let model = Model::new(&world, Dialect::new("scopes").scopes("scp", form), "scope");
        for own in &values {
            for scp in &values {
                let expected = scopes(own.as_ref(), scp.as_ref(), form);
                model.expect(&[("scope", own), ("scp", scp)], &expected);
            }
        }
    }
}

fn scopes(own: Option<&Value>, scp: Option<&Value>, form: Form) -> Outcome {
    // The rule on `scope`, for a token that has it.
    let checked = |own: &Value| match own.as_str() {
        Some(text) if !text.contains("  ") => Ok(own.clone()),
        _ => Err("claims.scope"),
    };
    let Some(scp) = scp else {
        return own.map_or(Ok(Value::Null), checked);
    };
    let Some(scopes) = scopes_of(scp, form) else {
        return Err("dialect.names");
    };
    let is_list = scp.is_array();
    if is_list && scopes.iter().any(|scope| scope.is_empty() || scope.contains(' ')) {
        return Err("dialect.names");
    }
    match own {
        None if is_list => Ok(scopes.join(" ").into()),
        None => checked(scp),
        Some(own) => {
            // What is no scope at all says nothing, as an empty list does.
            let strings =
                |list: &[Value]| list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            let others = match own.as_array() {
                Some(list) => strings(list),
                None => scopes_of(own, Form::Text).unwrap_or_default(),
            };
            if others == scopes { checked(own) } else { Err("dialect.names") }
        }
    }
}

#[test]
fn the_audience_in_two_places() {
    let other = "https://other.example.com";
    let values = [
        None,
        Some(json!(AUDIENCE)),
        Some(json!(other)),
        Some(json!([AUDIENCE])),
        Some(json!([AUDIENCE, other])),
        Some(json!([other, AUDIENCE])),
        Some(json!([])),
        Some(json!([7])),
        Some(json!(7)),
    ];
    let names = |value: &Value| -> Option<Vec<String>> {
        match (value.as_str(), value.as_array()) {
            (Some(text), _) => Some(vec![text.to_owned()]),
            (None, list) => list?.iter().map(|name| name.as_str().map(str::to_owned)).collect(),
        }
    };
    let world = World::new();
    let dialect = Dialect::new("audiences").audience("resource", Form::Either);
    let model = Model::new(&world, dialect, "aud");
    for own in &values {
        for resource in &values {
            let known =
                |value: &Value| names(value).is_some_and(|all| all.contains(&AUDIENCE.into()));
            let checked = |value: &Value| {
                if known(value) { Ok(value.clone()) } else { Err("claims.aud") }
            };
            let expected = match (own, resource) {
                (_, Some(resource)) if names(resource).is_none() => Err("dialect.names"),
                (None, Some(resource)) => checked(resource),
                (Some(own), Some(resource)) => {
                    let says = names(own).unwrap_or_default();
                    if names(resource) == Some(says) { checked(own) } else { Err("dialect.names") }
                }
                (Some(own), None) => checked(own),
                (None, None) => Err("claims.aud"),
            };
            model.expect(&[("aud", own), ("resource", resource)], &expected);
        }
    }
}
