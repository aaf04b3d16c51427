//! The listener of `serve`, as the settings have it.

use std::net::SocketAddr;

use anyhow::Context;
use capstone_bus::Bus;
use capstone_bus::wire::{ListenError, Listener, ListenerBuilder};

use crate::config::{Listen, TlsFiles};
use crate::server::Token;

/// Descriptors that are for something else than clients: the database, the status page, files.
#[cfg(unix)]
const KEPT: usize = 128;

/// Opens the port. What the system allows of open files is used up to its limit, as nats-server does.
///
/// # Errors
/// The address cannot be listened on, or needs users; a file of theirs or of TLS cannot be used.
///
/// # Cancel safety
/// Dropped, it has opened nothing, or closes it again.
pub async fn open(
    bus: &Bus,
    address: SocketAddr,
    token: Option<&Token>,
    settings: &Listen,
) -> anyhow::Result<Listener> {
    let limits = settings.limits().connections_max(settings.max_connections.min(descriptors()));
    let mut builder = Listener::builder(bus).limits(limits);
    if let Some(token) = token {
        builder = builder.token(token.reveal());
    }
    for user in settings.users()? {
        builder = builder.add_user(user);
    }
    match encrypt(builder, &settings.tls)?.bind(address).await {
        Err(error @ ListenError::Open(_)) => {
            Err(error).context("set CAPSTONE_TOKEN, or name users in capstone.toml")
        }
        listener => listener.with_context(|| address.to_string()),
    }
}

#[cfg(feature = "tls")]
fn encrypt(builder: ListenerBuilder, files: &TlsFiles) -> anyhow::Result<ListenerBuilder> {
    use capstone_bus::wire::Tls;

    let read = |name: &str, path: &str| std::fs::read(path).with_context(|| format!("listen.{name}: {path}"));
    let TlsFiles { cert, key, ca } = files;
    let tls = match (cert, key, ca) {
        (None, None, None) => return Ok(builder),
        (Some(cert), Some(key), ca) => {
            let (cert, key) = (read("tls_cert_file", cert)?, read("tls_key_file", key)?);
            match ca {
                None => Tls::new(&cert, &key),
                Some(ca) => Tls::with_client_authorities(&cert, &key, &read("tls_ca_file", ca)?),
            }
        }
        _ => anyhow::bail!(
            "listen.tls_cert_file and listen.tls_key_file: give both, or none and no tls_ca_file"
        ),
    };
    Ok(builder.tls(tls.context("listen.tls_cert_file, tls_key_file or tls_ca_file")?))
}

#[cfg(not(feature = "tls"))]
fn encrypt(builder: ListenerBuilder, files: &TlsFiles) -> anyhow::Result<ListenerBuilder> {
    anyhow::ensure!(
        *files == TlsFiles::default(),
        "listen.tls_cert_file: this program was built without the feature tls"
    );
    Ok(builder)
}

/// So many clients may have one. The soft limit is for programs that know no other way to wait than `select`.
#[cfg(unix)]
fn descriptors() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where that is not allowed, there are as many as before.
    let _ = setrlimit(Resource::Nofile, limit);
    let all = getrlimit(Resource::Nofile).current.and_then(|all| all.try_into().ok()).unwrap_or(usize::MAX);
    (all - KEPT.min(all / 2)).max(1)
}

#[cfg(not(unix))]
fn descriptors() -> usize {
    usize::MAX
}
