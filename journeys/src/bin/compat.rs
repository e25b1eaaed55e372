//! `cargo xtask compat`: the examples of a checkout of websocketd's repository, each behind `readyroom pipe` and behind
//! websocketd, spoken with by `ws`, `websockets` and Chromium: whether the same came out of both.
//!
//! What a run, a port or a server has of its own is left out of the comparison ([`Example::own`]); where the two end in
//! different ways, as `docs/pipe.md` says they do, that is shown.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, ensure};
use journeys::browser::{Driver, Page, WIDE};
use journeys::pipe::{Pipe, Whose};
use journeys::talk::{Client, Plan, Told};

/// Variables that each connection, or each of the two servers, has of its own.
const VARIABLES: [&str; 6] =
    ["UNIQUE_ID=", "REMOTE_PORT=", "SERVER_PORT=", "SERVER_SOFTWARE=", "GATEWAY_INTERFACE=", "HTTP_SEC_WEBSOCKET_KEY="];

/// An example, and how it is spoken with.
struct Example {
    /// Its folder below `examples`.
    folder: &'static str,
    /// The program that runs it, where it does not run by itself.
    interpreter: Option<&'static str>,
    /// The file.
    file: &'static str,
    plan: Plan,
    /// What in its lines is of this run alone.
    own: Own,
}

/// What in a program's lines is of one run alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    /// Nothing.
    Nothing,
    /// The values of some variables, and the order of all.
    Variables,
    /// What stands in brackets, or before them: the time.
    Time,
}

fn example(folder: &'static str, interpreter: Option<&'static str>, file: &'static str) -> Example {
    let greeting = || Plan::listen().say("Ada").hear(1).say("世界 🚇").hear(2).close();
    let (plan, own) = match file.split('.').next().unwrap_or_default() {
        "count" => (Plan::listen(), Own::Nothing),
        "dump-env" => (Plan::listen(), Own::Variables),
        "send-receive" => (Plan::listen().hear(1).close(), Own::Time),
        "chat" => (Plan::listen().hear(1).say("Ada").hear(2).close(), Own::Time),
        _ => (greeting(), Own::Nothing),
    };
    Example { folder, interpreter, file, plan, own }
}

/// All that can be spoken with over a WebSocket and need no compiler but rustc.
fn examples() -> Vec<Example> {
    let mut all: Vec<Example> = ["count.sh", "greeter.sh", "dump-env.sh", "send-receive.sh", "chat.sh"]
        .map(|file| example("bash", Some("bash"), file))
        .into();
    all.extend(["count.js", "greeter.js"].map(|file| example("nodejs", Some("node"), file)));
    all.extend(["count.py", "greeter.py", "dump-env.py"].map(|file| example("python", Some("python3"), file)));
    all.extend(["count.pl", "greeter.pl", "dump-env.pl"].map(|file| example("perl", Some("perl"), file)));
    all.extend(["count.rb", "greeter.rb", "dump-env.rb"].map(|file| example("ruby", Some("ruby"), file)));
    all.extend(["count.php", "greeter.php", "dump-env.php"].map(|file| example("php", Some("php"), file)));
    all.extend(["greeter.lua", "json_ws.lua"].map(|file| example("lua", Some("lua"), file)));
    all.extend(["request-reply.js"].map(|file| example("qjs", Some("qjs"), file)));
    all.extend(["count.rs", "greeter.rs", "dump-env.rs"].map(|file| example("rust", None, file)));
    all
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(different) => {
            say(&format!("\n{different} differ"));
            ExitCode::FAILURE
        }
        Err(error) => {
            say(&format!("compat: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Drives all of them, or those whose names have one of the words behind the folder, and says how many differ.
async fn run() -> anyhow::Result<usize> {
    let words: Vec<String> = std::env::args().skip(2).collect();
    let is_wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let checkout = PathBuf::from(std::env::args_os().nth(1).context("name the folder of a checkout of websocketd")?);
    let folder = checkout.join("examples");
    ensure!(folder.is_dir(), "{} has no examples", checkout.display());
    ensure!(Whose::here().contains(&Whose::Websocketd), "WEBSOCKETD names no program");
    let driver = Driver::start()?;
    let clients = Client::all(&driver).await?;
    say("| example | client | same | |\n|---|---|---|---|");
    let mut different = 0;
    for example in examples() {
        let name = format!("{}/{}", example.folder, example.file);
        if !is_wanted(&name) {
            continue;
        }
        match example.prepare(&folder) {
            Err(error) => say(&format!("| {name} | | not run | {error:#} |")),
            Ok((place, words)) => {
                for client in &clients {
                    different += example.compare(&name, client, place.path(), &words).await?;
                }
            }
        }
    }
    if is_wanted("html/count.html") {
        different += page(&folder, &driver).await?;
    }
    if is_wanted("cgi-bin/dump-env.sh") {
        different += script(&folder)?;
    }
    Ok(different)
}

impl Example {
    /// A folder of its own with a copy of it and of what lies beside it, and the words that start it there.
    fn prepare(&self, examples: &Path) -> anyhow::Result<(tempfile::TempDir, Vec<String>)> {
        let (place, from) = (tempfile::tempdir()?, examples.join(self.folder));
        for entry in std::fs::read_dir(&from).with_context(|| format!("there is no {}", from.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::copy(entry.path(), place.path().join(entry.file_name()))?;
            }
        }
        let Some(interpreter) = self.interpreter else {
            let mut rustc = Command::new("rustc");
            let built = rustc.args([self.file, "-o", "example"]).current_dir(place.path()).stderr(Stdio::null());
            ensure!(built.status().context("rustc is missing")?.success(), "rustc does not take it");
            return Ok((place, vec!["./example".to_owned()]));
        };
        let found = Command::new("which").arg(interpreter).stdout(Stdio::null()).status();
        ensure!(found.is_ok_and(|found| found.success()), "{interpreter} is missing");
        Ok((place, vec![interpreter.to_owned(), self.file.to_owned()]))
    }

    /// Whether the same comes out of both: 0, or 1 where it does not.
    async fn compare(&self, name: &str, client: &Client, place: &Path, words: &[String]) -> anyhow::Result<usize> {
        let mut told = Vec::new();
        for whose in [Whose::Ours, Whose::Websocketd] {
            let mut command = vec!["--passenv=PATH,LD_LIBRARY_PATH,HOME".to_owned()];
            command.extend_from_slice(words);
            let pipe = Pipe::start(whose, place, &command)?;
            told.push(client.talk(&pipe.url("/"), &self.plan).await?);
            pipe.until("its program is gone", |pipe| pipe.programs().is_ok_and(|programs| programs.is_empty()))?;
        }
        let [ours, theirs] = &told[..] else { anyhow::bail!("there are two") };
        let is_same = self.lines(ours) == self.lines(theirs);
        let how = |told: &Told| format!("{} {}", told.code, told.reason).trim().to_owned();
        let mut notes = Vec::new();
        if how(ours) != how(theirs) {
            notes.push(format!("closed with {}, there {}", how(ours), how(theirs)));
        }
        if !is_same {
            notes.push(format!("{:?}, there {:?}", self.lines(ours), self.lines(theirs)));
        }
        say(&row(name, client.name(), is_same, &notes.join("; ")));
        Ok(usize::from(!is_same))
    }

    /// What it said, without what is of this run alone.
    fn lines(&self, told: &Told) -> Vec<String> {
        let text = told.text();
        let mut lines: Vec<String> = match self.own {
            Own::Nothing => text.lines().map(str::to_owned).collect(),
            Own::Variables => {
                let of_all = |line: &&str| !VARIABLES.iter().any(|own| line.starts_with(own));
                text.lines().filter(of_all).map(str::to_owned).collect()
            }
            Own::Time => {
                let after = |line: &str| line.rsplit_once(['(', ']']).map_or(line, |(_, rest)| rest).to_owned();
                text.lines().map(after).collect()
            }
        };
        if self.own == Own::Variables {
            lines.sort();
        }
        lines
    }
}

/// `html/count.html`, served beside a counter, in Chromium.
async fn page(examples: &Path, driver: &Driver) -> anyhow::Result<usize> {
    let counter = std::path::absolute(examples.join("bash/count.sh"))?;
    let mut different = 0;
    for whose in [Whose::Ours, Whose::Websocketd] {
        let words = ["--staticdir=html", "bash", &counter.to_string_lossy()].map(str::to_owned);
        let pipe = Pipe::start(whose, examples, &words)?;
        let page: Page = driver.open(&pipe.page("/count.html"), WIDE, "en-GB").await?;
        let counts = page.sees("#count", "10").await;
        different += usize::from(counts.is_err());
        let note = counts.map_or_else(|error| format!("{error:#}"), |()| format!("{} serves it", whose.name()));
        say(&row("html/count.html", "Chromium", note.ends_with("it"), &note));
    }
    Ok(different)
}

/// `cgi-bin/dump-env.sh`, over HTTP.
fn script(examples: &Path) -> anyhow::Result<usize> {
    let mut said = Vec::new();
    for whose in [Whose::Ours, Whose::Websocketd] {
        let pipe = Pipe::start(whose, examples, &["--cgidir=cgi-bin"])?;
        let answer = pipe.get("/dump-env.sh?a=b")?;
        let of_all = |line: &&str| !VARIABLES.iter().any(|own| line.starts_with(own));
        let mut lines: Vec<String> = answer.lines().filter(of_all).map(str::to_owned).collect();
        lines.sort();
        said.push(lines);
    }
    let is_same = said.windows(2).all(|pair| pair.first() == pair.last());
    let note = if is_same { String::new() } else { format!("{said:?}") };
    say(&row("cgi-bin/dump-env.sh", "HTTP", is_same, &note));
    Ok(usize::from(!is_same))
}

fn row(name: &str, client: &str, is_same: bool, note: &str) -> String {
    format!("| {name} | {client} | {} | {} |", if is_same { "yes" } else { "NO" }, note.replace('\n', " "))
}

#[allow(clippy::print_stdout, reason = "what it finds is its output")]
fn say(line: &str) {
    println!("{line}");
}
