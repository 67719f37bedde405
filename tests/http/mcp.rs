//! The scopes of an MCP server's operations.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use jwt_appraisal::http::{Denied, McpBodyError, McpScopes};
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service, ServiceExt, service_fn};

use super::site::{METADATA, Site, challenges};

fn scopes() -> McpScopes {
    McpScopes::new()
        .tool("read", ["files:read"])
        .tool("delete", ["files:read", "files:delete"])
        .tool("ping", [])
        .method("resources/read", ["files:read"])
}

fn call(tool: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}"}}}}"#)
}

fn with_arguments(arguments: &str) -> String {
    call("read").replace(r#""name""#, &format!(r#""arguments":{arguments},"name""#))
}

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn what_a_body_needs() {
    type Needed<'a> = Option<&'a [&'a str]>;
    let rows: &[(&str, Needed<'_>)] = &[
        (&call("read"), Some(&["files:read"])),
        (&call("delete"), Some(&["files:read", "files:delete"])),
        (&call("ping"), Some(&[])),
        (&call("unlisted"), None),
        (&call("READ"), None),
        (&call("delet\\u0065"), Some(&["files:read", "files:delete"])),
        (r#"{"method":"tools/list"}"#, Some(&[])),
        (r#"{"method":"logging/setLevel"}"#, Some(&[])),
        (r#"{"method":"x/list/delete"}"#, None),
        (r#"{"method":"initialize","params":{"capabilities":{}}}"#, Some(&[])),
        (r#"{"method":"notifications/initialized"}"#, Some(&[])),
        (r#"{"method":"ping","params":null}"#, Some(&[])),
        (r#"{"method":"ping","params":[1,{"name":"delete"}]}"#, Some(&[])),
        (r#"{"method":"resources/read","params":{"uri":"x"}}"#, Some(&["files:read"])),
        (r#"{"method":"prompts/get","params":{"name":"x"}}"#, None),
        (r#"{"method":"tasks/result","params":{"taskId":"x"}}"#, None),
        (r#"{"method":"tasks/list"}"#, None),
        (r#"{"method":"invented"}"#, None),
        (r#"{"method":"Tools/Call","params":{"name":"delete"}}"#, None),
        (r#"{"id":1,"result":{"method":"tools/call"}}"#, Some(&[])),
        (r#"{"id":1,"error":{"code":1}}"#, Some(&[])),
        (&with_arguments("1e999"), Some(&["files:read"])),
        (&with_arguments("123456789012345678901234567890"), Some(&["files:read"])),
        (&with_arguments(r#"{"a":1,"a":2}"#), Some(&["files:read"])),
        (&with_arguments(&nested(125)), Some(&["files:read"])),
    ];
    for (body, needed) in rows {
        let expected = needed.map(<[&str]>::to_vec);
        assert_eq!(scopes().needed_by(body.as_bytes()), Ok(expected), "{body}");
    }
    let other = McpScopes::new().other_tools(["admin"]).other_methods(["read"]);
    assert_eq!(other.needed_by(call("any").as_bytes()), Ok(Some(vec!["admin"])));
    assert_eq!(other.needed_by(br#"{"method":"tasks/list"}"#), Ok(Some(vec!["read"])));
    assert_eq!(other.needed_by(br#"{"method":"initialize"}"#), Ok(Some(vec![])));
    assert_eq!(other.needed_by(br#"{"method":"tools/list"}"#), Ok(Some(vec![])));
    let listed = McpScopes::new().method("tools/list", ["list"]);
    assert_eq!(listed.needed_by(br#"{"method":"tools/list"}"#), Ok(Some(vec!["list"])));
}

/// Names of the operator's configuration and of the protocol are kept, others are the sender's choice.
#[test]
fn shows_known_operations_only() {
    let rows = [
        (call("delete"), Some("tools/call"), Some("delete"), r#"tools/call "delete""#),
        (call("own-secret"), Some("tools/call"), None, "tools/call a tool of 10 bytes"),
        (
            r#"{"method":"resources/read"}"#.to_owned(),
            Some("resources/read"),
            None,
            "resources/read",
        ),
        (r#"{"method":"x/secret"}"#.to_owned(), None, None, "a method of 8 bytes"),
    ];
    for (body, method, tool, text) in rows {
        let operation = scopes().operation_of(body.as_bytes()).unwrap();
        assert_eq!((operation.method(), operation.tool()), (method, tool), "{body}");
        assert_eq!(operation.to_string(), text);
        let json = serde_json::json!({"method": method, "tool": tool});
        assert_eq!(serde_json::to_value(&operation).unwrap(), json);
    }
    assert_eq!(scopes().operation_of(br#"{"id":1,"result":{}}"#), None);
    assert_eq!(scopes().operation_of(b"x"), None);
}

#[test]
fn a_body_that_two_readers_could_take_for_two_requests() {
    let scopes = scopes();
    for body in [
        r#"{"method":"ping","method":"tools/call","params":{"name":"delete"}}"#,
        r#"{"method":"ping","m\u0065thod":"tools/call","params":{"name":"delete"}}"#,
        r#"{"method":"ping","Method":"tools/call","params":{"name":"delete"}}"#,
        r#"{"id":1,"Method":"tools/call","Params":{"Name":"delete"}}"#,
        r#"{"id":1,"result":{},"Method":"tools/call"}"#,
        r#"{"method":"tools/call","params":{"name":"read"},"params":{"name":"delete"}}"#,
        r#"{"method":"tools/call","params":{"name":"read"},"param\u017f":{"name":"delete"}}"#,
        r#"{"method":"tools/call","params":{"name":"read","name":"delete"}}"#,
        r#"{"method":"tools/call","params":{"name":"read","n\u0061me":"delete"}}"#,
        r#"{"method":"tools/call","params":{"name":"read","Name":"delete"}}"#,
        r#"{"method":"tools/call","params":["read","delete"]}"#,
        r#"{"method":"tools/call","params":{}}"#,
        r#"{"method":"tools/call","params":{"name":null}}"#,
        r#"{"method":"tools/call","params":"delete"}"#,
        r#"{"method":"tools/call"}"#,
        r#"{"method":"ping","id":1,"result":{}}"#,
        r#"{"method":null}"#,
        r#"{"method":["tools/call"],"params":{"name":"delete"}}"#,
        r#"{"method":"resources/read","params":{"uri":"x","name":3}}"#,
        r#"["tools/call",{"name":"delete"}]"#,
        r#"[{"method":"ping"}]"#,
        "[]",
        "{}",
        r#"{"id":1}"#,
        r#"{"id":1,"result":{},"error":{}}"#,
        r#"{"result":{}}"#,
        r#"{"id":1,"result":{},"params":{}}"#,
        r#"{"method":"tools/call\u0000","params":{"name":"delete"}}"#,
        r#"{"method":"tools/call","params":{"name":"delete\u0000"}}"#,
        r#"{"method":"tools/call","params":{"name\u0000":"delete","name":"read"}}"#,
        r#"{"$serde_json::private::RawValue":"{\"method\":\"tools/call\"}"}"#,
        r#"{"method":"tools/call","params":{"$serde_json::private::RawValue":"{}","name":"read"}}"#,
        r#"{"method":"ping"} {"method":"tools/call"}"#,
        "\u{feff}{\"method\":\"ping\"}",
        "{\"method\":\"ping\"",
        "method",
        "",
        "3",
        &with_arguments(&nested(126)),
        &with_arguments(r#""\ud800""#),
        &with_arguments("[1,]"),
        &with_arguments("01"),
        &format!("{} x", call("read")),
    ] {
        let found = scopes.needed_by(body.as_bytes());
        assert_eq!(found, Err(McpBodyError::NotJsonRpc), "{body}");
    }
    let overlong = b"{\"method\":\"ping\",\"id\":\"\xc0\xa2\"}";
    assert_eq!(scopes.needed_by(overlong), Err(McpBodyError::NotJsonRpc));
    let not_utf8 = b"{\"method\":\"p\xffing\"}";
    assert_eq!(scopes.needed_by(not_utf8), Err(McpBodyError::NotJsonRpc));
}

/// What a request was answered with.
struct Answered {
    status: u16,
    challenges: Vec<String>,
    denied: Option<String>,
    body: String,
}

/// Gives back the body that it got.
async fn echo(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await.unwrap().to_bytes();
    Ok(Response::new(Full::new(body)))
}

async fn ask(site: &Site, scope: &str, asked: Request<String>) -> Answered {
    let server = site.builder().build().unwrap();
    let guarded = server.mcp_layer(scopes()).unwrap().most_body_bytes(200);
    let mut asked = asked.map(Full::<Bytes>::from);
    let token = site.token().claim("scope", scope).sign();
    asked.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    answered(guarded.layer(service_fn(echo)), asked).await
}

async fn answered<S, B>(service: S, asked: Request<Full<Bytes>>) -> Answered
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>,
    B: BodyExt<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let (parts, body) = service.oneshot(asked).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answered {
        status: parts.status.as_u16(),
        challenges: challenges(&parts.headers),
        denied: parts.extensions.get::<Arc<Denied>>().map(ToString::to_string),
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn message(method: &str, body: &str) -> Request<String> {
    Request::builder().method(method).uri("/mcp").body(body.to_owned()).unwrap()
}

#[tokio::test]
async fn each_tool_with_its_scopes() {
    let site = Site::new();
    let answer = ask(&site, "files:read", message("POST", &call("read"))).await;
    assert_eq!((answer.status, answer.body), (200, call("read")), "the body is as it was");
    let answer = ask(&site, "files:read", message("POST", &call("delete"))).await;
    let all = "scope=\"files:read files:delete\", ";
    let expected =
        format!("Bearer error=\"insufficient_scope\", {all}resource_metadata=\"{METADATA}\"");
    assert_eq!((answer.status, answer.challenges), (403, vec![expected]), "MCP-12");
    let denied = answer.denied.unwrap();
    assert!(denied.starts_with("403: the token lacks 1 of the 2 scopes"), "{denied}");
    assert!(denied.ends_with(" (tools/call \"delete\")"), "{denied}");
    let unlisted = "403: the body calls a tool or a method that is not listed \
                    (tools/call a tool of 8 bytes)";
    let resource = r#"{"method":"resources/read","params":{"uri":"x"}}"#;
    let rows = [
        ("files:read files:delete", "POST", call("delete"), 200, None),
        ("files:read files:delete", "POST", call("unlisted"), 403, Some(unlisted)),
        ("files:read", "POST", call(&"x".repeat(200)), 413, Some("413: the body is too long")),
        ("files:read", "PUT", call("delete"), 403, None),
        ("files:read", "PATCH", call("read"), 200, None),
        ("", "POST", r#"{"method":"initialize"}"#.to_owned(), 200, None),
        ("", "POST", resource.to_owned(), 403, None),
    ];
    for (scope, method, body, status, denied) in rows {
        let answer = ask(&site, scope, message(method, &body)).await;
        assert_eq!(answer.status, status, "{scope} {method} {body}");
        if denied.is_some() {
            assert_eq!(answer.denied.as_deref(), denied);
            assert!(answer.challenges.is_empty(), "no token helps");
        }
    }
    let answer = ask(&site, "files:read", message("POST", "not JSON")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.denied.unwrap().contains("not one JSON-RPC message"));
}

#[tokio::test]
async fn a_body_without_meaning_is_not_passed_on() {
    let site = Site::new();
    for method in ["GET", "HEAD", "DELETE", "OPTIONS"] {
        let answer = ask(&site, "files:read", message(method, &call("delete"))).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{method}");
    }
}

#[tokio::test]
async fn a_body_that_is_read_after_decoding_is_refused() {
    let site = Site::new();
    let rows: &[(&[(&str, &str)], u16)] = &[
        (&[("content-encoding", "gzip")], 415),
        (&[("content-encoding", "identity")], 200),
        (&[("content-encoding", "identity, br")], 415),
        (&[("content-encoding", "identity"), ("content-encoding", "gzip")], 415),
        (&[("content-type", "application/json")], 200),
        (&[("content-type", "application/json; charset=UTF-8")], 200),
        (&[("content-type", "application/json;charset=\"utf-8\"; x=y")], 200),
        (&[("content-type", "application/json; charset=utf-7")], 415),
        (&[("content-type", "application/json; x=y; Charset = utf-16")], 415),
        (&[("content-type", "application/json; charset=utf-8; charset=utf-7")], 415),
        (&[("content-type", "application/json; charset")], 200),
        (&[("content-type", "application/json"), ("content-type", "text/plain")], 415),
    ];
    for (headers, status) in rows {
        let mut asked = message("POST", &call("read"));
        for (name, value) in *headers {
            let name: http::HeaderName = name.parse().unwrap();
            asked.headers_mut().append(name, value.parse().unwrap());
        }
        assert_eq!(ask(&site, "files:read", asked).await.status, *status, "{headers:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_passed_on_is_not_announced() {
    let site = Site::new();
    let server = site.builder().build().unwrap();
    let names = service_fn(|request: Request<Full<Bytes>>| async move {
        let names: Vec<_> = request.headers().keys().map(ToString::to_string).collect();
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(names.join(" "))))
    });
    let asked = Request::delete("/mcp")
        .header("authorization", format!("Bearer {}", site.token().sign()))
        .header("content-length", "41")
        .header("transfer-encoding", "chunked")
        .header("trailer", "x")
        .header("x-other", "1")
        .body(Full::<Bytes>::from(call("delete")));
    let layer = server.mcp_layer(scopes()).unwrap();
    assert_eq!(answered(layer.layer(names), asked.unwrap()).await.body, "x-other");
}

/// A body of so many bytes that breaks off.
struct Broken;

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        std::task::Poll::Ready(Some(Err(std::io::ErrorKind::UnexpectedEof.into())))
    }
}

#[tokio::test]
async fn bodies_at_the_limit_and_beyond() {
    let site = Site::new();
    let layer = site.builder().build().unwrap().mcp_layer(scopes()).unwrap();
    let post = |bytes: usize| {
        let body = format!("{}{}", call("read"), " ".repeat(bytes - call("read").len()));
        let asked = Request::post("/mcp").body(Full::<Bytes>::from(body)).unwrap();
        with_token(&site, asked)
    };
    for (most, bytes, status) in [
        (200, 200, 200),
        (200, 201, 413),
        (4 * 1024 * 1024, 4 * 1024 * 1024, 200),
        (4 * 1024 * 1024, 4 * 1024 * 1024 + 1, 413),
    ] {
        let by_default = most > 200;
        let layer = if by_default { layer.clone() } else { layer.clone().most_body_bytes(most) };
        let answer = answered(layer.layer(service_fn(echo)), post(bytes)).await;
        assert_eq!(answer.status, status, "{bytes}");
    }
    let broken = with_token(&site, Request::post("/mcp").body(Broken).unwrap());
    let response = layer.layer(service_fn(echo)).oneshot(broken).await.unwrap();
    assert_eq!(response.status().as_u16(), 400);
}

fn with_token<B>(site: &Site, mut asked: Request<B>) -> Request<B> {
    let token = format!("Bearer {}", site.token().sign());
    asked.headers_mut().insert("authorization", token.parse().unwrap());
    asked
}

#[tokio::test]
async fn the_service_is_asked_for_its_turn_and_gives_it_back() {
    let site = Site::new();
    let layer = site.builder().build().unwrap().mcp_layer(scopes()).unwrap();
    let one_at_a_time = ConcurrencyLimitLayer::new(1).layer(service_fn(echo));
    let mut service = layer.layer(one_at_a_time);
    let good = || {
        let asked = Request::post("/mcp").body(Full::<Bytes>::from(call("ping"))).unwrap();
        with_token(&site, asked)
    };
    // As `tower::Buffer` does: one service, ready and called again and again.
    for _ in 0..3 {
        let answer = ServiceExt::<Request<Full<Bytes>>>::ready(&mut service)
            .await
            .unwrap()
            .call(good())
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }
    // Whoever is denied on one connection leaves the turn to others.
    let nobody = Request::post("/mcp").body(Full::<Bytes>::default()).unwrap();
    let denied = ServiceExt::<Request<Full<Bytes>>>::ready(&mut service)
        .await
        .unwrap()
        .call(nobody)
        .await
        .unwrap();
    assert_eq!(denied.status().as_u16(), 401);
    let answer = service.clone().oneshot(good()).await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
}

#[tokio::test]
async fn a_caller_of_another_server_is_nobody_here() {
    let (site, other) = (Site::new(), Site::new());
    let server = other.builder().build().unwrap();
    let inside = server.mcp_layer(scopes()).unwrap().layer(service_fn(echo));
    let both = site.builder().build().unwrap().layer().layer(inside);
    let mut asked = message("POST", &call("ping")).map(Full::<Bytes>::from);
    let token = format!("Bearer {}", site.token().sign());
    asked.headers_mut().insert("authorization", token.parse().unwrap());
    assert_eq!(answered(both, asked).await.status, 401, "lesson 084");
}

#[test]
fn scopes_that_no_token_can_have_do_not_build() {
    let server = Site::new().builder().build().unwrap();
    let wrong = McpScopes::new().tool("read", ["files read"]);
    assert!(server.mcp_layer(wrong).is_err());
    assert!(server.mcp_layer(McpScopes::new().other_tools([""])).is_err());
    assert!(server.mcp_layer(McpScopes::new().other_methods([""])).is_err());
    assert!(server.mcp_layer(McpScopes::new().method("m", ["offline_access"])).is_err());
}
