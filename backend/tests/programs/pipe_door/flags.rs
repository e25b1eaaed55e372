//! Command lines that are not served: what is said, where, and what the program ends with.

use std::os::unix::fs::symlink;
use std::process::{Output, Stdio};

use tokio::process::Command;

use super::running::Running;
use crate::support::pipe::{command, refused};
use crate::support::soon;

async fn output(command: &mut Command) -> Output {
    soon("the end", command.stdout(Stdio::piped()).stderr(Stdio::piped()).output()).await.unwrap()
}

#[tokio::test]
async fn whoever_asks_is_told_on_standard_output() {
    for (flag, told) in [("--help", "--sslcert"), ("-h", "--devconsole"), ("--version", "0."), ("--license", "MIT")] {
        let output = output(command().arg(flag)).await;
        assert_eq!(output.status.code(), Some(0), "{flag}");
        assert!(String::from_utf8(output.stdout).unwrap().contains(told), "{flag}");
        assert!(output.stderr.is_empty(), "{flag}");
    }
}

#[tokio::test]
async fn every_mistake_has_its_status_and_names_its_flag() {
    for (words, status, told) in [
        (&[][..], 1, "COMMAND"),
        (&["--port=1"], 1, "COMMAND"),
        (&["--loglevel=loud", "cat"], 1, "--loglevel"),
        (&["--ssl", "cat"], 1, "--sslcert"),
        (&["--binary", "--passstderr", "cat"], 1, "--passstderr"),
        (&["--dir=/no/such/folder"], 1, "--dir"),
        (&["/no/such/program"], 1, "/no/such/program"),
        (&["/dev/null"], 1, "not a file"),
        (&["/etc/passwd"], 1, "not executable"),
        (&["--bogus", "cat"], 2, "--bogus"),
        (&["--port=many", "cat"], 2, "--port"),
        (&["--address=203.0.113.1", "--port=0", "cat"], 3, "--address"),
        (&["--unixsocket=/no/such/folder/s", "cat"], 3, "--unixsocket"),
        (&["--port=0", "--ssl", "--sslcert=/no/such", "--sslkey=/no/such", "cat"], 3, "/no/such"),
        (&["--devconsole", "--staticdir=/tmp", "cat"], 4, "--devconsole"),
        (&["--devconsole", "--cgidir=/tmp", "cat"], 4, "--devconsole"),
    ] {
        let (ended, said) = refused(words).await;
        assert_eq!(ended, Some(status), "{words:?}: {said}");
        assert!(said.contains(told), "{words:?}: {said}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_ends_it_with_three() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (status, said) = refused(&["--address=127.0.0.1", "--port", &port, "cat"]).await;
    assert_eq!(status, Some(3));
    assert!(said.contains("FATAL") && said.contains("in use") && said.contains(&port), "{said}");
}

/// Called by websocketd's name it is websocketd, with all of its command line.
#[tokio::test]
async fn the_name_makes_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("websocketd");
    symlink(env!("CARGO_BIN_EXE_readyroom"), &link).unwrap();
    let words = output(Command::new(&link).arg("--bogus")).await;
    assert_eq!(words.status.code(), Some(2));
    let said = String::from_utf8(words.stderr).unwrap();
    assert!(said.starts_with("websocketd: ") && !said.contains("readyroom pipe"), "{said}");
    let mut command = Command::new(&link);
    command.args(["--port=0", "--address=127.0.0.1", "--loglevel=info", "cat"]).kill_on_drop(true);
    let running = Running::spawn(&mut command).await;
    assert!(running.logged("Serving using application").await.contains("/cat"));
    assert_ne!(running.ports("Starting WebSocket server"), [0]);
}

/// The lines that people and their scripts wait for.
#[tokio::test]
async fn the_start_is_logged_as_websocketd_logs_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let (files, scripts, programs) =
        (format!("--staticdir={path}"), format!("--cgidir={path}"), format!("--dir={path}"));
    let here = ["--port=0", "--address=127.0.0.1"];
    let running = Running::start(&[&here[..], &[&files, &scripts, "cat", "-u"]].concat()).await;
    let line = running.logged("Serving using application").await;
    let parts: Vec<&str> = line.split(" | ").collect();
    assert_eq!(parts.get(1..4), Some(&["INFO  ", "server    ", ""][..]), "{line}");
    assert!(parts[4].starts_with("Serving using application   : /") && parts[4].ends_with("/cat -u"), "{line}");
    let [port] = running.ports("Starting WebSocket server")[..] else { panic!("a port") };
    for told in [
        format!("Serving static content from : {path}"),
        format!("Serving CGI scripts from    : {path}"),
        format!("Starting WebSocket server   : ws://127.0.0.1:{port}/"),
        format!("Serving CGI or static files : http://127.0.0.1:{port}/"),
    ] {
        running.logged(&told).await;
    }
    let running = Running::start(&[&here[..], &["--devconsole", &programs]].concat()).await;
    running.logged(&format!("Serving from directory      : {path}")).await;
    running.logged("Developer console enabled   : http://127.0.0.1:").await;
}
