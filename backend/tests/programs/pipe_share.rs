//! `--share` and `--pool`: one process for all clients, and processes that are there before their clients.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio_util::task::TaskTracker;

use crate::support::pipe::{Pipe, Socket, is_alive};
use crate::support::until;

/// Comes in, with a question that no program is to hear that many share, or that was there before.
async fn join(pipe: &Pipe) -> Socket {
    pipe.open_at("/?q=1", &[]).await.unwrap().0
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn lives(pid: &str) -> bool {
    is_alive(pid.parse().unwrap())
}

#[tokio::test]
async fn fifty_hear_the_same_in_the_same_order() {
    let folder = tempfile::tempdir().unwrap();
    let pipe =
        Pipe::sh_in(folder.path(), &["--share", "--history=0"], "while read -r line; do echo \"$line\"; done").await;
    let mut clients = Vec::new();
    for _ in 0..50 {
        clients.push(join(&pipe).await);
    }
    // Who is there hears it.
    for (who, client) in clients.iter_mut().enumerate() {
        client.say(&format!("hello {who}")).await;
    }
    let talks = clients.into_iter().enumerate().map(|(who, mut client)| {
        TaskTracker::new().spawn(async move {
            let mut heard = Vec::new();
            for number in 0..20 {
                client.say(&format!("{who} {number} {}.", "x".repeat(who * 10))).await;
            }
            while heard.len() < 50 * 21 {
                heard.push(client.hear().await);
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
    let pipe = Pipe::sh_in(folder.path(), &["--share", "--history=10"], "seq 1 150; cat").await;
    let mut first = join(&pipe).await;
    while first.hear().await != "150" {}
    let mut late = join(&pipe).await;
    for number in 141..=150 {
        assert_eq!(late.hear().await, number.to_string());
    }
    first.say("next").await;
    assert_eq!((first.hear().await, late.hear().await), ("next".to_owned(), "next".to_owned()));
    // Who leaves ends nothing.
    first.0.close(None).await.unwrap();
    assert_eq!(first.end().await.0, 1005);
    late.say("still").await;
    assert_eq!(late.hear().await, "still");
    assert_eq!(pipe.stop().await, Some(0));
    assert_eq!(late.end().await.0, 1001);
}

#[tokio::test]
async fn who_sleeps_holds_nobody_up_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        "while read n; do awk -v n=$n 'BEGIN { for (i = 0; i < n; i++) printf \"%d %01000d\\n\", i, 0 }'; done";
    // The sleeper is not to be dropped before it wakes up.
    let pipe = Pipe::sh_in(folder.path(), &["--share", "--history=0", "--writems=60000"], script).await;
    let (mut sleeper, mut reader) = (join(&pipe).await, join(&pipe).await);
    reader.say("40000").await;
    for number in 0..40_000 {
        let line = reader.hear().await;
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
    reader.say("1").await;
    assert!(reader.hear().await.starts_with("0 "));
    assert_eq!(pipe.stop().await, Some(0));
}

#[tokio::test]
async fn all_are_told_how_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let script = "read line; echo \"got $line\"; printf last; exit 3";
    let pipe = Pipe::sh_in(folder.path(), &["--share"], script).await;
    let (mut one, mut other) = (join(&pipe).await, join(&pipe).await);
    // A handshake is answered before its client is among those who share.
    let is_in = |line: &String| line.ends_with("| CONNECT");
    until("both are in", || pipe.log().iter().filter(|line| is_in(line)).count() == 2).await;
    one.say("x").await;
    for client in [&mut one, &mut other] {
        assert_eq!((client.hear().await, client.hear().await), ("got x".to_owned(), "last".to_owned()));
        assert_eq!(client.next().await, Err((1011, "exit 3".to_owned())));
    }
    let mut late = join(&pipe).await;
    assert_eq!(late.next().await, Err((1011, "the shared process has ended: exit 3".to_owned())));
    assert_eq!(pipe.stop().await, Some(0));
    let pipe = Pipe::sh_in(folder.path(), &["--share"], "read line").await;
    let mut client = join(&pipe).await;
    client.say("x").await;
    assert_eq!(client.next().await, Err((1000, String::new())));
}

#[tokio::test]
async fn clients_stay_when_it_is_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let script = "echo up; read line; echo \"got $line\"; exit 3";
    let pipe = Pipe::sh_in(folder.path(), &["--share", "--restart"], script).await;
    let (mut one, mut other) = (join(&pipe).await, join(&pipe).await);
    for line in ["a", "b", "c"] {
        for client in [&mut one, &mut other] {
            assert_eq!(client.hear().await, "up");
        }
        one.say(line).await;
        for client in [&mut one, &mut other] {
            assert_eq!(client.hear().await, format!("got {line}"));
        }
    }
    assert_eq!(pipe.stop().await, Some(0));
}

#[tokio::test]
async fn what_dies_at_once_is_started_with_pauses() {
    let folder = tempfile::tempdir().unwrap();
    let starts = folder.path().join("starts");
    let began = Instant::now();
    let pipe = Pipe::sh_in(folder.path(), &["--share", "--restart"], "echo x >> starts; exit 1").await;
    let mut client = join(&pipe).await;
    until("four starts", || lines(&starts).len() >= 4).await;
    // At least half of 250, 500 and 1000 ms.
    assert!(began.elapsed() >= Duration::from_millis(875), "{:?}", began.elapsed());
    assert_eq!(pipe.stop().await, Some(0));
    assert_eq!(client.end().await.0, 1001);
}

#[tokio::test]
async fn lines_of_many_never_mix_when_the_process_reads_late() {
    let folder = tempfile::tempdir().unwrap();
    let judge = "import sys\nfor line in sys.stdin:\n    line = line.rstrip()\n    \
                 print(len(line), line[0], len(set(line)), flush=True)\n";
    fs::write(folder.path().join("judge.py"), judge).unwrap();
    let script = "mkfifo gate; command -v python3 > /dev/null || { echo python3 is missing; exit 1; }; \
                  echo ready; read go < gate; exec python3 judge.py";
    let pipe = Pipe::sh_in(folder.path(), &["--share"], script).await;
    let mut listener = join(&pipe).await;
    assert_eq!(listener.hear().await, "ready");
    let mut talks = Vec::new();
    for letter in ["a", "b", "c", "d"] {
        let mut client = join(&pipe).await;
        talks.push(TaskTracker::new().spawn(async move {
            for _ in 0..100 {
                client.say(&letter.repeat(20_000)).await;
            }
            client.0.close(None).await.unwrap();
            client.end().await;
        }));
    }
    fs::write(folder.path().join("gate"), "go\n").unwrap();
    let mut counts = [0; 4];
    for _ in 0..400 {
        let line = listener.hear().await;
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
    let pipe = Pipe::sh_in(folder.path(), &["--share"], script).await;
    let mut client = join(&pipe).await;
    assert_eq!(client.hear().await, "ready");
    for _ in 0..100 {
        client.say(&"x".repeat(20_000)).await;
    }
    fs::write(folder.path().join("gate"), "go\n").unwrap();
    assert_eq!(client.hear().await, "after");
    assert_eq!(pipe.stop().await, Some(0));
}

#[tokio::test]
async fn errors_are_told_to_all_where_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = Pipe::sh_in(folder.path(), &["--share", "--passstderr"], "cat").await;
    let (mut one, mut other) = (join(&pipe).await, join(&pipe).await);
    one.say("x").await;
    for client in [&mut one, &mut other] {
        assert_eq!(client.hear().await, r#"{"stream":"stdout","data":"x"}"#);
    }
    let pipe = Pipe::sh_in(folder.path(), &["--share", "--passstderr"], "read line; echo err >&2; exit 2").await;
    let (mut one, mut other) = (join(&pipe).await, join(&pipe).await);
    one.say("x").await;
    for client in [&mut one, &mut other] {
        assert_eq!(client.hear().await, r#"{"stream":"stderr","data":"err"}"#);
        assert_eq!(client.next().await, Err((1011, "exit 2".to_owned())));
    }
}

#[tokio::test]
async fn a_stop_leaves_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let script = "trap '' INT TERM; echo $$ >> pid; while :; do sleep 1000; done";
    let pipe = Pipe::sh_in(folder.path(), &["--share"], script).await;
    let mut client = join(&pipe).await;
    until("the process", || !lines(&pid).is_empty()).await;
    let shared = lines(&pid).remove(0);
    assert_eq!(pipe.stop().await, Some(0));
    assert_eq!(client.end().await.0, 1001);
    assert!(!lives(&shared));
    let pipe = Pipe::sh_in(folder.path(), &["--pool=3"], script).await;
    until("three processes", || lines(&pid).len() == 4).await;
    let all = lines(&pid);
    assert_eq!(pipe.stop().await, Some(0));
    assert!(!all.iter().any(|pid| lives(pid)));
}

#[tokio::test]
async fn a_client_finds_a_process_that_waits_and_another_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let script = "echo $$ >> pids; echo \"up ${QUERY_STRING-none} $SERVER_SOFTWARE\"; \
                  while read -r line; do echo \"$line $$\"; done";
    let pipe = Pipe::sh_in(folder.path(), &["--pool=2", "--maxforks=3"], script).await;
    until("two processes", || lines(&pids).len() == 2).await;
    let mut waiting = lines(&pids);
    let mut clients = Vec::new();
    let mut met = Vec::new();
    for _ in &waiting {
        let mut client = join(&pipe).await;
        assert!(client.hear().await.starts_with("up none readyroom/"));
        client.say("x").await;
        met.push(client.hear().await.strip_prefix("x ").unwrap().to_owned());
        clients.push(client);
    }
    // Which of them has written first is not which was started first.
    met.sort();
    waiting.sort();
    assert_eq!(met, waiting);
    // The place that is left is taken by one that waits: for the third client, and nobody after.
    until("another", || lines(&pids).len() > 2).await;
    let third = lines(&pids).remove(2);
    let mut client = join(&pipe).await;
    assert!(client.hear().await.starts_with("up none"));
    client.say("x").await;
    assert_eq!(client.hear().await, format!("x {third}"));
    let (code, reason) = join(&pipe).await.end().await;
    assert!(code == 1013 && reason.contains("--maxforks 3"), "{code} {reason}");
    drop(clients.pop());
    until("a place to come free", || lines(&pids).len() > 3).await;
    assert!(join(&pipe).await.hear().await.starts_with("up none"));
    assert_eq!(pipe.stop().await, Some(0));
}

#[tokio::test]
async fn what_waits_and_dies_is_replaced_with_pauses() {
    let folder = tempfile::tempdir().unwrap();
    let starts = folder.path().join("starts");
    let began = Instant::now();
    let pipe = Pipe::sh_in(folder.path(), &["--pool=1"], "echo x >> starts; exit 1").await;
    until("three starts", || lines(&starts).len() >= 3).await;
    assert!(began.elapsed() >= Duration::from_millis(375), "{:?}", began.elapsed());
    assert_eq!(pipe.stop().await, Some(0));
}
