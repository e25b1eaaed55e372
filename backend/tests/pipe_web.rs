//! What a pipe answers where no WebSocket is asked for: files, CGI scripts, the status.

mod support;

use std::path::Path;

use futures_util::{SinkExt, StreamExt};
use support::pipe::{Pipe, is_alive, script, until};
use support::soon;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer by HTTP/1.1.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Sends a request as it stands, and hears until the connection ends.
async fn say(pipe: &Pipe, request: &str) -> Answer {
    let mut stream = TcpStream::connect(pipe.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    soon("the answer", stream.read_to_end(&mut bytes)).await.unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut answer = Answer { status, head, body: bytes[end + 4..].to_vec() };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = unchunked(&answer.body);
    }
    answer
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n").expect("a chunk has a length");
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 2 + length + 2..];
    }
}

async fn ask(pipe: &Pipe, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: example.test:81\r\nConnection: close\r\n");
    for header in headers {
        request += &format!("{header}\r\n");
    }
    if !body.is_empty() {
        request += &format!("Content-Length: {}\r\n", body.len());
    }
    say(pipe, &format!("{request}\r\n{body}")).await
}

async fn get(pipe: &Pipe, path: &str) -> Answer {
    ask(pipe, "GET", path, &[], "").await
}

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
    link(&outside.path().join("secret"), &folder.path().join("out"));
    link(outside.path(), &folder.path().join("outdir"));
    link(Path::new("a.txt"), &folder.path().join("in"));
    let pipe = Pipe::start(&[&format!("--staticdir={}", folder.path().display()), "cat"]).await;
    (pipe, folder, outside)
}

fn link(to: &Path, from: &Path) {
    std::os::unix::fs::symlink(to, from).unwrap();
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
    assert!(pipe.log().iter().any(|line| line.contains("| ACCESS | http       | url:'http://example.test:81/a.txt'")
        && line.ends_with("| STATIC")));
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
        "SCRIPT_NAME=",
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
    let line = pipe.log().into_iter().find(|line| line.ends_with("| CGI")).unwrap();
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
    until("what was said on standard error is logged", || {
        pipe.log().iter().any(|line| line.contains("| ERROR  | stderr") && line.ends_with("| the end"))
    })
    .await;
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
    link(
        &script(&outside, "evil.sh", "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\nevil'\n"),
        &folder.path().join("out.sh"),
    );
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
        assert!(began.elapsed() < support::PATIENCE, "the place is not given back");
    }
    let numbers: serde_json::Value = serde_json::from_str(get(&pipe, "/status/status.json").await.text()).unwrap();
    assert_eq!(numbers["programs_unstarted_total"], 1);
    assert!(numbers["refused_total"].as_u64() >= Some(1), "{numbers}");
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
        assert!(began.elapsed() < support::PATIENCE, "{}", answer.text());
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
        assert!(began.elapsed() < support::PATIENCE, "{text}");
    };
    for (name, value) in [
        ("connections", 0.0),
        ("connections_total", 1.0),
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
    assert!(pipe.log().iter().any(|line| line.ends_with("| DEVCONSOLE")));
}
