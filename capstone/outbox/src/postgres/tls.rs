//! TLS by rustls, with the roots that the system trusts or those of a file. The server's certificate and its name are
//! always checked: encrypted to whoever answers is not safe.

use std::error::Error;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::{BoxFuture, FutureExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Makes encrypted connections. Cheap to clone.
#[derive(Clone)]
pub(super) struct Rustls(TlsConnector);

impl Rustls {
    /// With the certificates in this file, else with those of the system. What is wrong is told in words.
    pub(super) fn new(file: Option<&Path>) -> Result<Self, String> {
        let roots = match file {
            Some(file) => {
                from_file(file).map_err(|reason| format!("sslrootcert {}: {reason}", file.display()))?
            }
            None => from_system()?,
        };
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }
}

fn from_file(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| error.to_string())? {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() { Err("holds no certificate: write it in PEM".into()) } else { Ok(roots) }
}

fn from_system() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // Some of a system's certificates are often odd: those that cannot be read are not trusted.
    let _ = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(
            "this system trusts no certificate: name a file with sslrootcert=FILE in the address".into()
        );
    }
    Ok(roots)
}

impl MakeTlsConnect<Socket> for Rustls {
    type Stream = Encrypted;
    type TlsConnect = Handshake;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Handshake, InvalidDnsNameError> {
        let name = ServerName::try_from(domain.to_owned())?;
        Ok(Handshake { connector: self.0.clone(), name })
    }
}

/// One connection, before it is encrypted.
pub(super) struct Handshake {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Encrypted;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Encrypted, Self::Error>>;

    fn connect(self, socket: Socket) -> Self::Future {
        async move {
            match self.connector.connect(self.name, socket).await {
                Ok(stream) => Ok(Encrypted(Box::new(stream))),
                // No fault of the network: trying again does not help.
                Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(error.to_string().into()),
                Err(error) => Err(error.into()),
            }
        }
        .boxed()
    }
}

/// An encrypted connection.
pub(super) struct Encrypted(Box<TlsStream<Socket>>);

impl tokio_postgres::tls::TlsStream for Encrypted {
    /// The server's certificate is checked, so the password's exchange need not be bound to it.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
