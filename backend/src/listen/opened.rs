//! A stream that is ready for HTTP: which version is known, and its bytes are counted.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::progress::Progress;

/// What a client sends first that speaks HTTP/2 without having asked (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Bytes that are read at once to find that out: a whole request of most clients.
const AT_ONCE: usize = 1024;

/// The version that is spoken on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.1, or 1.0.
    Http1,
    /// HTTP/2.
    Http2,
}

/// The stream. What was read to find out the version is read once more.
#[derive(Debug)]
pub struct Opened<S> {
    stream: S,
    first: Vec<u8>,
    progress: Arc<Progress>,
}

/// Finds out which version is spoken.
///
/// # Errors
/// Those of the stream.
pub async fn open<S: AsyncRead + Unpin>(mut stream: S) -> io::Result<(Opened<S>, Version)> {
    let mut first = Vec::with_capacity(AT_ONCE);
    loop {
        if first.starts_with(PREFACE) {
            return Ok((Opened::new(stream, first), Version::Http2));
        }
        if !PREFACE.starts_with(&first) {
            return Ok((Opened::new(stream, first), Version::Http1));
        }
        if stream.read_buf(&mut first).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

impl<S> Opened<S> {
    /// A stream, and what was read from it.
    pub(super) fn new(stream: S, first: Vec<u8>) -> Self {
        Self { stream, first, progress: Progress::new() }
    }

    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// The stream itself.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The same with these bytes, which were read from it, to be read once more.
    #[must_use]
    pub fn put_back(mut self, bytes: &[u8]) -> Self {
        self.first.splice(..0, bytes.iter().copied());
        self
    }

    /// The stream, and what is to be read before it.
    pub fn into_parts(self) -> (S, Vec<u8>) {
        (self.stream, self.first)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Opened<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.first.is_empty() {
            let n = self.first.len().min(buf.remaining());
            buf.put_slice(self.first.drain(..n).as_slice());
            if self.first.is_empty() {
                // A connection may live for days.
                self.first = Vec::new();
            }
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.progress.moved(buf.filled().len() - before);
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Opened<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(n)) = result {
            self.progress.moved(n);
        }
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        if let Poll::Ready(Ok(n)) = result {
            self.progress.moved(n);
        }
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// The version that is found when these pieces come one after the other, and all that is read from then on.
    async fn found(pieces: &[&[u8]]) -> (Version, Vec<u8>) {
        let (mut opened, version) = open(Pieces::new(pieces)).await.unwrap();
        let mut read = Vec::new();
        opened.read_to_end(&mut read).await.unwrap();
        (version, read)
    }

    /// Gives one piece at each read.
    struct Pieces(VecDeque<Vec<u8>>);

    impl Pieces {
        fn new(pieces: &[&[u8]]) -> Self {
            Self(pieces.iter().map(|piece| piece.to_vec()).collect())
        }
    }

    impl AsyncRead for Pieces {
        fn poll_read(mut self: Pin<&mut Self>, _cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            if let Some(mut piece) = self.0.pop_front() {
                let n = piece.len().min(buf.remaining());
                buf.put_slice(&piece[..n]);
                if n < piece.len() {
                    self.0.push_front(piece.split_off(n));
                }
            }
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn the_preface_decides_and_nothing_is_lost() {
        let cases: [(&[&[u8]], Version); 6] = [
            (&[b"GET / HTTP/1.1\r\n\r\n"], Version::Http1),
            (&[b"P", b"OST / HTTP/1.1\r\n\r\n"], Version::Http1),
            (&[b"PR", b"OPFIND / HTTP/1.1\r\n\r\n"], Version::Http1),
            (&[b"PRI * HTTP/1.1\r\n\r\n"], Version::Http1),
            (&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0"], Version::Http2),
            (&[b"PRI * HT", b"TP/2.0\r\n\r\nSM\r\n", b"\r\n\0\0\0"], Version::Http2),
        ];
        for (pieces, version) in cases {
            assert_eq!(found(pieces).await, (version, pieces.concat()), "{pieces:?}");
        }
    }

    #[tokio::test]
    async fn who_says_too_little_is_not_guessed_at() {
        for pieces in [&[][..], &[b"PRI".as_slice()][..]] {
            let opened = open(Pieces::new(pieces)).await;
            assert_eq!(opened.err().map(|error| error.kind()), Some(io::ErrorKind::UnexpectedEof));
        }
    }
}
