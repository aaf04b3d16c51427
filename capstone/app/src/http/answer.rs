//! What each request is answered.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, Request, Response, StatusCode};

use super::board::Board;
use super::gate::{Gate, Refusal};
use super::{html, metrics};

type Answer = Response<Full<Bytes>>;

const TEXT: &str = "text/plain; charset=utf-8";
const NO_TOKEN: &str =
    "this page wants a token: Authorization: Bearer TOKEN, or as a password with any name\n";
const OTHER_HOST: &str = "ask for localhost or an IP address, or give serve a CAPSTONE_HTTP_TOKEN\n";
const ROUTES: &str = "there is /, /status.json, /metrics and /healthz\n";

/// The body of the request is not read.
pub(super) async fn to<B>(request: &Request<B>, gate: &Gate, board: &Board) -> Answer {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut answer = answer(StatusCode::METHOD_NOT_ALLOWED, TEXT, "this page is only read\n");
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    let path = request.uri().path();
    // Whoever only asks for life need not know the token, and learns nothing else.
    if path == "/healthz" {
        return match board.snapshot().await.problem {
            None => answer(StatusCode::OK, TEXT, "ok\n"),
            Some(_) => answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, "the database cannot be read\n"),
        };
    }
    match gate.admit(request.headers()) {
        Err(Refusal::NoToken) => {
            let mut answer = answer(StatusCode::UNAUTHORIZED, TEXT, NO_TOKEN);
            let challenge = HeaderValue::from_static("Basic realm=\"capstone\", charset=\"UTF-8\"");
            answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            return answer;
        }
        Err(Refusal::OtherHost) => return answer(StatusCode::MISDIRECTED_REQUEST, TEXT, OTHER_HOST),
        Ok(()) => {}
    }
    match path {
        "/" => answer(StatusCode::OK, "text/html; charset=utf-8", html::page(&*board.snapshot().await)),
        "/status.json" => match serde_json::to_string(&*board.snapshot().await) {
            Ok(text) => answer(StatusCode::OK, "application/json", text + "\n"),
            Err(error) => answer(StatusCode::INTERNAL_SERVER_ERROR, TEXT, error.to_string()),
        },
        "/metrics" => {
            let text = metrics::text(&*board.snapshot().await);
            answer(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text)
        }
        _ => answer(StatusCode::NOT_FOUND, TEXT, ROUTES),
    }
}

fn answer(status: StatusCode, kind: &'static str, text: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(text.into()));
    *answer.status_mut() = status;
    // No script, nothing from elsewhere, in nobody's frame.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
    for (name, value) in [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}
