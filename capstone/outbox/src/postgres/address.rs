//! Where a database is: parsed once, shown without its password.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, TargetSessionAttrs};

use super::encryption::{self, Encryption};
use crate::store::StoreError;

/// A database by its address. Neither `Display` nor `Debug` shows the user or the password.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) encryption: Encryption,
    /// A file of certificates; without it, those that the system trusts.
    #[cfg_attr(
        not(feature = "postgres-tls"),
        expect(dead_code, reason = "a connector that is given has its own")
    )]
    pub(super) roots: Option<PathBuf>,
    shown: String,
}

impl Address {
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. Without a password in it, that of `PGPASSWORD`; without a
    /// `sslrootcert`, that of `PGSSLROOTCERT`.
    pub(super) fn parse(address: &str) -> Result<Self, StoreError> {
        // What is wrong is not told in the parser's words: they may repeat a part of a password.
        let invalid = || {
            StoreError::Unusable {
            store: "postgres".into(),
            reason: "the address is not valid: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, special characters as %XX"
                .into(),
        }
        };
        if !address.starts_with("postgres://") && !address.starts_with("postgresql://") {
            return Err(invalid());
        }
        let asked = encryption::take(address)
            .map_err(|reason| StoreError::Unusable { store: "postgres".into(), reason: reason.into() })?;
        let mut config: Config = asked.rest.parse().map_err(|_| invalid())?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host("localhost");
        }
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        if config.get_application_name().is_none() {
            config.application_name("capstone-outbox");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        // A replica is behind and cannot be written. A peer that is gone without a word is noticed within seconds.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        config.keepalives_idle(Duration::from_secs(10)).tcp_user_timeout(Duration::from_secs(10));
        let shown = shown(&config);
        let roots = asked.roots.or_else(|| std::env::var_os("PGSSLROOTCERT").map(PathBuf::from));
        Ok(Self { config, encryption: asked.encryption, roots, shown })
    }

    /// The same database, with settings for each session: pairs of name and value.
    pub(super) fn with_settings(&self, settings: &[(&str, &str)]) -> Self {
        let mut config = self.config.clone();
        let mut options = config.get_options().unwrap_or_default().to_owned();
        for (name, value) in settings {
            options += &format!(" -c {name}={value}");
        }
        config.options(options.trim_start());
        Self { config, ..self.clone() }
    }

    /// Every way to it stays on this machine.
    pub(super) fn is_local(&self) -> bool {
        let hosts = self.config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()),
            #[cfg(unix)]
            Host::Unix(_) => true,
        });
        hosts && self.config.get_hostaddrs().iter().all(IpAddr::is_loopback)
    }
}

/// All hosts, each with its port: which of them answered is not known.
fn shown(config: &Config) -> String {
    let mut hosts: Vec<String> = config.get_hosts().iter().map(name).collect();
    if hosts.is_empty() {
        hosts = config.get_hostaddrs().iter().map(ToString::to_string).collect();
    }
    let ports = config.get_ports();
    // One port is for all of them.
    let port =
        |place: usize| ports.get(place).or(ports.first()).map(|port| format!(":{port}")).unwrap_or_default();
    let places: Vec<String> =
        hosts.iter().enumerate().map(|(place, host)| format!("{host}{}", port(place))).collect();
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("postgres://{}/{database}", places.join(","))
}

fn name(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_user_and_password() {
        let address = Address::parse("postgres://anna:s3cret@db.example:5433/shop").unwrap();
        assert_eq!(address.to_string(), "postgres://db.example:5433/shop");
        assert_eq!(format!("{address:?}"), "postgres://db.example:5433/shop");
    }

    #[test]
    fn all_hosts_of_an_address_are_shown() {
        let cases = [
            ("postgres://anna:s3cret@a:5433,b:5434/shop", "postgres://a:5433,b:5434/shop"),
            ("postgres:///shop?host=a&host=b&port=5433", "postgres://a:5433,b:5433/shop"),
            ("postgres://anna@a/shop?hostaddr=10.0.0.1", "postgres://a:5432/shop"),
        ];
        for (address, expected) in cases {
            assert_eq!(Address::parse(address).unwrap().to_string(), expected, "{address}");
        }
    }

    #[test]
    fn a_bad_address_is_an_error_without_its_words() {
        for bad in [
            "host=h password=s3cret",
            "mysql://s3cret@h",
            "postgres://a:s3cret@h:x/d",
            "postgres://h/d?s3cret=x",
            "postgres://a:s3cret%FF@h/d?port=x",
        ] {
            let error = Address::parse(bad).unwrap_err().to_string();
            assert!(error.starts_with("postgres: the address is not valid: "), "{error}");
            assert!(!error.contains("s3c"), "{error}");
        }
    }

    #[test]
    fn only_this_machine_is_local() {
        let is_local = |address: &str| Address::parse(address).unwrap().is_local();
        assert!(
            is_local("postgres://localhost/d")
                && is_local("postgres://127.0.0.9:1/d")
                && is_local("postgres:///d")
        );
        assert!(is_local("postgres://[::1]/d") && is_local("postgres://%2Frun%2Fpostgresql/d"));
        assert!(!is_local("postgres://db.example/d") && !is_local("postgres://localhost,10.0.0.1/d"));
        assert!(!is_local("postgres://localhost/d?hostaddr=10.0.0.1"));
    }

    #[test]
    fn settings_stand_behind_the_callers_own() {
        let address = Address::parse("postgres://localhost/d?options=-c%20search_path%3Dours").unwrap();
        let config = address.with_settings(&[("jit", "off")]).config;
        assert_eq!(config.get_options(), Some("-c search_path=ours -c jit=off"));
    }
}
