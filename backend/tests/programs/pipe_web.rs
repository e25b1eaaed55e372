//! What a pipe answers where no WebSocket is asked for: files, the status, the console. CGI scripts have tests of their own.

use std::os::unix::fs::symlink;

use futures_util::{SinkExt, StreamExt};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::pipe::{Pipe, script};
use crate::support::soon;
use crate::support::whole::{ask, get, say};

/// A pipe in front of files, and the folder they are in.
async fn files() -> (Pipe, TempDir, TempDir) {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    for name in ["with", "without"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    write("a.txt", "0123456789");
    write("page.html", "<p>世界");
    write("noext", "plain text");
    write("bytes", "\0\u{1}\u{2}");
    write("a b&<c>", "odd");
    write(".dot", "hidden by no rule");
    write("with/index.html", "<h1>index");
    write("without/x:y", "colon");
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    symlink(outside.path().join("secret"), folder.path().join("out")).unwrap();
    symlink(outside.path(), folder.path().join("outdir")).unwrap();
    symlink("a.txt", folder.path().join("in")).unwrap();
    let pipe = Pipe::start(&[&format!("--staticdir={}", folder.path().display()), "cat"]).await;
    (pipe, folder, outside)
}

#[tokio::test]
async fn files_have_their_type_and_their_one_address() {
    let (pipe, _folder, _outside) = files().await;
    for (path, kind, text) in [
        ("/a.txt", "text/plain; charset=utf-8", "0123456789"),
        ("/page.html", "text/html; charset=utf-8", "<p>世界"),
        ("/noext", "text/plain; charset=utf-8", "plain text"),
        ("/.dot", "text/plain; charset=utf-8", "hidden by no rule"),
        ("/bytes", "application/octet-stream", "\0\u{1}\u{2}"),
        ("/with/", "text/html; charset=utf-8", "<h1>index"),
        ("/in", "text/plain; charset=utf-8", "0123456789"),
        ("/a%20b%26%3Cc%3E", "text/plain; charset=utf-8", "odd"),
        ("/with/../a.txt", "text/plain; charset=utf-8", "0123456789"),
        ("/a.txt?v=1", "text/plain; charset=utf-8", "0123456789"),
    ] {
        let answer = get(&pipe, path).await;
        assert_eq!((answer.status, answer.header("content-type"), answer.text()), (200, Some(kind), text), "{path}");
    }
    for (path, to) in [
        ("/with", "with/"),
        ("/with?a=b", "with/?a=b"),
        ("/index.html", "./"),
        ("/with/index.html", "./"),
        ("/a.txt/", "../a.txt"),
        ("/without/x:y/", ".././x:y"),
    ] {
        let answer = get(&pipe, path).await;
        assert_eq!((answer.status, answer.header("location")), (301, Some(to)), "{path}");
    }
    let url = "| ACCESS | http       | url:'http://example.test:81/a.txt'";
    pipe.logged(|line| line.contains(url) && line.ends_with("| STATIC")).await;
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_served() {
    let (pipe, _folder, _outside) = files().await;
    for path in [
        "/nothing",
        "/out",
        "/outdir/secret",
        "/outdir/",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/a.txt%00",
        "/a.txt%00.html",
        "/%2fetc%2fpasswd",
    ] {
        let answer = get(&pipe, path).await;
        assert_eq!((answer.status, answer.text()), (404, "404 page not found\n"), "{path}");
    }
    let answer = ask(&pipe, "POST", "/a.txt", &[], "x").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
}

#[tokio::test]
async fn a_folder_without_an_index_is_listed() {
    let (pipe, _folder, _outside) = files().await;
    let answer = get(&pipe, "/").await;
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    for row in [
        "<a href=\"a%20b%26%3Cc%3E\">a b&amp;&lt;c&gt;</a>",
        "<a href=\".dot\">.dot</a>",
        "<a href=\"with/\">with/</a>",
        "<a href=\"in\">in</a>",
    ] {
        assert!(answer.text().contains(row), "{}", answer.text());
    }
    assert!(get(&pipe, "/without/").await.text().contains("href=\"x%3Ay\">x:y</a>"));
    let since = format!("If-Modified-Since: {}", answer.header("last-modified").unwrap());
    assert_eq!(ask(&pipe, "GET", "/", &[&since], "").await.status, 304);
}

#[tokio::test]
async fn parts_and_states_of_a_file_can_be_asked_for() {
    let (pipe, folder, _outside) = files().await;
    let part = |range: &'static str, also: String| {
        let pipe = &pipe;
        async move {
            let range = format!("Range: bytes={range}");
            let headers = [range.as_str(), also.as_str()];
            ask(pipe, "GET", "/a.txt", &headers[..if also.is_empty() { 1 } else { 2 }], "").await
        }
    };
    let whole = get(&pipe, "/a.txt").await;
    let (modified, tag) = (whole.header("last-modified").unwrap(), whole.header("etag").unwrap());
    let answer = part("2-4", String::new()).await;
    assert_eq!((answer.status, answer.text(), answer.header("content-range")), (206, "234", Some("bytes 2-4/10")));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(part("-3", String::new()).await.text(), "789");
    assert_eq!(part("8-", format!("If-Range: {modified}")).await.text(), "89");
    assert_eq!(part("8-", "If-Range: Mon, 02 Jan 2006 15:04:05 GMT".to_owned()).await.text(), "0123456789");
    let answer = part("20-", String::new()).await;
    assert_eq!((answer.status, answer.header("content-range")), (416, Some("bytes */10")));
    assert_eq!(part("0-0,2-2", String::new()).await.status, 200);
    for header in [format!("If-Modified-Since: {modified}"), format!("If-None-Match: {tag}")] {
        let answer = ask(&pipe, "GET", "/a.txt", &[&header], "").await;
        assert_eq!((answer.status, answer.body.len()), (304, 0), "{header}");
    }
    let answer = ask(&pipe, "HEAD", "/a.txt", &[], "").await;
    assert_eq!((answer.status, answer.header("content-length"), answer.body.len()), (200, Some("10"), 0));
    // A fifo would be waited for for ever.
    let fifo = folder.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert_eq!(get(&pipe, "/fifo").await.status, 404);
}

#[tokio::test]
async fn a_file_that_does_not_fit_into_memory_is_streamed() {
    let (pipe, folder, _outside) = files().await;
    let long = std::fs::File::create(folder.path().join("long.bin")).unwrap();
    long.set_len(10 << 30).unwrap();
    let mut stream = TcpStream::connect(pipe.address).await.unwrap();
    stream.write_all(b"GET /long.bin HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut begin = vec![0; 4 << 20];
    soon("four megabytes", stream.read_exact(&mut begin)).await.unwrap();
    assert!(String::from_utf8_lossy(&begin[..400]).to_ascii_lowercase().contains("content-length: 10737418240"));
    let status = std::fs::read_to_string(format!("/proc/{}/status", pipe.child.id().unwrap())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: u64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kilobytes < 200_000, "{kilobytes} kB are resident");
}

/// Names with their values, of lines that Prometheus would take.
fn parsed(metrics: &str) -> Vec<(String, f64)> {
    let mut values = Vec::new();
    let (mut help, mut kind) = ("", "");
    for line in metrics.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ').expect("a help has words").0;
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, of) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge"].contains(&of) && name == help, "{line}");
            kind = name;
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert_eq!(name.split('{').next(), Some(kind), "{line}");
            values.push((name.to_owned(), value.parse().unwrap()));
        }
    }
    values
}

#[tokio::test]
async fn the_status_tells_what_was_counted() {
    let pipe =
        Pipe::start(&["--status=/status", "--header-http=X-All: 1", "sh", "-c", "read l; echo $l$l; exit 3"]).await;
    let mut socket = pipe.open().await;
    let of = |metrics: &str, name: &str| {
        parsed(metrics).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    };
    let mut answer = get(&pipe, "/status/metrics").await;
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let began = std::time::Instant::now();
    while of(answer.text(), "readyroom_pipe_connections") != Some(1.0) {
        assert!(began.elapsed() < crate::support::PATIENCE, "{}", answer.text());
        answer = get(&pipe, "/status/metrics").await;
    }
    assert_eq!(of(answer.text(), "readyroom_pipe_programs"), Some(1.0));
    socket.0.send("abc".into()).await.unwrap();
    while soon("the end", socket.0.next()).await.is_some_and(|heard| heard.is_ok()) {}
    let began = std::time::Instant::now();
    let text = loop {
        let text = get(&pipe, "/status/metrics").await.text().to_owned();
        let over = ["connections", "programs"].map(|name| of(&text, &format!("readyroom_pipe_{name}")));
        if over == [Some(0.0), Some(0.0)] {
            break text;
        }
        assert!(began.elapsed() < crate::support::PATIENCE, "{text}");
    };
    for (name, value) in [
        ("connections", 0.0),
        ("connections_opened_total", 1.0),
        ("programs", 0.0),
        ("programs_started_total", 1.0),
        ("programs_failed_total", 1.0),
        ("messages_received_total", 1.0),
        ("received_bytes_total", 3.0),
        ("messages_sent_total", 1.0),
        ("sent_bytes_total", 6.0),
        ("refused_total", 0.0),
    ] {
        assert_eq!(of(&text, &format!("readyroom_pipe_{name}")), Some(value), "{name}\n{text}");
    }
    let page = ask(&pipe, "GET", "/status", &["Accept-Language: zh-CN,en;q=0.5"], "").await;
    assert_eq!((page.status, page.header("refresh"), page.header("x-all")), (200, Some("5"), Some("1")));
    assert!(page.text().contains("lang=\"zh-CN\"") && page.text().contains("失败的程序"), "{}", page.text());
    assert!(page.header("access-control-allow-origin").is_none());
    assert_eq!(get(&pipe, "/status?hold").await.header("refresh"), None);
    assert_eq!(ask(&pipe, "DELETE", "/status", &[], "").await.status, 405);
    assert_eq!(get(&pipe, "/other").await.text(), "404 page not found\n");
}

/// The numbers of the status, as soon as they fulfil something.
async fn numbers(pipe: &Pipe, are_so: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
    let began = std::time::Instant::now();
    loop {
        let numbers = serde_json::from_str(get(pipe, "/status/status.json").await.text()).unwrap();
        if are_so(&numbers) {
            return numbers;
        }
        assert!(began.elapsed() < crate::support::PATIENCE, "{numbers}");
    }
}

#[tokio::test]
async fn a_program_runs_until_it_has_ended_and_not_until_its_client_goes() {
    let flags = ["--status=/status", "--closems=60000", "--maxframesize=10"];
    let pipe = Pipe::start(&[&flags[..], &["sh", "-c", "trap '' INT; echo $$; exec sleep 1000"]].concat()).await;
    let mut socket = pipe.open().await;
    let program = socket.hear_pid().await;
    socket.say("a message that is too long").await;
    assert_eq!(socket.end().await.0, 1009);
    let left = numbers(&pipe, |numbers| numbers["connections"] == 0).await;
    assert_eq!((&left["programs"], &left["programs_failed_total"]), (&1.into(), &0.into()));
    assert!(std::process::Command::new("kill").args(["-KILL", &program.to_string()]).status().unwrap().success());
    numbers(&pipe, |numbers| numbers["programs"] == 0).await;
}

#[tokio::test]
async fn those_that_wait_and_those_of_each_script_are_counted() {
    let pipe = Pipe::start(&["--status=/status", "--pool=2", "cat"]).await;
    let filled = numbers(&pipe, |numbers| numbers["programs_waiting"] == 2).await;
    assert_eq!((&filled["programs"], &filled["programs_started_total"]), (&2.into(), &2.into()));
    let _socket = pipe.open().await;
    numbers(&pipe, |numbers| numbers["programs"] == 3 && numbers["programs_waiting"] == 2).await;

    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    script(&folder, "sub/fails.sh", "#!/bin/sh\nexit 3\n");
    script(&folder, "cat.sh", "#!/bin/sh\nexec cat\n");
    let pipe = Pipe::start(&["--status=/status", &format!("--dir={}", folder.path().display())]).await;
    let (_socket, _) = pipe.open_at("/cat.sh/more", &[]).await.unwrap();
    assert_eq!(pipe.open_at("/sub//fails.sh", &[]).await.unwrap().0.end().await, (1011, "exit 3".to_owned()));
    let told = numbers(&pipe, |numbers| numbers["scripts"]["/sub/fails.sh"]["programs"] == 0).await;
    let expected = serde_json::json!({
        "/cat.sh": {"programs": 1, "programs_started_total": 1, "programs_failed_total": 0},
        "/sub/fails.sh": {"programs": 0, "programs_started_total": 1, "programs_failed_total": 1},
    });
    assert_eq!(told["scripts"], expected);
    let metrics = get(&pipe, "/status/metrics").await;
    let script = ("readyroom_pipe_script_programs{script=\"/cat.sh\"}".to_owned(), 1.0);
    assert!(parsed(metrics.text()).contains(&script), "{}", metrics.text());
    assert!(get(&pipe, "/status").await.text().contains("/sub/fails.sh"));
}

#[tokio::test]
async fn a_request_names_one_host() {
    let pipe = Pipe::start(&["--staticdir=/", "cat"]).await;
    for hosts in ["", "Host: a\r\nHost: b\r\n"] {
        let answer = say(&pipe, &format!("GET / HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")).await;
        assert_eq!(answer.status, 400, "{hosts}");
        assert!(answer.text().contains("Host"), "{}", answer.text());
    }
    assert_eq!(say(&pipe, "GET / HTTP/1.0\r\n\r\n").await.status, 200);
}

#[tokio::test]
async fn the_console_is_on_every_path_and_takes_nothing_from_the_address() {
    let pipe = Pipe::start(&["--devconsole", "cat"]).await;
    let answer = get(&pipe, "/a/%3Cscript%3E?%22%3E'b'").await;
    // With the page in it the program answers with the console, and without it says so.
    if answer.status == 503 {
        assert!(answer.text().contains("built without its page"), "{}", answer.text());
    } else {
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(answer.header("content-security-policy").unwrap().contains("script-src 'self'"));
    }
    assert!(!answer.text().contains("'b'") && !answer.text().contains("example.test"), "{}", answer.text());
    assert_eq!(ask(&pipe, "POST", "/", &[], "x").await.status, 405);
    pipe.logged(|line| line.ends_with("| DEVCONSOLE")).await;
}
