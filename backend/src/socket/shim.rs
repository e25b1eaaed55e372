//! Takes connections over from HTTP: each gets a task.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tracing::Instrument;
use wire::deflate::{Deflater, Inflater, Params};
use wire::{Decoder, Input, Message, Opcode, Role, Rules, encode};

use super::{Door, Link, Sockets};

/// What the echo takes.
const RULES: Rules = Rules { role: Role::Server, max_message: 16 * 1024 * 1024, max_fragments: 1 << 20 };

impl Sockets {
    /// Whether the chat can compress.
    pub const DEFLATES: bool = false;

    /// Serves a connection in a task of its own. `first` was read with the handshake.
    pub fn adopt(&self, link: Link, first: Vec<u8>, door: Door) {
        let sockets = self.clone();
        self.shared.tasks.spawn(async move {
            let stream: Box<dyn Stream> = match link {
                Link::Tcp(stream) => match tokio::net::TcpStream::from_std(stream) {
                    Ok(stream) => Box::new(stream),
                    Err(_unusable) => return,
                },
                Link::Pair(stream) => match tokio::net::UnixStream::from_std(stream) {
                    Ok(stream) => Box::new(stream),
                    Err(_unusable) => return,
                },
            };
            match door {
                Door::Chat { id, me, deflate: _ } => {
                    let span = tracing::info_span!("connection", session.id = id.0, user.id = %me.id);
                    sockets.serve(stream, first, id, me).instrument(span).await;
                }
                Door::Echo { deflate } => {
                    let shared = Arc::clone(&sockets.shared);
                    tokio::select! {
                        _ended = echo(stream, first, deflate, shared.timings.linger) => {}
                        () = shared.tasks.stopping() => {}
                    }
                }
            }
        });
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

async fn echo(
    mut stream: Box<dyn Stream>,
    mut bytes: Vec<u8>,
    deflate: Option<Params>,
    linger: std::time::Duration,
) -> std::io::Result<()> {
    let mut decoder = Decoder::default();
    let (mut inflater, mut deflater) = deflate.map_or((None, None), |agreed| {
        let inflater = Inflater::new(agreed.client_max_window_bits, !agreed.client_no_context_takeover);
        (Some(inflater), Some((Deflater::new(agreed.server_max_window_bits, 1), agreed.server_no_context_takeover)))
    });
    let mut out = Vec::new();
    loop {
        let mut input = Input::new(&mut bytes);
        let ended = loop {
            match decoder.next(&RULES, &mut input, inflater.as_mut()) {
                Ok(Some(message)) => {
                    if answer(&message, &mut deflater, &mut out) {
                        break true;
                    }
                }
                Ok(None) => break false,
                Err(violation) => {
                    encode::close(&mut out, Some(violation.code), violation.what);
                    break true;
                }
            }
        };
        stream.write_all(&out).await?;
        stream.flush().await?;
        out = Vec::new();
        if ended {
            stream.shutdown().await?;
            let mut rest = stream.take(64 << 20);
            drop(timeout(linger, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await);
            return Ok(());
        }
        bytes.resize(16 * 1024, 0);
        let n = stream.read(&mut bytes).await?;
        if n == 0 {
            return Ok(());
        }
        bytes.truncate(n);
    }
}

/// Says what was heard; whether that was the last.
fn answer(message: &Message<'_>, deflater: &mut Option<(Deflater, bool)>, out: &mut Vec<u8>) -> bool {
    let (opcode, payload) = match *message {
        Message::Text(text) => (Opcode::Text, text.as_bytes()),
        Message::Binary(bytes) => (Opcode::Binary, bytes),
        Message::Ping(payload) => {
            encode::pong(out, payload);
            return false;
        }
        Message::Pong(_) => return false,
        Message::Close(closing) => {
            encode::close(out, closing.map(|closing| closing.code), "");
            return true;
        }
    };
    let mut compressed = Vec::new();
    let payload = match deflater {
        Some((deflater, forgetful)) => {
            deflater.message(payload, &mut compressed);
            if *forgetful {
                deflater.reset();
            }
            &compressed
        }
        None => payload,
    };
    let header = encode::Header { fin: true, rsv1: !compressed.is_empty(), opcode, mask: None };
    encode::frame(out, header, payload);
    false
}
