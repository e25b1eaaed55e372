//! TLS 1.2 and 1.3 by rustls, with a certificate and a key in PEM files.
//!
//! Deliberately absent: getting certificates, and taking new ones while the server runs.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};

use super::opened::{Opened, Version};
use super::socket::Socket;
use crate::config::TlsFiles;

/// An encrypted connection.
pub type Stream<S = TcpStream> = tokio_rustls::server::TlsStream<S>;

/// The first byte of every connection that begins TLS (RFC 8446, section 5.1: a record of the type handshake).
const HANDSHAKE: u8 = 22;

/// Bytes of a request that are thrown away so that the answer to it arrives.
const DISCARD: u64 = 64 * 1024;

/// What those get who speak plain HTTP to us.
const SPEAK_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 26\r\n\
    Connection: close\r\n\r\nthis address speaks https\n";

/// Why TLS cannot be spoken, in words for whoever started the server.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read the {what} in {}", file.display())]
    Unreadable {
        /// Certificate or key.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file has nothing of what it is for.
    #[error("there is no {what} in {}: a PEM file with -----BEGIN {label}----- is expected", file.display())]
    Missing {
        /// Certificate or key.
        what: &'static str,
        /// How it is announced in PEM.
        label: &'static str,
        /// The file.
        file: PathBuf,
    },
    /// A file is damaged.
    #[error("the {what} in {} is not valid: {why}", file.display())]
    Invalid {
        /// Certificate or key.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The two files do not belong together.
    #[error("the key in {} does not belong to the certificate in {}", key.display(), cert.display())]
    Strangers {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
}

/// Reads the files. HTTP/2 is offered first.
///
/// # Errors
/// [`TlsError`], which names the file.
pub fn load(files: &TlsFiles) -> Result<TlsAcceptor, TlsError> {
    load_for(files, None)
}

/// Reads the files. With `authority`, a PEM file, only clients are served that show a certificate of it.
///
/// # Errors
/// [`TlsError`], which names the file.
pub fn load_for(files: &TlsFiles, authority: Option<&Path>) -> Result<TlsAcceptor, TlsError> {
    let verifier = match authority {
        Some(file) => verifier(file)?,
        None => WebPkiClientVerifier::no_client_auth(),
    };
    let chain = read(&files.cert, &CERTIFICATE, |bytes| {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(bytes).collect::<Result<_, _>>()?;
        if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) }
    })?;
    let key = read(&files.key, &KEY, PrivateKeyDer::from_pem_slice)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| CERTIFICATE.invalid(&files.cert, &error))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|error| unsuitable(files, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Asks for certificates of the authorities in a file.
fn verifier(file: &Path) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let authorities = read(file, &AUTHORITY, |bytes| {
        let authorities: Vec<_> = CertificateDer::pem_slice_iter(bytes).collect::<Result<_, _>>()?;
        if authorities.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(authorities) }
    })?;
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority).map_err(|error| AUTHORITY.invalid(file, &error))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(ring::default_provider()))
        .build()
        .map_err(|error| AUTHORITY.invalid(file, &error))
}

/// Begins TLS; the version of HTTP is agreed on meanwhile (RFC 7301). Who speaks plain HTTP is told, and that is all.
///
/// # Errors
/// Those of the stream, and of TLS.
pub(super) async fn open<S: Socket>(
    stream: S,
    acceptor: &TlsAcceptor,
) -> io::Result<Option<(Opened<Stream<S>>, Version)>> {
    let mut first = [HANDSHAKE];
    if stream.peek(&mut first).await? > 0 && first != [HANDSHAKE] {
        refuse(stream).await?;
        return Ok(None);
    }
    let stream = acceptor.accept(stream).await?;
    let version = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Version::Http2,
        Some(_) | None => Version::Http1,
    };
    Ok(Some((Opened::new(stream, Vec::new()), version)))
}

async fn refuse<S: Socket>(mut stream: S) -> io::Result<()> {
    stream.write_all(SPEAK_TLS).await?;
    stream.shutdown().await?;
    // What is unread when a socket is dropped makes RST, which may overtake the answer.
    tokio::io::copy(&mut stream.take(DISCARD), &mut tokio::io::sink()).await?;
    Ok(())
}

/// Why a certificate is refused that has no extensions, as `openssl x509 -req` makes them where it is not told otherwise.
const OF_OLD: &str = "it is of X.509 version 1, and 3 is expected: give openssl x509 an -extfile, such as one with \
    subjectAltName=DNS:localhost";

/// What a file is for.
struct Kind {
    what: &'static str,
    label: &'static str,
}

const CERTIFICATE: Kind = Kind { what: "certificate", label: "CERTIFICATE" };
const AUTHORITY: Kind = Kind { what: "authority of clients", label: "CERTIFICATE" };
const KEY: Kind = Kind { what: "private key", label: "PRIVATE KEY" };

impl Kind {
    fn missing(&self, file: &Path) -> TlsError {
        TlsError::Missing { what: self.what, label: self.label, file: file.to_owned() }
    }

    fn invalid(&self, file: &Path, why: &impl ToString) -> TlsError {
        TlsError::Invalid { what: self.what, file: file.to_owned(), why: why.to_string() }
    }
}

fn read<T>(file: &Path, kind: &Kind, parse: impl FnOnce(&[u8]) -> Result<T, pem::Error>) -> Result<T, TlsError> {
    let bytes = std::fs::read(file).map_err(|source| TlsError::Unreadable {
        what: kind.what,
        file: file.to_owned(),
        source,
    })?;
    let found = parse(&bytes);
    found.map_err(|error| if is_nothing(&error) { kind.missing(file) } else { kind.invalid(file, &error) })
}

fn is_nothing(error: &pem::Error) -> bool {
    matches!(error, pem::Error::NoItemsFound)
}

/// Says which of the two files is to blame.
fn unsuitable(files: &TlsFiles, error: &rustls::Error) -> TlsError {
    if matches!(error, rustls::Error::InconsistentKeys(_)) {
        TlsError::Strangers { cert: files.cert.clone(), key: files.key.clone() }
    } else if format!("{error:?}").contains("UnsupportedCertVersion") {
        CERTIFICATE.invalid(&files.cert, &OF_OLD)
    } else if matches!(error, rustls::Error::InvalidCertificate(_)) {
        CERTIFICATE.invalid(&files.cert, error)
    } else {
        KEY.invalid(&files.key, error)
    }
}
