//! What is left when much was started, and when the server is killed.
//!
//! A server of these tests is this test program again, which runs one of the ignored tests.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child as Process, Command, Stdio};

use readyroom::program::ladder::Ladder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use super::help::{line, program, runner, script, within};
use crate::support::until;

/// Where the server's programs hold on to something.
const HELD: &str = "READYROOM_TEST_HELD";

fn server(test: &str, held: &Path) -> Process {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(HELD, held).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
#[ignore = "the server that is killed by another test"]
async fn programs_that_hear_nothing() {
    let held = std::env::var(HELD).unwrap();
    let runner = runner();
    let text =
        format!("exec 3>{held}; trap '' HUP INT TERM; (sleep 1000 & sleep 1000) </dev/null & echo; wait; sleep 1000");
    let mut children = Vec::new();
    for _ in 0..3 {
        children.push(runner.start(&script(&text)).unwrap());
    }
    for child in &mut children {
        line(child).await;
    }
    println!("\nall run");
    std::future::pending::<()>().await;
}

#[test]
fn when_the_server_is_killed_its_programs_end_and_all_they_have_started() {
    let folder = tempfile::tempdir().unwrap();
    let held = folder.path().join("held");
    assert!(Command::new("mkfifo").arg(&held).status().unwrap().success());
    let mut server = server("program::keeper::programs_that_hear_nothing", &held);
    // Opening it waits for the first program to open it; its end comes when the last one is gone.
    let mut fifo = std::fs::File::open(&held).unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    assert!(output.by_ref().lines().any(|line| line.unwrap() == "all run"));
    server.kill().unwrap();
    server.wait().unwrap();
    // Nobody has kept the server's output: not its programs, and not who ends them.
    assert_eq!(output.read_to_end(&mut Vec::new()).unwrap(), 0);
    assert_eq!(fifo.read_to_end(&mut Vec::new()).unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs in a process of its own, started by another test"]
async fn a_thousand_programs_one_after_another() {
    let runner = runner();
    let warm = runner.start(&program("cat", &[])).unwrap();
    let before = descriptors();
    for round in 0..1000 {
        let mut child = runner.start(&program("cat", &[])).unwrap();
        match round % 4 {
            0 => drop(child),
            1 => {
                child.stdin.as_mut().unwrap().write_all(b"a line\n").await.unwrap();
                assert_eq!(line(&mut child).await, "a line");
                drop(child.stdin.take());
                within(child.exited()).await;
            }
            2 => runner.see_off(child, Ladder::new(Instant::now(), std::time::Duration::ZERO), ()),
            _ => {
                drop(child.stdin.take());
                assert_eq!(child.stdout.as_mut().unwrap().read(&mut [0; 8]).await.unwrap(), 0);
            }
        }
    }
    // The one that was kept, and the keeper.
    until("one is left, and the keeper", || (children(), descriptors()) == (2, before)).await;
    drop(warm);
    until("the keeper is left", || children() == 1).await;
    // With the last program and its runner the keeper ends as well.
    drop(runner);
    until("the keeper is gone", || children() == 0).await;
}

/// The processes that this one has started and not reaped, as a list of processes has them.
fn children() -> usize {
    let list = std::fs::read_dir("/proc/self/task").unwrap();
    let of = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
    list.map(|task| of(task.unwrap()).split_whitespace().count()).sum()
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn a_thousand_starts_leave_no_process_and_no_descriptor() {
    if !Path::new("/proc/self/task").exists() {
        eprintln!("without /proc nothing can be counted");
        return;
    }
    let mut server = server("program::keeper::a_thousand_programs_one_after_another", Path::new(""));
    let mut output = String::new();
    server.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    assert!(server.wait().unwrap().success(), "{output}");
    assert!(output.contains("1 passed"), "{output}");
}
