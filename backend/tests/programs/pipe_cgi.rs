//! CGI scripts of a pipe: what they are told, what becomes of what they say, and how they end.

use std::os::unix::fs::symlink;

use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::pipe::{Pipe, is_alive, script};
use crate::support::soon;
use crate::support::until;
use crate::support::whole::{ask, get, say};

/// A pipe in front of one CGI script for `sh`, and the folder it is in.
async fn cgi(flags: &[&str], text: &str) -> (Pipe, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    script(&folder, "run.sh", &format!("#!/bin/sh\n{text}\n"));
    let dir = format!("--cgidir={}", folder.path().display());
    (Pipe::start(&[&[dir.as_str()], flags, &["cat"]].concat()).await, folder)
}

#[tokio::test]
async fn a_script_is_told_what_rfc_3875_says() {
    let text = "echo Content-Type: text/plain\necho\nenv\npwd\necho \"args=$#\"\necho body=$(cat)";
    let (pipe, folder) = cgi(&[], text).await;
    let headers = ["X-One: a", "X-One: b", "Cookie: a=1", "Proxy: http://evil", "Content-Type: text/x"];
    let answer = ask(&pipe, "POST", "/run.sh?q=1+%32&b", &headers, "hello").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain")));
    let home = folder.path().canonicalize().unwrap();
    for line in [
        "GATEWAY_INTERFACE=CGI/1.1",
        "SERVER_PROTOCOL=HTTP/1.1",
        "SERVER_NAME=example.test",
        "SERVER_PORT=81",
        "HTTP_HOST=example.test:81",
        "REQUEST_METHOD=POST",
        "REQUEST_URI=/run.sh?q=1+%32&b",
        "QUERY_STRING=q=1+%32&b",
        "PATH_INFO=/run.sh",
        "SCRIPT_NAME=/",
        &format!("SCRIPT_FILENAME={}/run.sh", home.display()),
        "CONTENT_LENGTH=5",
        "CONTENT_TYPE=text/x",
        "REMOTE_ADDR=127.0.0.1",
        "HTTP_X_ONE=a, b",
        "HTTP_COOKIE=a=1",
        &home.display().to_string(),
        "args=0",
        "body=hello",
    ] {
        assert!(answer.text().lines().any(|said| said == line), "{line} is missing:\n{}", answer.text());
    }
    assert!(answer.text().contains("SERVER_SOFTWARE=readyroom/") && !answer.text().contains("HTTP_PROXY"));
    assert!(!answer.text().contains("CARGO"), "only what is let through is there:\n{}", answer.text());
    let line = pipe.logged(|line| line.ends_with("| CGI")).await;
    assert!(line.contains("ACCESS | http") && line.contains("cgiscript:'"), "{line}");
}

#[tokio::test]
async fn what_a_script_says_is_what_the_client_gets() {
    for (said, status, header, body) in [
        ("printf 'Content-Type: a/b\\r\\nX-Y: z\\r\\n\\r\\nhi'", 200, ("x-y", "z"), "hi"),
        ("printf 'Status: 404 Gone fishing\\nContent-Type: a/b\\n\\nno'", 404, ("content-type", "a/b"), "no"),
        ("printf 'Location: /there\\n\\n'", 302, ("location", "/there"), ""),
        (
            "printf 'Location: https://example.test/\\nStatus: 307\\n\\n'",
            307,
            ("location", "https://example.test/"),
            "",
        ),
        ("printf 'Status: 204\\n\\n'; sleep 0.3; touch done", 204, ("date", ""), ""),
        ("printf 'X-Y: z\\n\\nhi'", 500, ("content-type", "text/plain; charset=utf-8"), "500 Internal Server Error\n"),
        ("printf 'no header\\n\\nhi'", 500, ("x-content-type-options", "nosniff"), "500 Internal Server Error\n"),
        ("printf 'Content-Type: a/b\\n'", 500, ("x-content-type-options", "nosniff"), "500 Internal Server Error\n"),
        ("exit 3", 500, ("x-content-type-options", "nosniff"), "500 Internal Server Error\n"),
        (
            "head -c 70000 /dev/zero | tr '\\0' x",
            500,
            ("x-content-type-options", "nosniff"),
            "500 Internal Server Error\n",
        ),
    ] {
        let (pipe, folder) = cgi(&[], said).await;
        let answer = get(&pipe, "/run.sh").await;
        assert_eq!((answer.status, answer.text()), (status, body), "{said}");
        assert!(answer.header(header.0).is_some_and(|value| value.contains(header.1)), "{said}: {}", answer.head);
        assert!(status != 204 || folder.path().join("done").exists(), "a script without a body is waited for");
    }
}

#[tokio::test]
async fn a_long_body_goes_through_in_both_directions() {
    let (pipe, _folder) = cgi(&[], "printf 'Content-Type: a/b\\n\\n'; cat; echo the end >&2").await;
    let body = "0123456789abcdef".repeat(200_000);
    let answer = ask(&pipe, "POST", "/run.sh", &[], &body).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body == body.as_bytes(), "{} of {} bytes came back", answer.body.len(), body.len());
    pipe.logged(|line| line.contains("| ERROR  | stderr") && line.ends_with("| the end")).await;
    // A script is told before it reads how much there is.
    let chunked =
        "POST /run.sh HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(say(&pipe, chunked).await.status, 411);
}

#[tokio::test]
async fn a_script_whose_client_is_gone_is_ended() {
    let text = "printf 'Content-Type: a/b\\n\\n%s\\n' $$; trap '' INT TERM; while :; do sleep 1; done";
    let (pipe, _folder) = cgi(&[], text).await;
    let mut stream = TcpStream::connect(pipe.address).await.unwrap();
    stream.write_all(b"GET /run.sh HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut heard = String::new();
    while !heard.ends_with("\r\n") || !heard.contains("\r\n\r\n") || heard.ends_with("\r\n\r\n") {
        let mut some = [0; 1024];
        let read = soon("the number of the process", stream.read(&mut some)).await.unwrap();
        heard += std::str::from_utf8(&some[..read]).unwrap();
    }
    let pid: u32 = heard.lines().filter_map(|line| line.trim().parse().ok()).next_back().unwrap();
    assert!(is_alive(pid));
    drop(stream);
    until("the script has ended", || !is_alive(pid)).await;
}

#[tokio::test]
async fn a_script_ends_with_the_server() {
    let (mut pipe, folder) = cgi(&[], "echo $$ > pid.part; mv pid.part pid; sleep 60").await;
    let mut stream = TcpStream::connect(pipe.address).await.unwrap();
    stream.write_all(b"GET /run.sh HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let file = folder.path().join("pid");
    until("the script runs", || file.exists()).await;
    let pid = std::fs::read_to_string(file).unwrap().trim().parse().unwrap();
    pipe.signal("-TERM");
    assert_eq!(pipe.ended().await.code(), Some(0));
    assert!(!is_alive(pid));
}

#[tokio::test]
async fn scripts_are_found_inside_of_their_folder_only_and_count_as_programs() {
    let (pipe, folder) = cgi(&["--maxforks=1", "--status=/status"], "printf 'Content-Type: a/b\\n\\nran'").await;
    let outside = tempfile::tempdir().unwrap();
    let evil = script(&outside, "evil.sh", "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\nevil'\n");
    symlink(evil, folder.path().join("out.sh")).unwrap();
    std::fs::write(folder.path().join("plain.txt"), "not executable").unwrap();
    for (path, status) in [("/out.sh", 404), ("/", 404), ("/none", 404), ("/run.sh/more", 404), ("/plain.txt", 500)] {
        assert_eq!(get(&pipe, path).await.status, status, "{path}");
    }
    assert_eq!(get(&pipe, "/x/../run.sh").await.text(), "ran");
    let mut socket = pipe.open().await;
    assert_eq!(get(&pipe, "/run.sh").await.status, 429);
    socket.0.close(None).await.unwrap();
    while soon("the close", socket.0.next()).await.is_some() {}
    // Its place is free once its program has been seen off.
    let began = std::time::Instant::now();
    while get(&pipe, "/run.sh").await.status == 429 {
        assert!(began.elapsed() < crate::support::PATIENCE, "the place is not given back");
    }
    let numbers: serde_json::Value = serde_json::from_str(get(&pipe, "/status/status.json").await.text()).unwrap();
    assert_eq!(numbers["programs_unstarted_total"], 1);
    assert!(numbers["refused_total"].as_u64() >= Some(1), "{numbers}");
}
