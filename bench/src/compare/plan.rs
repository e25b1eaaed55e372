//! What is measured, in which order, and which figures of it are shown.

use crate::subject::Subject;

/// Measurements that belong together: a section of the document.
#[derive(Debug)]
pub(super) struct Group {
    /// What it is called on the command line.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// What has to be known to read the figures.
    pub(super) about: &'static str,
    /// Whether the peers can do it too.
    pub(super) peers: bool,
    pub(super) runs: Vec<Run>,
    pub(super) columns: &'static [Column],
}

/// One measurement.
#[derive(Debug)]
pub(super) struct Run {
    /// Its heading.
    pub(super) label: String,
    args: Vec<String>,
    /// Where a search begins, in messages per second; a later round begins nearer to what was found.
    from: Option<u64>,
}

/// A figure and how it is shown.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) title: &'static str,
    pub(super) key: &'static str,
    /// What the figure is divided by.
    pub(super) unit: f64,
    pub(super) decimals: usize,
}

const fn column(title: &'static str, key: &'static str, unit: f64, decimals: usize) -> Column {
    Column { title, key, unit, decimals }
}

/// Bytes of text with which a frame of a broadcast server is as long as one of the product's events.
const AS_LONG_AS_OURS: &str = "366";

impl Run {
    fn new(label: &str, args: &str) -> Self {
        Self { label: label.to_owned(), args: args.split(' ').map(str::to_owned).collect(), from: None }
    }

    fn search(label: &str, args: &str, from: u64) -> Self {
        Self { from: Some(from), ..Self::new(label, args) }
    }

    /// Whether it drives a server to its limit.
    pub(super) fn is_exhausting(&self) -> bool {
        self.from.is_some()
            || self.args.first().is_some_and(|what| ["storm", "missed-by-many"].contains(&what.as_str()))
    }

    /// The arguments for a server, of which the best rate so far may be known.
    pub(super) fn args(&self, subject: Subject, best: Option<u64>) -> Vec<String> {
        let mut args = self.args.clone();
        if let Some(from) = self.from {
            args.extend(["--from".to_owned(), best.map_or(from, |best| (best / 2).max(1)).to_string()]);
        }
        if subject == Subject::Bare {
            args.extend(["--bytes", AS_LONG_AS_OURS].map(str::to_owned));
        }
        args
    }
}

impl Group {
    /// Whether this server is measured in it.
    pub(super) fn is_for(&self, subject: Subject) -> bool {
        self.peers || subject == Subject::Readyroom
    }
}

const LATENCY: &[Column] = &[
    column("p50 ms", "p50_ms", 1.0, 1),
    column("p99 ms", "p99_ms", 1.0, 1),
    column("last has it, p50 ms", "last_p50_ms", 1.0, 1),
    column("last has it, p99 ms", "last_p99_ms", 1.0, 1),
    column("server µs/delivery", "server_us_per_delivery", 1.0, 2),
    column("bytes/delivery", "bytes_per_delivery", 1.0, 0),
];

const SUSTAINED: &[Column] = &[
    column("messages/s", "offered_per_s", 1.0, 0),
    column("deliveries/s, millions", "deliveries_per_s", 1e6, 2),
    column("p50 ms", "p50_ms", 1.0, 1),
    column("p99 ms", "p99_ms", 1.0, 1),
    column("server µs/delivery", "server_us_per_delivery", 1.0, 2),
    column("generator, processors", "generator_cpu", 1.0, 2),
];

const MEMORY: &[Column] = &[
    column("RSS/connection, bytes", "rss_per_connection", 1.0, 0),
    column("of it anonymous", "anon_per_connection", 1.0, 0),
    column("each further one, bytes", "rss_slope", 1.0, 0),
    column("before, MB", "rss_before_bytes", 1e6, 1),
    column("with all, MB", "rss_after_bytes", 1e6, 1),
];

const STORM: &[Column] = &[
    column("connections/s", "connections_per_s", 1.0, 0),
    column("p50 ms", "p50_ms", 1.0, 1),
    column("p99 ms", "p99_ms", 1.0, 1),
    column("server µs/connection", "server_us_per_connection", 1.0, 0),
];

const ROOMS: &[Column] = &[
    column("messages/s", "offered_per_s", 1.0, 0),
    column("delivery p50 ms", "p50_ms", 1.0, 1),
    column("p99 ms", "p99_ms", 1.0, 1),
    column("ack p50 ms", "ack_p50_ms", 1.0, 1),
    column("p99 ms", "ack_p99_ms", 1.0, 1),
    column("server, processors", "server_cpu", 1.0, 2),
];

const MISSED: &[Column] = &[
    column("one client, p50 ms", "p50_ms", 1.0, 0),
    column("p99 ms", "p99_ms", 1.0, 0),
    column("all of them, ms", "all_ms", 1.0, 0),
    column("events/s", "events_per_s", 1.0, 0),
    column("server µs/event", "server_us_per_event", 1.0, 2),
];

/// Everything, in the document's order.
pub(super) fn groups(quick: bool) -> Vec<Group> {
    let seconds = if quick { 3 } else { 8 };
    let steps = if quick { 2 } else { 3 };
    let mut groups = compared(seconds, steps);
    groups.extend(alone(seconds, steps));
    groups
}

fn compared(seconds: u64, steps: u64) -> Vec<Group> {
    let fixed = |members, rate| {
        let label = format!("{members} members, {rate} messages/s");
        Run::new(&label, &format!("broadcast --members {members} --rate {rate} --seconds {seconds}"))
    };
    let search = |members, from, more: &str| {
        let label = format!("{members} members");
        Run::search(&label, &format!("sweep --members {members} --seconds {steps}{more}"), from)
    };
    vec![
        Group {
            name: "broadcast",
            title: "One room, a fixed rate",
            about: "Messages come one at a time, so that nobody can write two together: what is compared is the cost of a \
                    `send` and what is done beside it.",
            peers: true,
            runs: vec![fixed(100, 100), fixed(1_000, 100), fixed(10_000, 10)],
            columns: LATENCY,
        },
        Group {
            name: "sweep",
            title: "One room, the highest sustained rate",
            about: "Sustained means that everything is delivered, once, and 99 % of it within 50 ms of when it was due.",
            peers: true,
            runs: vec![search(100, 400, ""), search(1_000, 80, ""), search(10_000, 8, "")],
            columns: SUSTAINED,
        },
        Group {
            name: "unpinned",
            title: "The same with the whole machine",
            about: "Server and generator share all processors as the system sees fit. The generator needs about as much as \
                    the server.",
            peers: true,
            runs: vec![search(1_000, 80, " --unpinned")],
            columns: SUSTAINED,
        },
        Group {
            name: "memory",
            title: "Memory of idle connections",
            about: "Every connection has said something, for that is when read buffers come into being. *Each further one* \
                    is the slope between 2,500 and 10,000 connections. What the kernel holds for a socket (about 5 KB) is \
                    not in it.",
            peers: true,
            runs: vec![Run::new("10,000 connections", "memory --members 10000")],
            columns: MEMORY,
        },
        Group {
            name: "storm",
            title: "All connect at once",
            about: "256 handshakes are under way at any time. Readyroom's connections each bring a cookie that is verified, \
                    are looked up in the database, join the room's presence and are welcomed; the others' are upgraded.",
            peers: true,
            runs: vec![Run::new("10,000 connections", "storm --members 10000")],
            columns: STORM,
        },
    ]
}

fn alone(seconds: u64, steps: u64) -> Vec<Group> {
    let texts = |language: &str, deflate: &str, what: &str| {
        let args = format!("broadcast --members 1000 --rate 100 --seconds {seconds} --language {language}{deflate}");
        Run::new(what, &args)
    };
    let searched = |language: &str, deflate: &str, what: &str| {
        Run::search(what, &format!("sweep --members 1000 --seconds {steps} --language {language}{deflate}"), 80)
    };
    vec![
        Group {
            name: "rooms",
            title: "Readyroom: many rooms",
            about: "A thousand rooms of ten. Everybody says something in turn.",
            peers: false,
            runs: vec![
                Run::new("2,000 messages/s", &format!("rooms --rate 2000 --seconds {seconds}")),
                Run::search("the highest sustained rate", &format!("rooms-sweep --seconds {steps}"), 1_000),
            ],
            columns: ROOMS,
        },
        Group {
            name: "durable",
            title: "Readyroom: durable messages",
            about: "64 clients, each in a room of its own. A message is acknowledged when it is synced to the disk. \
                    Sustained means that 99 % of the acknowledgements come within 25 ms of when the message was due.",
            peers: false,
            runs: vec![
                Run::new("20,000 messages/s", &format!("durable --rate 20000 --seconds {seconds}")),
                Run::search("the highest sustained rate", &format!("durable-sweep --seconds {steps}"), 5_000),
            ],
            columns: ROOMS,
        },
        Group {
            name: "missed",
            title: "Readyroom: coming back",
            about: "A thousand clients connect at once, each of whom missed 100 messages: from the beginning of a \
                    connection until its client holds them all.",
            peers: false,
            runs: vec![Run::new("1,000 clients, 100 messages each", "missed-by-many")],
            columns: MISSED,
        },
        Group {
            name: "deflate",
            title: "Readyroom: compression",
            about: "Ordinary sentences of 200 bytes, no two alike, to 1,000 members, from a server that was offered \
                    permessage-deflate as browsers do and from one that was not.",
            peers: false,
            runs: vec![
                texts("english", "", "English, plain, 100 messages/s"),
                texts("english", " --deflate", "English, offered, 100 messages/s"),
                texts("chinese", "", "Chinese, plain, 100 messages/s"),
                texts("chinese", " --deflate", "Chinese, offered, 100 messages/s"),
                searched("english", "", "English, plain, the highest sustained rate"),
                searched("english", " --deflate", "English, offered, the highest sustained rate"),
            ],
            columns: LATENCY,
        },
    ]
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::Arguments;

    #[test]
    fn every_run_is_one_that_the_program_knows() {
        for group in groups(true) {
            for run in &group.runs {
                for subject in [Subject::Readyroom, Subject::Bare] {
                    let args = run.args(subject, Some(9));
                    let read = Arguments::try_parse_from(["bench".to_owned()].into_iter().chain(args.clone()));
                    assert!(read.is_ok(), "{args:?}: {read:?}");
                }
            }
        }
    }
}
