//! The examples under `examples/bots`: each is run by what it is written in, in a room of a real server.

use std::path::Path;

use common::id::Seq;
use common::model::EventKind;
use tempfile::{TempDir, tempdir};

use crate::support::Server;
use crate::support::bot::{Bot, token};
use crate::support::client::{Client, LOBBY};

/// An example that runs, and somebody to talk to it.
struct Talk {
    server: Server,
    _state: TempDir,
    bot: Bot,
    alice: Client,
}

impl Talk {
    async fn with(file: &str, language: &str, flags: &[&str]) -> Self {
        let found = readyroom::program::find(language.as_ref(), std::env::var_os("PATH").as_deref());
        assert!(found.is_ok(), "{file} cannot be tried out: {language} is missing on this machine");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/bots").join(file);
        let (server, state) = (Server::start().await, tempdir().unwrap());
        let alice = server.guest("Alice").await;
        let token = token(server.address, "Example").await;
        let mut args = flags.to_vec();
        args.extend(["--", path.to_str().unwrap()]);
        let bot = Bot::start(server.address, &token, &state.path().join("bot"), &args).await;
        Self { server, _state: state, bot, alice }
    }

    /// Says something, and gives the next answer and what it answers.
    async fn asks(&mut self, text: &str) -> (String, Option<Seq>) {
        self.alice.says(text).await;
        self.hears().await
    }

    async fn hears(&mut self) -> (String, Option<Seq>) {
        let me = self.alice.me.id;
        let is_answer = |kind: &EventKind| matches!(kind, EventKind::Message { .. });
        match self.alice.event(|event| event.by != me && is_answer(&event.kind)).await.kind {
            EventKind::Message { body, reply, .. } => (body, reply.map(|reply| reply.to)),
            _ => unreachable!("a message was asked for"),
        }
    }

    async fn ends(self) {
        assert_eq!(self.bot.stop().await, Some(0));
        self.server.stop().await;
    }
}

#[tokio::test]
async fn echo_in_sh() {
    let mut talk = Talk::with("echo.sh", "sh", &["--plain"]).await;
    assert_eq!(talk.asks("hello").await.0, "You said: hello");
    talk.ends().await;
}

#[tokio::test]
async fn reminders_in_bash() {
    let mut talk = Talk::with("remind.sh", "bash", &["--plain"]).await;
    assert_eq!(talk.asks("!remind 1s the tea is ready").await.0, "I shall say so in 1s.");
    assert_eq!(talk.hears().await.0, "⏰ the tea is ready");
    talk.ends().await;
}

#[tokio::test]
async fn dice_in_python() {
    let mut talk = Talk::with("dice.py", "python3", &[]).await;
    talk.alice.says("nothing for it").await;
    let asked = talk.alice.says("!roll 3d6").await;
    let (text, reply) = talk.hears().await;
    let (dice, sum) = text.strip_prefix("3d6: ").unwrap().split_once(" = ").unwrap();
    let dice: Vec<u32> = dice.split(" + ").map(|die| die.parse().unwrap()).collect();
    assert!(dice.len() == 3 && dice.iter().all(|die| (1..=6).contains(die)), "{text}");
    assert_eq!((dice.iter().sum::<u32>(), reply), (sum.parse().unwrap(), Some(asked.seq)));
    talk.ends().await;
}

#[tokio::test]
async fn karma_in_node() {
    let mut talk = Talk::with("karma.js", "node", &[]).await;
    assert_eq!(talk.asks("!karma").await.0, "Nobody has been thanked yet.");
    assert_eq!(talk.asks("coffee++").await.0, "coffee: 1");
    assert_eq!(talk.asks("mondays--").await.0, "mondays: -1");
    assert_eq!(talk.asks("coffee++").await.0, "coffee: 2");
    assert_eq!(talk.asks("!karma").await.0, "coffee: 2, mondays: -1");
    talk.ends().await;
}

#[tokio::test]
async fn standup_in_ruby() {
    let mut talk = Talk::with("standup.rb", "ruby", &[]).await;
    assert_eq!(talk.asks("!standup who").await.0, "Nobody has spoken yet.");
    let asked = talk.alice.says("!standup").await;
    assert_eq!(talk.hears().await.1, Some(asked.seq));
    talk.alice.answers(LOBBY, asked.seq, "I wrote a bot").await.unwrap();
    assert_eq!(talk.hears().await.0, "Thank you, Alice.");
    assert_eq!(talk.asks("!standup who").await.0, "Spoken today: Alice");
    talk.ends().await;
}
