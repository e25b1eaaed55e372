//! Frames by hand, right or wrong (RFC 6455, section 5.2).

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::soon;

pub const FIN: u8 = 0x80;
pub const RSV1: u8 = 0x40;
pub const CONTINUATION: u8 = 0;
pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// The head of a masked frame; the mask is zero, so that the payload can be read.
pub fn head(first: u8, payload: u64) -> Vec<u8> {
    let mut head = vec![first];
    match payload {
        n @ 0..126 => head.push(0x80 | n as u8),
        n @ 126..65_536 => {
            head.push(0x80 | 126);
            head.extend((n as u16).to_be_bytes());
        }
        n => {
            head.push(0x80 | 127);
            head.extend(n.to_be_bytes());
        }
    }
    head.extend([0; 4]);
    head
}

/// A masked frame.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(first, payload.len() as u64);
    frame.extend(payload);
    frame
}

/// The way into a socket.
#[derive(Debug, Clone)]
pub enum Way {
    /// The chat, with this cookie.
    Chat(String),
    /// The echo.
    Echo,
    /// Any lab, by what stands behind `/labs/`.
    Lab(&'static str),
}

/// The request that opens a socket.
pub fn handshake(address: SocketAddr, way: &Way, extensions: &str) -> String {
    let (path, cookie) = match way {
        Way::Chat(cookie) => ("/ws".to_owned(), cookie.as_str()),
        Way::Echo => ("/labs/echo".to_owned(), "x=y"),
        Way::Lab(lab) => (format!("/labs/{lab}"), "x=y"),
    };
    let extensions =
        if extensions.is_empty() { String::new() } else { format!("Sec-WebSocket-Extensions: {extensions}\r\n") };
    format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: {cookie}\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extensions}\r\n"
    )
}

/// Opens a socket over a connection; gives the answer's head, and reads nothing behind it.
pub async fn upgrade<S>(stream: &mut S, address: SocketAddr, way: &Way, extensions: &str) -> String
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(handshake(address, way, extensions).as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon("an answer", stream.read_u8()).await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    head
}

/// Opens a socket that is served without extensions.
pub async fn open(address: SocketAddr, way: &Way) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    upgrade(&mut stream, address, way, "").await;
    stream
}

/// The next frame from the server: its first byte and its payload.
pub async fn next<S: AsyncRead + Unpin>(stream: &mut S) -> (u8, Vec<u8>) {
    let reading = async {
        let first = stream.read_u8().await.unwrap();
        let length = match stream.read_u8().await.unwrap() {
            126 => u64::from(stream.read_u16().await.unwrap()),
            127 => stream.read_u64().await.unwrap(),
            n => u64::from(n),
        };
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await.unwrap();
        (first, payload)
    };
    soon("a frame", reading).await
}

/// The next frame from the server, which is a text that is not compressed.
pub async fn next_text<S: AsyncRead + Unpin>(stream: &mut S) -> String {
    let (first, payload) = next(stream).await;
    let text = String::from_utf8(payload).unwrap();
    assert_eq!(first, FIN | TEXT, "{text}");
    text
}

/// The code of the Close that comes at last, after which nothing may come.
pub async fn code<S: AsyncRead + Unpin>(stream: &mut S) -> u16 {
    loop {
        let (first, payload) = next(stream).await;
        if first == FIN | CLOSE {
            let mut rest = Vec::new();
            soon("the end", stream.read_to_end(&mut rest)).await.expect("an end without RST");
            assert!(rest.is_empty(), "{rest:?} behind the Close");
            return u16::from_be_bytes([payload[0], payload[1]]);
        }
    }
}
