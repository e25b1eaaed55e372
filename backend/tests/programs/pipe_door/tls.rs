//! TLS, and clients that have to show who they are.

use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::running::{Running, ask, ask_at, handshake, message, status, text};
use crate::support::http2::Http2;
use crate::support::pipe::{Socket, refused};
use crate::support::{soon, tls};

/// Connects, with a certificate of one's own where there is one.
async fn connect(port: u16, server: &Path, own: Option<(String, String)>) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(server).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    let config = match own {
        Some((cert, key)) => {
            let cert = CertificateDer::from_pem_slice(cert.as_bytes()).unwrap();
            config.with_client_auth_cert(vec![cert], PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap()).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    soon("TLS", TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate that this authority has signed, and its key.
fn signed(by: &CertifiedIssuer<'static, KeyPair>) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let cert = CertificateParams::new(vec!["client".to_owned()]).unwrap().signed_by(&key, by).unwrap();
    (cert.pem(), key.serialize_pem())
}

#[tokio::test]
async fn an_encrypted_endpoint_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let files = tls::certify(folder.path());
    let (cert, key) = (format!("--sslcert={}", files.cert.display()), format!("--sslkey={}", files.key.display()));
    let flags = ["--port=0", "--address=127.0.0.1", "--ssl", &cert, &key];
    let running = Running::start(&[&flags[..], &["sh", "-c", "echo $HTTPS $SERVER_PORT; cat"]].concat()).await;
    assert!(running.logged("Starting WebSocket server").await.contains("wss://"));
    let [port] = running.ports("Starting WebSocket server")[..] else { panic!("a port") };
    let mut stream = connect(port, &files.cert, None).await.unwrap();
    assert_eq!(status(&ask(&mut stream, &handshake("/", "localhost", "")).await), 101);
    assert_eq!(message(&mut stream).await, (1, b"on 443".to_vec()));
    stream.write_all(&text("echo")).await.unwrap();
    assert_eq!(message(&mut stream).await, (1, b"echo".to_vec()));
    assert_eq!(status(&ask_at(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await), 400);
}

/// A page that came by HTTP/2 opens its WebSocket within the same connection (RFC 8441).
#[tokio::test]
async fn http_2_leads_to_programs_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let files = tls::certify(folder.path());
    let (cert, key) = (format!("--sslcert={}", files.cert.display()), format!("--sslkey={}", files.key.display()));
    let flags = ["--port=0", "--address=127.0.0.1", "--ssl", &cert, &key, "--status=/healthz", "--header-ws=X-Ws: 1"];
    let program = "echo $REQUEST_METHOD $SERVER_PROTOCOL $SERVER_NAME $REQUEST_URI $HTTP_COOKIE; cat";
    let running = Running::start(&[&flags[..], &["sh", "-c", program]].concat()).await;
    let [port] = running.ports("Starting WebSocket server")[..] else { panic!("a port") };
    let address = ([127, 0, 0, 1], port).into();
    let stream = tls::connect(address, &files, &["h2"]).await;
    let mut http2 = Http2::begin(stream, address, "https").await;
    let mut socket = Socket(http2.socket("/a?b", "c=d").await);
    assert_eq!(socket.hear().await, "GET HTTP/2.0 127.0.0.1 /a?b c=d");
    socket.say("echo").await;
    assert_eq!(socket.hear().await, "echo");
}

#[tokio::test]
async fn only_clients_of_the_authority_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let files = tls::certify(folder.path());
    let (ours, theirs) = (authority(), authority());
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, ours.pem()).unwrap();
    let [cert, key, ca] = [("sslcert", &files.cert), ("sslkey", &files.key), ("sslca", &ca)]
        .map(|(flag, file)| format!("--{flag}={}", file.display()));
    let running = Running::start(&["--port=0", "--address=127.0.0.1", "--ssl", &cert, &key, &ca, "cat"]).await;
    let [port] = running.ports("Starting WebSocket server")[..] else { panic!("a port") };
    let mut stream = connect(port, &files.cert, Some(signed(&ours))).await.unwrap();
    assert_eq!(status(&ask(&mut stream, &handshake("/", "localhost", "")).await), 101);
    for stranger in [None, Some(signed(&theirs))] {
        // With TLS 1.3 the refusal comes after the client's side of the handshake.
        if let Ok(mut stream) = connect(port, &files.cert, stranger).await {
            let asked = stream.write_all(handshake("/", "localhost", "").as_bytes()).await;
            let answer = soon("the refusal", tokio::io::AsyncReadExt::read_u8(&mut stream)).await;
            assert!(asked.is_err() || answer.is_err());
        }
    }
}

#[tokio::test]
async fn files_that_are_none_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let files = tls::certify(folder.path());
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let flag = |name: &str, file: &Path| format!("--{name}={}", file.display());
    let (cert, key) = (flag("sslcert", &files.cert), flag("sslkey", &files.key));
    for flags in [[&flag("sslcert", &empty), &key, "--port=0"], [&cert, &flag("sslkey", &empty), "--port=0"]] {
        let (code, said) = refused(&[&flags[..], &["--ssl", "cat"]].concat()).await;
        assert!(code == Some(3) && said.contains("empty.pem"), "{said}");
    }
    let (code, said) = refused(&["--port=0", "--ssl", &cert, &key, &flag("sslca", &empty), "cat"]).await;
    assert!(code == Some(3) && said.contains("authority") && said.contains("empty.pem"), "{said}");
}
