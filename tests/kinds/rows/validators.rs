//! The validators of a kind, in each of the settings that change its plan.

use jwt_appraisal::kind::AnyProfile;
use jwt_appraisal::states::Ready;
use jwt_appraisal::testing::{TestIssuer, TestRecipient};
use jwt_appraisal::{
    ContentEncryptionAlgorithm, DecryptionKeys, JwkSet, KeyManagementAlgorithm, Profile,
    SignatureAlgorithm, TrustedIssuer, Validator, ValidatorBuilder,
};
use serde_json::Value;
use time::Duration;

use super::super::kind::{Party, guard, kinds, proofs};
use super::super::support::{AUDIENCE, key_store, private_key, validator_builder};

pub(super) const OTHER_ISSUER: &str = "https://other.example.com";

const ALG: KeyManagementAlgorithm = KeyManagementAlgorithm::A128GcmKw;
pub(super) const ENC: ContentEncryptionAlgorithm = ContentEncryptionAlgorithm::A128Gcm;

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
    if kind == "custom" {
        return issued(Profile::new("receipt+jwt"));
    }
    let kind = kinds().find(|known| known.name() == kind).unwrap();
    match kind.profile() {
        AnyProfile::Issued(profile) => issued(profile),
        AnyProfile::SignedByClient(profile) => by_client(profile),
        AnyProfile::SignedByHolder(_) if setting == Setting::SeveralIssuers => {
            Err("has no issuers".to_owned())
        }
        AnyProfile::SignedByHolder(profile) => {
            let builder = proofs(changed(profile, setting));
            let validator = encrypted(setting, builder).build().unwrap();
            Ok(Built { validator, forgets: false })
        }
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
    let builder = ruled(setting, builder);
    if setting != Setting::Encrypted {
        return builder;
    }
    builder.encrypted_to(DecryptionKeys::new([private_key(&recipient())], [ALG], [ENC]))
}

/// A tightened validator has a rule of the caller's own.
fn ruled<T, S>(
    setting: Setting,
    builder: ValidatorBuilder<Value, T, S>,
) -> ValidatorBuilder<Value, T, S> {
    if setting != Setting::Tightened {
        return builder;
    }
    builder.rule("own.tenant", |claims: &Value, _| {
        if claims["tenant"] == "t-1" { Ok(()) } else { Err("is another tenant") }
    })
}

fn changed<T>(profile: Profile<Value, T>, setting: Setting) -> Profile<Value, T> {
    match setting {
        Setting::Plain | Setting::SeveralIssuers | Setting::Encrypted => profile,
        Setting::SingleUse => profile.single_use(),
        Setting::Tightened => {
            let profile = profile.require("tenant").matches_fact("workflow_id");
            profile.max_token_age(Duration::minutes(1))
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
