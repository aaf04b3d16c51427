//! `users` of `[listen]`: who may come in, and what each may do. The names are those of nats-server's configuration.

use std::ops::Range;
use std::path::PathBuf;

use capstone_bus::Pattern;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::kind::Secret;
use super::nearest::nearest;
use super::origin::Origin;

/// Users are no text, and so no setting like the others.
pub(super) const USERS: &str = "listen.users";

/// Bytes of a name, a password or a token.
const BYTES_MAX: usize = 256;

/// A user of the listener.
#[derive(Clone, Debug, PartialEq)]
pub struct UserSettings {
    pub(super) shows: Shows,
    pub(super) publish: Subjects,
    pub(super) subscribe: Subjects,
    pub(super) allow_responses: bool,
}

/// What the user's clients show.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shows {
    Password { user: String, password: Source },
    Token(Source),
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    Here(Secret),
    File(PathBuf),
}

/// Which subjects are meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Subjects {
    /// Only these; all without.
    pub(super) allow: Option<Vec<Pattern>>,
    pub(super) deny: Vec<Pattern>,
}

impl UserSettings {
    /// The user's name; whoever shows a token has none.
    pub(super) fn name(&self) -> &str {
        match &self.shows {
            Shows::Password { user, .. } => user,
            Shows::Token(_) => "(token)",
        }
    }
}

type Value<'a> = Spanned<DeValue<'a>>;

/// Says where something stands that is wrong.
pub(super) struct Reader<'a> {
    pub(super) origin: &'a dyn Fn(&Range<usize>) -> Origin,
}

impl Reader<'_> {
    pub(super) fn users(&self, value: &Value<'_>) -> Result<Vec<UserSettings>, ConfigError> {
        let DeValue::Array(users) = value.get_ref() else {
            return Err(self.fault(value, "listen.users", "write [[listen.users]] above each user"));
        };
        users.iter().map(|user| self.user(user)).collect()
    }

    fn user(&self, value: &Value<'_>) -> Result<UserSettings, ConfigError> {
        let mut user = None;
        let (mut password, mut token) = (None, None);
        let mut settings = UserSettings {
            shows: Shows::Token(Source::File(PathBuf::new())),
            publish: Subjects::default(),
            subscribe: Subjects::default(),
            allow_responses: false,
        };
        const NAMES: [&str; 6] = ["user", "password", "password_file", "token", "token_file", "permissions"];
        for (name, value) in self.table(value, "listen.users")? {
            match name.get_ref().as_ref() {
                "user" => user = Some(self.secret(value, "listen.users.user")?),
                "password" => {
                    password = Some(Source::Here(Secret::new(self.secret(value, "listen.users.password")?)))
                }
                "password_file" => {
                    password = Some(Source::File(self.text(value, "listen.users.password_file")?.into()))
                }
                "token" => token = Some(Source::Here(Secret::new(self.secret(value, "listen.users.token")?))),
                "token_file" => {
                    token = Some(Source::File(self.text(value, "listen.users.token_file")?.into()))
                }
                "permissions" => self.permissions(value, &mut settings)?,
                _ => return Err(self.unknown("listen.users", name, &NAMES)),
            }
        }
        settings.shows = match (user, password, token) {
            (Some(user), Some(password), None) => Shows::Password { user: user.to_owned(), password },
            (None, None, Some(token)) => Shows::Token(token),
            _ => {
                let reason = "write a user with a password or password_file, or a token or token_file";
                return Err(self.fault(value, "listen.users", reason));
            }
        };
        Ok(settings)
    }

    fn permissions(&self, value: &Value<'_>, settings: &mut UserSettings) -> Result<(), ConfigError> {
        const NAME: &str = "listen.users.permissions";
        for (name, value) in self.table(value, NAME)? {
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("publish", _) => settings.publish = self.subjects(value)?,
                ("subscribe", _) => settings.subscribe = self.subjects(value)?,
                ("allow_responses", DeValue::Boolean(allow)) => settings.allow_responses = *allow,
                ("allow_responses", _) => {
                    return Err(self.fault(value, NAME, "allow_responses: write true or false"));
                }
                _ => return Err(self.unknown(NAME, name, &["publish", "subscribe", "allow_responses"])),
            }
        }
        Ok(())
    }

    /// A list is what is allowed, as in nats-server.
    fn subjects(&self, value: &Value<'_>) -> Result<Subjects, ConfigError> {
        let DeValue::Table(table) = value.get_ref() else {
            return Ok(Subjects { allow: Some(self.patterns(value)?), deny: Vec::new() });
        };
        let mut subjects = Subjects::default();
        for (name, value) in table {
            match name.get_ref().as_ref() {
                "allow" => subjects.allow = Some(self.patterns(value)?),
                "deny" => subjects.deny = self.patterns(value)?,
                _ => return Err(self.unknown("listen.users.permissions", name, &["allow", "deny"])),
            }
        }
        Ok(subjects)
    }

    fn patterns(&self, value: &Value<'_>) -> Result<Vec<Pattern>, ConfigError> {
        match value.get_ref() {
            DeValue::Array(values) => values.iter().map(|value| self.pattern(value)).collect(),
            _ => Ok(vec![self.pattern(value)?]),
        }
    }

    fn pattern(&self, value: &Value<'_>) -> Result<Pattern, ConfigError> {
        const NAME: &str = "listen.users.permissions";
        let text = self.text(value, NAME)?;
        Pattern::new(text).map_err(|error| self.fault(value, NAME, &error.to_string()))
    }

    fn table<'v, 'd>(
        &self,
        value: &'v Value<'d>,
        name: &'static str,
    ) -> Result<&'v DeTable<'d>, ConfigError> {
        value.get_ref().as_table().ok_or_else(|| self.fault(value, name, "write a table"))
    }

    /// What it is not is not repeated: it may be a secret of the wrong kind.
    fn text<'v>(&self, value: &'v Value<'_>, name: &'static str) -> Result<&'v str, ConfigError> {
        value.get_ref().as_str().ok_or_else(|| self.fault(value, name, "write a text"))
    }

    fn secret<'v>(&self, value: &'v Value<'_>, name: &'static str) -> Result<&'v str, ConfigError> {
        let text = self.text(value, name)?;
        match text.len() {
            1..=BYTES_MAX => Ok(text),
            _ => Err(self.fault(value, name, "write 1 to 256 bytes")),
        }
    }

    fn fault(&self, value: &Value<'_>, name: &'static str, reason: &str) -> ConfigError {
        ConfigError::Value { origin: (self.origin)(&value.span()), name, reason: reason.to_owned() }
    }

    fn unknown(&self, within: &str, name: &Spanned<impl AsRef<str>>, names: &[&str]) -> ConfigError {
        let nearest = nearest(name.get_ref().as_ref(), names.iter().copied());
        ConfigError::Unknown {
            origin: (self.origin)(&name.span()),
            name: format!("{within}.{}", name.get_ref().as_ref()),
            nearest: format!("{within}.{nearest}"),
        }
    }
}
