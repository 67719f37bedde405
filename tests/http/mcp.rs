//! The scopes of an MCP server's operations.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use jwt_appraisal::http::{McpBodyError, McpScopes};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::site::{METADATA, Site, challenges};

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

#[test]
fn what_a_body_needs() {
    type Needed<'a> = Result<Option<&'a [&'a str]>, McpBodyError>;
    let rows: &[(&str, Needed<'_>)] = &[
        (&call("read"), Ok(Some(&["files:read"]))),
        (&call("delete"), Ok(Some(&["files:delete", "files:read"]))),
        (&call("ping"), Ok(Some(&[]))),
        (&call("unlisted"), Ok(None)),
        (&call("READ"), Ok(None)),
        (&call("delet\\u0065"), Ok(Some(&["files:delete", "files:read"]))),
        (r#"{"method":"tools/list"}"#, Ok(Some(&[]))),
        (
            r#"{"method":"resources/read","params":{"uri":"x","name":3}}"#,
            Err(McpBodyError::NotJsonRpc),
        ),
        (r#"{"method":"resources/read","params":{"uri":"x"}}"#, Ok(Some(&["files:read"]))),
        (r#"{"method":"ping","params":null}"#, Ok(Some(&[]))),
        (r#"{"method":"ping","params":[1,{"name":"delete"}]}"#, Ok(Some(&[]))),
        (r#"{"id":1,"result":{"method":"tools/call"}}"#, Ok(Some(&[]))),
        (r#"[]"#, Ok(Some(&[]))),
    ];
    for (body, needed) in rows {
        let expected = needed.map(|needed| needed.map(<[&str]>::to_vec));
        assert_eq!(scopes().needed_by(body.as_bytes()), expected, "{body}");
    }
    let batch = format!("[{},{}]", call("read"), call("delete"));
    let both = vec!["files:delete", "files:read"];
    assert_eq!(scopes().needed_by(batch.as_bytes()), Ok(Some(both)));
    let batch = format!("[{},{}]", call("read"), call("unlisted"));
    assert_eq!(scopes().needed_by(batch.as_bytes()), Ok(None));
    let other = McpScopes::new().other_tools(["admin"]);
    assert_eq!(other.needed_by(call("any").as_bytes()), Ok(Some(vec!["admin"])));
}

#[test]
fn a_body_that_two_readers_could_take_for_two_requests() {
    let scopes = scopes();
    for body in [
        r#"{"method":"ping","method":"tools/call","params":{"name":"delete"}}"#,
        r#"{"method":"ping","m\u0065thod":"tools/call","params":{"name":"delete"}}"#,
        r#"{"method":"tools/call","params":{"name":"read"},"params":{"name":"delete"}}"#,
        r#"{"method":"tools/call","params":{"name":"read","name":"delete"}}"#,
        r#"{"method":"tools/call","params":{"name":"read","n\u0061me":"delete"}}"#,
        r#"{"method":"tools/call","params":["read","delete"]}"#,
        r#"{"method":"tools/call","params":{}}"#,
        r#"{"method":"tools/call","params":{"name":null}}"#,
        r#"{"method":"tools/call","params":"delete"}"#,
        r#"{"method":"tools/call"}"#,
        r#"{"method":null}"#,
        r#"{"method":["tools/call"],"params":{"name":"delete"}}"#,
        r#"["tools/call",{"name":"delete"}]"#,
        r#"[["tools/call",{"name":"delete"}]]"#,
        r#"{"method":"ping"} {"method":"tools/call"}"#,
        "\u{feff}{\"method\":\"ping\"}",
        "{\"method\":\"ping\"",
        "method",
        "",
        "3",
    ] {
        let found = scopes.needed_by(body.as_bytes());
        assert_eq!(found, Err(McpBodyError::NotJsonRpc), "{body}");
    }
    let not_utf8 = b"{\"method\":\"p\xffing\"}";
    assert_eq!(scopes.needed_by(not_utf8), Err(McpBodyError::NotJsonRpc));
}

async fn ask(site: &Site, scope: &str, method: &str, body: &str) -> (u16, Vec<String>, String) {
    let echo = service_fn(|request: Request<_>| async move {
        let body: http_body_util::Either<Full<Bytes>, Full<Bytes>> = request.into_body();
        let body = body.collect().await.unwrap().to_bytes();
        Ok::<_, Infallible>(Response::new(Full::new(body)))
    });
    let server = site.builder().build().unwrap();
    let guarded = server.mcp_layer(scopes()).unwrap().most_body_bytes(200).layer(echo);
    let token = site.token().claim("scope", scope).sign();
    let asked = Request::builder()
        .method(method)
        .uri("/mcp")
        .header("authorization", format!("Bearer {token}"))
        .body(Full::from(body.to_owned()))
        .unwrap();
    let (parts, body) = call_once(server.layer().layer(guarded), asked).await;
    (parts.status.as_u16(), challenges(&parts.headers), body)
}

async fn call_once<S, B>(service: S, asked: Request<Full<Bytes>>) -> (http::response::Parts, String)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>,
    B: BodyExt<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let (parts, body) = service.oneshot(asked).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn each_tool_with_its_scopes() {
    let site = Site::new();
    let (status, _, seen) = ask(&site, "files:read", "POST", &call("read")).await;
    assert_eq!((status, seen), (200, call("read")), "the body is as it was");
    let (status, told, _) = ask(&site, "files:read", "POST", &call("delete")).await;
    let all = "scope=\"files:delete files:read\", ";
    let expected =
        format!("Bearer error=\"insufficient_scope\", {all}resource_metadata=\"{METADATA}\"");
    assert_eq!((status, told), (403, vec![expected]), "MCP-12: all scopes at once");
    let rows = [
        ("files:read files:delete", "POST", call("delete"), 200),
        ("files:read files:delete", "POST", call("unlisted"), 403),
        ("files:read", "POST", "not JSON".to_owned(), 400),
        ("files:read", "POST", call(&"x".repeat(200)), 413),
        ("files:read", "PUT", call("delete"), 403),
        ("files:read", "GET", String::new(), 200),
        ("", "POST", r#"{"method":"initialize"}"#.to_owned(), 200),
        ("", "POST", r#"{"method":"resources/read","params":{"uri":"x"}}"#.to_owned(), 403),
    ];
    for (scope, method, body, status) in rows {
        assert_eq!(ask(&site, scope, method, &body).await.0, status, "{scope} {method} {body}");
    }
}

#[tokio::test]
async fn without_the_layer_outside_nothing_passes() {
    let site = Site::new();
    let server = site.builder().build().unwrap();
    let fine = service_fn(|_: Request<http_body_util::Either<Full<Bytes>, Full<Bytes>>>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let guarded = server.mcp_layer(scopes()).unwrap().layer(fine);
    let asked = Request::post("/mcp").body(Full::from(call("ping"))).unwrap();
    let (parts, _) = call_once(guarded, asked).await;
    assert_eq!(parts.status, 401);
}

#[test]
fn scopes_that_no_token_can_have_do_not_build() {
    let server = Site::new().builder().build().unwrap();
    let wrong = McpScopes::new().tool("read", ["files read"]);
    assert!(server.mcp_layer(wrong).is_err());
    assert!(server.mcp_layer(McpScopes::new().other_tools([""])).is_err());
    assert!(server.mcp_layer(McpScopes::new().method("m", ["offline_access"])).is_err());
}
