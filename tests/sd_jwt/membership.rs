//! A kind of credential of this test crate, its issuer and its holders.

use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::kind::tag::Issued;
use jwt_appraisal::states::Ready;
use jwt_appraisal::testing::{TestDisclosure, TestIssuer, TestToken};
use jwt_appraisal::{
    Appraisal, JwkSet, Profile, SignatureAlgorithm, TrustedIssuer, Validator, ValidatorBuilder,
    rules,
};
use serde_json::json;

use super::support::{AUDIENCE, ISSUER, NOW, key_store, now, validator_builder};

/// The claims of a membership. A type that permits nothing else sees nothing of SD-JWT.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Membership {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    #[serde(default)]
    pub(crate) cnf: Option<serde_json::Value>,
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

/// The disclosures of the good credential.
pub(crate) struct Disclosures {
    pub(crate) name: TestDisclosure,
    pub(crate) street: TestDisclosure,
    pub(crate) address: TestDisclosure,
    pub(crate) team: TestDisclosure,
}

impl Disclosures {
    pub(crate) fn new() -> Self {
        let street = TestDisclosure::claim("street", "Road 1");
        let address = json!({"country": "DE", "_sd": [street.digest()]});
        Self {
            name: TestDisclosure::claim("name", "Erika"),
            address: TestDisclosure::claim("address", address),
            team: TestDisclosure::element("chess"),
            street,
        }
    }

    /// All of them, in no order that matters.
    pub(crate) fn all(&self) -> [&TestDisclosure; 4] {
        [&self.team, &self.street, &self.name, &self.address]
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
            .claim("_sd", json!([name.digest(), "decoy", address.digest()]))
            .claim("teams", json!(["go", team.placeholder(), {"...": "other decoy"}]))
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
