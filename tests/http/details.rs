//! Authorization details: one element permits all that is demanded.

use jwt_appraisal::RequiredDetail;
use serde_json::{Value, json};

use super::site::Site;

fn permits(details: &Value, required: &RequiredDetail) -> bool {
    let site = Site::new();
    let token = site.token().claim("authorization_details", details.clone()).sign();
    let caller = site.validator().appraise(token).into_result().unwrap();
    let met = caller.require_detail(required);
    if let Err(insufficient) = &met {
        assert_eq!(insufficient.required().count(), 0);
        assert!(insufficient.to_string().starts_with("no element of authorization_details"));
    }
    met.is_ok()
}

#[test]
fn one_element_permits_everything_that_is_demanded() {
    let good = json!({
        "type": "payment_initiation",
        "actions": ["initiate", "status"],
        "locations": ["https://bank.example.com/payments"],
        "datatypes": ["accounts"],
        "privileges": ["admin"],
        "identifier": "account-1",
        "amount": 100,
    });
    let required = RequiredDetail::new("payment_initiation")
        .actions(["initiate"])
        .locations(["https://bank.example.com/payments"])
        .datatypes(["accounts"])
        .privileges(["admin"])
        .identifier("account-1")
        .satisfying(|detail| {
            detail.get("amount").and_then(Value::as_u64).is_some_and(|a| a <= 100)
        });
    assert!(permits(&json!([good]), &required));
    assert!(permits(&json!([{ "type": "other" }, good]), &required));
    let mutations = [
        ("RA-01: another type", "type", json!("payment_Initiation")),
        ("RA-01: a longer type", "type", json!("payment_initiation2")),
        ("RFC 9396 §2.2: another action", "actions", json!(["status"])),
        ("RFC 9396 §2.2: no action", "actions", json!([])),
        ("RFC 9396 §2.2: another location", "locations", json!(["https://bank.example.com"])),
        ("RFC 9396 §2.2: another kind of data", "datatypes", json!(["balances"])),
        ("RFC 9396 §2.2: another privilege", "privileges", json!(["read"])),
        ("RFC 9396 §2.2: another identifier", "identifier", json!("account-10")),
        ("the rule says no", "amount", json!(101)),
    ];
    for (rule, member, value) in mutations {
        let mut other = good.clone();
        other[member] = value;
        assert!(!permits(&json!([other]), &required), "{rule}");
        let mut silent = good.clone();
        silent.as_object_mut().unwrap().remove(member);
        if member != "type" {
            assert!(!permits(&json!([silent]), &required), "{rule}: silence permits nothing");
        }
    }
    // What one element lacks another does not supply.
    let (mut one, mut other) = (good.clone(), good);
    one["actions"] = json!(["status"]);
    other["identifier"] = json!("account-2");
    assert!(!permits(&json!([one, other]), &required));
}

#[test]
fn a_type_alone() {
    let required = RequiredDetail::new("payment_initiation");
    assert!(permits(&json!([{ "type": "payment_initiation" }]), &required));
    assert!(!permits(&json!([]), &required), "RA-02");
    let elsewhere = json!([{ "type": "payment_initiation", "locations": ["https://other"] }]);
    assert!(!permits(&elsewhere, &required), "RFC 9396 §2.2: for another server");
    assert!(!permits(&json!([{ "type": "unknown" }]), &required), "RA-02");
}
