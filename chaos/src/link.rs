//! One WebSocket to the server: frames as messages, and how it ended.
//!
//! Neighbours: [`crate::member`] drives it. Writing never waits, as in a browser: what does not fit into the queue of
//! [`QUEUE`] messages ends the connection.

use std::net::SocketAddr;

use common::client::ClientMsg;
use common::close::{self, CloseCode};
use common::codec;
use common::server::ServerMsg;
use common::sync::Closed;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

/// Messages that may wait to be written: all that a client may have unanswered, several times.
const QUEUE: usize = 256;

/// Where a client connects, whom it asks for, and as whom.
#[derive(Debug, Clone)]
pub struct Route {
    /// Where to connect: the server, or a proxy before it.
    pub via: SocketAddr,
    /// The server.
    pub host: SocketAddr,
    /// The session.
    pub cookie: String,
    /// Bytes that the kernel takes before anybody reads them; `None` for as many as it likes.
    pub buffer: Option<u32>,
}

/// What comes over a link.
#[derive(Debug)]
pub enum Heard {
    /// A message.
    Msg(ServerMsg),
    /// A frame that is none of the protocol's.
    Garbled(String),
    /// The end; nothing comes after it.
    Closed(Closed),
}

/// An open WebSocket. Closed without a goodbye when it is dropped.
#[derive(Debug)]
pub struct Link {
    incoming: SplitStream<WebSocketStream<TcpStream>>,
    outgoing: mpsc::Sender<Message>,
    /// What the server's Close said.
    goodbye: Option<Closed>,
    /// Ends with the link.
    _writer: JoinSet<()>,
}

impl Link {
    /// Opens a WebSocket.
    ///
    /// # Errors
    /// Those of the network and of the handshake.
    pub async fn open(route: Route) -> Result<Self, Error> {
        let socket = if route.via.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        if let Some(bytes) = route.buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        let stream = socket.connect(route.via).await?;
        stream.set_nodelay(true)?;
        let mut request = format!("ws://{}/ws", route.host).into_client_request()?;
        request.headers_mut().insert("cookie", HeaderValue::from_str(&route.cookie)?);
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(common::SUBPROTOCOL));
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        let (sink, incoming) = socket.split();
        let (outgoing, queue) = mpsc::channel(QUEUE);
        let mut writer = JoinSet::new();
        writer.spawn(write(queue, sink));
        Ok(Self { incoming, outgoing, goodbye: None, _writer: writer })
    }

    /// Queues a message. Says whether there was room for it.
    pub fn tell(&self, msg: &ClientMsg) -> bool {
        self.outgoing.try_send(Message::text(codec::encode_client(msg))).is_ok()
    }

    /// Queues a Close. Says whether there was room for it.
    pub fn close(&self, code: CloseCode, reason: &str) -> bool {
        let frame = CloseFrame { code: code.into(), reason: reason.into() };
        self.outgoing.try_send(Message::Close(Some(frame))).is_ok()
    }

    /// Waits for what comes next. May be given up and called again.
    pub async fn next(&mut self) -> Heard {
        match self.next_text().await {
            Ok(text) => codec::decode_server(&text).map_or_else(Heard::Garbled, Heard::Msg),
            Err(closed) => Heard::Closed(closed),
        }
    }

    /// Waits for the next text as it came, for those who have no time to read it. May be given up and called again.
    ///
    /// # Errors
    /// The end; nothing comes after it.
    pub async fn next_text(&mut self) -> Result<Utf8Bytes, Closed> {
        loop {
            match self.incoming.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => {
                    let (code, reason) = frame.map_or_else(Default::default, |frame| (frame.code.into(), frame.reason));
                    self.goodbye = Some(Closed { code, reason: reason.to_string(), was_clean: true });
                }
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(_)) | None => return Err(self.goodbye.take().unwrap_or_else(lost)),
            }
        }
    }
}

/// What a browser reports of a connection that ended without a Close.
#[must_use]
pub fn lost() -> Closed {
    Closed { code: close::ABNORMAL, reason: String::new(), was_clean: false }
}

/// Writes what has queued until the link is dropped or the connection is gone, which the reading side tells.
async fn write(mut queue: mpsc::Receiver<Message>, mut sink: SplitSink<WebSocketStream<TcpStream>, Message>) {
    while let Some(message) = queue.recv().await {
        if sink.send(message).await.is_err() {
            return;
        }
    }
}
