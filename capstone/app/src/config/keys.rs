//! The table of all settings: what each is called, of which kind it is, and where it is kept.

use std::net::SocketAddr;

use super::bound::{Age, Count, Size};
use super::error::ConfigError;
use super::kind::{ATTEMPTS, BYTES, DURATION, EXHAUSTED, FORMAT, IDS, Kind, LEVEL, OVERFLOW, ROWS};
use super::kind::{given, parsed, secret};
use super::nearest::nearest;
use super::origin::Origin;
#[cfg(feature = "http")]
use super::place::Place;
use super::settings::Settings;
use crate::database::Database;
#[cfg(feature = "wire")]
use crate::server::Token;
#[cfg(not(feature = "http"))]
type Place = SocketAddr;
#[cfg(not(feature = "wire"))]
type Token = String;

/// One setting.
pub(super) struct Key {
    /// `section.name`.
    pub(super) name: &'static str,
    /// Its variable of the environment.
    pub(super) variable: String,
    /// The flag that means the same, if there is one.
    pub(super) flag: Option<&'static str>,
    set: Box<Set>,
    show: Box<Show>,
}

type Set = dyn Fn(&mut Settings, &str) -> Result<(), String>;
type Show = dyn Fn(&Settings) -> String;

impl Key {
    fn new<T: 'static>(name: &'static str, kind: Kind<T>, field: fn(&mut Settings) -> &mut T) -> Self {
        Self {
            name,
            variable: format!("CAPSTONE_{}", name.replace('.', "_").to_uppercase()),
            flag: None,
            set: Box::new(move |settings, text| {
                *field(settings) = (kind.read)(text)?;
                Ok(())
            }),
            show: Box::new(move |settings| (kind.show)(field(&mut settings.clone()))),
        }
    }

    fn variable(mut self, name: &str) -> Self {
        name.clone_into(&mut self.variable);
        self
    }

    fn flag(mut self, flag: &'static str) -> Self {
        self.flag = Some(flag);
        self
    }

    pub(super) fn section(&self) -> &'static str {
        self.name.split('.').next().unwrap_or_default()
    }

    pub(super) fn set(&self, settings: &mut Settings, text: &str) -> Result<(), String> {
        (self.set)(settings, text)
    }

    pub(super) fn show(&self, settings: &Settings) -> String {
        (self.show)(settings)
    }
}

/// All of them, section by section.
pub(super) fn keys() -> Vec<Key> {
    vec![
        Key::new("store.db", given::<Database>(), |s| &mut s.store.db).variable("CAPSTONE_DB").flag("--db"),
        Key::new("store.dedup_window", DURATION, |s| &mut s.store.dedup_window),
        Key::new("store.dedup_ids", IDS, |s| &mut s.store.dedup_ids),
        Key::new("stream.age_max", parsed::<Age>(), |s| &mut s.stream.age_max),
        Key::new("stream.count_max", parsed::<Count>(), |s| &mut s.stream.count_max),
        Key::new("stream.bytes_max", parsed::<Size>(), |s| &mut s.stream.bytes_max),
        Key::new("inbox.keep", parsed::<Age>(), |s| &mut s.upkeep.inbox_keep),
        Key::new("upkeep.every", DURATION, |s| &mut s.upkeep.every),
        Key::new("relay.window_rows", ROWS, |s| &mut s.relay.window_rows),
        Key::new("relay.window_bytes", BYTES, |s| &mut s.relay.window_bytes),
        Key::new("relay.fetch_rows", ROWS, |s| &mut s.relay.fetch_rows),
        Key::new("relay.idle_poll", DURATION, |s| &mut s.relay.idle_poll),
        Key::new("relay.publish_timeout", DURATION, |s| &mut s.relay.publish_timeout),
        Key::new("relay.lease_ttl", DURATION, |s| &mut s.relay.lease_ttl),
        Key::new("relay.lease_renew", DURATION, |s| &mut s.relay.lease_renew),
        Key::new("relay.lease_margin", DURATION, |s| &mut s.relay.lease_margin),
        Key::new("relay.drain_deadline", DURATION, |s| &mut s.relay.drain_deadline),
        Key::new("relay.sink_ca", given::<String>(), |s| &mut s.sink.ca),
        Key::new("retry.attempts_max", ATTEMPTS, |s| &mut s.relay.retry.attempts_max),
        Key::new("retry.base", DURATION, |s| &mut s.relay.retry.base),
        Key::new("retry.cap", DURATION, |s| &mut s.relay.retry.cap),
        Key::new("retry.keyed", EXHAUSTED, |s| &mut s.relay.retry.keyed),
        Key::new("retry.keyless", EXHAUSTED, |s| &mut s.relay.retry.keyless),
        Key::new("nats.credentials", given::<String>(), |s| &mut s.nats.credentials).flag("--nats-creds"),
        Key::new("nats.nkey_file", given::<String>(), |s| &mut s.nats.nkey_file),
        Key::new("nats.user", given::<String>(), |s| &mut s.nats.user),
        Key::new("nats.password", secret::<String>(), |s| &mut s.nats.password),
        Key::new("bus.capacity", ROWS, |s| &mut s.bus.capacity),
        Key::new("bus.overflow", OVERFLOW, |s| &mut s.bus.overflow),
        Key::new("bus.block_timeout", DURATION, |s| &mut s.bus.block_timeout),
        Key::new("bus.request_timeout", DURATION, |s| &mut s.bus.request_timeout),
        Key::new("listen.address", given::<SocketAddr>(), |s| &mut s.listen.address)
            .variable("CAPSTONE_LISTEN")
            .flag("--listen"),
        Key::new("listen.token", secret::<Token>(), |s| &mut s.listen.token)
            .variable("CAPSTONE_TOKEN")
            .flag("--token"),
        Key::new("listen.user", given::<String>(), |s| &mut s.listen.user),
        Key::new("listen.password", secret::<Token>(), |s| &mut s.listen.password),
        Key::new("listen.tls_cert_file", given::<String>(), |s| &mut s.listen.tls.cert),
        Key::new("listen.tls_key_file", given::<String>(), |s| &mut s.listen.tls.key),
        Key::new("listen.tls_ca_file", given::<String>(), |s| &mut s.listen.tls.ca),
        Key::new("listen.tls_timeout", DURATION, |s| &mut s.listen.tls_timeout),
        Key::new("listen.auth_timeout", DURATION, |s| &mut s.listen.auth_timeout),
        Key::new("listen.max_connections", ROWS, |s| &mut s.listen.max_connections),
        Key::new("listen.max_connections_per_ip", parsed::<Count>(), |s| {
            &mut s.listen.max_connections_per_ip
        }),
        Key::new("listen.max_unauthenticated", ROWS, |s| &mut s.listen.max_unauthenticated),
        Key::new("listen.max_subscriptions", parsed::<Count>(), |s| &mut s.listen.max_subscriptions),
        Key::new("listen.max_control_line", BYTES, |s| &mut s.listen.max_control_line),
        Key::new("listen.max_payload", BYTES, |s| &mut s.listen.max_payload),
        Key::new("listen.max_pending", BYTES, |s| &mut s.listen.max_pending),
        Key::new("listen.max_pending_total", BYTES, |s| &mut s.listen.max_pending_total),
        Key::new("listen.write_deadline", DURATION, |s| &mut s.listen.write_deadline),
        Key::new("listen.ping_interval", DURATION, |s| &mut s.listen.ping_interval),
        Key::new("listen.ping_max", ATTEMPTS, |s| &mut s.listen.ping_max),
        Key::new("listen.drain_deadline", DURATION, |s| &mut s.listen.drain_deadline),
        Key::new("http.address", given::<Place>(), |s| &mut s.http.address)
            .variable("CAPSTONE_HTTP")
            .flag("--http"),
        Key::new("http.token", secret::<Token>(), |s| &mut s.http.token),
        Key::new("log.level", LEVEL, |s| &mut s.log.level).variable("CAPSTONE_LOG"),
        Key::new("log.format", FORMAT, |s| &mut s.log.format),
    ]
}

/// What is wrong with a name that no setting has.
pub(super) fn unknown(origin: &Origin, name: &str, keys: &[Key]) -> ConfigError {
    let nearest = nearest(name, keys.iter().map(|key| key.name)).to_owned();
    ConfigError::Unknown { origin: origin.clone(), name: name.to_owned(), nearest }
}
