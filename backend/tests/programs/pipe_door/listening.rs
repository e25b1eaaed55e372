//! Where it listens, and how it stops.

use std::time::Instant;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UnixStream};

use super::running::{Running, ask, ask_at, handshake, message, status, text, values};
use crate::support::pipe::{Pipe, is_alive, refused};
use crate::support::until;

#[tokio::test]
async fn every_address_that_is_named_is_listened_on() {
    let running = Running::start(&["--port=0", "--address=127.0.0.1", "--address=localhost", "cat"]).await;
    until("both addresses", || running.ports("Starting WebSocket server").len() == 2).await;
    for port in running.ports("Starting WebSocket server") {
        assert_eq!(status(&ask_at(port, &handshake("/", "x", "")).await), 101);
    }
}

#[tokio::test]
async fn where_none_is_named_it_is_every_address() {
    let running = Running::start(&["--port=0", "cat"]).await;
    let [port] = running.ports("Starting WebSocket server")[..] else { panic!("a port") };
    assert_eq!(status(&ask_at(port, &handshake("/", "x", "")).await), 101);
    if let Ok(mut stream) = TcpStream::connect(("::1", port)).await {
        assert_eq!(status(&ask(&mut stream, &handshake("/", "x", "")).await), 101);
    }
}

#[tokio::test]
async fn a_unix_socket_lives_as_long_as_its_server() {
    // A socket's path has 107 bytes at most, and the folder for temporary files may be anywhere.
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let path = folder.path().join("socket");
    let flag = format!("--unixsocket={}", path.display());
    let mut running = Running::start(&[&flag, "sh", "-c", "echo \"$REMOTE_ADDR,$REMOTE_PORT\"; cat"]).await;
    assert!(running.ports("Starting WebSocket server").is_empty(), "a port was opened: {:?}", running.log());
    let mut stream = UnixStream::connect(&path).await.unwrap();
    assert_eq!(status(&ask(&mut stream, &handshake("/", "x", "")).await), 101);
    assert_eq!(message(&mut stream).await, (1, b"unix-socket,".to_vec()));
    stream.write_all(&text("echo")).await.unwrap();
    assert_eq!(message(&mut stream).await, (1, b"echo".to_vec()));
    // Somebody is there: nobody else gets it.
    let (code, said) = refused(&[&flag, "cat"]).await;
    assert_eq!(code, Some(3));
    assert!(said.contains("in use by another server"), "{said}");
    running.signal("-TERM");
    assert_eq!(running.ended().await, Some(0));
    assert!(!path.exists());
    // What a server leaves that could not clean up is no obstacle.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let running = Running::start(&[&flag, "--port=0", "--address=127.0.0.1", "cat"]).await;
    assert_eq!(running.ports("Starting WebSocket server").len(), 1);
    assert_eq!(status(&ask(&mut UnixStream::connect(&path).await.unwrap(), &handshake("/", "x", "")).await), 101);
}

#[tokio::test]
async fn what_is_no_socket_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, "mine").unwrap();
    let (code, said) = refused(&[&format!("--unixsocket={}", path.display()), "cat"]).await;
    assert!(code == Some(3) && said.contains("no socket"), "{said}");
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
}

#[tokio::test]
async fn a_port_that_redirects_keeps_the_path() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let redirport = format!("--redirport={free}");
    let running = Running::start(&["--port=0", "--address=127.0.0.1", &redirport, "cat"]).await;
    assert_eq!(running.ports("Starting redirect server"), [free]);
    let [port] = running.ports("Starting WebSocket server")[..] else { panic!("a port") };
    let answer = ask_at(free, &format!("GET /a/b?c=d HTTP/1.1\r\nHost: example.com:{free}\r\n\r\n")).await;
    assert_eq!(status(&answer), 301, "{answer}");
    assert_eq!(values(&answer, "location"), [format!("http://example.com:{port}/a/b?c=d")]);
}

#[tokio::test]
async fn a_signal_ends_everything_in_order() {
    for signal in ["-TERM", "-INT"] {
        let mut pipe = Pipe::sh(&[], "trap '' INT TERM; echo $$; while :; do sleep 1; done").await;
        let mut socket = pipe.open().await;
        let pid = socket.hear_pid().await;
        let began = Instant::now();
        pipe.signal(signal);
        assert_eq!(socket.end().await.0, 1001, "{signal}");
        assert_eq!(pipe.ended().await.code(), Some(0), "{signal}");
        assert!(!is_alive(pid), "{signal}");
        assert!(began.elapsed().as_millis() >= 850, "{signal}: killed after {:?}", began.elapsed());
        assert!(TcpStream::connect(pipe.address).await.is_err(), "{signal}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut pipe = Pipe::sh(&["--closems=100000"], "trap '' INT TERM; echo $$; while :; do sleep 1; done").await;
    let mut socket = pipe.open().await;
    let pid = socket.hear_pid().await;
    pipe.signal("-TERM");
    until("it stops", || pipe.log().iter().any(|line| line.ends_with("| Stopping"))).await;
    pipe.signal("-TERM");
    assert_eq!(pipe.ended().await.code(), Some(130));
    until("the program is gone", || !is_alive(pid)).await;
}
