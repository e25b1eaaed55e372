//! The relay and certificates: those that are trusted, those that are not, and one that is named.

use std::net::SocketAddr;
use std::sync::Arc;

use common::model::Role;
use common::relay::{Cause, Certificate, Failure, Stage, Told, Wish};
use futures_util::{SinkExt, StreamExt};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_util::task::TaskTracker;

use crate::support::process::{self, Process};
use crate::support::{people, soon};

/// A server that speaks TLS with a certificate and lets every WebSocket in.
async fn listen(certificate: CertificateDer<'static>, key: &KeyPair) -> SocketAddr {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    TaskTracker::new().spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let Ok(mut ws) = tokio_tungstenite::accept_async(stream).await else { continue };
            ws.send(Message::text("Hello over TLS")).await.unwrap();
            while let Some(Ok(_)) = ws.next().await {}
        }
    });
    address
}

/// What the relay tells of an attempt, up to its first message or its failure.
async fn attempt(server: SocketAddr, cookie: &str, url: &str, fingerprint: Option<&str>) -> Vec<Told> {
    let mut request = format!("ws://{server}/relay").into_client_request().unwrap();
    request.headers_mut().insert("cookie", HeaderValue::from_str(cookie).unwrap());
    let stream = TcpStream::connect(server).await.unwrap();
    let (mut ws, _) = soon("a handshake", tokio_tungstenite::client_async(request, stream)).await.unwrap();
    let wish = Wish { url: url.to_owned(), fingerprint: fingerprint.map(str::to_owned), ..Wish::default() };
    ws.send(Message::text(serde_json::to_string(&wish).unwrap())).await.unwrap();
    let mut all = Vec::new();
    loop {
        let text = soon("what is told", ws.next()).await.unwrap().unwrap().into_text().unwrap();
        let told: Told = serde_json::from_str(&text).unwrap();
        let last = matches!(told, Told::Failed(_) | Told::Message { .. });
        all.push(told);
        if last {
            return all;
        }
    }
}

fn failure(all: &[Told]) -> Failure {
    match all.last() {
        Some(Told::Failed(failure)) => failure.clone(),
        other => panic!("{other:?}"),
    }
}

fn encryption(all: &[Told]) -> (String, Certificate) {
    assert_eq!(all.last(), Some(&Told::Message { text: "Hello over TLS".to_owned() }));
    let tls = all.iter().find_map(|told| match told {
        Told::Tls { version, certificate, .. } => Some((version.clone(), certificate.clone())),
        _ => None,
    });
    tls.expect("TLS was told")
}

fn params(names: &[&str], common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, common_name);
    params
}

/// A server that relays to this machine and trusts what is in the file, and a member's cookie.
async fn relaying(trust: &std::path::Path) -> (Process, String) {
    let data = people::folder(&[("olga", Role::Owner)]).await;
    let args = ["--relay", "true", "--relay-allow", "127.0.0.1,localhost"];
    let mut command = process::command(data.path(), &args);
    command.env("SSL_CERT_FILE", trust).env_remove("SSL_CERT_DIR");
    let process = Process::spawn(command).await;
    let cookie = people::sign_in(process.address, "olga").await;
    // The process has its files open, and is killed with the test.
    drop(data);
    (process, cookie)
}

#[tokio::test]
async fn certificates_are_judged_told_and_may_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut ca = params(&[], "The test's authority");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
    let trust = folder.path().join("trust.pem");
    std::fs::write(&trust, ca.pem()).unwrap();
    let (process, cookie) = relaying(&trust).await;
    let server = process.address;

    // Signed by whom the server's machine trusts, for this name and another.
    let key = KeyPair::generate().unwrap();
    let good = params(&["localhost"], "good").signed_by(&key, &ca).unwrap();
    let address = listen(good.der().clone(), &key).await;
    let port = address.port();
    let (version, shown) = encryption(&attempt(server, &cookie, &format!("wss://localhost:{port}/"), None).await);
    assert_eq!((version.as_str(), shown.subject.as_str()), ("TLSv1.3", "CN=good"));
    assert_eq!((shown.issuer.as_str(), shown.sha256.len()), ("CN=The test's authority", 64));
    let wrong = failure(&attempt(server, &cookie, &format!("wss://127.0.0.1:{port}/"), None).await);
    assert_eq!((wrong.stage, wrong.cause), (Stage::Tls, Cause::WrongName), "{wrong:?}");
    assert_eq!(wrong.certificate.unwrap().sha256, shown.sha256);

    // Signed by itself: refused in words, with the name by which it can be accepted.
    let key = KeyPair::generate().unwrap();
    let own = params(&["localhost"], "own").self_signed(&key).unwrap();
    let address = listen(own.der().clone(), &key).await;
    let url = format!("wss://localhost:{}/", address.port());
    let refused = failure(&attempt(server, &cookie, &url, None).await);
    assert_eq!((refused.stage, refused.cause), (Stage::Tls, Cause::UnknownIssuer), "{refused:?}");
    assert_eq!(refused.why, "the certificate is self-signed");
    let named = refused.certificate.unwrap().sha256;
    assert_eq!(encryption(&attempt(server, &cookie, &url, Some(&named)).await).1.sha256, named);
    let other = failure(&attempt(server, &cookie, &url, Some(&shown.sha256)).await);
    assert_eq!((other.cause, other.certificate.unwrap().sha256), (Cause::OtherCertificate, named));

    // Out of date, signed by whom one trusts: refused, unless it is named.
    let key = KeyPair::generate().unwrap();
    let mut old = params(&["localhost"], "old");
    (old.not_before, old.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    let old = old.signed_by(&key, &ca).unwrap();
    let address = listen(old.der().clone(), &key).await;
    let url = format!("wss://localhost:{}/", address.port());
    let expired = failure(&attempt(server, &cookie, &url, None).await);
    assert_eq!((expired.stage, expired.cause), (Stage::Tls, Cause::Expired), "{expired:?}");
    let shown = expired.certificate.unwrap();
    assert_eq!(
        (shown.not_before.as_str(), shown.not_after.as_str()),
        ("2020-01-01 00:00:00 UTC", "2021-01-01 00:00:00 UTC")
    );
    encryption(&attempt(server, &cookie, &url, Some(&shown.sha256)).await);

    // Signed by somebody unknown.
    let mut stranger = params(&[], "A stranger");
    stranger.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let stranger = CertifiedIssuer::self_signed(stranger, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let foreign = params(&["localhost"], "foreign").signed_by(&key, &stranger).unwrap();
    let address = listen(foreign.der().clone(), &key).await;
    let unknown = failure(&attempt(server, &cookie, &format!("wss://localhost:{}/", address.port()), None).await);
    assert_eq!((unknown.stage, unknown.cause), (Stage::Tls, Cause::UnknownIssuer), "{unknown:?}");
    process.kill().await;
}

#[tokio::test]
async fn tls_and_none_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (process, cookie) = relaying(&folder.path().join("nobody.pem")).await;
    let server = process.address;
    // TLS is spoken to a server that does not: this one.
    let plain = failure(&attempt(server, &cookie, &format!("wss://{server}/labs/echo"), None).await);
    assert_eq!((plain.stage, plain.cause), (Stage::Tls, Cause::Tls), "{plain:?}");
    // And nothing of it to one that wants it.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    TaskTracker::new().spawn(async move {
        // What TLS answers to a request: an alert of a fatal, unexpected message (RFC 8446, section 6).
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut first = [0; 16];
        stream.read_exact(&mut first).await.unwrap();
        stream.write_all(&[21, 3, 3, 0, 2, 2, 10]).await.unwrap();
        stream.shutdown().await.unwrap();
        drop(stream.read_to_end(&mut Vec::new()).await);
    });
    let wanted = failure(&attempt(server, &cookie, &format!("ws://{address}/"), None).await);
    assert_eq!((wanted.stage, wanted.cause), (Stage::Http, Cause::NotHttp), "{wanted:?}");
    assert!(wanted.hint.contains("wss://"), "{}", wanted.hint);
    // Who trusts nobody accepts nobody, and says so.
    let key = KeyPair::generate().unwrap();
    let own = params(&["localhost"], "own").self_signed(&key).unwrap();
    let address = listen(own.der().clone(), &key).await;
    let untrusted = failure(&attempt(server, &cookie, &format!("wss://localhost:{}/", address.port()), None).await);
    assert_eq!(untrusted.cause, Cause::UnknownIssuer);
    process.kill().await;
}
