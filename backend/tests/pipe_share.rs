//! `--share` and `--pool`: one process for all clients, and processes that are there before their clients.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and looks at what it knows"
)]

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::task::TaskTracker;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited too long for {what}"))
}

/// Waits until something outside of this process is so.
async fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let mut looks = interval(Duration::from_millis(10));
    soon(what, async {
        loop {
            looks.tick().await;
            if let Some(seen) = look() {
                return seen;
            }
        }
    })
    .await
}

/// A pipe, as a process of its own.
struct Pipe {
    port: u16,
    child: Child,
}

impl Pipe {
    /// Starts one that runs a script of the shell, in a folder.
    async fn start(folder: &Path, flags: &[&str], script: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_readyroom"));
        command.args(["pipe", "--port=0", "--address=127.0.0.1", "--loglevel=info"]).args(flags);
        command.args(["sh", "-c", script]).current_dir(folder).kill_on_drop(true).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = soon("the address", async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some((_, address)) = line.split_once("ws://") {
                    return address.trim_end_matches('/').rsplit_once(':').unwrap().1.parse().unwrap();
                }
            }
            panic!("it did not start");
        });
        let port = port.await;
        // Who does not read its log would stop it once a pipe is full.
        TaskTracker::new().spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { port, child }
    }

    async fn join(&self) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let url = format!("ws://127.0.0.1:{}/?q=1", self.port);
        let (socket, _) = soon("the handshake", tokio_tungstenite::client_async(url, stream)).await.unwrap();
        Client(socket)
    }

    /// SIGTERM, and the status that it ends with.
    async fn stop(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        soon("the end", self.child.wait()).await.unwrap().code()
    }
}

struct Client(WebSocketStream<TcpStream>);

impl Client {
    async fn says(&mut self, text: &str) {
        soon("a message to be taken", self.0.send(Message::text(text))).await.unwrap();
    }

    /// The next message, or the Close's code and reason.
    async fn next(&mut self) -> Result<String, (u16, String)> {
        loop {
            match soon("a message", self.0.next()).await.expect("a Close").expect("no fault") {
                Message::Text(text) => return Ok(text.to_string()),
                Message::Close(frame) => {
                    let told = frame.map(|frame| (frame.code.into(), frame.reason.to_string()));
                    // What RFC 6455, section 7.1.5, calls a Close that says nothing.
                    return Err(told.unwrap_or((1005, String::new())));
                }
                _ => {}
            }
        }
    }

    async fn hears(&mut self) -> String {
        self.next().await.unwrap()
    }

    async fn is_closed(&mut self) -> (u16, String) {
        loop {
            if let Err(closed) = self.next().await {
                return closed;
            }
        }
    }
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn lives(pid: &str) -> bool {
    Path::new("/proc").join(pid).exists()
}

#[tokio::test]
async fn fifty_hear_the_same_in_the_same_order() {
    let folder = tempfile::tempdir().unwrap();
    let pipe =
        Pipe::start(folder.path(), &["--share", "--history=0"], "while read -r line; do echo \"$line\"; done").await;
    let mut clients = Vec::new();
    for _ in 0..50 {
        clients.push(pipe.join().await);
    }
    // Who is there hears it.
    for (who, client) in clients.iter_mut().enumerate() {
        client.says(&format!("hello {who}")).await;
    }
    let talks = clients.into_iter().enumerate().map(|(who, mut client)| {
        TaskTracker::new().spawn(async move {
            let mut heard = Vec::new();
            for number in 0..20 {
                client.says(&format!("{who} {number} {}.", "x".repeat(who * 10))).await;
            }
            while heard.len() < 50 * 21 {
                heard.push(client.hears().await);
            }
            heard
        })
    });
    let mut all = Vec::new();
    for talk in talks.collect::<Vec<_>>() {
        all.push(talk.await.unwrap());
    }
    assert!(all.iter().all(|heard| *heard == all[0]), "two have heard different things");
    for who in 0..50 {
        let expected: Vec<String> = (0..20).map(|number| format!("{who} {number} {}.", "x".repeat(who * 10))).collect();
        let of_one: Vec<&String> = all[0].iter().filter(|line| line.starts_with(&format!("{who} "))).collect();
        assert_eq!(of_one, expected.iter().collect::<Vec<_>>());
    }
    assert_eq!(pipe.stop().await, Some(0));
}

#[tokio::test]
async fn who_comes_late_gets_the_last_lines_and_then_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = Pipe::start(folder.path(), &["--share", "--history=10"], "seq 1 150; cat").await;
    let mut first = pipe.join().await;
    while first.hears().await != "150" {}
    let mut late = pipe.join().await;
    for number in 141..=150 {
        assert_eq!(late.hears().await, number.to_string());
    }
    first.says("next").await;
    assert_eq!((first.hears().await, late.hears().await), ("next".to_owned(), "next".to_owned()));
    // Who leaves ends nothing.
    first.0.close(None).await.unwrap();
    assert_eq!(first.is_closed().await.0, 1005);
    late.says("still").await;
    assert_eq!(late.hears().await, "still");
    assert_eq!(pipe.stop().await, Some(0));
    assert_eq!(late.is_closed().await.0, 1001);
}

#[tokio::test]
async fn who_sleeps_holds_nobody_up_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        "while read n; do awk -v n=$n 'BEGIN { for (i = 0; i < n; i++) printf \"%d %01000d\\n\", i, 0 }'; done";
    // The sleeper is not to be dropped before it wakes up.
    let pipe = Pipe::start(folder.path(), &["--share", "--history=0", "--writems=60000"], script).await;
    let (mut sleeper, mut reader) = (pipe.join().await, pipe.join().await);
    reader.says("40000").await;
    for number in 0..40_000 {
        let line = reader.hears().await;
        assert_eq!(line.split_once(' ').unwrap().0, number.to_string());
    }
    let mut heard = 0;
    let closed = loop {
        match sleeper.next().await {
            Ok(line) => assert_eq!(line.split_once(' ').unwrap().0, heard.to_string(), "a gap"),
            Err(closed) => break closed,
        }
        heard += 1;
    };
    assert_eq!(closed, (1013, "too slow".to_owned()));
    assert!(heard < 40_000);
    reader.says("1").await;
    assert!(reader.hears().await.starts_with("0 "));
    assert_eq!(pipe.stop().await, Some(0));
}

#[tokio::test]
async fn all_are_told_how_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let script = "read line; echo \"got $line\"; printf last; exit 3";
    let pipe = Pipe::start(folder.path(), &["--share"], script).await;
    let (mut one, mut other) = (pipe.join().await, pipe.join().await);
    one.says("x").await;
    for client in [&mut one, &mut other] {
        assert_eq!((client.hears().await, client.hears().await), ("got x".to_owned(), "last".to_owned()));
        assert_eq!(client.next().await, Err((1011, "exit 3".to_owned())));
    }
    let mut late = pipe.join().await;
    assert_eq!(late.next().await, Err((1011, "the shared process has ended: exit 3".to_owned())));
    assert_eq!(pipe.stop().await, Some(0));
    let pipe = Pipe::start(folder.path(), &["--share"], "read line").await;
    let mut client = pipe.join().await;
    client.says("x").await;
    assert_eq!(client.next().await, Err((1000, String::new())));
}

#[tokio::test]
async fn clients_stay_when_it_is_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let script = "echo up; read line; echo \"got $line\"; exit 3";
    let pipe = Pipe::start(folder.path(), &["--share", "--restart"], script).await;
    let (mut one, mut other) = (pipe.join().await, pipe.join().await);
    for line in ["a", "b", "c"] {
        for client in [&mut one, &mut other] {
            assert_eq!(client.hears().await, "up");
        }
        one.says(line).await;
        for client in [&mut one, &mut other] {
            assert_eq!(client.hears().await, format!("got {line}"));
        }
    }
    assert_eq!(pipe.stop().await, Some(0));
}

#[tokio::test]
async fn what_dies_at_once_is_started_with_pauses() {
    let folder = tempfile::tempdir().unwrap();
    let starts = folder.path().join("starts");
    let began = Instant::now();
    let pipe = Pipe::start(folder.path(), &["--share", "--restart"], "echo x >> starts; exit 1").await;
    let mut client = pipe.join().await;
    let seen = until("four starts", || Some(lines(&starts).len()).filter(|starts| *starts >= 4)).await;
    // At least half of 250, 500 and 1000 ms.
    assert!(seen == 4 && began.elapsed() >= Duration::from_millis(875), "{seen} in {:?}", began.elapsed());
    assert_eq!(pipe.stop().await, Some(0));
    assert_eq!(client.is_closed().await.0, 1001);
}

#[tokio::test]
async fn lines_of_many_never_mix_when_the_process_reads_late() {
    let folder = tempfile::tempdir().unwrap();
    let judge = "import sys\nfor line in sys.stdin:\n    line = line.rstrip()\n    \
                 print(len(line), line[0], len(set(line)), flush=True)\n";
    fs::write(folder.path().join("judge.py"), judge).unwrap();
    let script = "mkfifo gate; command -v python3 > /dev/null || { echo python3 is missing; exit 1; }; \
                  echo ready; read go < gate; exec python3 judge.py";
    let pipe = Pipe::start(folder.path(), &["--share"], script).await;
    let mut listener = pipe.join().await;
    assert_eq!(listener.hears().await, "ready");
    let mut talks = Vec::new();
    for letter in ["a", "b", "c", "d"] {
        let mut client = pipe.join().await;
        talks.push(TaskTracker::new().spawn(async move {
            for _ in 0..100 {
                client.says(&letter.repeat(20_000)).await;
            }
            client.0.close(None).await.unwrap();
            client.is_closed().await;
        }));
    }
    fs::write(folder.path().join("gate"), "go\n").unwrap();
    let mut counts = [0; 4];
    for _ in 0..400 {
        let line = listener.hears().await;
        let letter = line.split(' ').nth(1).unwrap();
        assert_eq!(line, format!("20000 {letter} 1"));
        counts["abcd".find(letter).unwrap()] += 1;
    }
    assert_eq!(counts, [100; 4]);
    for talk in talks {
        talk.await.unwrap();
    }
    assert_eq!(pipe.stop().await, Some(0));
}

#[tokio::test]
async fn who_has_closed_its_input_is_still_heard() {
    let folder = tempfile::tempdir().unwrap();
    let script = "exec 0<&-; mkfifo gate; echo ready; read go < gate; echo after; exec sleep 1000";
    let pipe = Pipe::start(folder.path(), &["--share"], script).await;
    let mut client = pipe.join().await;
    assert_eq!(client.hears().await, "ready");
    for _ in 0..100 {
        client.says(&"x".repeat(20_000)).await;
    }
    fs::write(folder.path().join("gate"), "go\n").unwrap();
    assert_eq!(client.hears().await, "after");
    assert_eq!(pipe.stop().await, Some(0));
}

#[tokio::test]
async fn errors_are_told_to_all_where_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = Pipe::start(folder.path(), &["--share", "--passstderr"], "cat").await;
    let (mut one, mut other) = (pipe.join().await, pipe.join().await);
    one.says("x").await;
    for client in [&mut one, &mut other] {
        assert_eq!(client.hears().await, r#"{"stream":"stdout","data":"x"}"#);
    }
    let pipe = Pipe::start(folder.path(), &["--share", "--passstderr"], "read line; echo err >&2; exit 2").await;
    let (mut one, mut other) = (pipe.join().await, pipe.join().await);
    one.says("x").await;
    for client in [&mut one, &mut other] {
        assert_eq!(client.hears().await, r#"{"stream":"stderr","data":"err"}"#);
        assert_eq!(client.next().await, Err((1011, "exit 2".to_owned())));
    }
}

#[tokio::test]
async fn a_stop_leaves_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let script = "trap '' INT TERM; echo $$ >> pid; while :; do sleep 1000; done";
    let pipe = Pipe::start(folder.path(), &["--share"], script).await;
    let mut client = pipe.join().await;
    let shared = until("the process", || lines(&pid).first().cloned()).await;
    assert_eq!(pipe.stop().await, Some(0));
    assert_eq!(client.is_closed().await.0, 1001);
    assert!(!lives(&shared));
    let pipe = Pipe::start(folder.path(), &["--pool=3"], script).await;
    let all = until("three processes", || Some(lines(&pid)).filter(|pids| pids.len() == 4)).await;
    assert_eq!(pipe.stop().await, Some(0));
    assert!(!all.iter().any(|pid| lives(pid)));
}

#[tokio::test]
async fn a_client_finds_a_process_that_waits_and_another_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let script = "echo $$ >> pids; echo \"up ${QUERY_STRING-none} $SERVER_SOFTWARE\"; \
                  while read -r line; do echo \"$line $$\"; done";
    let pipe = Pipe::start(folder.path(), &["--pool=2", "--maxforks=3"], script).await;
    let mut waiting = until("two processes", || Some(lines(&pids)).filter(|pids| pids.len() == 2)).await;
    let mut clients = Vec::new();
    let mut met = Vec::new();
    for _ in &waiting {
        let mut client = pipe.join().await;
        assert!(client.hears().await.starts_with("up none readyroom/"));
        client.says("x").await;
        met.push(client.hears().await.strip_prefix("x ").unwrap().to_owned());
        clients.push(client);
    }
    // Which of them has written first is not which was started first.
    met.sort();
    waiting.sort();
    assert_eq!(met, waiting);
    // The place that is left is taken by one that waits: for the third client, and nobody after.
    let third = until("another", || lines(&pids).get(2).cloned()).await;
    let mut client = pipe.join().await;
    assert!(client.hears().await.starts_with("up none"));
    client.says("x").await;
    assert_eq!(client.hears().await, format!("x {third}"));
    let (code, reason) = pipe.join().await.is_closed().await;
    assert!(code == 1013 && reason.contains("--maxforks 3"), "{code} {reason}");
    drop(clients.pop());
    until("a place to come free", || lines(&pids).get(3).cloned()).await;
    assert!(pipe.join().await.hears().await.starts_with("up none"));
    assert_eq!(pipe.stop().await, Some(0));
}

#[tokio::test]
async fn what_waits_and_dies_is_replaced_with_pauses() {
    let folder = tempfile::tempdir().unwrap();
    let starts = folder.path().join("starts");
    let began = Instant::now();
    let pipe = Pipe::start(folder.path(), &["--pool=1"], "echo x >> starts; exit 1").await;
    let seen = until("three starts", || Some(lines(&starts).len()).filter(|starts| *starts >= 3)).await;
    assert!(seen == 3 && began.elapsed() >= Duration::from_millis(375), "{seen} in {:?}", began.elapsed());
    assert_eq!(pipe.stop().await, Some(0));
}
