//! [`Tls`]: encrypted connections, by rustls.
//!
//! As in nats-server a connection begins with an `INFO` in the clear, which says that TLS is required, and the handshake
//! follows. Clients do so by themselves, also those that were told `nats://`; with `tls://` they accept nothing else.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

use super::codec::encode::{self, Info};

/// What a listener shows to prove who it is, and whether its clients must prove it as well.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    verifies_clients: bool,
}

/// The certificates or the key cannot be used. No text holds a part of the key.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{what}: {reason}")]
pub struct TlsError {
    what: &'static str,
    reason: String,
}

impl Tls {
    /// With this chain of certificates, the listener's own first, and its key, both in PEM.
    ///
    /// # Errors
    ///
    /// One of them cannot be read, or they do not belong together.
    pub fn new(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        Self::build(certificates, key, None)
    }

    /// As [`new`](Self::new); and clients must show a certificate that one of these authorities, in PEM, vouches for.
    ///
    /// # Errors
    ///
    /// One of them cannot be read, or certificates and key do not belong together.
    pub fn with_client_authorities(
        certificates: &[u8],
        key: &[u8],
        authorities: &[u8],
    ) -> Result<Self, TlsError> {
        Self::build(certificates, key, Some(authorities))
    }

    fn build(certificates: &[u8], key: &[u8], authorities: Option<&[u8]>) -> Result<Self, TlsError> {
        let chain = read("certificates", certificates)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(fault("key"))?;
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(fault("protocol"))?;
        let config = match authorities {
            None => config.with_no_client_auth(),
            Some(authorities) => {
                const WHAT: &str = "authorities of clients";
                let mut roots = RootCertStore::empty();
                for authority in read(WHAT, authorities)? {
                    roots.add(authority).map_err(fault(WHAT))?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                config.with_client_cert_verifier(verifier.build().map_err(fault(WHAT))?)
            }
        };
        let config = config.with_single_cert(chain, key).map_err(fault("certificates and key"))?;
        Ok(Self { acceptor: Arc::new(config).into(), verifies_clients: authorities.is_some() })
    }

    /// Whether nobody comes in without a certificate.
    pub(super) fn verifies_clients(&self) -> bool {
        self.verifies_clients
    }

    /// Greets, and encrypts what follows.
    ///
    /// Cancel safe in that the connection ends.
    pub(super) async fn accept(
        &self,
        info: &Info,
        mut socket: TcpStream,
    ) -> io::Result<TlsStream<TcpStream>> {
        let mut greeting = Vec::new();
        encode::info(&mut greeting, info);
        socket.write_all(&greeting).await?;
        self.acceptor.accept(socket).await
    }
}

fn read(what: &'static str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates.map_err(fault(what))?;
    if certificates.is_empty() {
        return Err(TlsError { what, reason: "there is none: write it in PEM".into() });
    }
    Ok(certificates)
}

fn fault<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> TlsError {
    move |error| TlsError { what, reason: error.to_string() }
}

/// Without the key.
impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("verifies_clients", &self.verifies_clients).finish_non_exhaustive()
    }
}
