//! What can be wrong with a program or a client, seen from outside: each has its end, and says why.
//!
//! `PIPE_SERVER=/usr/bin/websocketd` holds it against these tests instead.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::frames;
use crate::support::pipe::{Pipe, is_alive, refused, script};
use crate::support::until;

#[tokio::test]
async fn what_cannot_be_run_is_refused_at_the_start_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "no program").unwrap();
    for (words, named) in [
        (&["--port=1"][..], "COMMAND"),
        (&["--port=1", "/there/is/none"], "/there/is/none"),
        (&["--port=1", "there-is-no-such-program"], "there-is-no-such-program"),
        (&["--port=1", "/tmp"], "/tmp"),
        (&["--port=1", plain.to_str().unwrap()], "plain"),
    ] {
        let (code, said) = refused(words).await;
        assert_eq!(code, Some(1), "{words:?}: {said}");
        assert!(said.contains(named), "{words:?}: {said}");
    }
    let (code, said) = refused(&["--nonsense", "cat"]).await;
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = refused(&["--devconsole", "--staticdir=/tmp", "cat"]).await;
    assert_eq!(code, Some(4), "{said}");
}

#[tokio::test]
async fn an_address_that_is_taken_ends_with_three() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("--port={}", taken.local_addr().unwrap().port());
    let (code, said) = refused(&[&port, "--address=127.0.0.1", "cat"]).await;
    assert_eq!(code, Some(3), "{said}");
}

#[tokio::test]
async fn a_program_that_dies_at_once_is_told() {
    let pipe = Pipe::start(&["false"]).await;
    for _ in 0..20 {
        assert_eq!(pipe.open().await.rest().await, (Vec::new(), (1011, "exit 1".to_owned())));
    }
}

#[tokio::test]
async fn a_program_that_ignores_every_signal_is_killed_in_time() {
    let pipe = Pipe::sh(&[], "trap '' INT TERM HUP; echo $$; while :; do sleep 0.05; done").await;
    let mut socket = pipe.open().await;
    let pid = socket.hear_pid().await;
    let began = Instant::now();
    socket.close().await;
    until("it is gone", || !is_alive(pid)).await;
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(840), "the ladder has 850 ms: {took:?}");
    socket.end().await;
}

#[tokio::test]
async fn a_line_that_never_ends_does_not_fill_the_memory() {
    let pipe = Pipe::sh(&[], "echo begin; cat /dev/zero | tr '\\0' x").await;
    let mut socket = pipe.open().await;
    assert_eq!(socket.hear().await, "begin");
    // It comes in pieces, or the connection ends with a reason: memory has a bound either way.
    let next = crate::support::soon("something", futures_util::StreamExt::next(&mut socket.0)).await;
    match next.unwrap().unwrap() {
        Message::Text(text) => {
            assert!(text.bytes().all(|byte| byte == b'x') && text.len() <= 16 << 20, "{}", text.len())
        }
        Message::Close(Some(close)) => assert!(!close.reason.is_empty()),
        other => panic!("{other:?}"),
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", pipe.child.id().unwrap())).unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = most.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib < 128 * 1024, "{kib} KiB");
}

#[tokio::test]
async fn a_program_that_closes_its_output_and_lives_is_seen_off() {
    let pipe = Pipe::sh(&[], "echo $$; exec >&-; exec 2>&-; while :; do sleep 0.05; done").await;
    let mut socket = pipe.open().await;
    let pid = socket.hear_pid().await;
    assert_eq!(socket.end().await, (1000, String::new()));
    until("it is gone", || !is_alive(pid)).await;
}

#[tokio::test]
async fn a_program_of_many_ends_with_all_of_them() {
    let script = "for n in 1 2 3; do sh -c 'sleep 1000 & echo $!; wait' & done; wait";
    let pipe = Pipe::sh(&[], script).await;
    let mut socket = pipe.open().await;
    let pids = [socket.hear_pid().await, socket.hear_pid().await, socket.hear_pid().await];
    drop(socket);
    until("all are gone", || !pids.into_iter().any(is_alive)).await;
}

/// A connection whose client has done the handshake by hand and reads nothing more.
async fn deaf(pipe: &Pipe) -> TcpStream {
    let mut stream = TcpStream::connect(pipe.address).await.unwrap();
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        pipe.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream
}

#[tokio::test]
async fn a_client_that_never_reads_is_dropped_with_its_program() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("pid");
    let pipe = Pipe::sh(&["--writems=300"], &format!("echo $$ > {}; exec yes", note.display())).await;
    let _stream = deaf(&pipe).await;
    let mut pid = None;
    until("the program runs", || {
        pid = std::fs::read_to_string(&note).ok().and_then(|text| text.trim().parse().ok());
        pid.is_some()
    })
    .await;
    until("it is gone", || !is_alive(pid.unwrap())).await;
}

#[tokio::test]
async fn a_client_that_never_closes_does_not_keep_the_connection() {
    let pipe = Pipe::sh(&[], "echo bye").await;
    // One before, so that what is needed once is there.
    pipe.open().await.end().await;
    let before = pipe.descriptors();
    let mut stream = deaf(&pipe).await;
    // All there is to read, without an answer to the Close.
    let mut all = Vec::new();
    crate::support::soon("the end", stream.read_to_end(&mut all)).await.ok();
    assert!(all.starts_with(&[0x81, 3, b'b', b'y', b'e']), "{all:?}");
    until("nothing is left of it", || pipe.descriptors() <= before).await;
}

#[tokio::test]
async fn a_client_that_vanishes_in_the_middle_of_a_frame_takes_its_program_along() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("pid");
    let pipe = Pipe::sh(&[], &format!("echo $$ > {}; exec cat", note.display())).await;
    let mut stream = deaf(&pipe).await;
    stream.write_all(&frames::frame(frames::FIN | frames::TEXT, b"half of it")[..9]).await.unwrap();
    let mut pid = None;
    until("the program runs", || {
        pid = std::fs::read_to_string(&note).ok().and_then(|text| text.trim().parse().ok());
        pid.is_some()
    })
    .await;
    drop(stream);
    until("it is gone", || !is_alive(pid.unwrap())).await;
}

#[tokio::test]
async fn bytes_are_a_line_like_any_other() {
    let pipe = Pipe::start(&["cat"]).await;
    let mut socket = pipe.open().await;
    for said in [Message::text("before"), Message::binary(b"between".to_vec()), Message::text("after")] {
        futures_util::SinkExt::send(&mut socket.0, said).await.unwrap();
    }
    assert_eq!([socket.hear().await, socket.hear().await, socket.hear().await], ["before", "between", "after"]);
}

#[tokio::test]
async fn a_message_that_is_too_long_ends_with_1009() {
    let pipe = Pipe::start(&["--maxframesize=1000", "cat"]).await;
    let mut socket = pipe.open().await;
    socket.say(&"x".repeat(1_000)).await;
    assert_eq!(socket.hear().await.len(), 1_000);
    socket.say(&"x".repeat(1_001)).await;
    assert_eq!(socket.end().await.0, 1009);
}

#[tokio::test]
async fn a_thousand_starts_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let script = script(&folder, "one", "#!/bin/sh\nread line; echo \"$line\"\n");
    let pipe = Pipe::start(&["--loglevel=error", script.to_str().unwrap()]).await;
    let mut warm = pipe.open().await;
    warm.say("a").await;
    assert_eq!(warm.rest().await.0, ["a"]);
    drop(warm);
    until("it is quiet", || pipe.programs().is_empty()).await;
    let before = pipe.descriptors();
    for _ in 0..20 {
        let mut sockets = Vec::new();
        for n in 0..50 {
            let mut socket = pipe.open().await;
            if n % 2 == 0 {
                socket.say("hello").await;
            }
            sockets.push(socket);
        }
    }
    until("nothing is left", || pipe.programs().is_empty() && pipe.descriptors() <= before).await;
}
