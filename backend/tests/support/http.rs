//! HTTP by hand: one request, one answer, nothing hidden.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::soon;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The cookie of a guest who has come in.
    pub fn cookie(&self) -> String {
        assert_eq!(self.status, 201, "{}", self.body);
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.body))
    }
}

/// Sends a request; `headers` are whole lines. `Host` is added where it is not among them.
pub async fn request(address: SocketAddr, line: &str, headers: &[&str], body: &str) -> Answer {
    raw(address, &text(address, line, headers, body)).await
}

/// A request in full.
pub fn text(address: SocketAddr, line: &str, headers: &[&str], body: &str) -> String {
    let mut text = format!("{line} HTTP/1.1\r\n");
    if !headers.iter().any(|header| header.to_ascii_lowercase().starts_with("host:")) {
        text += &format!("Host: {address}\r\n");
    }
    if !headers.iter().any(|header| header.to_ascii_lowercase().starts_with("connection:")) {
        text += "Connection: close\r\n";
    }
    for header in headers {
        text += &format!("{header}\r\n");
    }
    if !body.is_empty() {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    format!("{text}\r\n{body}")
}

/// Sends bytes as they are and reads one answer.
pub async fn raw(address: SocketAddr, text: &str) -> Answer {
    ask(&mut TcpStream::connect(address).await.unwrap(), text).await
}

/// Sends bytes as they are on a connection and reads one answer.
pub async fn ask<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, text: &str) -> Answer {
    stream.write_all(text.as_bytes()).await.unwrap();
    soon("an answer", read(stream)).await
}

/// Reads one answer.
pub async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> Answer {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let n = stream.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let answer = parse(head, body);
            let length = answer.header("content-length").parse().unwrap_or(0);
            if body.len() >= length || n == 0 {
                return answer;
            }
        }
        assert!(n > 0, "the connection was closed after {text:?}");
    }
}

fn parse(head: &str, body: &str) -> Answer {
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Answer { status, headers, body: body.to_owned() }
}

/// The header that says who asks: a cookie, or `Bearer` and a token.
pub fn who(credential: &str) -> (&'static str, &str) {
    if credential.starts_with("Bearer ") { ("authorization", credential) } else { ("cookie", credential) }
}

pub async fn get(address: SocketAddr, path: &str, credential: &str) -> Answer {
    let (name, value) = who(credential);
    request(address, &format!("GET {path}"), &[&format!("{name}: {value}")], "").await
}

pub async fn post(address: SocketAddr, line: &str, credential: &str, body: &str) -> Answer {
    let (name, value) = who(credential);
    let headers = ["Content-Type: application/json", &format!("{name}: {value}")];
    request(address, line, &headers, body).await
}

/// Comes in as a guest and gives the cookie.
pub async fn come_in(address: SocketAddr, name: &str) -> String {
    let answer = post(address, "POST /api/v1/guests", "", &format!(r#"{{"name":"{name}"}}"#)).await;
    answer.cookie()
}
