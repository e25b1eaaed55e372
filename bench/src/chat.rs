//! A made-up chat behind a server, and one reader of it over HTTP, on a connection that is kept.
//!
//! Deliberately absent: what is asked, which is each measurement's own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chaos::link::Route;
use chaos::member::Member;
use common::api::RoomList;
use common::api::messages::MessagePage;
use common::id::RoomId;
use common::sync::outbox::What;
use common::sync::{Input, Phase};
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::crowd;

/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(20);

/// Which chat is measured.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Chosen {
    /// Messages of the chat
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) messages: u64,
    /// Folder with a chat that was made before, or where one is to be made and kept
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// Questions of each kind
    #[arg(long, default_value_t = 500)]
    pub(crate) rounds: u64,
}

/// A server on a made-up chat.
pub(crate) struct Chat {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) folder: PathBuf,
    _temporary: Option<TempDir>,
}

impl Chat {
    /// Makes the chat where there is none yet, and starts the server.
    pub(crate) fn start(chosen: &Chosen) -> anyhow::Result<Self> {
        let binary = journeys::path_from("READYROOM_BIN")?;
        let temporary = if chosen.data.is_none() { Some(tempfile::tempdir()?) } else { None };
        let folder = chosen.data.clone().or_else(|| temporary.as_ref().map(|folder| folder.path().to_owned()));
        let folder = folder.context("there is no folder")?;
        if !folder.join("readyroom.db").exists() {
            let messages = chosen.messages.to_string();
            let made = command(&binary, "seed", &folder).args(["--messages", &messages]).status()?;
            ensure!(made.success(), "the chat could not be made");
        }
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut serve = command(&binary, "serve", &folder);
        serve.args(["--listen", &address.to_string(), "--log", "error"]).stdout(Stdio::null());
        let mut chat = Self { child: serve.spawn()?, address, folder, _temporary: temporary };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            ensure!(chat.child.try_wait()?.is_none() && began.elapsed() < WITHIN, "the server does not listen");
            std::thread::park_timeout(Duration::from_millis(5));
        }
        Ok(chat)
    }

    /// Bytes of the database and its index, with their write-ahead logs.
    pub(crate) fn bytes(&self) -> anyhow::Result<u64> {
        let mut sum = 0;
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("readyroom.db") || name.starts_with("search.db") {
                sum += entry.metadata()?.len();
            }
        }
        Ok(sum)
    }

    /// A guest who has joined every public room.
    pub(crate) fn reader(&self) -> anyhow::Result<Reader> {
        crowd::block_on(async {
            let route: Route = crowd::guest(self.address, "Measuring").await?;
            let mut reader = Reader::open(self.address, &route.cookie)?;
            let list: RoomList = reader.get("rooms")?;
            let mut member = Member::new(1, route, ());
            member.take(Input::Connect);
            crowd::until(&mut member, "the reader is there", |engine| matches!(engine.phase(), Phase::Ready { .. }))
                .await?;
            for room in list.rooms.iter().filter(|room| !room.joined) {
                member.take(Input::Do(common::sync::Command::Ask(What::Join { room: room.id })));
            }
            crowd::until(&mut member, "all is joined", |engine| engine.outbox().iter().count() == 0).await?;
            reader.rooms = list.rooms.iter().map(|room| room.id).collect();
            Ok(reader)
        })
    }

    /// Lets somebody count a room as unread from a message on.
    pub(crate) fn unread(&self, reader: &Reader, room: RoomId, n: u64) -> anyhow::Result<()> {
        crowd::block_on(async {
            let route = Route { via: self.address, host: self.address, cookie: reader.cookie.clone(), buffer: None };
            let mut member = Member::new(2, route, ());
            member.take(Input::Connect);
            crowd::until(&mut member, "the reader is there", |engine| matches!(engine.phase(), Phase::Ready { .. }))
                .await?;
            member.take(Input::Do(common::sync::Command::Unread { room, n }));
            let mut asking = Reader::open(self.address, &reader.cookie)?;
            let page = format!("rooms/{room}/messages?limit=1");
            let told = async {
                // What comes of it comes to this client too, so that there is always another step.
                while asking.get::<MessagePage>(&page)?.read_n != n - 1 {
                    member.step().await;
                }
                anyhow::Ok(())
            };
            tokio::time::timeout(WITHIN, told).await.context("the room does not become unread")?
        })
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn command(binary: &Path, what: &str, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.arg(what).arg("--data").arg(folder).stdin(Stdio::null());
    command
}

/// Somebody who asks, one question after another.
pub(crate) struct Reader {
    stream: BufReader<TcpStream>,
    host: SocketAddr,
    pub(crate) cookie: String,
    pub(crate) rooms: Vec<RoomId>,
}

impl Reader {
    pub(crate) fn open(host: SocketAddr, cookie: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WITHIN))?;
        Ok(Self { stream: BufReader::new(stream), host, cookie: cookie.to_owned(), rooms: Vec::new() })
    }

    /// Asks for something under `/api/v1`.
    pub(crate) fn get<T: DeserializeOwned>(&mut self, path: &str) -> anyhow::Result<T> {
        self.timed(path).map(|(answer, _)| answer)
    }

    /// The same, with the milliseconds until the whole answer was there.
    pub(crate) fn timed<T: DeserializeOwned>(&mut self, path: &str) -> anyhow::Result<(T, f64)> {
        let began = Instant::now();
        let body = self.ask(path)?;
        let took = crowd::ms(began.elapsed());
        Ok((serde_json::from_slice(&body).with_context(|| format!("{path} has another shape"))?, took))
    }

    fn ask(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        let request = format!("GET /api/v1/{path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n", self.host, self.cookie);
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut length = 0;
        let mut first = String::new();
        loop {
            let mut line = String::new();
            ensure!(self.stream.read_line(&mut line)? > 0, "the server closed the connection");
            if first.is_empty() {
                first.clone_from(&line);
            }
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        ensure!(first.contains(" 200 "), "{path}: {} {}", first.trim(), String::from_utf8_lossy(&body));
        Ok(body)
    }
}

/// A text as it stands in an address.
pub(crate) fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
