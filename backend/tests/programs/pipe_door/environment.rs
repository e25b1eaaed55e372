//! What a program is told: every variable, and nothing else.

use std::collections::BTreeMap;

use tokio::net::TcpStream;

use super::running::Running;
use crate::support::pipe::{Pipe, Socket, command, script};

/// Prints the variables as they are, each on a line, in order.
const PRINT: [&str; 2] = ["env", "-0"];

/// The environment that a connection with this path and these headers gets.
async fn environment(pipe: &Pipe, path: &str, headers: &[(&'static str, &str)]) -> BTreeMap<String, String> {
    variables(&mut pipe.open_at(path, headers).await.unwrap().0).await
}

async fn variables(socket: &mut Socket) -> BTreeMap<String, String> {
    let (messages, _) = socket.rest().await;
    let text = messages.join("\n");
    let pairs = text.split('\0').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[tokio::test]
async fn every_variable_of_cgi_is_set() {
    let pipe = Pipe::start(&PRINT).await;
    let headers = [("x-custom", "one"), ("x-custom", "two"), ("proxy", "http://evil"), ("cookie", "a=b")];
    let mut found = environment(&pipe, "/some%20where/%E4%B8%AD?a=b%20c&d", &headers).await;
    let port = pipe.address.port().to_string();
    let id = found.remove("UNIQUE_ID").unwrap();
    assert!(id.len() == 19 && id.parse::<u64>().is_ok(), "{id}");
    let remote = found.remove("REMOTE_PORT").unwrap();
    assert!(remote.parse::<u16>().is_ok() && remote != port, "{remote}");
    assert!(found.remove("HTTP_SEC_WEBSOCKET_KEY").is_some());
    let software = concat!("readyroom/", env!("CARGO_PKG_VERSION"));
    let path = std::env::var("PATH").unwrap();
    let mut expected = BTreeMap::from([
        ("AUTH_TYPE", ""),
        ("CONTENT_LENGTH", ""),
        ("CONTENT_TYPE", ""),
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("HTTP_CONNECTION", "Upgrade"),
        ("HTTP_COOKIE", "a=b"),
        ("HTTP_SEC_WEBSOCKET_VERSION", "13"),
        ("HTTP_UPGRADE", "websocket"),
        ("HTTP_X_CUSTOM", "one, two"),
        ("PATH", path.trim()),
        ("PATH_INFO", "/some where/中"),
        ("PATH_TRANSLATED", "/some where/中"),
        ("QUERY_STRING", "a=b%20c&d"),
        ("REMOTE_ADDR", "127.0.0.1"),
        ("REMOTE_HOST", "127.0.0.1"),
        ("REMOTE_IDENT", ""),
        ("REMOTE_USER", ""),
        ("REQUEST_METHOD", "GET"),
        ("REQUEST_URI", "/some%20where/%E4%B8%AD?a=b%20c&d"),
        ("SCRIPT_NAME", "/"),
        ("SERVER_NAME", "127.0.0.1"),
        ("SERVER_PORT", &port),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        ("SERVER_SOFTWARE", software),
    ]);
    let library = std::env::var("LD_LIBRARY_PATH").unwrap_or_default();
    if !library.trim().is_empty() {
        expected.insert("LD_LIBRARY_PATH", library.trim());
    }
    let found: BTreeMap<&str, &str> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn only_what_is_named_is_let_through() {
    let mut command = command();
    command.env("ONE", " a\nb ").env("TWO", "2").env("BLANK", " \n").env("HTTPS", "on").env("AUTH_TYPE", "mine");
    command.args([
        "--address=127.0.0.1",
        "--port=0",
        "--passenv=ONE, BLANK,HTTPS,AUTH_TYPE,NONE",
        "/usr/bin/env",
        "-0",
    ]);
    let running = Running::spawn(&mut command).await;
    let [port] = running.ports("Starting WebSocket server")[..] else { panic!("a port") };
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (socket, _) = tokio_tungstenite::client_async("ws://localhost/", stream).await.unwrap();
    let found = variables(&mut Socket(socket)).await;
    assert_eq!(found.get("ONE").map(String::as_str), Some("a b"));
    assert_eq!(found.get("AUTH_TYPE").map(String::as_str), Some(""));
    for absent in ["TWO", "BLANK", "HTTPS", "NONE", "PATH", "HTTP_HOST"] {
        assert_eq!(found.get(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn a_script_of_a_folder_gets_what_is_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    script(&folder, "sub/env.sh", "#!/bin/sh\nexec /usr/bin/env -0\n");
    let pipe = Pipe::start(&[&format!("--dir={}", folder.path().display())]).await;
    let found = environment(&pipe, "/sub/env.sh/and/more?x", &[]).await;
    let told = |name: &str| found.get(name).map(String::as_str);
    assert_eq!(told("SCRIPT_NAME"), Some("/sub/env.sh"));
    assert_eq!((told("PATH_INFO"), told("PATH_TRANSLATED")), (Some("/and/more"), Some("/sub/env.sh/and/more")));
    assert_eq!(environment(&pipe, "/sub/env.sh", &[]).await.get("PATH_INFO").map(String::as_str), Some(""));
}

#[tokio::test]
async fn names_are_looked_up_where_that_is_asked_for() {
    let pipe = Pipe::start(&[&["--reverselookup"][..], &PRINT].concat()).await;
    let found = environment(&pipe, "/", &[]).await;
    assert_eq!(found.get("REMOTE_ADDR").map(String::as_str), Some("127.0.0.1"));
    // Whatever this machine calls itself; it is the same for everybody who asks it.
    let host = std::process::Command::new("getent").args(["hosts", "127.0.0.1"]).output().unwrap().stdout;
    let host = String::from_utf8(host).unwrap();
    let host = host.split_whitespace().nth(1).unwrap_or("127.0.0.1");
    assert_eq!(found.get("REMOTE_HOST").map(String::as_str), Some(host));
}

#[tokio::test]
async fn two_at_once_have_two_names() {
    let pipe = Pipe::start(&["sh", "-c", "echo $UNIQUE_ID"]).await;
    let mut names = std::collections::HashSet::new();
    let mut sockets = Vec::new();
    for _ in 0..8 {
        sockets.push(pipe.open().await);
    }
    for socket in &mut sockets {
        names.insert(socket.hear().await);
    }
    assert_eq!(names.len(), 8);
}
