//! The lines on their way into a program, and which of them it cannot have read when it ends.
//!
//! A pipe says how many bytes in it are unread. So lines that no run of the program has seen are given to the next one, and no
//! line to two of them. Pure. Deliberately absent: the pipe.

/// Lines that a program has not read, as far as is known.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Feed {
    bytes: Vec<u8>,
    /// How many of them are in the pipe.
    written: usize,
    /// Whether they begin within a line, the rest of which has been read.
    cut: bool,
}

impl Feed {
    pub(super) fn push(&mut self, lines: &str) {
        self.bytes.extend_from_slice(lines.as_bytes());
    }

    /// What is to be written.
    pub(super) fn waiting(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    /// So many bytes were written, and so many of all that were are unread.
    pub(super) fn wrote(&mut self, n: usize, unread: usize) {
        self.written = (self.written + n).min(self.bytes.len());
        let read = self.written.saturating_sub(unread);
        if let Some(last) = read.checked_sub(1).and_then(|last| self.bytes.get(last)) {
            self.cut = *last != b'\n';
            self.bytes.drain(..read);
            self.written -= read;
        }
    }

    /// The program has ended, and has left so many bytes unread. A line of which it has read a part counts as read.
    pub(super) fn ended(&mut self, unread: usize) {
        self.wrote(0, unread);
        if self.cut {
            let line = self.bytes.iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |end| end + 1);
            self.bytes.drain(..line);
        }
        (self.written, self.cut) = (0, false);
    }

    /// Nobody will read it.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_not_read_is_left_for_the_next_one() {
        let mut feed = Feed::default();
        feed.push("one\ntwo\nthree\n");
        feed.wrote(10, 10);
        assert_eq!(feed.waiting(), b"ree\n");
        // It has read the first line.
        feed.ended(6);
        assert_eq!(feed.waiting(), b"two\nthree\n");
    }

    #[test]
    fn a_line_that_was_read_in_part_is_not_given_again() {
        let mut feed = Feed::default();
        feed.push("one\ntwo\n");
        feed.wrote(8, 5);
        feed.ended(5);
        assert_eq!(feed.waiting(), b"two\n");
        feed.wrote(4, 1);
        feed.ended(1);
        assert_eq!(feed.waiting(), b"");
    }

    proptest! {
        #[test]
        fn no_line_is_read_by_two_and_none_is_passed_over(
            lines in prop::collection::vec("[a-z]{0,9}", 1..20), runs in prop::collection::vec((0_usize..80, 0_usize..80), 0..30),
        ) {
            let mut feed = Feed::default();
            let all: Vec<String> = lines.iter().enumerate().map(|(n, line)| format!("{n}{line}\n")).collect();
            feed.push(&all.concat());
            let mut seen: Vec<String> = Vec::new();
            for (write, read) in runs.into_iter().chain([(usize::MAX, usize::MAX)]) {
                let written = feed.waiting().get(..write.min(feed.waiting().len())).unwrap().to_vec();
                let read = read.min(written.len());
                feed.wrote(written.len(), written.len() - read);
                feed.ended(written.len() - read);
                let text = String::from_utf8(written[..read].to_vec()).unwrap();
                seen.extend(text.split_inclusive('\n').map(str::to_owned));
            }
            // A part of a line is one of the lines: each begins with its number.
            let numbers = |lines: &[String]| lines.iter().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
            prop_assert_eq!(seen.len(), all.len(), "{:?}", seen);
            for (seen, line) in numbers(&seen).iter().zip(numbers(&all)) {
                prop_assert!(line.starts_with(seen.as_str()));
            }
        }
    }
}
