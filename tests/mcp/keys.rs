//! The issuer's keys while the server runs: they change, or can not be had.

use http::StatusCode;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use jwt_appraisal::SignatureAlgorithm;
use jwt_appraisal::testing::TestKey;
use time::Duration;

use super::scene::Scene;

#[tokio::test]
async fn a_key_that_is_rotated_is_fetched_by_the_first_token_of_it() {
    let scene = Scene::start().await;
    let before = scene.token("notes:read");
    assert_eq!(scene.mcp.call("read_note", &before).await.status, StatusCode::OK);

    // The cooldown after the first fetch is over.
    scene.clock.advance(Duration::seconds(30));
    scene.authorization_server.rotate_key();
    let after = scene.token("notes:read");
    // Nobody has to try twice.
    let answer = scene.mcp.call("read_note", &after).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    // What the old key signed is no longer believed.
    let answer = scene.mcp.call("read_note", &before).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
}

#[tokio::test]
async fn names_of_keys_that_do_not_exist_do_not_drive_requests() {
    let scene = Scene::start().await;
    let at_first = scene.authorization_server.key_requests();
    for number in 0..50 {
        let stranger = TestKey::generate(format!("x{number}"), SignatureAlgorithm::Es256);
        let draft = scene.authorization_server.draft(&scene.mcp.url, "notes:read");
        let answer = scene.mcp.call("read_note", &draft.signed_by(&stranger).sign()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
    }
    assert!(scene.authorization_server.key_requests() <= at_first + 1);
    let good = scene.token("notes:read");
    assert_eq!(scene.mcp.call("read_note", &good).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_of_a_new_key_may_be_good_while_keys_cannot_be_fetched() {
    let scene = Scene::start().await;
    scene.clock.advance(Duration::seconds(30));
    scene.authorization_server.serve_keys(false);
    scene.authorization_server.rotate_key();
    let token = scene.token("notes:read");
    for _ in 0..3 {
        let answer = scene.mcp.call("read_note", &token).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
        assert!(!answer.headers.contains_key(WWW_AUTHENTICATE));
        assert!(answer.headers.contains_key(RETRY_AFTER));
        scene.clock.advance(Duration::seconds(1));
    }
    scene.authorization_server.serve_keys(true);
    scene.clock.advance(Duration::seconds(60));
    let answer = scene.mcp.call("read_note", &scene.token("notes:read")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn without_keys_to_be_had_it_goes_on_with_those_it_has_and_then_can_not_tell() {
    let scene = Scene::start().await;
    scene.authorization_server.serve_keys(false);
    for _ in 0..3 {
        let token = scene.token("notes:read");
        let answer = scene.mcp.call("read_note", &token).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        scene.clock.advance(Duration::minutes(10));
    }

    // No answer for days.
    scene.clock.advance(Duration::days(8));
    let token = scene.token("notes:read");
    let answer = scene.mcp.call("read_note", &token).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    // The token may be good, so nobody is sent for another one.
    assert!(!answer.headers.contains_key(WWW_AUTHENTICATE));
}

#[tokio::test]
async fn it_recovers_when_keys_can_be_had_again() {
    let scene = Scene::start().await;
    scene.authorization_server.serve_keys(false);
    scene.clock.advance(Duration::days(8));
    let answer = scene.mcp.call("read_note", &scene.token("notes:read")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");

    scene.authorization_server.serve_keys(true);
    scene.clock.advance(Duration::hours(1));
    let mut answer = scene.mcp.call("read_note", &scene.token("notes:read")).await;
    for _ in 0..50 {
        if answer.status == StatusCode::OK {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        answer = scene.mcp.call("read_note", &scene.token("notes:read")).await;
    }
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}
