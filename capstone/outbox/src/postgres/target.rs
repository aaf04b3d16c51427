//! Which database, and how it is reached; the tables are added from here.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Error, NoTls, Socket};

use super::address::Address;
use super::dial::{self, Dial, Over, Wire};
use super::encryption::Encryption;
use super::failure::{store_error, words};
use super::schema;
#[cfg(feature = "postgres-tls")]
use super::tls::Rustls;
use crate::store::StoreError;
use crate::tables::Tables;

/// How often a migration waits for a lock, and the pause in between, in which whoever waits behind it goes on.
const MIGRATIONS_MAX: u32 = 5;
const MIGRATION_PAUSE: Duration = Duration::from_millis(500);

/// A database and the way to it, before anything is connected.
#[derive(Clone)]
pub struct Target {
    pub(super) address: Address,
    pub(super) dial: Arc<dyn Dial>,
}

impl Target {
    /// A database, as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    ///
    /// Another machine is reached over TLS only, and its certificate must be valid for its name, by the certificates that the
    /// system trusts or those in the file that `?sslrootcert=FILE` or `PGSSLROOTCERT` names. On this machine there is no TLS
    /// unless `?sslmode=verify-full` asks for it. TLS wants the feature `postgres-tls`, or [`with_tls`](Self::with_tls).
    ///
    /// # Errors
    /// The address is not valid, or leads to another machine without TLS; no certificate is trusted.
    pub fn parse(address: &str) -> Result<Self, StoreError> {
        let address = Address::parse(address)?;
        match (&address.encryption, address.is_local()) {
            (Encryption::Unsaid | Encryption::Clear, true) => {
                Ok(Self { address, dial: Arc::new(Over(NoTls)) })
            }
            (Encryption::Checked, _) | (Encryption::Unsaid, false) => Self::over_tls(address),
            (Encryption::Clear, false) => {
                let reason = "another machine is reached over TLS only: write sslmode=verify-full, or go through a \
                              tunnel that ends on this machine";
                Err(StoreError::Unusable { store: address.to_string(), reason: reason.into() })
            }
        }
    }

    #[cfg(feature = "postgres-tls")]
    fn over_tls(mut address: Address) -> Result<Self, StoreError> {
        let tls = Rustls::new(address.roots.as_deref())
            .map_err(|reason| StoreError::Unusable { store: address.to_string(), reason })?;
        address.config.ssl_mode(SslMode::Require);
        Ok(Self { address, dial: Arc::new(Over(tls)) })
    }

    #[cfg(not(feature = "postgres-tls"))]
    fn over_tls(address: Address) -> Result<Self, StoreError> {
        let reason = "this wants TLS: the feature postgres-tls, or a TLS connector for Target::with_tls";
        Err(StoreError::Unusable { store: address.to_string(), reason: reason.into() })
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
        if address.encryption == Encryption::Checked || !address.is_local() {
            // `prefer`, the default, would go on in the clear when the server says no.
            address.config.ssl_mode(SslMode::Require);
        }
        Ok(Self { address, dial: Arc::new(Over(tls)) })
    }

    /// Adds our tables where they are missing, and brings older ones up to date. `true`: there was something to do. Safe to
    /// repeat, also by several at once.
    ///
    /// It waits a second for a lock, since others wait behind it, and tries again a few times.
    ///
    /// # Errors
    /// The database cannot be reached or written, or holds tables of a newer version that does not let this one in, or of an
    /// application that have our names. [`StoreError::Unavailable`] when somebody keeps them locked.
    ///
    /// # Cancel safety
    /// All tables are there afterwards, or none.
    pub async fn migrate(&self) -> Result<bool, StoreError> {
        let mut client = self.client().await?;
        for attempt in 1.. {
            match schema::migrate(&mut client).await {
                Ok(None | Some(Tables::Older(_))) => return Ok(true),
                Ok(Some(found)) => {
                    return found
                        .refusal(schema::VERSION, "")
                        .map_or(Ok(false), |reason| self.unusable(reason));
                }
                Err(error) if error.code() != Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                    return Err(self.not_migrated(&error));
                }
                Err(_) if attempt == MIGRATIONS_MAX => break,
                Err(_) => sleep(MIGRATION_PAUSE.mul_f64(0.5 + fastrand::f64())).await,
            }
        }
        let reason = format!(
            "somebody keeps a lock on the tables: given up after {MIGRATIONS_MAX} times a second. End that transaction, see \
             pg_stat_activity, or come again"
        );
        Err(StoreError::Unavailable { store: self.to_string(), reason })
    }

    /// The version of our tables, 0 if there are none: from where a [script](super::migration) would begin. `None`: there is
    /// nothing to do.
    ///
    /// # Errors
    /// Those of [`migrate`](Self::migrate).
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn outdated(&self) -> Result<Option<usize>, StoreError> {
        let client = self.client().await?;
        match schema::inspect(&client).await.map_err(|error| self.failed(&error))? {
            None => Ok(Some(0)),
            Some(Tables::Older(version)) => Ok(Some(version)),
            Some(found) => {
                found.refusal(schema::VERSION, "").map_or(Ok(None), |reason| self.unusable(reason))
            }
        }
    }

    fn unusable<T>(&self, reason: String) -> Result<T, StoreError> {
        Err(StoreError::Unusable { store: self.to_string(), reason })
    }

    fn not_migrated(&self, error: &Error) -> StoreError {
        if !schema::is_taken(error) {
            return self.failed(error);
        }
        let reason = format!(
            "{}, and is not ours: CREATE SCHEMA for the outbox, and name it with ?options=-csearch_path%3DSCHEMA",
            words(error)
        );
        StoreError::Unusable { store: self.to_string(), reason }
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
