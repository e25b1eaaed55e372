//! WebSocket clients that nobody here wrote, each following the same plan of a conversation: npm `ws`, Python
//! `websockets`, Chromium. The plan's steps are explained in `peers/talk.js`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::browser::{Driver, Page, WIDE};
use crate::pipe::{Pipe, Whose};

/// What one conversation consists of.
#[derive(Debug, Clone)]
pub struct Plan {
    protocols: Vec<String>,
    steps: Vec<Value>,
}

/// What came of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Whether the WebSocket was opened at all.
    pub opened: bool,
    /// The subprotocol that was agreed on.
    pub protocol: String,
    /// The extensions that were agreed on.
    pub extensions: String,
    /// The messages, in their order; `{"hex":…}` for bytes.
    pub messages: Vec<Value>,
    /// Those that came after the client had closed. Pages do not hear them.
    pub after: Vec<Value>,
    /// The code of the Close as browsers have it: 1005 without one, 1006 without a Close.
    pub code: u64,
    /// Its reason.
    pub reason: String,
    /// Whether there was a Close.
    pub clean: bool,
}

/// Who talks.
#[derive(Debug)]
pub enum Client {
    /// npm `ws`.
    Ws,
    /// Python `websockets`.
    Websockets,
    /// A page in Chromium, and the server that it is from: a page of no origin may not connect to this machine.
    Chromium(Page, Pipe),
}

impl Plan {
    /// Says nothing, and listens until the other side closes.
    #[must_use]
    pub const fn listen() -> Self {
        Self { protocols: Vec::new(), steps: Vec::new() }
    }

    /// Says a text.
    #[must_use]
    pub fn say(self, text: &str) -> Self {
        self.step(json!({ "say": text }))
    }

    /// Says bytes.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.step(json!({ "hex": hex(bytes) }))
    }

    /// Waits until so many messages have come in all.
    #[must_use]
    pub fn hear(self, messages: usize) -> Self {
        self.step(json!({ "hear": messages }))
    }

    /// Closes.
    #[must_use]
    pub fn close(self) -> Self {
        self.step(json!({ "close": true }))
    }

    /// Offers subprotocols.
    #[must_use]
    pub fn offering(mut self, protocols: &[&str]) -> Self {
        self.protocols.extend(protocols.iter().map(|name| (*name).to_owned()));
        self
    }

    fn step(mut self, step: Value) -> Self {
        self.steps.push(step);
        self
    }

    fn to(&self, url: &str) -> Value {
        json!({ "url": url, "protocols": self.protocols, "steps": self.steps })
    }
}

impl Client {
    /// A page in Chromium that can talk.
    ///
    /// # Errors
    /// When the browser does not start.
    pub async fn chromium(driver: &Driver) -> anyhow::Result<Self> {
        let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
        let home = Pipe::start(Whose::Ours, &programs, &["--staticdir=."])?;
        let page = driver.open(&home.page("/blank.html"), WIDE, "en-GB").await?;
        Ok(Self::Chromium(page, home))
    }

    /// All three.
    ///
    /// # Errors
    /// When the browser does not start.
    pub async fn all(driver: &Driver) -> anyhow::Result<[Self; 3]> {
        Ok([Self::Ws, Self::Websockets, Self::chromium(driver).await?])
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ws => "npm ws",
            Self::Websockets => "Python websockets",
            Self::Chromium(..) => "Chromium",
        }
    }

    /// Follows a plan, from the handshake until the connection is gone.
    ///
    /// # Errors
    /// When the client cannot be started or does not come to an end.
    pub async fn talk(&self, url: &str, plan: &Plan) -> anyhow::Result<Told> {
        let plan = plan.to(url);
        let told = match self {
            Self::Ws => run(Command::new("node").arg(peer("talk_ws.js")).arg(plan.to_string())).await?,
            Self::Websockets => {
                let python = crate::path_from("PEER_PYTHON")?;
                run(Command::new(python).arg(peer("talk_websockets.py")).arg(plan.to_string())).await?
            }
            Self::Chromium(page, _) => {
                let script = std::fs::read_to_string(peer("talk.js"))?;
                page.answer(&format!("(() => {{ {script}; return talk(WebSocket, {plan}); }})()")).await?
            }
        };
        Told::read(&told).with_context(|| format!("{} told {told}", self.name()))
    }
}

impl Told {
    fn read(told: &Value) -> anyhow::Result<Self> {
        let text = |name: &str| told.get(name).and_then(Value::as_str).map(str::to_owned);
        let list = |name: &str| told.get(name).and_then(Value::as_array).cloned();
        let flag = |name: &str| told.get(name).and_then(Value::as_bool);
        Ok(Self {
            opened: flag("opened").context("no opened")?,
            protocol: text("protocol").context("no protocol")?,
            extensions: text("extensions").context("no extensions")?,
            messages: list("messages").context("no messages")?,
            after: list("after").context("no after")?,
            code: told.get("code").and_then(Value::as_u64).context("no code")?,
            reason: text("reason").context("no reason")?,
            clean: flag("clean").context("no clean")?,
        })
    }

    /// The messages that are texts, each on a line.
    #[must_use]
    pub fn text(&self) -> String {
        self.messages.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
    }

    /// The bytes of all messages together, in hexadecimal.
    #[must_use]
    pub fn hex(&self) -> String {
        let of = |message: &Value| match message.as_str() {
            Some(text) => hex(text.as_bytes()),
            None => message.get("hex").and_then(Value::as_str).unwrap_or_default().to_owned(),
        };
        self.messages.iter().map(of).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn peer(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

/// Runs a client to its end, and reads what it told.
async fn run(command: &mut Command) -> anyhow::Result<Value> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn();
    let child = child.with_context(|| format!("{} does not start", command.get_program().display()))?;
    let output = tokio::task::spawn_blocking(move || child.wait_with_output()).await??;
    if !output.status.success() {
        bail!("the client ended with {}", output.status);
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
