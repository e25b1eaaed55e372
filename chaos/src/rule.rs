//! What must hold, each rule with a name, and what it looks like when one does not.

use std::fmt;

/// What must hold, however the server and the network are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Rule {
    /// An acknowledged command is in the history.
    Lost,
    /// It is there under the number that the acknowledgement named, and every acknowledgement named the same.
    Moved,
    /// A command is in the history at most once.
    Doubled,
    /// What an author says in a room stands in the order in which it was written, and so do the texts that they give a
    /// message.
    Disordered,
    /// A room's history is 1, 2, 3 up to its head.
    Gapped,
    /// Every client holds the same events as the history, and all of its tail.
    Disagreeing,
    /// Every message and every new text in the history was written by its author, in that room, with those words.
    Invented,
    /// Whatever any client was sent at any time is in the history, unchanged, under its number.
    Retracted,
    /// What was refused for good is not in the history.
    RefusedAndStored,
    /// When the trouble is over everybody is caught up within the time allowed, and nothing is left to be sent.
    Behind,
    /// On each connection a room's events come without a gap and without a repeat after the place the client named.
    Stream,
    /// The server ends only when it is made to, and comes back when it is started.
    Server,
}

/// A rule that was broken, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which rule.
    pub rule: Rule,
    /// The shortest excerpt that shows it.
    pub what: String,
}

impl Broken {
    /// A rule that was broken.
    #[must_use]
    pub fn new(rule: Rule, what: impl Into<String>) -> Self {
        Self { rule, what: what.into() }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lost => "lost",
            Self::Moved => "moved",
            Self::Doubled => "doubled",
            Self::Disordered => "disordered",
            Self::Gapped => "gapped",
            Self::Disagreeing => "disagreeing",
            Self::Invented => "invented",
            Self::Retracted => "retracted",
            Self::RefusedAndStored => "refused-and-stored",
            Self::Behind => "behind",
            Self::Stream => "stream",
            Self::Server => "server",
        })
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}
