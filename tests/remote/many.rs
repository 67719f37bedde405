//! Many issuers with one HTTP client: what they cost the task that creates them.

use std::time::{Duration, Instant};

use jwt_appraisal::SignatureAlgorithm;
use jwt_appraisal::remote::{self, HttpClient, RemoteIssuer};
use tokio::runtime::Builder;

use super::server::{KEYS, Server, eventually};
use super::support::provider;

const ISSUERS: usize = 5_000;

fn connect(client: &HttpClient, nth: usize) -> RemoteIssuer {
    remote::issuer(format!("https://tenant-{nth}.as.example.com/oauth2"))
        .algorithms([SignatureAlgorithm::Es256])
        .provider(provider())
        .client(client)
        .connect_in_background()
        .unwrap()
}

#[test]
fn five_thousand_issuers_take_little_time_and_less_than_30_mb() {
    // The runtime is not driven, so only the work of the calling task is measured.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let mut issuers = Vec::new();
    let begun = Instant::now();
    let memory = allocation_counter::measure(|| {
        let client = HttpClient::new().unwrap();
        issuers.extend((0..ISSUERS).map(|nth| connect(&client, nth)));
    });
    let elapsed = begun.elapsed();
    println!(
        "{elapsed:?}, {} kB kept, {} kB at most",
        memory.bytes_current / 1000,
        memory.bytes_max / 1000
    );
    assert_eq!(issuers.len(), ISSUERS);
    assert!(memory.bytes_max < 30_000_000, "{memory:?}");
    // Optimised it is well below a second. Not optimised, and on a busy machine, it may be more.
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
}

#[tokio::test]
async fn issuers_that_share_a_client_fetch_their_own_keys() {
    let client = HttpClient::new().unwrap();
    let mut servers = Vec::new();
    for _ in 0..20 {
        let (server, _) = Server::of_issuer().await;
        let issuer = super::client::at(&server).client(&client).connect_in_background().unwrap();
        servers.push((server, issuer));
    }
    // The issuers keep what they need of the client.
    drop(client);
    for (server, issuer) in &servers {
        eventually(|| issuer.status().get().unwrap().usable).await;
        assert_eq!(server.count(KEYS), 1);
    }
}
