//! A pipe that chooses its own port, and what it says.

use std::process::Stdio;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_util::task::TaskTracker;

use crate::support::pipe::command;
use crate::support::{soon, until};

/// A pipe that runs, as the words say it, and what it has logged.
pub(crate) struct Running {
    pub(crate) child: Child,
    log: Arc<Mutex<Vec<String>>>,
}

impl Running {
    /// Starts it, and waits for the line that says that it listens.
    pub(crate) async fn start(words: &[&str]) -> Self {
        Self::spawn(command().args(words)).await
    }

    /// The same for a command that was made elsewhere.
    pub(crate) async fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&log);
        TaskTracker::new().spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                kept.lock().unwrap().push(line);
            }
        });
        let running = Self { child, log };
        running.logged("Starting WebSocket server").await;
        running
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The first line with this, once it is there.
    pub(crate) async fn logged(&self, what: &str) -> String {
        let found = || self.log().into_iter().find(|line| line.contains(what));
        until(&format!("'{what}' in {:?}", self.log()), || found().is_some()).await;
        found().unwrap()
    }

    /// The ports of all lines that name one behind this.
    pub(crate) fn ports(&self, what: &str) -> Vec<u16> {
        let port = |line: String| line.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
        self.log().into_iter().filter(|line| line.contains(what) && line.contains("://")).map(port).collect()
    }

    /// Gives it a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// The status that it ends with.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        soon("the end of the server", self.child.wait()).await.unwrap().code()
    }
}

/// The head of a request that would open a WebSocket.
pub(crate) fn handshake(path: &str, host: &str, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
    )
}

/// Asks over a stream, and reads the head of the answer.
pub(crate) async fn ask<S: AsyncWrite + AsyncReadExt + Unpin>(stream: &mut S, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match soon("the answer", stream.read_u8()).await {
            Ok(byte) => head.push(byte),
            Err(_ended) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Asks at a port of this machine.
pub(crate) async fn ask_at(port: u16, request: &str) -> String {
    ask(&mut TcpStream::connect(("127.0.0.1", port)).await.unwrap(), request).await
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap_or_default().parse().unwrap_or_default()
}

/// The values of a header of an answer.
pub(crate) fn values<'a>(answer: &'a str, name: &str) -> Vec<&'a str> {
    let lines = answer.lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
}

/// Reads one message of a server that is shorter than 126 bytes: what kind it is, and what it says.
pub(crate) async fn message<S: AsyncReadExt + Unpin>(stream: &mut S) -> (u8, Vec<u8>) {
    let reading = async {
        let kind = stream.read_u8().await.unwrap() & 0x0f;
        let mut payload = vec![0; usize::from(stream.read_u8().await.unwrap())];
        stream.read_exact(&mut payload).await.unwrap();
        (kind, payload)
    };
    soon("a message", reading).await
}

/// What a client sends to say a short text.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    frame
}
