//! Connections of a pipe that end as they should not: whoever has gone is noticed, and nothing of theirs is left.

use std::time::Duration;

use futures_util::SinkExt as _;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::support::pipe::{Pipe, Socket, is_alive};
use crate::support::until;

/// Longer than a socket takes that takes anything.
const STUCK: Duration = Duration::from_millis(300);

/// A program that takes nothing, and a client that has said more than fits in between.
async fn stuck(pipe: &Pipe) -> (Socket, u32) {
    let mut socket = pipe.open().await;
    let pid = socket.hear_pid().await;
    let message = Message::text("x".repeat(100_000));
    while let Ok(said) = timeout(STUCK, socket.0.send(message.clone())).await {
        said.unwrap();
    }
    assert!(is_alive(pid));
    (socket, pid)
}

#[tokio::test]
async fn who_goes_behind_what_is_not_taken_is_noticed() {
    let pipe = Pipe::sh(&[], "echo $$; exec sleep 1000").await;
    for resets in [false, true] {
        let (socket, pid) = stuck(&pipe).await;
        if resets {
            socket.0.get_ref().set_zero_linger().unwrap();
        }
        drop(socket);
        until("the program ends", || !is_alive(pid)).await;
    }
}

#[tokio::test]
async fn who_waits_for_a_slow_program_is_not_taken_for_gone() {
    let pipe = Pipe::sh(&["--binary"], "echo $$; sleep 3; exec wc -c").await;
    let mut socket = pipe.open().await;
    let Some(Ok(Message::Binary(pid))) = futures_util::StreamExt::next(&mut socket.0).await else { panic!("no pid") };
    let pid: u32 = String::from_utf8(pid.to_vec()).unwrap().trim().parse().unwrap();
    for _ in 0..20 {
        socket.0.feed(Message::binary(vec![0; 100_000])).await.unwrap();
    }
    socket.close().await;
    let (messages, (code, _)) = socket.rest().await;
    assert_eq!((messages.concat(), code), ("323030303030300a".to_owned(), 1000));
    until("the program ends", || !is_alive(pid)).await;
}

#[tokio::test]
async fn who_says_goodbye_is_answered_by_a_program_that_was_still_starting() {
    let pipe = Pipe::sh(&[], "sleep 0.15; exec sort").await;
    let mut socket = pipe.open().await;
    for line in ["pear", "apple"] {
        socket.say(line).await;
    }
    socket.close().await;
    let (lines, (code, _)) = socket.rest().await;
    assert_eq!((lines.join(" ").as_str(), code), ("apple pear", 1000));
}

/// The children of a process, and those of them that are not reaped.
fn children(of: u32) -> Vec<String> {
    let threads = std::fs::read_dir(format!("/proc/{of}/task")).unwrap();
    let of_threads = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("children")).ok());
    of_threads.collect::<String>().split_ascii_whitespace().map(str::to_owned).collect()
}

#[tokio::test]
async fn connections_cut_at_any_place_leave_nothing() {
    let pipe = Pipe::start(&["cat"]).await;
    let mut socket = pipe.open().await;
    socket.say("hello").await;
    assert_eq!(socket.hear().await, "hello");
    drop(socket);
    let children = || children(pipe.child.id().unwrap());
    // One may be there that keeps watch over the others.
    until("the first is gone", || children().len() <= 1).await;
    let (before, kept) = (pipe.descriptors(), children());
    for round in 0..60 {
        let mut socket = pipe.open().await;
        let message = Message::text("x".repeat(round * 3000));
        for _ in 0..round % 7 {
            // Where it is cut, nobody reads: what does not fit is given up.
            drop(timeout(Duration::from_millis(20), socket.0.send(message.clone())).await);
        }
        match round % 3 {
            0 => socket.0.get_ref().set_zero_linger().unwrap(),
            1 => drop(timeout(Duration::from_millis(20), socket.0.close(None)).await),
            _ => {}
        }
    }
    until("no child is left", || children() == kept).await;
    until("no descriptor is left", || pipe.descriptors() <= before).await;
}
