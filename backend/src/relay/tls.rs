//! TLS as a client: trusting what this machine trusts, or one certificate that was named.
//!
//! Deliberately absent: certificates of our own, and revocation, which browsers do not look up either.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use common::relay::{Cause, Certificate, Failure, Stage};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{self, CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, IpAddr, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use url::Host;
use x509_parser::prelude::{ASN1Time, FromDer, X509Certificate};

use super::failed;
use super::target::Target;

/// What is known of the encryption.
#[derive(Debug)]
pub(super) struct Secured {
    pub(super) stream: TlsStream<TcpStream>,
    pub(super) version: String,
    pub(super) cipher: String,
    pub(super) certificate: Certificate,
}

/// Begins TLS.
pub(super) async fn begin(target: &Target, stream: TcpStream) -> Result<Secured, Box<Failure>> {
    let provider = Arc::new(ring::default_provider());
    let judge = Arc::new(Judge {
        named: target.fingerprint,
        public: if target.fingerprint.is_some() { None } else { trusted(&provider) },
        provider: Arc::clone(&provider),
        shown: Mutex::default(),
    });
    let impossible = |error: Error| failed(Stage::Tls, Cause::Tls, &error.to_string(), "");
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(impossible)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&judge) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = match &target.host {
        Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned())
            .map_err(|_invalid| failed(Stage::Tls, Cause::WrongName, "no certificate can be for this name", ""))?,
        Host::Ipv4(address) => ServerName::IpAddress(IpAddr::from(std::net::IpAddr::from(*address))),
        Host::Ipv6(address) => ServerName::IpAddress(IpAddr::from(std::net::IpAddr::from(*address))),
    };
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let shown = judge.shown.lock().ok().and_then(|mut shown| shown.take());
    let certificate = shown.map(|certificate| describe(&certificate));
    let stream = connected.map_err(|error| refusal(&error, certificate.clone()))?;
    let (_, session) = stream.get_ref();
    let version = session.protocol_version().and_then(|version| version.as_str()).unwrap_or_default().replace('_', ".");
    let cipher =
        session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or_default().to_owned();
    let certificate = certificate.ok_or_else(|| failed(Stage::Tls, Cause::Tls, "no certificate was shown", ""))?;
    Ok(Secured { stream, version, cipher, certificate })
}

/// What this machine trusts, read once. None where it trusts nobody.
fn trusted(provider: &Arc<CryptoProvider>) -> Option<Arc<WebPkiServerVerifier>> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "certificates that this machine trusts cannot be read");
        }
        roots.add_parsable_certificates(found.certs);
        Arc::new(roots)
    });
    WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider)).build().ok()
}

/// Judges a certificate, and keeps it, so that it can be told also where it is refused.
#[derive(Debug)]
struct Judge {
    named: Option<[u8; 32]>,
    public: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    shown: Mutex<Option<CertificateDer<'static>>>,
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Ok(mut shown) = self.shown.lock() {
            *shown = Some(end_entity.clone().into_owned());
        }
        match (&self.named, &self.public) {
            (Some(named), _) if Sha256::digest(end_entity)[..] == named[..] => Ok(ServerCertVerified::assertion()),
            (Some(_), _) => Err(CertificateError::ApplicationVerificationFailure.into()),
            (None, Some(public)) => {
                public.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
            (None, None) => Err(CertificateError::UnknownIssuer.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What a failed beginning means.
fn refusal(error: &io::Error, certificate: Option<Certificate>) -> Box<Failure> {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let self_signed = certificate.as_ref().is_some_and(|shown| shown.subject == shown.issuer);
    let (cause, why) = if let Some(Error::InvalidCertificate(what)) = inner {
        let cause = fault(what, self_signed);
        let why = if cause == Cause::OtherCertificate {
            "the certificate is not the one that was named".to_owned()
        } else if cause == Cause::UnknownIssuer && self_signed {
            "the certificate is self-signed".to_owned()
        } else {
            error.to_string()
        };
        (cause, why)
    } else if let Some(Error::InvalidMessage(_)) = inner {
        (Cause::Tls, "what the server says is no TLS".to_owned())
    } else if error.kind() == io::ErrorKind::UnexpectedEof {
        (Cause::Tls, "the connection ended while TLS was begun".to_owned())
    } else {
        (Cause::Tls, error.to_string())
    };
    let hint = match (cause, certificate.is_some()) {
        (Cause::Tls, false) => "perhaps the server does not speak TLS on this port: try ws://",
        (_, true) => "if this certificate is right, name its SHA-256 as the fingerprint to accept",
        (_, false) => "",
    };
    Box::new(Failure { certificate, ..*failed(Stage::Tls, cause, &why, hint) })
}

fn fault(what: &CertificateError, self_signed: bool) -> Cause {
    use CertificateError as E;
    let is_expired =
        matches!(what, E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. });
    if is_expired {
        Cause::Expired
    } else if matches!(what, E::NotValidForName | E::NotValidForNameContext { .. }) {
        Cause::WrongName
    } else if matches!(what, E::ApplicationVerificationFailure) {
        Cause::OtherCertificate
    } else if self_signed || matches!(what, E::UnknownIssuer) {
        Cause::UnknownIssuer
    } else {
        Cause::Tls
    }
}

/// A certificate in words.
fn describe(certificate: &CertificateDer<'_>) -> Certificate {
    let sha256 = HEXLOWER.encode(&Sha256::digest(certificate));
    match X509Certificate::from_der(certificate) {
        Ok((_, parsed)) => Certificate {
            subject: parsed.subject().to_string(),
            issuer: parsed.issuer().to_string(),
            not_before: date(parsed.validity().not_before),
            not_after: date(parsed.validity().not_after),
            sha256,
        },
        Err(_unreadable) => {
            let unknown = String::new;
            Certificate { subject: unknown(), issuer: unknown(), not_before: unknown(), not_after: unknown(), sha256 }
        }
    }
}

fn date(time: ASN1Time) -> String {
    let at = time.to_datetime();
    format!("{} {:02}:{:02}:{:02} UTC", at.date(), at.hour(), at.minute(), at.second())
}
