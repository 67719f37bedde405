//! The properties that the fuzz targets look to break.

#[path = "../../examples/appraise/decrypt.rs"]
mod decrypt;
mod disclosing;
#[path = "../../examples/appraise/document.rs"]
#[expect(dead_code, reason = "the example has more use for it")]
mod document;
#[path = "../../examples/appraise/facts.rs"]
mod facts;
#[path = "../../examples/appraise/kinds.rs"]
#[expect(dead_code, reason = "the example has more use for it")]
mod kinds;
mod opening;
#[path = "../../examples/appraise/parties.rs"]
mod parties;
#[path = "../../examples/appraise/policy.rs"]
#[expect(dead_code, reason = "the example has more use for it")]
mod policy;
mod properties;
#[path = "../../tests/support/values.rs"]
mod values;
mod wings;

pub use disclosing::sd_jwt;
pub use opening::open;
pub use properties::{compact, json, jwk_set, mutate, never_claims, policy};
pub use wings::{jwks_answer, mcp_body, request};
