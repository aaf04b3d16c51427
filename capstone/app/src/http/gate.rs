//! [`Gate`]: who may look.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{AUTHORIZATION, HOST, HeaderMap};
use subtle::ConstantTimeEq;

/// Asks for the token, if there is one.
pub(super) struct Gate {
    token: Option<String>,
}

/// Why somebody may not look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Without the token, or with another one.
    NoToken,
    /// Under a name that is not this machine's.
    OtherHost,
}

impl Gate {
    pub(super) fn new(token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned) }
    }

    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        match &self.token {
            Some(token) => {
                let given = text(AUTHORIZATION).and_then(given).unwrap_or_default();
                let is_right: bool = given.as_bytes().ct_eq(token.as_bytes()).into();
                if is_right { Ok(()) } else { Err(Refusal::NoToken) }
            }
            // A page from elsewhere that has its name lead to this machine could read ours in a visitor's browser.
            None if text(HOST).is_some_and(is_here) => Ok(()),
            None => Err(Refusal::OtherHost),
        }
    }
}

/// The token, as machines send it, or as the password that a browser asks for.
fn given(header: &str) -> Option<String> {
    let (scheme, rest) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    pair.split_once(':').map(|(_user, password)| password.to_owned())
}

fn is_here(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(token: Option<&str>, name: hyper::header::HeaderName, value: &str) -> Result<(), Refusal> {
        let headers = HeaderMap::from_iter([(name, value.parse().expect("a header"))]);
        Gate::new(token).admit(&headers)
    }

    #[test]
    fn the_token_comes_as_a_bearer_or_as_a_password() {
        let ask = |value| admit(Some("s3cret"), AUTHORIZATION, value);
        assert_eq!(ask("Bearer s3cret"), Ok(()));
        assert_eq!(ask("basic YW55Ym9keTpzM2NyZXQ="), Ok(()));
        for wrong in ["Bearer s3cre", "Bearer s3crets", "Bearer", "s3cret", "Basic !", "Basic czNjcmV0", ""] {
            assert_eq!(ask(wrong), Err(Refusal::NoToken), "{wrong}");
        }
        assert_eq!(Gate::new(Some("s3cret")).admit(&HeaderMap::new()), Err(Refusal::NoToken));
    }

    #[test]
    fn without_a_token_only_this_machine_is_asked() {
        for here in ["localhost", "localhost:4280", "127.0.0.1:4280", "[::1]:1", "[::1]"] {
            assert_eq!(admit(None, HOST, here), Ok(()), "{here}");
        }
        for elsewhere in ["example.org", "localhost.example.org:4280", "", "127.0.0.1.example.org"] {
            assert_eq!(admit(None, HOST, elsewhere), Err(Refusal::OtherHost), "{elsewhere}");
        }
        assert_eq!(Gate::new(None).admit(&HeaderMap::new()), Err(Refusal::OtherHost));
    }
}
