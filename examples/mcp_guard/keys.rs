//! Stands where the crate's own fetching of keys will.

use std::pin::Pin;
use std::sync::Arc;

use jwt_appraisal::{Clock, JwkSet, KeyRefresher, KeyStore, SignatureAlgorithm, TrustedIssuer};
use time::Duration;
use tokio::sync::watch;

/// How long keys may be used without news of the issuer.
const KEPT: Duration = Duration::hours(24);

pub(crate) async fn issuer(
    url: &str,
    algorithms: impl IntoIterator<Item = SignatureAlgorithm>,
    clock: impl Clock + Clone + 'static,
) -> Result<TrustedIssuer, super::super::Fault> {
    let metadata = fetch(&format!("{url}/.well-known/oauth-authorization-server")).await?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let jwks_uri = metadata.get("jwks_uri").and_then(|uri| uri.as_str()).ok_or("no keys")?;
    let store = KeyStore::new(algorithms, JwkSet::default())?;
    let fetching = Fetching {
        jwks_uri: jwks_uri.to_owned(),
        store: store.clone(),
        clock: Arc::new(clock),
        done: watch::Sender::new(true),
    };
    fetching.clone().fetch().await?;
    Ok(TrustedIssuer::new(url, store.refreshed_by(Arc::new(fetching))))
}

async fn fetch(url: &str) -> Result<String, reqwest::Error> {
    reqwest::get(url).await?.error_for_status()?.text().await
}

#[derive(Clone, Debug)]
struct Fetching {
    jwks_uri: String,
    store: KeyStore,
    clock: Arc<dyn Clock>,
    done: watch::Sender<bool>,
}

impl Fetching {
    async fn fetch(self) -> Result<(), super::super::Fault> {
        let set = JwkSet::from_json(&fetch(&self.jwks_uri).await?)?;
        self.store.replace_until(set, self.clock.now().saturating_add(KEPT));
        Ok(())
    }
}

impl KeyRefresher for Fetching {
    fn request(&self) {
        let fetching = self.clone();
        self.done.send_replace(false);
        tokio::spawn(async move {
            let done = fetching.done.clone();
            let _ = fetching.fetch().await;
            done.send_replace(true);
        });
    }

    fn under_way(&self) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        let mut done = self.done.subscribe();
        if *done.borrow() {
            return None;
        }
        Some(Box::pin(async move {
            let _ = done.wait_for(|done| *done).await;
        }))
    }
}
