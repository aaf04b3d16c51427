//! Which database, and how it is reached; the tables are added from here.

use std::fmt;
use std::sync::Arc;

use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Error, NoTls, Socket};

use super::address::Address;
use super::dial::{self, Dial, Over, Wire};
use super::failure::store_error;
use super::schema::{self, Found};
use crate::store::StoreError;

/// A database and the way to it, before anything is connected.
#[derive(Clone)]
pub struct Target {
    pub(super) address: Address,
    pub(super) dial: Arc<dyn Dial>,
}

impl Target {
    /// A database on this machine, as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    ///
    /// # Errors
    /// The address is not valid, or leads to another machine: that wants [`with_tls`](Self::with_tls).
    pub fn parse(address: &str) -> Result<Self, StoreError> {
        let address = Address::parse(address)?;
        if !address.is_local() {
            let reason = "another machine is reached over TLS only: give a TLS connector to Target::with_tls, or go \
                          through a tunnel that ends on this machine";
            return Err(StoreError::Unusable { store: address.to_string(), reason: reason.into() });
        }
        Ok(Self { address, dial: Arc::new(Over(NoTls)) })
    }

    /// A database over TLS, by whatever library made the connector.
    ///
    /// # Errors
    /// The address is not valid.
    pub fn with_tls<T>(address: &str, tls: T) -> Result<Self, StoreError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + 'static,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let mut address = Address::parse(address)?;
        if !address.is_local() {
            // `prefer`, the default, would go on in the clear when the server says no.
            address.config.ssl_mode(tokio_postgres::config::SslMode::Require);
        }
        Ok(Self { address, dial: Arc::new(Over(tls)) })
    }

    /// Adds our tables where they are missing, and brings older ones up to date. `true`: there was something to do. Safe to
    /// repeat, also by several at once.
    ///
    /// # Errors
    /// The database cannot be reached or written, or holds tables of a newer version.
    ///
    /// # Cancel safety
    /// All tables are there afterwards, or none.
    pub async fn migrate(&self) -> Result<bool, StoreError> {
        let mut client = self.client().await?;
        match schema::migrate(&mut client).await.map_err(|error| self.failed(&error))? {
            Found::Nothing | Found::Older(_) => Ok(true),
            Found::Current => Ok(false),
            Found::Unknown(version) => Err(self.unknown_version(&version)),
        }
    }

    /// The same database, with settings for each session.
    pub(super) fn with_settings(&self, settings: &[(&str, &str)]) -> Self {
        Self { address: self.address.with_settings(settings), dial: Arc::clone(&self.dial) }
    }

    pub(super) async fn dial(&self) -> Result<(Client, Wire), StoreError> {
        self.dial.dial(self.address.config.clone()).await.map_err(|error| self.failed(&error))
    }

    /// A connection for whoever has none yet. It ends with the client.
    ///
    /// # Errors
    /// The database cannot be reached, or does not let us in.
    ///
    /// # Cancel safety
    /// Dropped, it has connected to nothing.
    pub async fn client(&self) -> Result<Client, StoreError> {
        let (client, wire) = self.dial().await?;
        tokio::spawn(dial::drain(wire));
        Ok(client)
    }

    pub(super) fn failed(&self, error: &Error) -> StoreError {
        store_error(&self.address, error)
    }

    pub(super) fn silent(&self) -> StoreError {
        StoreError::Unavailable { store: self.to_string(), reason: "the server does not answer".into() }
    }

    pub(super) fn gone(&self) -> StoreError {
        StoreError::Unavailable { store: self.to_string(), reason: "the connection is closed".into() }
    }

    pub(super) fn unknown_version(&self, version: &str) -> StoreError {
        let reason =
            format!("its tables have version {version}, this program knows version {}", schema::VERSION);
        StoreError::Unusable { store: self.to_string(), reason }
    }
}

/// Without user and password.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.address).finish()
    }
}
