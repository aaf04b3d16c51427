//! [`Credentials`]: what a client must know, compared without telling how much of a guess was right.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};

use super::codec::Connect;

/// Bytes of a token, a user name or a password.
const BYTES_MAX: usize = 256;

/// What clients must say in `CONNECT`.
#[derive(Debug)]
pub(super) enum Credentials {
    Token(Secret),
    User { name: Secret, password: Secret },
}

/// A text that is compared in a time that depends neither on it nor on the guess. Not shown by `Debug`.
pub(super) struct Secret {
    /// Padded with zeros, so that all comparisons are equally long.
    bytes: Box<[u8; BYTES_MAX]>,
    length: u64,
}

impl Credentials {
    pub(super) fn allow(&self, connect: &Connect) -> bool {
        let is = |secret: &Secret, given: &Option<String>| secret.is(given.as_deref().unwrap_or_default());
        match self {
            Self::Token(token) => is(token, &connect.auth_token).into(),
            // Both are always compared: which one is wrong must not be heard.
            Self::User { name, password } => (is(name, &connect.user) & is(password, &connect.pass)).into(),
        }
    }
}

impl Secret {
    /// None if the text is empty or longer than 256 bytes.
    pub(super) fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::padded(text))?
    }

    fn padded(text: &str) -> Option<Self> {
        let mut bytes = Box::new([0; BYTES_MAX]);
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length: text.len() as u64 })
    }

    fn is(&self, guess: &str) -> Choice {
        // A guess that is too long is compared all the same, with something that it cannot be.
        let guess = Self::padded(guess).unwrap_or(Self { bytes: Box::new([0; BYTES_MAX]), length: u64::MAX });
        self.bytes[..].ct_eq(&guess.bytes[..]) & self.length.ct_eq(&guess.length)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_same_text_is_right() {
        let secret = Secret::new("s3cret").expect("a secret");
        assert!(bool::from(secret.is("s3cret")));
        for wrong in ["", "s3cre", "s3cret ", "s3cret\0", "S3cret", &"s3cret".repeat(100)] {
            assert!(!bool::from(secret.is(wrong)), "{wrong:?}");
        }
        assert!(Secret::new("").is_none() && Secret::new(&"x".repeat(257)).is_none());
        assert!(Secret::new(&"x".repeat(256)).is_some());
        assert_eq!(format!("{secret:?}"), "Secret");
    }

    #[test]
    fn a_user_needs_both_and_a_token_only_itself() {
        let connect = |json: &str| Connect::parse(json.as_bytes()).expect("JSON");
        let secret = |text| Secret::new(text).expect("a secret");
        let user = Credentials::User { name: secret("u"), password: secret("p") };
        assert!(user.allow(&connect(r#"{"user":"u","pass":"p"}"#)));
        for wrong in ["{}", r#"{"user":"u"}"#, r#"{"user":"p","pass":"u"}"#, r#"{"auth_token":"p"}"#] {
            assert!(!user.allow(&connect(wrong)), "{wrong}");
        }
        let token = Credentials::Token(secret("t"));
        assert!(token.allow(&connect(r#"{"auth_token":"t","user":"x"}"#)));
        assert!(!token.allow(&connect(r#"{"user":"t"}"#)));
    }
}
