//! How programs are ended.

use std::sync::Arc;
use std::time::Duration;

use readyroom::program::Program;
use readyroom::program::exit::Exit;
use readyroom::program::ladder::Ladder;
use rustix::process::Signal;
use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::help::{line, program, runner, script, within};

/// How long it takes until a program that has said a line is seen off.
async fn seen_off(program: &Program, extra: Duration) -> Duration {
    let runner = runner();
    let places = Arc::new(Semaphore::new(1));
    let place = places.clone().acquire_owned().await.unwrap();
    let mut child = runner.start(program).unwrap();
    line(&mut child).await;
    let begin = Instant::now();
    runner.see_off(child, Ladder::new(begin, extra), Some(place));
    assert!(places.try_acquire().is_err(), "its place is free although it still ends");
    drop(within(places.acquire()).await.unwrap());
    begin.elapsed()
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[tokio::test]
async fn who_reads_the_end_of_its_input_needs_no_signal() {
    assert!(seen_off(&script("echo; exec cat"), ms(10_000)).await < ms(10_000));
}

#[tokio::test]
async fn each_signal_comes_in_its_time() {
    let ignores = |signals: &str| script(&format!("trap '' {signals}; echo; while :; do sleep 0.01; done </dev/null"));
    let by_int = seen_off(&ignores("HUP"), ms(0)).await;
    assert!(by_int >= ms(100), "{by_int:?}");
    let by_term = seen_off(&ignores("INT"), ms(0)).await;
    assert!(by_term >= ms(350), "{by_term:?}");
    let by_kill = seen_off(&ignores("INT TERM HUP"), ms(0)).await;
    assert!(by_kill >= ms(850), "{by_kill:?}");
    let later = seen_off(&ignores("INT"), ms(100)).await;
    assert!(later >= ms(550), "{later:?}");
}

#[tokio::test]
async fn a_program_that_floods_its_output_is_seen_off_too() {
    assert!(seen_off(&program("yes", &[]), ms(0)).await < ms(800));
}

#[tokio::test]
async fn the_group_is_given_time_when_its_head_has_ended() {
    // The head ends by SIGINT, which a shell has what it starts ignore; that cleans up by SIGTERM, seen by its output alone.
    let folder = tempfile::tempdir().unwrap();
    let done = folder.path().join("done");
    let text = format!(
        "(trap 'sleep 0.2; echo > {}; exit' TERM; echo; while :; do sleep 0.01; done) & trap 'exit' INT; wait",
        done.display()
    );
    let took = seen_off(&script(&text), ms(1_000)).await;
    assert!(done.exists(), "killed after {took:?}");
}

#[tokio::test]
async fn dropped_the_whole_group_is_killed() {
    let runner = runner();
    let mut child =
        runner.start(&script("trap '' INT TERM HUP; (sleep 1000 & sleep 1000) & echo; wait; sleep 1000")).unwrap();
    line(&mut child).await;
    let mut stdout = child.stdout.take().unwrap();
    drop(child);
    // Each of them holds the output open.
    assert_eq!(within(stdout.read(&mut [0; 16])).await.unwrap(), 0);
}

#[tokio::test]
async fn what_a_program_leaves_behind_speaks_on_until_the_end_of_the_session() {
    let runner = runner();
    let mut child = runner.start(&script("exec 3<&0; (read line; echo \"$line\"; sleep 1000) <&3 & exit 5")).unwrap();
    assert_eq!(within(child.exited()).await, Exit::Code(5));
    let mut stdin = child.stdin.take().unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stdin, b"still here\n").await.unwrap();
    assert_eq!(line(&mut child).await, "still here");
    assert_eq!(child.exited().await, Exit::Code(5));
    let mut stdout = child.stdout.take().unwrap();
    drop(child);
    assert_eq!(within(stdout.read(&mut [0; 16])).await.unwrap(), 0);
}

#[tokio::test]
async fn a_signal_reaches_the_group_and_after_the_end_nobody() {
    let mut child = runner().start(&script("sleep 1000 & echo; wait")).unwrap();
    line(&mut child).await;
    child.signal(Signal::TERM);
    assert_eq!(within(child.exited()).await, Exit::Signal(15));
    assert_eq!(within(child.stdout.as_mut().unwrap().read(&mut [0; 16])).await.unwrap(), 0);
    child.signal(Signal::TERM);
    assert_eq!(child.exited().await, Exit::Signal(15));
}

#[tokio::test]
async fn a_wait_can_be_given_up_and_begun_again() {
    let mut child = runner().start(&program("cat", &[])).unwrap();
    let nothing = tokio::time::timeout(ms(5), child.exited()).await;
    assert!(nothing.is_err());
    drop(child.stdin.take());
    assert_eq!(within(child.exited()).await, Exit::Code(0));
}
