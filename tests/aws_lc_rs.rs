//! The suites that verify something, again on the provider `aws-lc-rs`.

#![expect(clippy::duplicate_mod, reason = "each suite brings what it shares with the others")]

/// Each of these names its provider by `support::provider()`.
macro_rules! suites {
    ($($(#[path = $file:literal])* $name:ident),* $(,)?) => {
        $($(#[path = $file])* mod $name;)*
    };
}

suites! {
    #[path = "api.rs"] api,
    #[path = "decryption_keys.rs"] decryption_keys,
    #[path = "display.rs"] display,
    #[path = "encrypted.rs"] encrypted,
    #[path = "form.rs"] form,
    #[path = "http/main.rs"] http,
    #[path = "json.rs"] json,
    #[path = "key_purpose.rs"] key_purpose,
    #[path = "key_refresh.rs"] key_refresh,
    #[path = "key_sets.rs"] key_sets,
    #[path = "keys.rs"] keys,
    #[path = "kinds/main.rs"] kinds,
    #[path = "lessons/main.rs"] lessons,
    #[path = "limits.rs"] limits,
    #[path = "pem.rs"] pem,
    #[path = "pipeline.rs"] pipeline,
    #[path = "profiles.rs"] profiles,
    #[path = "properties.rs"] properties,
    #[path = "rfc7520.rs"] rfc7520,
    #[path = "rfc8725.rs"] rfc8725,
    #[path = "rfcs.rs"] rfcs,
    #[path = "secrets.rs"] secrets,
    #[path = "wycheproof.rs"] wycheproof,
}
