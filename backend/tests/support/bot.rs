//! A bot as a process of its own, and what it says on standard error.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use super::{http, soon};

pub struct Bot {
    pub child: Child,
    errors: Lines<BufReader<ChildStderr>>,
}

/// The token of a new guest, for a bot.
pub async fn token(server: SocketAddr, name: &str) -> String {
    token_of(&http::come_in(server, name).await)
}

/// The token in a cookie.
pub fn token_of(cookie: &str) -> String {
    cookie.split_once('=').unwrap().1.to_owned()
}

/// A command line that is still to be completed.
pub fn command(server: SocketAddr, token: &str, state: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_readyroom"));
    command.args(["bot", "--server", &format!("http://{server}"), "--state"]).arg(state).args(args);
    command.env("READYROOM_TOKEN", token).current_dir(std::env::temp_dir()).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

impl Bot {
    /// Starts a bot, and waits until it is in its rooms and its program runs.
    pub async fn start(server: SocketAddr, token: &str, state: &Path, args: &[&str]) -> Self {
        let mut bot = Self::spawn(command(server, token, state, args));
        bot.tells(" is in #").await;
        bot
    }

    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, errors }
    }

    /// Waits until it tells something on standard error that contains this; gives the line.
    pub async fn tells(&mut self, what: &str) -> String {
        let mut before = Vec::new();
        loop {
            let Some(line) = soon(what, self.errors.next_line()).await.unwrap() else {
                panic!("the bot ended and has not told {what:?}: {before:?}");
            };
            if line.contains(what) {
                return line;
            }
            before.push(line);
        }
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Asks it to stop. Gives its exit code.
    pub async fn stop(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.ended().await
    }

    /// Waits until it has ended. Gives its exit code.
    pub async fn ended(&mut self) -> Option<i32> {
        soon("the end of the bot", self.child.wait()).await.unwrap().code()
    }

    /// SIGKILL: it gets no chance to say or write anything.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}
