//! A fault of the server's own, in one connection: it is told, and forgotten like any other that ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and looks at what it knows"
)]

mod support;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use common::close;
use common::id::UserId;
use common::model::Person;
use readyroom::bus::people::People;
use readyroom::room::registry::Rooms;
use readyroom::session::throttle::Rate;
use readyroom::socket::Sockets;
use readyroom::store::{Durability, Store};
use readyroom::tasks::Tasks;
use support::soon;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, DuplexStream, ReadBuf};

/// A stream in which the first read finds a fault of the program.
struct Faulty {
    stream: DuplexStream,
    found: bool,
}

impl AsyncRead for Faulty {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        assert!(std::mem::replace(&mut self.found, true), "a fault that this test is about");
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Faulty {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn a_fault_in_a_connection_is_told_to_it() {
    let data = tempfile::tempdir().unwrap();
    let timings = support::settings(data.path()).timings;
    let store = Store::open(data.path(), Durability::Full).unwrap();
    let (people, tasks) = (People::default(), Tasks::new());
    let second = Duration::from_secs(1);
    let rooms = Rooms::new(store.clone(), people.clone(), tasks.clone(), (second, second));
    let sockets = Sockets::new(store, rooms, people.clone(), tasks, (timings, Rate { per_second: 0, burst: 1 }));
    let (ours, mut theirs) = tokio::io::duplex(1_024);
    let me = Person { id: UserId(2), name: "Ann".to_owned() };
    let faulty = Faulty { stream: ours, found: false };
    soon("the end", sockets.serve(faulty, Vec::new(), sockets.next_id(), me)).await;
    let mut frame = Vec::new();
    theirs.read_to_end(&mut frame).await.unwrap();
    assert_eq!((frame[0], u16::from_be_bytes([frame[2], frame[3]])), (0x88, close::SERVER_FAULT));
    assert_eq!(people.connections(), 0, "and it is no longer counted");
}
