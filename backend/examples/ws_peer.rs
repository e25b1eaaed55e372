//! A scripted WebSocket peer for the page's browser tests.
//!
//! `ws_peer [PORT]` listens on 127.0.0.1 (port 4517 if none is given, another where that is taken), prints `listening` and
//! the port when it is ready, and ends when its standard input is closed. It takes any handshake and agrees on the first subprotocol that is offered. What
//! it is sent it does: `close CODE REASON` closes with that, `drop` drops the TCP connection without a Close,
//! `send TEXT` sends TEXT, and everything else comes back as it is.

use std::io::{ErrorKind, Write};

use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_util::task::TaskTracker;

const PROTOCOL: &str = "sec-websocket-protocol";

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let port = std::env::args().nth(1).map_or(Ok(4517), |port| port.parse())?;
    let listener = match TcpListener::bind(("127.0.0.1", port)).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => TcpListener::bind(("127.0.0.1", 0)).await?,
        other => other?,
    };
    writeln!(std::io::stdout(), "listening {}", listener.local_addr()?.port())?;
    let tasks = TaskTracker::new();
    let mut stdin = tokio::io::stdin();
    let mut ignored = [0; 256];
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                tasks.spawn(async move {
                    if let Err(error) = converse(stream).await {
                        drop(writeln!(std::io::stderr(), "ws_peer: {error}"));
                    }
                });
            }
            read = stdin.read(&mut ignored) => {
                if read? == 0 {
                    return Ok(());
                }
            }
        }
    }
}

#[expect(clippy::result_large_err, reason = "tungstenite's callback has this type")]
fn agree(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let offered = request.headers().get(PROTOCOL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = offered.split(',').map(str::trim).find(|name| !name.is_empty());
    if let Some(agreed) = first.and_then(|name| HeaderValue::try_from(name).ok()) {
        response.headers_mut().insert(PROTOCOL, agreed);
    }
    Ok(response)
}

async fn converse(stream: TcpStream) -> anyhow::Result<()> {
    let mut ws = accept_hdr_async(stream, agree).await?;
    while let Some(message) = ws.next().await {
        match message? {
            Message::Text(text) => {
                let (verb, rest) = text.split_once(' ').unwrap_or((&text, ""));
                match verb {
                    "close" => {
                        let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                        let code: u16 = code.parse().unwrap_or(1000);
                        ws.close(Some(CloseFrame { code: code.into(), reason: reason.to_owned().into() })).await?;
                    }
                    "drop" => return Ok(()),
                    "send" => ws.send(Message::text(rest)).await?,
                    _ => ws.send(Message::Text(text)).await?,
                }
            }
            Message::Binary(bytes) => ws.send(Message::Binary(bytes)).await?,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }
    Ok(())
}
