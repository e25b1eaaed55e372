//! The pipe as a process of its own, and who is connected to it.
//!
//! `PIPE_SERVER` names another server with the same command line, such as websocketd: what a test proves of ours can be
//! seen to fail there.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::http::header::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{process, soon, until};

/// A pipe that runs.
pub struct Pipe {
    pub address: SocketAddr,
    pub child: Child,
    log: Arc<Mutex<Vec<String>>>,
}

/// The command line of a pipe, without its flags.
pub fn command() -> Command {
    let mut command = match std::env::var_os("PIPE_SERVER") {
        Some(other) => Command::new(other),
        None => {
            let mut command = Command::new(env!("CARGO_BIN_EXE_readyroom"));
            command.arg("pipe");
            command
        }
    };
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs a pipe that does not start to its end: exit code, and what it said on both streams.
pub async fn refused(words: &[&str]) -> (Option<i32>, String) {
    let output = command().args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).output();
    let output = soon("the end of the process", output).await.unwrap();
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

/// A file with this text that may be executed.
pub fn script(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    process::file(&path, text, "755");
    path
}

/// Whether a process is there, and is no zombie.
pub fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// The address that a line of the log says the server listens on.
fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, url) = line.split_once("Starting WebSocket server")?;
    url.split_once("://")?.1.split('/').next()?.parse().ok()
}

#[expect(clippy::disallowed_methods, reason = "a test's runtime ends with it")]
fn in_background(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}

impl Pipe {
    /// Starts it in front of a script for `sh`.
    pub async fn sh(flags: &[&str], script: &str) -> Self {
        Self::start(&[flags, &["sh", "-c", script]].concat()).await
    }

    /// The same in a folder.
    pub async fn sh_in(folder: &Path, flags: &[&str], script: &str) -> Self {
        let mut command = command();
        command.current_dir(folder);
        Self::start_as(command, &[flags, &["sh", "-c", script]].concat()).await
    }

    /// Starts it with these flags, and what stands behind them.
    pub async fn start(words: &[&str]) -> Self {
        Self::start_as(command(), words).await
    }

    async fn start_as(mut command: Command, words: &[&str]) -> Self {
        // Who does not tell its port is given one, which is free a moment later.
        let tells = std::env::var_os("PIPE_SERVER").is_none() && !words.contains(&"--loglevel=error");
        let given = (!tells).then(|| std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
        let port = format!("--port={}", given.map_or(0, |address| address.port()));
        let mut child =
            command.args([&port, "--address=127.0.0.1"]).args(words).stdout(Stdio::piped()).spawn().unwrap();
        let (log, mut lines) = (Arc::default(), BufReader::new(child.stdout.take().unwrap()).lines());
        let kept: Arc<Mutex<Vec<String>>> = Arc::clone(&log);
        in_background(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                kept.lock().unwrap().push(line);
            }
        });
        let mut address = given;
        until("it listens", || {
            assert!(child.try_wait().unwrap().is_none(), "it has ended: {:?}", log.lock().unwrap());
            address = address.or_else(|| log.lock().unwrap().iter().find_map(|line| address_in(line)));
            address.is_some_and(|address| std::net::TcpStream::connect(address).is_ok())
        })
        .await;
        Self { address: address.unwrap(), child, log }
    }

    /// What it has logged so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The first line that is like this, once it is there: a line is written a moment after what it tells.
    pub async fn logged(&self, is: impl Fn(&str) -> bool) -> String {
        let found = || self.log().into_iter().find(|line| is(line));
        super::until("a line of the log", || found().is_some()).await;
        found().unwrap()
    }

    /// Opens a WebSocket.
    pub async fn open(&self) -> Socket {
        self.open_at("/", &[]).await.unwrap().0
    }

    /// Opens a WebSocket at a path, with further headers; gives the headers of the answer too.
    pub async fn open_at(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<(Socket, Vec<(String, String)>), Error> {
        let mut request: Request<()> = format!("ws://{}{path}", self.address).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (socket, answer) = soon("the handshake", tokio_tungstenite::client_async(request, stream)).await?;
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value)));
        Ok((Socket(socket), headers.collect()))
    }

    /// Gives it a signal by its name.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> ExitStatus {
        soon("the end of the server", self.child.wait()).await.unwrap()
    }

    /// Asks it to stop. Gives its exit code.
    pub async fn stop(mut self) -> Option<i32> {
        self.signal("-TERM");
        self.ended().await.code()
    }

    /// The programs that it has started and that were not waited for yet. What ends them when the server is killed is
    /// none.
    pub fn programs(&self) -> Vec<u32> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id().unwrap())).unwrap();
        let of = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        let children: Vec<String> = tasks.map(|task| of(task.unwrap())).collect();
        let pids = children.iter().flat_map(|pids| pids.split_whitespace()).map(|pid| pid.parse().unwrap());
        let words = |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        pids.filter(|pid| !words(pid).starts_with("readyroom-keeper")).collect()
    }

    /// Its descriptors.
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(Path::new("/proc").join(self.child.id().unwrap().to_string()).join("fd")).unwrap().count()
    }
}

/// A WebSocket.
pub struct Socket<S = TcpStream>(pub WebSocketStream<S>);

/// How a connection has ended: the code of the Close and its reason; 1005 without a code, 1006 without a Close.
pub type End = (u16, String);

fn told(close: Option<CloseFrame>) -> End {
    close.map_or((CloseCode::Status.into(), String::new()), |close| (close.code.into(), close.reason.to_string()))
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// Says a text.
    pub async fn say(&mut self, text: &str) {
        soon("to say it", self.0.send(Message::text(text))).await.unwrap();
    }

    /// The next text.
    pub async fn hear(&mut self) -> String {
        match soon("a message", self.0.next()).await.unwrap().unwrap() {
            Message::Text(text) => text.to_string(),
            other => panic!("{other:?} came"),
        }
    }

    /// The next text, or how it ends.
    pub async fn next(&mut self) -> Result<String, End> {
        loop {
            match soon("a message", self.0.next()).await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(close))) => return Err(told(close)),
                Some(Ok(Message::Binary(bytes))) => panic!("{bytes:?} came"),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(_)) | None => return Err((1006, String::new())),
            }
        }
    }

    /// The next text, as a number of a process.
    pub async fn hear_pid(&mut self) -> u32 {
        self.hear().await.trim().parse().unwrap()
    }

    /// Says Close; what comes is still heard.
    pub async fn close(&mut self) {
        let goodbye = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        soon("the Close", self.0.send(Message::Close(Some(goodbye)))).await.unwrap();
    }

    /// Everything up to the end, and the end. Bytes are shown as `<hex>`.
    pub async fn rest(&mut self) -> (Vec<String>, End) {
        let (mut messages, mut end) = (Vec::new(), (1006, String::new()));
        while let Some(Ok(message)) = soon("the end", self.0.next()).await {
            match message {
                Message::Text(text) => messages.push(text.to_string()),
                Message::Binary(bytes) => {
                    messages.push(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
                }
                Message::Close(close) => end = told(close),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
        (messages, end)
    }

    /// How it ends, whatever comes before.
    pub async fn end(&mut self) -> End {
        self.rest().await.1
    }
}

/// The body that a plain request is answered with, below its head.
pub async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    soon("the answer", stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8(answer).unwrap()
}
