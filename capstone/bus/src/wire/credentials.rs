//! [`User`]: who may come in, and what each may do. Secrets are compared without telling how much of a guess was right.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use subtle::{Choice, ConstantTimeEq};

use super::codec::Connect;
use super::error::ListenError;
use super::permissions::Permissions;
use crate::Pattern;

/// Bytes of a token, a user name or a password.
const BYTES_MAX: usize = 256;

/// A user of a listener: what its clients say in `CONNECT`, and what they may do then, which is everything unless
/// something is said here. The rules are those of nats-server.
///
/// What a user may not do is answered with a `Permissions Violation`, and the connection stays. Who asks something needs
/// the subjects of its replies among those that it may subscribe to, for most clients `_INBOX.>`.
///
/// ```
/// use capstone_bus::wire::{Listener, User};
/// use capstone_bus::{Bus, Pattern};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let shop = User::with_password("shop", "s3cret")
///     .may_publish(["orders.>".parse()?])
///     .may_not_publish(["orders.refunded".parse()?])
///     .may_subscribe(["prices.*".parse()?, "_INBOX.>".parse()?]);
/// let printer = User::with_token("t0ken").may_subscribe(["labels.>".parse()?]).may_respond();
/// let bus = Bus::new();
/// let listener = Listener::builder(&bus).add_user(shop).add_user(printer).bind("127.0.0.1:0").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a listener does not know it until it is added"]
pub struct User {
    shows: Shows,
    permissions: Permissions,
}

/// What a client shows.
#[derive(Clone, Debug)]
enum Shows {
    Token(Option<Secret>),
    Password { name: Box<str>, password: Option<Secret> },
}

/// All users of a listener.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    by_name: HashMap<Box<str>, (Secret, Arc<Permissions>)>,
    by_token: Vec<(Secret, Arc<Permissions>)>,
}

/// A text that is compared in a time that depends neither on it nor on the guess. Not shown by `Debug`.
#[derive(Clone)]
pub(super) struct Secret {
    /// Padded with zeros, so that all comparisons are equally long.
    bytes: Box<[u8; BYTES_MAX]>,
    length: u64,
}

impl User {
    /// Whoever knows this name and password. Each has 1 to 256 bytes, or the listener is not opened.
    pub fn with_password(name: &str, password: &str) -> Self {
        let password = Secret::new(password).filter(|_| Secret::new(name).is_some());
        Self::new(Shows::Password { name: name.into(), password })
    }

    /// Whoever knows this token, of 1 to 256 bytes.
    pub fn with_token(token: &str) -> Self {
        Self::new(Shows::Token(Secret::new(token)))
    }

    fn new(shows: Shows) -> Self {
        Self { shows, permissions: Permissions::default() }
    }

    /// Only to what these match, and to what other calls name. Without any pattern: to nothing.
    pub fn may_publish(mut self, patterns: impl IntoIterator<Item = Pattern>) -> Self {
        self.permissions.publish.allow.get_or_insert_default().extend(patterns);
        self
    }

    /// Not to what these match, whatever else is said.
    pub fn may_not_publish(mut self, patterns: impl IntoIterator<Item = Pattern>) -> Self {
        self.permissions.publish.deny.extend(patterns);
        self
    }

    /// Only to patterns that lie within one of these, and of those that other calls name.
    pub fn may_subscribe(mut self, patterns: impl IntoIterator<Item = Pattern>) -> Self {
        self.permissions.subscribe.allow.get_or_insert_default().extend(patterns);
        self
    }

    /// Not to patterns that lie within one of these. A wider subscription does not get what they match.
    pub fn may_not_subscribe(mut self, patterns: impl IntoIterator<Item = Pattern>) -> Self {
        self.permissions.subscribe.deny.extend(patterns);
        self
    }

    /// To where a reply goes to a message that it has got: once, within 2 minutes. Then it may publish nothing else,
    /// unless that is [said](Self::may_publish).
    pub fn may_respond(mut self) -> Self {
        self.permissions.responds = true;
        self.permissions.publish.allow.get_or_insert_default();
        self
    }
}

impl Credentials {
    /// # Errors
    ///
    /// A secret or a name is too short or too long, or two users show the same.
    pub(super) fn new(users: Vec<User>) -> Result<Self, ListenError> {
        let mut credentials = Self::default();
        let mut tokens = HashSet::new();
        for User { shows, permissions } in users {
            let permissions = Arc::new(permissions);
            match shows {
                Shows::Token(token) => {
                    let token = token.ok_or(ListenError::Credentials)?;
                    if !tokens.insert((token.bytes.clone(), token.length)) {
                        return Err(ListenError::SameToken);
                    }
                    credentials.by_token.push((token, permissions));
                }
                Shows::Password { name, password } => {
                    let password = password.ok_or(ListenError::Credentials)?;
                    let before = credentials.by_name.insert(name.clone(), (password, permissions));
                    if before.is_some() {
                        return Err(ListenError::SameName(name.into()));
                    }
                }
            }
        }
        Ok(credentials)
    }

    /// What the client may do, if it is a user.
    pub(super) fn admit(&self, connect: &Connect) -> Option<&Arc<Permissions>> {
        self.by_password(connect).or_else(|| self.by_token(connect))
    }

    fn by_password(&self, connect: &Connect) -> Option<&Arc<Permissions>> {
        let (user, password) = connect.user.as_deref().zip(connect.pass.as_deref())?;
        let found = self.by_name.get(user);
        // Which of the two is wrong must not be heard: without a user of this name some password is compared as well.
        let (secret, _) = found.or_else(|| self.by_name.values().next())?;
        let is_right = bool::from(secret.is(password));
        found.filter(|_| is_right).map(|(_, permissions)| permissions)
    }

    /// Compares with all of them, whichever it is.
    fn by_token(&self, connect: &Connect) -> Option<&Arc<Permissions>> {
        let guess = connect.auth_token.as_deref()?;
        let mut found = None;
        for (token, permissions) in &self.by_token {
            if token.is(guess).into() {
                found = Some(permissions);
            }
        }
        found
    }
}

impl Secret {
    /// None if the text is empty or longer than 256 bytes.
    fn new(text: &str) -> Option<Self> {
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
    fn each_user_is_known_by_what_it_shows_and_by_nothing_else() {
        let may = |user: User, pattern: &str| user.may_publish([pattern.parse().expect("a pattern")]);
        let users = [
            may(User::with_password("u", "p"), "a"),
            may(User::with_password("v", "q"), "b"),
            may(User::with_token("t"), "c"),
            may(User::with_token("s"), "d"),
        ];
        let credentials = Credentials::new(users.into()).expect("four of them");
        let admit = |json: &str| {
            let admitted = credentials.admit(&Connect::parse(json.as_bytes()).expect("JSON"))?;
            Some(admitted.publish.allow.as_ref()?[0].to_string())
        };
        for (json, may) in [
            (r#"{"user":"u","pass":"p"}"#, "a"),
            (r#"{"user":"v","pass":"q","auth_token":"t"}"#, "b"),
            (r#"{"auth_token":"t","user":"x","pass":"y"}"#, "c"),
            (r#"{"auth_token":"s"}"#, "d"),
        ] {
            assert_eq!(admit(json).as_deref(), Some(may), "{json}");
        }
        for wrong in [
            "{}",
            r#"{"user":"u"}"#,
            r#"{"pass":"p"}"#,
            r#"{"user":"u","pass":"q"}"#,
            r#"{"user":"p","pass":"u"}"#,
            r#"{"user":"t"}"#,
            r#"{"user":"t","pass":"t"}"#,
            r#"{"auth_token":"p"}"#,
            r#"{"auth_token":""}"#,
        ] {
            assert_eq!(admit(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn users_are_told_apart_and_no_error_has_a_secret() {
        let refused = |users: Vec<User>| Credentials::new(users).expect_err("not these").to_string();
        let twice = |user: User| vec![user.clone(), user];
        assert!(refused(twice(User::with_password("shop", "s3cret"))).contains("shop"));
        assert!(!refused(twice(User::with_token("s3cret"))).contains("s3cret"));
        for user in
            [User::with_password("", "p"), User::with_password("u", ""), User::with_token(&"x".repeat(257))]
        {
            assert!(refused(vec![user]).contains("1 to 256 bytes"));
        }
        assert!(!format!("{:?}", User::with_password("shop", "s3cret")).contains("s3cret"));
    }
}
