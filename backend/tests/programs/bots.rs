//! `readyroom bot`: programs that listen and speak in rooms, and what happens when something goes wrong.

use common::api::EventPage;
use common::client::ClientMsg;
use common::model::{Event, EventKind};
use rustix::process::Signal;
use tempfile::tempdir;

use crate::support::bot::{Bot, command, token, token_of};
use crate::support::client::{Client, LOBBY};
use crate::support::process::run;
use crate::support::{Server, http};

/// Says each text again behind a word.
const ECHO: [&str; 5] = ["--plain", "--", "sed", "-u", "s/^/echo /"];

fn is_message(event: &Event) -> bool {
    matches!(event.kind, EventKind::Message { .. })
}

/// What a client sees next in the lobby, said by somebody else.
async fn hears(client: &mut Client) -> String {
    let me = client.me.id;
    match client.event(|event| event.by != me && is_message(event)).await.kind {
        EventKind::Message { body, .. } => body,
        _ => unreachable!("a message was asked for"),
    }
}

#[tokio::test]
async fn a_program_answers_each_message_and_never_itself() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.guest("Alice").await;
    alice.says("before its time").await;
    let token = token(server.address, "Echo").await;
    let bot = Bot::start(server.address, &token, &state.path().join("bot"), &ECHO).await;
    for text in ["one", "two", "three"] {
        alice.says(text).await;
        assert_eq!(hears(&mut alice).await, format!("echo {text}"));
    }
    alice.says("two\nlines").await;
    assert_eq!(hears(&mut alice).await, "echo two lines");
    assert_eq!(bot.stop().await, Some(0));
    server.stop().await;
}

#[tokio::test]
async fn json_says_all_there_is_and_leads_each_answer_into_its_room() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.member("Alice").await;
    let room = alice.makes("second", false).await;
    let cookie = http::come_in(server.address, "Echo").await;
    let args = ["--room", "lobby,#second", "--", "cat"];
    let bot = Bot::start(server.address, &token_of(&cookie), &state.path().join("bot"), &args).await;
    // What `cat` says is the message itself, which names its room and what it answered.
    let first = alice.says("@Echo hello\nthere").await;
    assert_eq!(hears(&mut alice).await, "@Echo hello\nthere");
    alice.says_in(room, "and here").await;
    let me = alice.me.id;
    let answer = alice.event(|event| event.room == room && event.by != me && is_message(event)).await;
    assert!(matches!(answer.kind, EventKind::Message { ref body, .. } if body == "and here"), "{answer:?}");
    let reply = alice.answers(LOBBY, first.seq, "an answer").await.unwrap();
    let answer = alice.event(|event| event.by != me && event.room == LOBBY && event.seq > reply.seq).await;
    let EventKind::Message { body, reply, .. } = answer.kind else { panic!("{answer:?}") };
    assert_eq!((body.as_str(), reply.unwrap().to), ("an answer", first.seq));
    assert_eq!(bot.stop().await, Some(0));
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_is_said_in_words_and_ends_it() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let token = token(server.address, "Echo").await;
    let path = state.path().join("bot");
    let cases: [(&str, &[&str], &str); 5] = [
        ("0000000000000000000000000000000000000000000", &["--", "cat"], "does not accept the token"),
        (&token, &["--room", "nowhere", "--", "cat"], "no room 'nowhere' that the bot may read"),
        (&token, &["--", "./no-such-program"], "there is no program './no-such-program'"),
        (&token, &["--", "/etc/passwd"], "is not executable"),
        (&token, &["--", "/etc"], "is not a file"),
    ];
    for (token, args, expected) in cases {
        let (code, said) = run(command(server.address, token, &path, args)).await;
        assert_eq!((code, said.contains(expected)), (Some(1), true), "{args:?}: {said}");
    }
    for (address, expected) in [
        ("nonsense", "server: \"nonsense\""),
        ("ftp://127.0.0.1", "is no address of a server"),
        ("http://127.0.0.1:3000/chat", "more than a host and a port"),
        ("http://no-such-host.invalid", "no-such-host.invalid"),
    ] {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_readyroom"));
        command.args(["bot", "--server", address, "--token", &token, "--state"]).arg(&path).args(["--", "cat"]);
        let (code, said) = run(command).await;
        assert_eq!((code, said.contains(expected)), (Some(1), true), "{address}: {said}");
    }
    std::fs::write(&path, "{").unwrap();
    let (code, said) = run(command(server.address, &token, &path, &["--", "cat"])).await;
    assert_eq!((code, said.contains("is damaged")), (Some(1), true), "{said}");
    assert_eq!(std::fs::read(&path).unwrap(), b"{");
    server.stop().await;
}

#[tokio::test]
async fn a_private_room_is_like_none_until_it_is_invited() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.member("Alice").await;
    let secret = alice.makes("secret", true).await;
    let echo = server.guest("Echo").await;
    let (token, path) = (token_of(&echo.cookie), state.path().join("bot"));
    let args = ["--room", "secret", "--plain", "--", "sed", "-u", "s/^/echo /"];
    let (code, said) = run(command(server.address, &token, &path, &args)).await;
    assert_eq!((code, said.contains("no room 'secret'")), (Some(1), true), "{said}");
    alice.invites(secret, echo.me.id).await.unwrap();
    let mut bot = Bot::start(server.address, &token, &path, &args).await;
    alice.says_in(secret, "psst").await;
    alice.sees("echo psst").await;
    alice.removes(secret, echo.me.id).await.unwrap();
    bot.tells("no room any more").await;
    assert_eq!(bot.ended().await, Some(1));
    server.stop().await;
}

#[tokio::test]
async fn a_session_that_ends_ends_it() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let cookie = http::come_in(server.address, "Echo").await;
    let mut bot = Bot::start(server.address, &token_of(&cookie), &state.path().join("bot"), &ECHO).await;
    http::post(server.address, "DELETE /api/v1/sessions/current", &cookie, "").await;
    bot.tells("no longer accepts the token").await;
    assert_eq!(bot.ended().await, Some(1));
    server.stop().await;
}

#[tokio::test]
async fn a_conversation_with_it_needs_no_flag() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.member("Alice").await;
    let echo = server.guest("Echo").await;
    let bot = Bot::start(server.address, &token_of(&echo.cookie), &state.path().join("bot"), &ECHO).await;
    let people = vec![echo.me.id];
    let room = alice.does(|cid| ClientMsg::Direct { cid, people }).await.unwrap().room;
    alice.says_in(room, "only you").await;
    assert_eq!(alice.sees("echo only you").await.room, room);
    assert_eq!(bot.stop().await, Some(0));
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_message_is_not_given() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.guest("Alice").await;
    let token = token(server.address, "Echo").await;
    let bot = Bot::start(server.address, &token, &state.path().join("bot"), &ECHO).await;
    let said = alice.says("one").await;
    assert_eq!(hears(&mut alice).await, "echo one");
    let (room, target) = (LOBBY, said.seq);
    alice.does(|cid| ClientMsg::Edit { cid, room, target, body: "changed".into() }).await.unwrap();
    alice.does(|cid| ClientMsg::React { cid, room, target, emoji: "👍".into() }).await.unwrap();
    alice.does(|cid| ClientMsg::Delete { cid, room, target }).await.unwrap();
    let _bob = server.guest("Bob").await;
    alice.says("two").await;
    assert_eq!(hears(&mut alice).await, "echo two");
    assert_eq!(bot.stop().await, Some(0));
    server.stop().await;
}

#[tokio::test]
async fn a_stop_lets_it_say_the_rest() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.guest("Alice").await;
    let token = token(server.address, "Sort").await;
    let script =
        "while IFS= read -r line; do echo \"got $line\" >&2; all=\"$all$line\"; done; printf '%s at last' \"$all\"";
    let args = ["--plain", "--", "sh", "-c", script];
    let mut bot = Bot::start(server.address, &token, &state.path().join("bot"), &args).await;
    alice.says("a").await;
    alice.says("b").await;
    bot.tells("got b").await;
    assert_eq!(bot.stop().await, Some(0));
    assert_eq!(hears(&mut alice).await, "ab at last");
    server.stop().await;
}

#[tokio::test]
async fn what_is_too_long_is_refused_with_the_number() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.guest("Alice").await;
    let token = token(server.address, "Long").await;
    let script = "printf '%5000s\\n' x | tr ' ' y; printf '%70000s\\n' x; echo fine; cat";
    let args = ["--plain", "--", "sh", "-c", script];
    let mut bot = Bot::start(server.address, &token, &state.path().join("bot"), &args).await;
    bot.tells("line 1 of the program is not said: body: has 5000 characters, 4000 are allowed").await;
    bot.tells("line 2 of the program is not said: has 70000 bytes, 65536 are allowed").await;
    assert_eq!(hears(&mut alice).await, "fine");
    assert_eq!(bot.stop().await, Some(0));
    server.stop().await;
}

#[tokio::test]
async fn a_chatterbox_is_slowed_and_loses_nothing() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.guest("Alice").await;
    let (token, path) = (token(server.address, "Box").await, state.path().join("bot"));
    let args = ["--plain", "--", "sh", "-c", "seq 1 40; cat >/dev/null"];
    let bot = Bot::start(server.address, &token, &path, &args).await;
    for n in 1..=10 {
        assert_eq!(hears(&mut alice).await, n.to_string());
    }
    bot.kill().await;
    // What waited is said by the next one, which may say more.
    let args = ["--plain", "--rate", "6000", "--", "cat"];
    let bot = Bot::start(server.address, &token, &path, &args).await;
    for n in 11..=40 {
        assert_eq!(hears(&mut alice).await, n.to_string());
    }
    assert_eq!(bot.stop().await, Some(0));
    server.stop().await;
}

#[tokio::test]
async fn two_bots_do_not_share_a_journal() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let (token, path) = (token(server.address, "Echo").await, state.path().join("bot"));
    let bot = Bot::start(server.address, &token, &path, &ECHO).await;
    let (code, said) = run(command(server.address, &token, &path, &ECHO)).await;
    assert_eq!((code, said.contains("another bot is using it")), (Some(1), true), "{said}");
    assert_eq!(bot.stop().await, Some(0));
    server.stop().await;
}

#[tokio::test]
async fn two_bots_that_answer_each_other_are_bounded_and_stop() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.guest("Alice").await;
    let args = ["--plain", "--rate", "1", "--", "cat"];
    let (ping, pong) = (token(server.address, "Ping").await, token(server.address, "Pong").await);
    let ping = Bot::start(server.address, &ping, &state.path().join("ping"), &args).await;
    let pong = Bot::start(server.address, &pong, &state.path().join("pong"), &args).await;
    alice.says("go").await;
    // Each has a burst of ten.
    for _ in 0..20 {
        assert_eq!(hears(&mut alice).await, "go");
    }
    assert_eq!((ping.stop().await, pong.stop().await), (Some(0), Some(0)));
    server.stop().await;
}

#[tokio::test]
async fn a_program_that_ends_is_started_again() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.guest("Alice").await;
    let token = token(server.address, "Once").await;
    let script = "echo \"$READYROOM_BOT_NAME in $READYROOM_ROOM\"; read -r line; echo \"$line\"; exit ${line#exit }";
    let args = ["--plain", "--", "sh", "-c", script];
    let mut bot = Bot::start(server.address, &token, &state.path().join("bot"), &args).await;
    assert_eq!(hears(&mut alice).await, "Once in lobby");
    alice.says("exit 3").await;
    assert_eq!(hears(&mut alice).await, "exit 3");
    bot.tells("exit 3").await;
    assert_eq!(hears(&mut alice).await, "Once in lobby");
    alice.says("exit 0").await;
    assert_eq!(hears(&mut alice).await, "exit 0");
    bot.tells("started again with the next message").await;
    alice.says("exit 0").await;
    assert_eq!(hears(&mut alice).await, "Once in lobby");
    assert_eq!(hears(&mut alice).await, "exit 0");
    assert_eq!(bot.stop().await, Some(0));
    server.stop().await;
}

#[tokio::test]
async fn a_program_may_handle_one_message_and_end() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.guest("Alice").await;
    let token = token(server.address, "Once").await;
    let args = ["--plain", "--", "sh", "-c", "read -r line; echo \"got $line\""];
    let bot = Bot::start(server.address, &token, &state.path().join("bot"), &args).await;
    for n in 0..5 {
        alice.says(&n.to_string()).await;
    }
    // What a run has left unread is for the next one.
    for n in 0..5 {
        assert_eq!(hears(&mut alice).await, format!("got {n}"));
    }
    assert_eq!(bot.stop().await, Some(0));
    server.stop().await;
}

#[tokio::test]
async fn a_program_does_not_get_the_token_and_complains_to_whoever_runs_it() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let token = token(server.address, "Env").await;
    let args = ["--", "sh", "-c", "echo \"token: ${READYROOM_TOKEN:-none}.\" >&2; cat"];
    let mut bot = Bot::spawn(command(server.address, &token, &state.path().join("bot"), &args));
    bot.tells("token: none.").await;
    assert_eq!(bot.stop().await, Some(0));
    server.stop().await;
}

#[tokio::test]
async fn it_comes_back_to_a_server_that_was_restarted() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let address = server.address;
    let mut alice = server.guest("Alice").await;
    let (token, other) = (token(address, "Echo").await, token(address, "Lonely").await);
    let mut bot = Bot::start(address, &token, &state.path().join("bot"), &ECHO).await;
    for round in 0..3 {
        alice.says(&format!("before {round}")).await;
        assert_eq!(hears(&mut alice).await, format!("echo before {round}"));
    }
    let data = server.stop().await;
    bot.tells("connecting again").await;
    let mut lonely = Bot::spawn(command(address, &other, &state.path().join("lonely"), &ECHO));
    lonely.tells("nobody listens").await;
    assert_eq!(lonely.stop().await, Some(0), "a stop is none of a failure where nobody is there");
    let server = Server::start_at(address, data, |_| {}).await;
    let mut alice = alice.again().await;
    alice.says("after").await;
    assert_eq!(hears(&mut alice).await, "echo after");
    bot.tells("connected again").await;
    assert_eq!(bot.stop().await, Some(0));
    server.stop().await;
}

/// Killed at any moment: each message is answered at most once, and what is said while it lives is answered.
#[tokio::test]
async fn a_bot_that_is_killed_answers_nothing_twice() {
    const ROUNDS: usize = 30;
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let mut alice = server.guest("Alice").await;
    let (token, path) = (token(server.address, "Echo").await, state.path().join("bot"));
    let args = ["--plain", "--rate", "60000", "--", "sed", "-u", "s/^/echo /"];
    let mut rng = fastrand::Rng::with_seed(7);
    for round in 0..ROUNDS {
        let bot = Bot::start(server.address, &token, &path, &args).await;
        let alive = format!("alive {round}");
        alice.says(&alive).await;
        alice.sees(&format!("echo {alive}")).await;
        let burst = rng.usize(1..8);
        for n in 0..burst {
            alice.says(&format!("burst {round} {n}")).await;
        }
        // At once, or when the first of them is answered.
        if rng.bool() {
            alice.sees(&format!("echo burst {round} 0")).await;
        }
        bot.kill().await;
        // Said while nobody listens: answered by the next one.
        alice.says(&format!("away {round}")).await;
    }
    let bot = Bot::start(server.address, &token, &path, &args).await;
    alice.says("the end").await;
    alice.sees("echo the end").await;
    assert_eq!(bot.stop().await, Some(0));
    let log = log(&server, &alice).await;
    let mut answers: Vec<&str> = log.iter().filter_map(|body| body.strip_prefix("echo ")).collect();
    let said = answers.len();
    answers.sort_unstable();
    answers.dedup();
    assert_eq!(answers.len(), said, "something was answered twice: {log:?}");
    for round in 0..ROUNDS {
        for kind in ["alive", "away"] {
            let text = format!("{kind} {round}");
            assert!(answers.contains(&text.as_str()), "{text} was not answered");
        }
    }
    server.stop().await;
}

/// The texts of the lobby, in their order.
async fn log(server: &Server, who: &Client) -> Vec<String> {
    let (mut texts, mut after) = (Vec::new(), 0);
    loop {
        let path = format!("/api/v1/rooms/r1/events?after={after}&limit=500");
        let page = http::get(server.address, &path, &who.cookie).await.json::<EventPage>();
        let Some(last) = page.events.last() else { return texts };
        after = last.seq.0;
        texts.extend(page.events.into_iter().filter_map(|event| match event.kind {
            EventKind::Message { body, .. } => Some(body),
            _ => None,
        }));
    }
}

#[tokio::test]
async fn a_second_signal_does_not_wait() {
    let (server, state) = (Server::start().await, tempdir().unwrap());
    let token = token(server.address, "Deaf").await;
    let args = ["--", "sh", "-c", "trap '' INT TERM; echo started >&2; while :; do read -r line || :; done"];
    let mut bot = Bot::start(server.address, &token, &state.path().join("bot"), &args).await;
    bot.tells("started").await;
    bot.signal(Signal::TERM);
    bot.signal(Signal::INT);
    assert!(matches!(bot.ended().await, Some(0 | 130)));
    server.stop().await;
}
