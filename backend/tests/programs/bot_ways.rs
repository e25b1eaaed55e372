//! How a bot comes to its server: through TLS, with a certificate that is trusted or named, and where it then keeps its
//! journal.

use std::collections::BTreeMap;
use std::path::Path;

use readyroom::config::TlsFiles;
use sha2::{Digest, Sha256};
use tempfile::tempdir;
use tokio::process::Command;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::support::bot::{Bot, token, token_of};
use crate::support::client::{Client, open_over};
use crate::support::process::run;
use crate::support::{Server, http, soon, tls};

/// Comes in through TLS; gives the cookie.
async fn come_in(server: &Server, files: &TlsFiles, name: &str) -> String {
    let mut stream = tls::connect(server.address, files, &["http/1.1"]).await;
    let body = format!(r#"{{"name":"{name}"}}"#);
    let headers = ["Content-Type: application/json"];
    let text = http::text(server.address, "POST /api/v1/guests", &headers, &body);
    http::ask(&mut stream, &text).await.cookie()
}

fn echo(server: &Server, token: &str, state: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_readyroom"));
    command.args(["bot", "--server", &format!("https://{}", server.address), "--token", token, "--state"]);
    command.arg(state).args(args).args(["--plain", "--", "sed", "-u", "s/^/echo /"]).kill_on_drop(true);
    command
}

#[tokio::test]
async fn a_certificate_is_trusted_or_named_or_refused() {
    let (data, state) = (tempdir().unwrap(), tempdir().unwrap());
    let files = tls::certify(data.path());
    let given = files.clone();
    let server = Server::start_in(data, move |config| config.tls = Some(given)).await;
    let token = token_of(&come_in(&server, &files, "Echo").await);
    let path = state.path().join("bot");
    let (code, said) = run(echo(&server, &token, &path, &[])).await;
    assert_eq!((code, said.contains("the certificate is self-signed")), (Some(1), true), "{said}");
    let (code, said) = run(echo(&server, &token, &path, &["--fingerprint", &"0".repeat(64)])).await;
    assert_eq!((code, said.contains("not the one that was named")), (Some(1), true), "{said}");
    let (code, said) = run(echo(&server, &token, &path, &["--fingerprint", "abc"])).await;
    assert_eq!((code, said.contains("fingerprint: is no SHA-256")), (Some(1), true), "{said}");

    let certificate = CertificateDer::from_pem_file(&files.cert).unwrap();
    let named: String = Sha256::digest(&certificate).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut trusting = echo(&server, &token, &path, &[]);
    trusting.env("SSL_CERT_FILE", &files.cert);
    let cookie = come_in(&server, &files, "Alice").await;
    let stream = tls::connect(server.address, &files, &["http/1.1"]).await;
    let ws = soon("a handshake", open_over(stream, server.address, &cookie)).await.unwrap();
    let mut alice = Client::greet(ws, server.address, ("Alice", &cookie), (None, 0, BTreeMap::new())).await;
    for (n, command) in [trusting, echo(&server, &token, &path, &["--fingerprint", &named])].into_iter().enumerate() {
        let mut bot = Bot::spawn(command);
        bot.tells(" is in #lobby").await;
        alice.says(&format!("hello {n}")).await;
        alice.sees(&format!("echo hello {n}")).await;
        assert_eq!(bot.stop().await, Some(0));
    }
    server.stop().await;
}

#[tokio::test]
async fn the_journal_is_named_after_the_server_and_the_person() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let token = token(server.address, "Echo").await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_readyroom"));
    command.args(["bot", "--", "cat"]).env("XDG_STATE_HOME", state.path()).env("READYROOM_TOKEN", &token);
    command.env("READYROOM_SERVER", format!("ws://{}/", server.address)).kill_on_drop(true);
    let mut bot = Bot::spawn(command);
    bot.tells("Echo is in #lobby").await;
    assert_eq!(bot.stop().await, Some(0));
    let folder = state.path().join("readyroom/bots");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = names.filter(|name| name.ends_with(".json")).collect();
    assert_eq!(names.len(), 1);
    let expected = format!("127.0.0.1_{}-u", server.address.port());
    assert!(names[0].starts_with(&expected), "{names:?}");
    server.stop().await;
}
