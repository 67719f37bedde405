//! A plain API on axum for access tokens with DPoP: a stolen token is worth nothing without its key.
//!
//! `cargo run --example axum_api` is a demonstration, with an issuer and a client of its own;
//! `cargo run --example axum_api -- https://as.example.com https://api.example.com 0.0.0.0:8080` trusts an
//! authorization server, is known to clients by the second URL, and listens at the last.

#[path = "axum_api/demonstration.rs"]
pub(crate) mod demonstration;

use std::env;
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use jwt_appraisal::http::{Denied, Requirement, ResourceServer};
use jwt_appraisal::{
    Accepted, AccessTokenClaims, InsufficientScope, MemoryReplayGuard, Profile, SignatureAlgorithm,
    Validator, remote,
};
use time::Duration;
use tokio::net::TcpListener;

pub(crate) type Fault = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let mut arguments = env::args().skip(1);
    match (arguments.next(), arguments.next(), arguments.next()) {
        (Some(issuer), Some(resource), Some(listen)) => {
            serve(TcpListener::bind(listen).await?, &issuer, &resource).await
        }
        (None, ..) => {
            for line in demonstration::run().await? {
                println!("{line}");
            }
            Ok(())
        }
        _ => Err("expected an issuer, the URL of this API, and where to listen".into()),
    }
}

/// Serves notes to whom they are permitted.
pub(crate) async fn serve(
    listener: TcpListener,
    issuer: &str,
    resource: &str,
) -> Result<(), Fault> {
    let issuer = remote::issuer(issuer)
        .algorithms([SignatureAlgorithm::Es256])
        .allow_http_on_loopback()
        .connect()
        .await?;
    let proofs = Validator::builder(Profile::dpop_proof())
        .algorithms([SignatureAlgorithm::Es256])
        .replay_guard(Arc::new(MemoryReplayGuard::new(100_000).most_per_party(1_000)))
        .build()?;
    let tokens = Validator::builder(Profile::access_token())
        .issuer(issuer)
        .audience(resource)
        .scope_hierarchy(|granted, needed| granted == "notes:write" && needed == "notes:read")
        .dpop(proofs)
        .build()?;
    let server = ResourceServer::builder(tokens)
        .requirement(Requirement::scopes(["notes:read"])) // of every request
        .dpop_bound_access_tokens_required()
        .dpop_nonces(Duration::minutes(5))
        .allow_http_on_loopback()
        .build()?;
    let app = Router::new()
        .route("/notes/{name}", get(read).delete(delete))
        .layer(server.layer())
        .layer(map_response(log));
    axum::serve(listener, app).await?;
    Ok(())
}

async fn read(caller: Accepted<AccessTokenClaims>, Path(name): Path<String>) -> String {
    format!("the note {name} of {}", caller.claims().sub)
}

async fn delete(
    caller: Accepted<AccessTokenClaims>,
    Path(name): Path<String>,
) -> Result<String, InsufficientScope> {
    caller.require_scopes(["notes:read", "notes:write"])?;
    Ok(format!("{} deleted the note {name}", caller.claims().sub))
}

/// Why requests were denied is for the operator alone.
async fn log(response: Response) -> Response {
    if let Some(denied) = response.extensions().get::<Arc<Denied>>() {
        eprintln!("{denied}");
    }
    response
}
