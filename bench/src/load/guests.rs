//! Guests for thousands of connections, made over HTTP before anything is measured.
//!
//! A few threads, each with one connection that is kept: every guest is two commits on the server, and those that wait
//! at the same time share them. Deliberately absent: more of HTTP than the server's own answers need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};

/// Guests that come in at the same time.
const AT_ONCE: usize = 48;

/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(20);

/// Makes guests, and gives the cookie of each.
///
/// # Errors
/// When the server takes none.
pub(crate) fn come_in(server: SocketAddrV4, count: usize) -> anyhow::Result<Vec<String>> {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let enter = || {
            let mut door = Door::open(server)?;
            let mut cookies = Vec::new();
            while let number = next.fetch_add(1, Ordering::Relaxed)
                && number < count
            {
                cookies.push(door.come_in(&format!("Guest {number}"))?);
            }
            anyhow::Ok(cookies)
        };
        let threads: Vec<_> = (0..AT_ONCE.min(count)).map(|_| scope.spawn(enter)).collect();
        let mut all = Vec::with_capacity(count);
        for thread in threads {
            all.extend(thread.join().map_err(|_panic| anyhow!("a guest panicked"))??);
        }
        Ok(all)
    })
}

/// A connection that is kept.
struct Door {
    host: SocketAddrV4,
    stream: BufReader<TcpStream>,
}

impl Door {
    fn open(host: SocketAddrV4) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WITHIN))?;
        Ok(Self { host, stream: BufReader::new(stream) })
    }

    fn come_in(&mut self, name: &str) -> anyhow::Result<String> {
        let body = serde_json::json!({ "name": name }).to_string();
        let request = format!(
            "POST /api/v1/guests HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n\
             {body}",
            self.host,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?;
        let (mut cookie, mut length) = (None, 0);
        while let line = self.line()?
            && !line.is_empty()
        {
            let (name, value) = line.split_once(':').context("a header has no colon")?;
            match name.to_ascii_lowercase().as_str() {
                "set-cookie" => cookie = value.split(';').next().map(|cookie| cookie.trim().to_owned()),
                "content-length" => length = value.trim().parse()?,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        ensure!(status.starts_with("HTTP/1.1 201"), "no guest: {status} {}", String::from_utf8_lossy(&body));
        cookie.context("no cookie came with the guest")
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        ensure!(self.stream.read_line(&mut line)? > 0, "the server closed the connection");
        Ok(line.trim_end().to_owned())
    }
}
