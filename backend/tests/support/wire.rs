//! A client that counts each byte it sends and takes, and knows nothing of HTTP but heads, chunks and frames.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::soon;

pub struct Wire {
    stream: TcpStream,
    /// What has come and was not taken.
    unread: Vec<u8>,
    pub sent: u64,
    pub taken: u64,
}

impl Wire {
    pub async fn connect(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), unread: Vec::new(), sent: 0, taken: 0 }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
        self.sent += bytes.as_ref().len() as u64;
    }

    /// Takes so many bytes.
    pub async fn take(&mut self, bytes: usize) -> Vec<u8> {
        while self.unread.len() < bytes {
            let mut buffer = [0; 4096];
            let n = soon("bytes", self.stream.read(&mut buffer)).await.unwrap();
            assert!(n > 0, "the connection ended");
            self.unread.extend_from_slice(&buffer[..n]);
        }
        self.taken += bytes as u64;
        self.unread.drain(..bytes).collect()
    }

    /// Takes all up to these bytes, and them.
    pub async fn until(&mut self, end: &str) -> String {
        let mut taken = Vec::new();
        while !taken.ends_with(end.as_bytes()) {
            taken.extend(self.take(1).await);
        }
        String::from_utf8(taken).unwrap()
    }

    /// Takes a head: its first line, and names and values as they are.
    pub async fn head(&mut self) -> (String, Vec<(String, String)>) {
        let head = self.until("\r\n\r\n").await;
        let mut lines = head.trim_end().lines();
        let line = lines.next().unwrap().to_owned();
        let fields = lines.map(|line| line.split_once(": ").unwrap());
        (line, fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// Takes a head and the body that it announces.
    pub async fn answer(&mut self) -> String {
        let (line, fields) = self.head().await;
        assert_eq!(line, "HTTP/1.1 200 OK");
        let length = fields.iter().find(|(name, _)| name == "content-length").unwrap().1.parse().unwrap();
        String::from_utf8(self.take(length).await).unwrap()
    }

    /// Takes a chunk; `None` for the last one.
    pub async fn chunk(&mut self) -> Option<String> {
        let size = self.until("\r\n").await;
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let chunk = String::from_utf8(self.take(size).await).unwrap();
        assert_eq!(self.take(2).await, b"\r\n");
        (size > 0).then_some(chunk)
    }

    /// Takes an unmasked frame: its header, and its payload.
    pub async fn frame(&mut self) -> (Vec<u8>, Vec<u8>) {
        let mut header = self.take(2).await;
        let length = match header[1] {
            126 => {
                header.extend(self.take(2).await);
                usize::from(u16::from_be_bytes(header[2..].try_into().unwrap()))
            }
            short => usize::from(short),
        };
        (header, self.take(length).await)
    }
}

/// The data of a piece of an event stream, without its comments.
pub fn events(piece: &str) -> Vec<Value> {
    let data = piece.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|json| serde_json::from_str(json).unwrap()).collect()
}
