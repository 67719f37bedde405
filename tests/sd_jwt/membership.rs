//! A kind of credential of this test crate, its issuer and its holders.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::kind::tag::Issued;
use jwt_appraisal::states::Ready;
use jwt_appraisal::testing::{TestIssuer, TestToken};
use jwt_appraisal::{
    Appraisal, JwkSet, Profile, SignatureAlgorithm, TrustedIssuer, Validator, ValidatorBuilder,
    rules,
};
use ring::digest::{SHA256, digest as hash};
use serde_json::{Value, json};

use super::support::{AUDIENCE, ISSUER, NOW, key_store, now, validator_builder};

/// The claims of a membership. A type that permits nothing else sees nothing of SD-JWT.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Membership {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    pub(crate) sub: String,
    pub(crate) club: String,
    pub(crate) name: Option<String>,
    pub(crate) address: Option<Address>,
    pub(crate) teams: Vec<String>,
}

#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Address {
    pub(crate) country: String,
    pub(crate) street: Option<String>,
}

pub(crate) fn kind() -> KindBuilder<Issued> {
    KindBuilder::issued("membership")
        .typ("membership+sd-jwt")
        .with_disclosures()
        .rules(rules::COMMON)
        .rules([rules::SUB.required()])
}

/// A disclosure of a member or of an element.
pub(crate) fn disclosure(content: &Value) -> String {
    URL_SAFE_NO_PAD.encode(content.to_string())
}

pub(crate) fn digest(disclosure: &str) -> String {
    URL_SAFE_NO_PAD.encode(hash(&SHA256, disclosure.as_bytes()))
}

/// The disclosures of the good credential, in no order that matters.
pub(crate) struct Disclosures {
    pub(crate) name: String,
    pub(crate) street: String,
    pub(crate) address: String,
    pub(crate) team: String,
}

impl Disclosures {
    pub(crate) fn new() -> Self {
        let street = disclosure(&json!(["salt 1", "street", "Road 1"]));
        let address = json!({"country": "DE", "_sd": [digest(&street)]});
        Self {
            name: disclosure(&json!(["salt 2", "name", "Erika"])),
            address: disclosure(&json!(["salt 3", "address", address])),
            team: disclosure(&json!(["salt 4", "chess"])),
            street,
        }
    }
}

/// An issuer of memberships.
pub(crate) struct Club {
    pub(crate) issuer: TestIssuer,
    pub(crate) disclosures: Disclosures,
}

impl Club {
    pub(crate) fn new() -> Self {
        Self { issuer: TestIssuer::new(ISSUER), disclosures: Disclosures::new() }
    }

    /// The issuer's JWT of a credential, issued now for five minutes.
    pub(crate) fn draft(&self) -> TestToken {
        let Disclosures { name, address, team, .. } = &self.disclosures;
        self.issuer
            .token("membership+sd-jwt")
            .at(NOW)
            .claim("aud", AUDIENCE)
            .claim("sub", "user-1")
            .claim("club", "c-1")
            .claim("_sd_alg", "sha-256")
            .claim("_sd", json!([digest(name), "decoy", digest(address)]))
            .claim("teams", json!(["go", {"...": digest(team)}, {"...": "other decoy"}]))
    }

    /// The good credential with some of its disclosures.
    pub(crate) fn present<'a>(&self, disclosures: impl IntoIterator<Item = &'a str>) -> String {
        present(&self.draft(), disclosures)
    }

    /// The good credential with all of its disclosures.
    pub(crate) fn present_all(&self) -> String {
        let Disclosures { name, street, address, team } = &self.disclosures;
        self.present([team, street, name, address].map(String::as_str))
    }

    pub(crate) fn trusted(&self) -> TrustedIssuer {
        let keys = JwkSet::from_json(self.issuer.jwks()).unwrap();
        let keys = key_store([SignatureAlgorithm::Es256], keys).unwrap();
        TrustedIssuer::new(self.issuer.issuer(), keys)
    }

    pub(crate) fn builder_of<C>(&self, profile: Profile<C>) -> ValidatorBuilder<C, Issued, Ready> {
        validator_builder(profile).issuer(self.trusted()).audience(AUDIENCE)
    }

    pub(crate) fn validator(&self) -> Validator<Membership> {
        self.builder_of(kind().profile()).build().unwrap()
    }

    pub(crate) fn appraise(&self, token: impl AsRef<[u8]>) -> Appraisal<Membership> {
        self.validator().appraise_at(token, now())
    }
}

/// Signs a draft, and puts disclosures behind it.
pub(crate) fn present<'a>(
    draft: &TestToken,
    disclosures: impl IntoIterator<Item = &'a str>,
) -> String {
    let mut token = draft.sign() + "~";
    for disclosure in disclosures {
        token.push_str(disclosure);
        token.push('~');
    }
    token
}
