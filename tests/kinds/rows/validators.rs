//! The validators of a kind, in each of the settings that change its plan.

use jwt_appraisal::testing::{TestIssuer, TestRecipient};
use jwt_appraisal::{
    ContentEncryption, DecryptionKeys, JwkSet, KeyManagement, Profile, Ready, SignatureAlgorithm,
    TrustedIssuer, Validator, ValidatorBuilder,
};
use serde_json::Value;
use time::Duration;

use super::super::kind::{Party, guard, proofs};
use super::super::support::{AUDIENCE, key_store, private_key, validator_builder};

pub(super) const OTHER_ISSUER: &str = "https://other.example.com";

const ALG: KeyManagement = KeyManagement::A128GcmKw;
pub(super) const ENC: ContentEncryption = ContentEncryption::A128Gcm;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Setting {
    /// As the kind is.
    Plain,
    /// Two parties are trusted, where the kind has parties.
    SeveralIssuers,
    /// Tokens have to be encrypted.
    Encrypted,
    /// The profile has settings that a caller can add.
    Tightened,
    /// A token is good for one use.
    SingleUse,
}

impl Setting {
    pub(super) const ALL: [Self; 5] =
        [Self::Plain, Self::SeveralIssuers, Self::Encrypted, Self::Tightened, Self::SingleUse];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::SeveralIssuers => "several issuers",
            Self::Encrypted => "encrypted",
            Self::Tightened => "tightened",
            Self::SingleUse => "single use",
        }
    }
}

/// The recipient of every encrypted token.
pub(super) fn recipient() -> TestRecipient {
    TestRecipient::secret("enc-1", ALG, b"16 bytes of test")
}

/// A validator, and whether it forgets what it has appraised.
pub(super) struct Built {
    pub(super) validator: Validator<Value>,
    pub(super) forgets: bool,
}

/// A validator of a kind, or why the kind cannot have the setting.
pub(super) fn build(party: &Party, kind: &str, setting: Setting) -> Result<Built, String> {
    let issued = |profile| {
        let profile = with_actors(changed(profile, setting), setting);
        finish(|| match setting {
            Setting::SeveralIssuers => {
                let trusted = [party.trusted(), other()];
                validator_builder(profile.clone()).issuers(trusted).audience(AUDIENCE)
            }
            Setting::Plain | Setting::Encrypted | Setting::Tightened | Setting::SingleUse => {
                encrypted(setting, party.issued(profile.clone()))
            }
        })
    };
    let by_client = |profile| {
        let profile = with_actors(changed(profile, setting), setting);
        finish(|| match setting {
            Setting::SeveralIssuers => {
                let trusted = [party.trusted(), other()];
                validator_builder(profile.clone()).clients(trusted).audience(AUDIENCE)
            }
            Setting::Plain | Setting::Encrypted | Setting::Tightened | Setting::SingleUse => {
                encrypted(setting, party.by_client(profile.clone()))
            }
        })
    };
    match kind {
        "access-token" => issued(Profile::access_token_as()),
        "access-token-legacy" => issued(Profile::access_token_legacy_as("scp", None)),
        "mcp-access-token" => issued(Profile::mcp_access_token_as()),
        "id-token" => issued(Profile::id_token_as()),
        "client-assertion" => by_client(Profile::client_assertion_as()),
        "jwt-bearer-grant" => issued(Profile::jwt_bearer_grant_as()),
        "id-jag" => issued(Profile::id_jag_as()),
        "request-object" => by_client(Profile::request_object_as()),
        "jarm" => issued(Profile::jarm_response_as()),
        "introspection-response" => issued(Profile::introspection_response_as()),
        "logout-token" => issued(Profile::logout_token_as()),
        "security-event" => issued(Profile::security_event_as()),
        "shared-signal" => issued(Profile::shared_signal_as()),
        "request-object-legacy" => by_client(Profile::request_object_legacy_as()),
        "logout-token-legacy" => issued(Profile::logout_token_legacy_as()),
        "security-event-legacy" => issued(Profile::security_event_legacy_as()),
        "custom" => issued(Profile::new("receipt+jwt")),
        "dpop-proof" if setting == Setting::SeveralIssuers => Err("has no issuers".to_owned()),
        "dpop-proof" => {
            let builder = proofs(changed(Profile::dpop_proof_as(), setting));
            let validator = encrypted(setting, builder).build().unwrap();
            Ok(Built { validator, forgets: false })
        }
        _ => unreachable!("{kind}"),
    }
}

/// A kind for one use does not build without a guard, and every other one does not build with one.
fn finish<T>(builder: impl Fn() -> ValidatorBuilder<Value, T, Ready>) -> Result<Built, String> {
    let forgetful = builder().build().map(|validator| Built { validator, forgets: true });
    forgetful.or_else(|_| {
        let built = builder().replay_guard(guard()).build();
        let built = built.map(|validator| Built { validator, forgets: false });
        built.map_err(|error| error.to_string())
    })
}

fn other() -> TrustedIssuer {
    let set = JwkSet::from_json(TestIssuer::new(OTHER_ISSUER).jwks()).unwrap();
    TrustedIssuer::new(OTHER_ISSUER, key_store([SignatureAlgorithm::Es256], set).unwrap())
}

fn encrypted<T>(
    setting: Setting,
    builder: ValidatorBuilder<Value, T, Ready>,
) -> ValidatorBuilder<Value, T, Ready> {
    if setting != Setting::Encrypted {
        return builder;
    }
    builder.encrypted_to(DecryptionKeys::new([private_key(&recipient())], [ALG], [ENC]))
}

fn changed<T>(profile: Profile<Value, T>, setting: Setting) -> Profile<Value, T> {
    match setting {
        Setting::Plain | Setting::SeveralIssuers | Setting::Encrypted => profile,
        Setting::SingleUse => profile.single_use(),
        Setting::Tightened => {
            let profile = profile.require("tenant").matching("workflow_id");
            profile.max_age(Duration::minutes(1)).rule("own.tenant", |claims: &Value, _| {
                if claims["tenant"] == "t-1" { Ok(()) } else { Err("is another tenant") }
            })
        }
    }
}

/// A kind without a party has no audience and no actors.
fn with_actors<T>(profile: Profile<Value, T>, setting: Setting) -> Profile<Value, T> {
    if setting != Setting::Tightened {
        return profile;
    }
    let profile = profile.actors(["agent-1"]).actor_clients(["client-1"]);
    profile.refuse_other_audiences()
}
