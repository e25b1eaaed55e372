//! The life of a script: fed, listened to, and ended when nobody listens any more.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use bytes::BytesMut;
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, timeout};

use super::super::super::counts::Running;
use super::super::super::log::{Level, Log};
use crate::program::exit::Exit;
use crate::program::ladder::Ladder;
use crate::program::spawn::{Child, Runner};
use crate::program::stream::{Stdin, Stdout};
use crate::tasks::Tasks;

/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// How many bytes of a line of errors are logged as one.
const LINE: usize = 4 * 1024;

/// How long what a script has said at its end on standard error is waited for, where somebody else may hold that open.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// What a script is run with.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) runner: Runner,
    pub(super) stopping: Tasks,
    pub(super) log: Log,
    pub(super) closems: Duration,
    pub(super) running: Running,
    /// Its place among `--maxforks`.
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

/// Why a script is listened to no more.
enum Over {
    /// It has said everything.
    Said,
    /// Nobody wants it: the client is gone, or the server stops.
    Unwanted,
}

impl Run {
    /// Drives a script until it has ended; `say` gets what it says. Once it has said everything it may take its time, as long
    /// as the server lasts.
    pub(super) async fn drive(self, mut child: Child, body: Body, say: mpsc::Sender<Bytes>) {
        let (stdin, mut stdout, mut stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let over = {
            let mut unheard = std::pin::pin!(errors(stderr.as_mut(), &self.log));
            let mut fed = std::pin::pin!(feed(stdin, body));
            let over = tokio::select! {
                over = tell(stdout.as_mut(), &say) => over,
                () = say.closed() => Over::Unwanted,
                () = self.stopping.stopping() => Over::Unwanted,
                never = &mut unheard => match never {},
                never = &mut fed => match never {},
            };
            drop(say);
            match over {
                Over::Unwanted => over,
                Over::Said => tokio::select! {
                    exit = child.exited() => {
                        self.note(exit);
                        drop(timeout(LAST_WORDS, unheard).await);
                        Over::Said
                    }
                    () = self.stopping.stopping() => Over::Unwanted,
                    never = &mut unheard => match never {},
                    never = &mut fed => match never {},
                },
            }
        };
        if matches!(over, Over::Unwanted) {
            (child.stdout, child.stderr) = (stdout, stderr);
            self.runner.see_off(child, Ladder::new(Instant::now(), self.closems), (self.permit, self.running));
        }
    }

    fn note(&self, exit: Exit) {
        if exit != Exit::Code(0) {
            self.running.has_failed();
        }
        self.log.line(Level::Debug, "process", &format_args!("CGI ended: {exit:?}"));
    }
}

/// Passes on what is said until its end, or until nobody listens.
async fn tell(stdout: Option<&mut Stdout>, say: &mpsc::Sender<Bytes>) -> Over {
    let Some(stdout) = stdout else { return Over::Said };
    loop {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        match stdout.read_buf(&mut chunk).await {
            Ok(0) | Err(_) => return Over::Said,
            Ok(_) => {}
        }
        if say.send(chunk.freeze()).await.is_err() {
            return Over::Unwanted;
        }
    }
}

/// Writes the body as it comes, until all is written or the script reads no more. Then its input ends.
async fn feed(stdin: Option<Stdin>, body: Body) -> Infallible {
    if let Some(mut stdin) = stdin {
        let mut body = body.into_data_stream();
        while let Some(Ok(bytes)) = body.next().await {
            if stdin.write_all(&bytes).await.is_err() {
                break;
            }
        }
    }
    std::future::pending().await
}

/// Logs what is said on standard error, line by line.
async fn errors(stderr: Option<&mut Stdout>, log: &Log) -> Infallible {
    if let Some(stderr) = stderr {
        let mut line = BytesMut::new();
        let mut is_open = true;
        while is_open {
            is_open = stderr.read_buf(&mut line).await.is_ok_and(|read| read > 0);
            while let Some(at) = line.iter().position(|byte| *byte == b'\n') {
                said(&line.split_to(at + 1), log);
            }
            if line.len() >= LINE || !(is_open || line.is_empty()) {
                said(&line.split(), log);
            }
        }
    }
    std::future::pending().await
}

fn said(line: &[u8], log: &Log) {
    log.line(Level::Error, "stderr", &String::from_utf8_lossy(line.trim_ascii_end()));
}
