//! The least that a broadcast server can do: one thread, one epoll, and for each turn of its loop one `send` for each
//! connection, of all that came in that turn.
//!
//! It queues nothing, knows no names, rights or order, and drops who does not keep up. So its processor time for a
//! delivery is that of the kernel, and a bar for everybody else's.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;

use anyhow::Context;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use wire::{Decoder, Input, Message, Role, Rules, encode};

const LISTENER: Token = Token(usize::MAX);

const RULES: Rules = Rules { role: Role::Server, max_message: 1 << 20, max_fragments: 64 };

#[derive(Debug)]
struct Peer {
    stream: TcpStream,
    /// The request, until it is answered.
    head: Option<Vec<u8>>,
    decoder: Decoder,
}

/// Serves until the process is ended.
///
/// # Errors
/// When the system has nothing to wait with.
pub(crate) fn serve(listener: std::net::TcpListener) -> anyhow::Result<()> {
    let mut poll = Poll::new()?;
    listener.set_nonblocking(true)?;
    let mut listener = TcpListener::from_std(listener);
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut peers: BTreeMap<usize, Peer> = BTreeMap::new();
    let (mut next, mut buffer, mut frame) = (0, vec![0; 64 * 1_024], Vec::new());
    let mut events = Events::with_capacity(1_024);
    loop {
        poll.poll(&mut events, None)?;
        frame.clear();
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    poll.registry().register(&mut stream, Token(next), Interest::READABLE)?;
                    peers.insert(next, Peer { stream, head: Some(Vec::new()), decoder: Decoder::default() });
                    next += 1;
                }
                continue;
            }
            let index = event.token().0;
            let alive = peers.get_mut(&index).is_none_or(|peer| read(peer, &mut buffer, &mut frame).is_ok());
            if !alive {
                peers.remove(&index);
            }
        }
        if !frame.is_empty() {
            for peer in peers.values_mut().filter(|peer| peer.head.is_none()) {
                // Who does not keep up is lost, and the one who counts will miss them.
                if peer.stream.write_all(&frame).is_err() {
                    peer.stream.shutdown(Shutdown::Both).ok();
                }
            }
        }
    }
}

/// Reads what there is, and appends what has to be sent to all.
fn read(peer: &mut Peer, buffer: &mut [u8], out: &mut Vec<u8>) -> anyhow::Result<()> {
    loop {
        let read = match peer.stream.read(buffer) {
            Ok(0) => anyhow::bail!("closed"),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let received = buffer.get_mut(..read).context("more was read than there is room for")?;
        if let Some(head) = &mut peer.head {
            head.extend_from_slice(received);
            if head.ends_with(b"\r\n\r\n") {
                peer.stream.write_all(answer(&String::from_utf8_lossy(head)).as_bytes())?;
                peer.head = None;
            }
            continue;
        }
        let mut input = Input::new(received);
        while let Some(message) = peer.decoder.next(&RULES, &mut input, None)? {
            match message {
                Message::Text(text) => encode::text(out, text),
                Message::Ping(payload) => {
                    let mut pong = Vec::new();
                    encode::pong(&mut pong, payload);
                    peer.stream.write_all(&pong)?;
                }
                Message::Binary(_) | Message::Pong(_) | Message::Close(_) => {}
            }
        }
    }
}

/// The answer to a handshake.
pub(crate) fn answer(head: &str) -> String {
    let key = head.lines().filter_map(|line| line.split_once(": ")).find_map(|(name, value)| {
        name.eq_ignore_ascii_case("sec-websocket-key").then(|| wire::handshake::accept_key(value))
    });
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        key.unwrap_or_default()
    )
}
