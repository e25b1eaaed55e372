//! Whose doing a connection's end was, and how.

use std::io;

use common::labs::Side;

/// What is known of it. The first word counts: what follows a Close or a reset is its consequence.
#[derive(Debug, Default)]
pub(super) struct Ending {
    close: Option<(Side, String)>,
    answered: bool,
    broken: Option<(Side, String)>,
}

impl Ending {
    /// A Close frame went by.
    pub(super) fn closed(&mut self, by: Side, (code, reason): (Option<u16>, String)) {
        match &self.close {
            Some((first, _)) => self.answered |= *first != by,
            None => {
                let mut why = match code {
                    Some(code) => format!("close frame, code {code}"),
                    None => "close frame without a code".to_owned(),
                };
                if !reason.is_empty() {
                    why += &format!(", \"{reason}\"");
                }
                self.close = Some((by, why));
            }
        }
    }

    /// The client says nothing more.
    pub(super) fn ceased(&mut self) {
        self.breaks(Side::Client, "TCP ended".to_owned());
    }

    /// The server says nothing more.
    pub(super) fn shut(&mut self) {
        self.breaks(Side::Server, "TCP ended".to_owned());
    }

    /// Reading or writing failed: the client is gone, or the way to it.
    pub(super) fn failed(&mut self, error: &io::Error) {
        let known = [
            (io::ErrorKind::ConnectionReset, "TCP reset"),
            (io::ErrorKind::ConnectionAborted, "TCP reset"),
            (io::ErrorKind::BrokenPipe, "TCP reset"),
            (io::ErrorKind::UnexpectedEof, "TCP ended within TLS"),
        ];
        let why = known.into_iter().find(|(kind, _)| *kind == error.kind());
        let why = why.map_or_else(|| error.to_string(), |(_, why)| why.to_owned());
        self.breaks(Side::Client, why);
    }

    fn breaks(&mut self, by: Side, why: String) {
        self.broken.get_or_insert((by, why));
    }

    /// The verdict, once the stream is given up; `within` is who was in the middle of a frame then.
    pub(super) fn verdict(&mut self, within: Option<Side>) -> (Side, String) {
        if let Some((by, why)) = self.close.take() {
            return (by, why + if self.answered { ", answered" } else { ", not answered" });
        }
        let (by, mut why) = self.broken.take().unwrap_or((Side::Server, "the server let TCP go".to_owned()));
        why += ", without a close frame";
        match within {
            Some(Side::Client) => why += ", in the middle of a frame of the client",
            Some(Side::Server) => why += ", in the middle of a frame of the server",
            None => {}
        }
        (by, why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(tell: impl FnOnce(&mut Ending)) -> (Side, String) {
        let mut ending = Ending::default();
        tell(&mut ending);
        ending.verdict(None)
    }

    #[test]
    fn the_first_close_is_the_one_that_ends() {
        let (by, why) = verdict(|ending| {
            ending.closed(Side::Client, (Some(1000), String::new()));
            ending.closed(Side::Server, (Some(1000), String::new()));
            ending.ceased();
        });
        assert_eq!((by, why.as_str()), (Side::Client, "close frame, code 1000, answered"));
        let (by, why) = verdict(|ending| {
            ending.closed(Side::Server, (Some(4001), "bye".to_owned()));
            ending.closed(Side::Server, (None, String::new()));
        });
        assert_eq!((by, why.as_str()), (Side::Server, "close frame, code 4001, \"bye\", not answered"));
        let (_, why) = verdict(|ending| ending.closed(Side::Client, (None, String::new())));
        assert_eq!(why, "close frame without a code, not answered");
    }

    #[test]
    fn without_a_close_the_first_break_is() {
        let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
        let (by, why) = verdict(|ending| {
            ending.failed(&reset());
            ending.shut();
        });
        assert_eq!((by, why.as_str()), (Side::Client, "TCP reset, without a close frame"));
        let (by, why) = verdict(|_| {});
        assert_eq!((by, why.as_str()), (Side::Server, "the server let TCP go, without a close frame"));
        let mut cut = Ending::default();
        cut.ceased();
        let (by, why) = cut.verdict(Some(Side::Client));
        assert_eq!(by, Side::Client);
        assert_eq!(why, "TCP ended, without a close frame, in the middle of a frame of the client");
    }
}
