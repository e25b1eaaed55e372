//! Programs of the usual shapes behind `readyroom pipe`, spoken with by clients that nobody here wrote; and behind
//! websocketd too, where it is installed: the same bytes come out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use journeys::browser::{Driver, WIDE};
use journeys::pipe::{Pipe, Whose};
use journeys::talk::{Client, Plan, Told};

fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("programs")
}

fn start(whose: Whose, words: &[&str]) -> anyhow::Result<Pipe> {
    Pipe::start(whose, &programs(), words)
}

/// What all three clients hear of a program, from ours, and from websocketd where it is here.
async fn heard(words: &[&str], plan: &Plan) -> anyhow::Result<Vec<(Whose, &'static str, Told)>> {
    let driver = Driver::start()?;
    let mut all = Vec::new();
    for client in Client::all(&driver).await? {
        for whose in Whose::here() {
            let pipe = start(*whose, words)?;
            all.push((*whose, client.name(), client.talk(&pipe.url("/"), plan).await?));
        }
    }
    Ok(all)
}

/// Sees that all of them heard this.
fn all_heard(all: &[(Whose, &str, Told)], messages: &[&str]) {
    for (whose, client, told) in all {
        assert_eq!(told.messages, messages, "{client} at {}", whose.name());
    }
}

/// How ours has ended, for each client.
fn ends(all: &[(Whose, &'static str, Told)]) -> Vec<(u64, String, bool)> {
    let ours = all.iter().filter(|(whose, ..)| *whose == Whose::Ours);
    ours.map(|(_, _, told)| (told.code, told.reason.clone(), told.clean)).collect()
}

#[tokio::test]
async fn a_counter_is_heard_to_its_end() -> anyhow::Result<()> {
    let all = heard(&["./count.sh"], &Plan::listen()).await?;
    all_heard(&all, &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
    assert!(ends(&all).iter().all(|end| *end == (1000, String::new(), true)), "{all:?}");
    Ok(())
}

#[tokio::test]
async fn a_greeter_answers_line_by_line() -> anyhow::Result<()> {
    let plan = Plan::listen().say("Ada").hear(1).say("世界 🚇").hear(2).close();
    let all = heard(&["./greeter.py"], &plan).await?;
    all_heard(&all, &["Hello Ada!", "Hello 世界 🚇!"]);
    assert!(ends(&all).iter().all(|(code, _, clean)| *code == 1000 && *clean), "{all:?}");
    Ok(())
}

#[tokio::test]
async fn a_program_that_reads_pieces_gets_lines() -> anyhow::Result<()> {
    let plan = Plan::listen().say("a").hear(1).say("b").hear(2).close();
    all_heard(&heard(&["./greeter.js"], &plan).await?, &["data: a", "data: b"]);
    Ok(())
}

#[tokio::test]
async fn both_sides_speak_when_they_like() -> anyhow::Result<()> {
    let plan = Plan::listen().say("a").hear(1).say("b").hear(2).say("c");
    all_heard(&heard(&["./send_receive.sh"], &plan).await?, &["1 received", "1 received", "1 received"]);
    Ok(())
}

#[tokio::test]
async fn bytes_come_back_as_they_went() -> anyhow::Result<()> {
    let bytes: Vec<u8> = (0..=255).collect();
    let plan = Plan::listen().bytes(&bytes).hear(1).close();
    let expected: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    for (whose, client, told) in heard(&["--binary", "cat"], &plan).await? {
        assert_eq!(told.hex(), expected, "{client} at {}", whose.name());
    }
    Ok(())
}

/// The variables that a program says it has.
fn variables(told: &Told) -> BTreeMap<String, String> {
    let named = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    told.text().lines().filter_map(named).collect()
}

#[tokio::test]
async fn the_environment_is_that_of_cgi() -> anyhow::Result<()> {
    // What each connection or server has of its own; the last two are in docs/pipe.md.
    const OWN: [&str; 6] =
        ["UNIQUE_ID", "REMOTE_PORT", "SERVER_PORT", "HTTP_SEC_WEBSOCKET_KEY", "SERVER_SOFTWARE", "GATEWAY_INTERFACE"];
    let all = heard(&["./env.sh"], &Plan::listen()).await?;
    let mut by_client: BTreeMap<&str, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for (_, client, told) in &all {
        let mut variables = variables(told);
        assert_eq!(variables.get("REQUEST_METHOD").map(String::as_str), Some("GET"), "{client}: {told:?}");
        assert_eq!(variables.get("REMOTE_ADDR").map(String::as_str), Some("127.0.0.1"), "{client}");
        assert_eq!(variables.get("REMOTE_USER").map(String::as_str), Some(""), "{client}");
        assert!(!variables.contains_key("HTTP_HOST"), "{client}");
        for name in OWN {
            assert!(variables.remove(name).is_some_and(|value| !value.is_empty()), "{client}: no {name}");
        }
        by_client.entry(client).or_default().push(variables);
    }
    for (client, variables) in by_client {
        assert!(variables.windows(2).all(|pair| pair[0] == pair[1]), "{client}: {variables:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_program_buffers_comes_at_its_end_or_at_once_with_a_terminal() -> anyhow::Result<()> {
    let pipe = start(Whose::Ours, &["--closems=5000", "./buffered.py"])?;
    let told = Client::Ws.talk(&pipe.url("/"), &Plan::listen().say("a").say("b").close()).await?;
    assert_eq!((told.messages.len(), &told.after), (0, &vec!["Heard a".into(), "Heard b".into()]));
    let pipe = start(Whose::Ours, &["--pty", "./buffered.py"])?;
    let driver = Driver::start()?;
    for client in Client::all(&driver).await? {
        let told = client.talk(&pipe.url("/"), &Plan::listen().say("a").hear(1).say("b").hear(2).close()).await?;
        assert_eq!(told.messages, ["Heard a", "Heard b"], "{}", client.name());
    }
    Ok(())
}

#[tokio::test]
async fn a_program_that_misses_the_end_of_its_input_is_seen_off() -> anyhow::Result<()> {
    let driver = Driver::start()?;
    for client in Client::all(&driver).await? {
        for whose in Whose::here() {
            let pipe = start(*whose, &["./spinner.py"])?;
            let told = client.talk(&pipe.url("/"), &Plan::listen().say("Ada").hear(1).close()).await?;
            assert_eq!(told.messages, ["Hello Ada!"], "{} at {}", client.name(), whose.name());
            pipe.until("the program is gone", |pipe| pipe.programs().is_ok_and(|programs| programs.is_empty()))?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_last_line_and_the_status_are_told() -> anyhow::Result<()> {
    let driver = Driver::start()?;
    let pipe = start(Whose::Ours, &["./last.sh"])?;
    for client in Client::all(&driver).await? {
        let told = client.talk(&pipe.url("/"), &Plan::listen()).await?;
        assert_eq!(told.messages, ["one", "two"], "{}", client.name());
        assert_eq!((told.code, told.reason.as_str(), told.clean), (1011, "exit 3", true), "{}", client.name());
    }
    Ok(())
}

#[tokio::test]
async fn a_subprotocol_is_agreed_on_and_messages_are_compressed() -> anyhow::Result<()> {
    let driver = Driver::start()?;
    let pipe = start(Whose::Ours, &["cat"])?;
    for client in Client::all(&driver).await? {
        let plan = Plan::listen().offering(&["chat.v2", "chat.v1"]).say(&"long ".repeat(1_000)).hear(1).close();
        let told = client.talk(&pipe.url("/"), &plan).await?;
        assert_eq!((told.opened, told.protocol.as_str()), (true, "chat.v2"), "{}", client.name());
        assert!(told.extensions.starts_with("permessage-deflate"), "{}: {}", client.name(), told.extensions);
        assert_eq!(told.messages, ["long ".repeat(1_000)], "{}", client.name());
    }
    Ok(())
}

#[tokio::test]
async fn files_and_scripts_are_served_beside_a_program() -> anyhow::Result<()> {
    let driver = Driver::start()?;
    let page = std::fs::read_to_string(programs().join("page.html"))?;
    for whose in Whose::here() {
        let pipe = start(*whose, &["--staticdir=.", "./count.sh"])?;
        assert_eq!(pipe.get("/page.html")?, page, "{}", whose.name());
        driver.open(&pipe.page("/page.html"), WIDE, "en-GB").await?.sees("#count", "10").await?;
        let pipe = start(*whose, &["--cgidir=."])?;
        assert!(pipe.get("/cgi.sh?a=b")?.contains("GET /cgi.sh?a=b"), "{}", whose.name());
    }
    Ok(())
}
