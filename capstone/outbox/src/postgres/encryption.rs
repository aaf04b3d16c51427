//! What an address asks for with `sslmode` and `sslrootcert`, which the driver does not know in full.

use std::path::PathBuf;

/// How a connection is to be protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// Nothing is said: over TLS, unless the connection stays on this machine.
    Unsaid,
    /// `disable`, `allow`, `prefer`: in the clear, which is for this machine only.
    Clear,
    /// `require` or `verify-full`: over TLS, and the certificate is checked in both cases.
    Checked,
}

/// What was asked for, and the rest of the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) rest: String,
    pub(super) encryption: Encryption,
    /// A file of certificates; none are those of the system.
    pub(super) roots: Option<PathBuf>,
}

/// The value is nothing that we can do. Holds what to write.
pub(super) const MODES: &str =
    "sslmode is disable, require or verify-full; require checks the certificate, too";

/// Takes both parameters out of the address.
pub(super) fn take(address: &str) -> Result<Asked, &'static str> {
    let mut asked = Asked { rest: address.to_owned(), encryption: Encryption::Unsaid, roots: None };
    // A question mark before the host belongs to a password.
    let host = address.rfind('@').unwrap_or(0);
    let Some(query) = address[host..].find('?').map(|place| host + place) else { return Ok(asked) };
    let mut others = Vec::new();
    for parameter in address[query + 1..].split('&') {
        match parameter.split_once('=') {
            Some(("sslmode", mode)) => asked.encryption = encryption(mode).ok_or(MODES)?,
            Some(("sslrootcert", "system")) => asked.roots = None,
            Some(("sslrootcert", file)) => {
                asked.roots = Some(decoded(file).ok_or("sslrootcert is no path")?.into())
            }
            _ => others.push(parameter),
        }
    }
    asked.rest = address[..query].to_owned();
    if !others.is_empty() {
        asked.rest += &format!("?{}", others.join("&"));
    }
    Ok(asked)
}

fn encryption(mode: &str) -> Option<Encryption> {
    match mode {
        "disable" | "allow" | "prefer" => Some(Encryption::Clear),
        "require" | "verify-full" => Some(Encryption::Checked),
        _ => None,
    }
}

/// Each `%XX` is a byte.
fn decoded(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(piece.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_taken_out() {
        let cases = [
            ("postgres://h/d", Encryption::Unsaid, None, "postgres://h/d"),
            ("postgres://h/d?sslmode=disable", Encryption::Clear, None, "postgres://h/d"),
            (
                "postgres://u:p?@h/d?a=b&sslmode=require&c=d",
                Encryption::Checked,
                None,
                "postgres://u:p?@h/d?a=b&c=d",
            ),
            (
                "postgres://h/d?sslrootcert=%2Fa%20b/c.pem&sslmode=verify-full",
                Encryption::Checked,
                Some("/a b/c.pem"),
                "postgres://h/d",
            ),
            ("postgres://h/d?sslrootcert=system", Encryption::Unsaid, None, "postgres://h/d"),
        ];
        for (address, encryption, roots, rest) in cases {
            let expected = Asked { rest: rest.into(), encryption, roots: roots.map(PathBuf::from) };
            assert_eq!(take(address), Ok(expected), "{address}");
        }
        for wrong in ["sslmode=verify-ca", "sslmode=", "sslmode=Require", "sslrootcert=%F", "sslrootcert=%FF"]
        {
            assert!(take(&format!("postgres://h/d?{wrong}")).is_err(), "{wrong}");
        }
    }
}
