//! HTTP/2 as a client: requests, and WebSockets within streams (RFC 8441).

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use axum::http::{Method, Request, Response};
use h2::client::SendRequest;
use h2::ext::Protocol;
use h2::{RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::task::TaskTracker;

use super::soon;

/// A connection.
pub struct Http2 {
    pub requests: SendRequest<Bytes>,
    address: SocketAddr,
    scheme: &'static str,
}

impl Http2 {
    /// Begins HTTP/2 on a stream.
    pub async fn begin<S>(stream: S, address: SocketAddr, scheme: &'static str) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // Streams that nobody reads for a while must not hold up the others, so there is room for all of them.
        let handshake = h2::client::Builder::new().initial_connection_window_size(1 << 24).handshake(stream);
        let (requests, connection) = soon("HTTP/2", handshake).await.unwrap();
        TaskTracker::new().spawn(async move { drop(connection.await) });
        let requests = soon("room for a stream", requests.ready()).await.unwrap();
        let mut http2 = Self { requests, address, scheme };
        // Until the settings have come it is not known whether tunnels are.
        assert_eq!(http2.ask(Method::GET, "/healthz", &[], "").await.0.status(), 200);
        http2
    }

    pub fn request(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Request<()> {
        let uri = format!("{}://{}{path}", self.scheme, self.address);
        let request = Request::builder().method(method).uri(uri);
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).body(()).unwrap()
    }

    /// Asks once.
    pub async fn ask(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (Response<()>, String) {
        let request = self.request(method, path, headers);
        let (answer, mut sending) = self.requests.send_request(request, body.is_empty()).unwrap();
        if !body.is_empty() {
            sending.send_data(Bytes::copy_from_slice(body.as_bytes()), true).unwrap();
        }
        let (head, mut body) = soon("an answer", answer).await.unwrap().into_parts();
        let mut text = Vec::new();
        while let Some(data) = soon("a body", body.data()).await {
            let data = data.unwrap();
            body.flow_control().release_capacity(data.len()).unwrap();
            text.extend_from_slice(&data);
        }
        (Response::from_parts(head, ()), String::from_utf8(text).unwrap())
    }

    /// Comes in as a guest and gives the cookie.
    pub async fn come_in(&mut self, name: &str) -> String {
        let json = [("content-type", "application/json")];
        let (answer, body) = self.ask(Method::POST, "/api/v1/guests", &json, &format!(r#"{{"name":"{name}"}}"#)).await;
        assert_eq!(answer.status(), 201, "{body}");
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Asks for a tunnel; `None` leaves `:protocol` out.
    pub async fn connect(
        &mut self,
        path: &str,
        protocol: Option<&'static str>,
        headers: &[(&str, &str)],
    ) -> (Response<()>, Stream) {
        let mut request = self.request(Method::CONNECT, path, headers);
        if let Some(protocol) = protocol {
            request.extensions_mut().insert(Protocol::from_static(protocol));
        }
        let (answer, send) = self.requests.send_request(request, false).unwrap();
        let (head, recv) = soon("an answer", answer).await.unwrap().into_parts();
        (Response::from_parts(head, ()), Stream { send, recv, rest: Bytes::new() })
    }

    /// Opens a WebSocket.
    pub async fn socket(&mut self, path: &str, cookie: &str) -> WebSocketStream<Stream> {
        let headers = [("sec-websocket-version", "13"), ("sec-websocket-protocol", "readyroom.v1"), ("cookie", cookie)];
        let (answer, stream) = self.connect(path, Some("websocket"), &headers).await;
        assert_eq!(answer.status(), 200);
        WebSocketStream::from_raw_socket(stream, Role::Client, None).await
    }
}

/// One stream of a connection, as a stream of bytes.
pub struct Stream {
    pub send: SendStream<Bytes>,
    pub recv: RecvStream,
    rest: Bytes,
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            match ready!(self.recv.poll_data(cx)) {
                Some(data) => self.rest = data.map_err(io::Error::other)?,
                None => return Poll::Ready(Ok(())),
            }
        }
        let n = self.rest.len().min(buf.remaining());
        buf.put_slice(&self.rest.split_to(n));
        self.recv.flow_control().release_capacity(n).map_err(io::Error::other)?;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.send.reserve_capacity(bytes.len());
        if self.send.capacity() == 0 {
            match ready!(self.send.poll_capacity(cx)) {
                Some(capacity) => drop(capacity.map_err(io::Error::other)?),
                None => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            }
        }
        let n = bytes.len().min(self.send.capacity());
        self.send.send_data(Bytes::copy_from_slice(&bytes[..n]), false).map_err(io::Error::other)?;
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.send.send_data(Bytes::new(), true).map_err(io::Error::other))
    }
}
