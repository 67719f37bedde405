//! Runs the demonstration of `examples/axum_api.rs`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops where it can not go on"
)]

#[path = "../examples/axum_api.rs"]
#[expect(dead_code, reason = "the example has a `main`")]
mod axum_api;

#[tokio::test]
async fn the_demonstration() {
    let shown = axum_api::demonstration::run().await.expect("a demonstration");
    let answers: Vec<_> = shown.iter().filter_map(|line| line.split('\n').nth(1)).collect();
    let expected = [
        "  401 DPoP scope=\"notes:read\", resource_metadata=\"http://127.0.0.1:",
        "  401 DPoP error=\"use_dpop_nonce\"",
        "  200 the note milk of user-1",
        "  403 DPoP error=\"insufficient_scope\"",
        "  200 user-1 deleted the note milk",
        "  200 the note milk of user-1",
        "  401 DPoP error=\"invalid_token\"",
    ];
    assert_eq!(answers.len(), expected.len());
    for (answer, expected) in answers.iter().zip(expected) {
        assert!(answer.starts_with(expected), "{answer}\n{expected}");
    }
    assert!(shown[3].contains("scope=\"notes:read notes:write\""), "{}", shown[3]);
}
