//! `[listen]`: the listener for NATS clients.

use std::time::Duration;

#[cfg(feature = "wire")]
use anyhow::{Context, ensure};
#[cfg(feature = "wire")]
use capstone_bus::wire::{Limits, User};

use super::bound::Count;
use super::kind::Secret;
use super::users::UserSettings;
#[cfg(feature = "wire")]
use super::users::{Shows, Source};

/// See the module. The names are those of nats-server's configuration, where it has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Listen {
    pub(super) address: Option<String>,
    pub(super) token: Option<Secret>,
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) users: Vec<UserSettings>,
    /// What the listener shows, and with whose certificates its clients come in.
    pub tls: TlsFiles,
    pub(super) max_control_line: usize,
    pub(super) max_payload: usize,
    pub(crate) max_connections: usize,
    pub(super) max_connections_per_ip: Count,
    pub(super) max_unauthenticated: usize,
    pub(super) max_subscriptions: Count,
    pub(super) max_pending: usize,
    pub(super) max_pending_total: usize,
    pub(super) write_deadline: Duration,
    pub(super) auth_timeout: Duration,
    pub(super) tls_timeout: Duration,
    pub(super) ping_interval: Duration,
    pub(super) ping_max: u32,
    pub(super) drain_deadline: Duration,
}

/// Files in PEM.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TlsFiles {
    /// The listener's chain of certificates.
    pub cert: Option<String>,
    /// Its key.
    pub key: Option<String>,
    /// The authorities of its clients, who must show a certificate then.
    pub ca: Option<String>,
}

impl Default for Listen {
    fn default() -> Self {
        let (two_seconds, ten_seconds) = (Duration::from_secs(2), Duration::from_secs(10));
        Self {
            address: None,
            token: None,
            user: None,
            password: None,
            users: Vec::new(),
            tls: TlsFiles::default(),
            max_control_line: 4 << 10,
            max_payload: 1 << 20,
            max_connections: 64 << 10,
            max_connections_per_ip: Count(None),
            max_unauthenticated: 8 << 10,
            max_subscriptions: Count(None),
            max_pending: 64 << 20,
            max_pending_total: 512 << 20,
            write_deadline: ten_seconds,
            auth_timeout: two_seconds,
            tls_timeout: two_seconds,
            ping_interval: Duration::from_secs(120),
            ping_max: 2,
            drain_deadline: ten_seconds,
        }
    }
}

#[cfg(feature = "wire")]
impl Listen {
    /// What a client may cost.
    pub fn limits(&self) -> Limits {
        let bound = |count: Count| count.0.and_then(|count| count.try_into().ok()).unwrap_or(usize::MAX);
        Limits::default()
            .control_line_max(self.max_control_line)
            .payload_max(self.max_payload)
            .connections_max(self.max_connections)
            .connections_per_ip_max(bound(self.max_connections_per_ip))
            .unauthenticated_max(self.max_unauthenticated)
            .subscriptions_max(bound(self.max_subscriptions))
            .pending_max(self.max_pending)
            .pending_total_max(self.max_pending_total)
            .write_within(self.write_deadline)
            .authenticate_within(self.auth_timeout)
            .handshake_within(self.tls_timeout)
            .ping_every(self.ping_interval)
            .pings_missed_max(self.ping_max)
            .drain_within(self.drain_deadline)
    }

    /// Who may come in. Nobody named is everybody.
    ///
    /// # Errors
    /// A name without a password, or the other way round; a file with a secret cannot be read.
    pub fn users(&self) -> anyhow::Result<Vec<User>> {
        let both = self.user.is_some() == self.password.is_some();
        ensure!(both, "listen.user and listen.password: give both, or none");
        let one = self.user.as_deref().zip(self.password.as_ref());
        let one = one.map(|(user, password)| Ok(User::with_password(user, password.reveal())));
        one.into_iter().chain(self.users.iter().map(UserSettings::user)).collect()
    }
}

#[cfg(feature = "wire")]
impl UserSettings {
    fn user(&self) -> anyhow::Result<User> {
        let mut user = match &self.shows {
            Shows::Password { user, password } => User::with_password(user, &password.read()?),
            Shows::Token(token) => User::with_token(&token.read()?),
        };
        if let Some(allow) = &self.publish.allow {
            user = user.may_publish(allow.iter().cloned());
        }
        if let Some(allow) = &self.subscribe.allow {
            user = user.may_subscribe(allow.iter().cloned());
        }
        if self.allow_responses {
            user = user.may_respond();
        }
        Ok(user.may_not_publish(self.publish.deny.clone()).may_not_subscribe(self.subscribe.deny.clone()))
    }
}

#[cfg(feature = "wire")]
impl Source {
    /// The first line of a file: editors end it with a line break.
    fn read(&self) -> anyhow::Result<String> {
        match self {
            Self::Here(secret) => Ok(secret.reveal().to_owned()),
            Self::File(path) => {
                let text = std::fs::read_to_string(path);
                let text = text.with_context(|| format!("listen.users: {}", path.display()))?;
                let line = text.lines().next().unwrap_or_default();
                let fits = (1..=256).contains(&line.len());
                ensure!(fits, "listen.users: {}: its first line has to have 1 to 256 bytes", path.display());
                Ok(line.to_owned())
            }
        }
    }
}

#[cfg(all(test, feature = "wire"))]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_library() {
        assert_eq!(Listen::default().limits(), Limits::default());
    }
}
