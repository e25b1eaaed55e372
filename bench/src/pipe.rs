//! `bench pipe`: `readyroom pipe` and Debian's websocketd in turns, in front of the same programs.
//!
//! Each figure is that of a server just started. The two take turns within a round, so that what else the machine does
//! hits both; the table has medians, and the least and the most in brackets. [`server`] runs them and looks at them from
//! outside, [`crowd`] is the load, and each other module one line of the table.

mod crowd;
mod cuts;
mod idle;
mod lines;
mod server;
mod table;
mod visits;

use std::path::PathBuf;

use anyhow::Context;

use crate::stage::Setting;
use server::{Where, Who};
use table::{Bar, Table};

/// How the pipe is measured.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Pipe {
    /// Turns of each
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// websocketd's binary
    #[arg(long, env = "WEBSOCKETD", default_value = "websocketd", value_name = "FILE")]
    websocketd: PathBuf,
    /// What is measured; everything by default
    #[arg(long, value_delimiter = ',', value_enum)]
    only: Vec<What>,
    /// One of the two alone
    #[arg(long, value_enum)]
    who: Option<Who>,
    /// Connections that come and go
    #[arg(long, default_value_t = 3_000)]
    visits: usize,
    /// Lines
    #[arg(long, default_value_t = 500_000)]
    lines: usize,
    /// MiB in bulk
    #[arg(long, default_value_t = 1_024)]
    mebibytes: usize,
    /// Idle connections
    #[arg(long, default_value_t = 1_000)]
    idle: usize,
    /// Connections that are cut
    #[arg(long, default_value_t = 1_000)]
    cuts: usize,
}

/// The lines of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Connections in a second
    Visits,
    /// Lines in a second through one program
    Lines,
    /// Bytes in bulk
    Bulk,
    /// Memory of an idle connection
    Idle,
    /// What is left of connections that are cut
    Cuts,
}

/// A figure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// In the unit of its line.
    pub(crate) figure: f64,
    /// The generator's share of its processor.
    pub(crate) busy: f64,
}

/// Connections that are open at once while they come and go.
const AT_ONCE: [usize; 2] = [4, 32];

/// Lines that are on their way at most.
const WINDOWS: [usize; 4] = [1, 16, 256, 1_024];

/// Bytes in bulk that are on their way at most; what the pipes of the system hold, and no bound.
const BULK: [Option<usize>; 2] = [Some(128 * 1_024), None];

/// The programs in front of which connections are cut: one that ends with its input, and one that listens to nothing
/// but SIGKILL, with a child.
const CUT: [(&str, &[&str]); 2] = [
    ("cat", &["cat"]),
    (
        "a shell that ignores SIGINT and SIGTERM, with a child",
        &["sh", "-c", "trap '' INT TERM; while :; do sleep 1000; done"],
    ),
];

/// Measures, and prints the table.
///
/// # Errors
/// When a server does not start.
pub(crate) fn measure(pipe: &Pipe, setting: &Setting) -> anyhow::Result<()> {
    let readyroom = setting.programs.binary.clone().context("READYROOM_BIN names no binary")?;
    let programs = Where {
        readyroom: std::path::absolute(readyroom)?,
        websocketd: pipe.websocketd.clone(),
        processors: (!setting.unpinned).then(|| setting.server_cpus.clone()),
    };
    let mut table = Table::default();
    for round in 1..=pipe.rounds {
        eprintln!("round {round} of {}", pipe.rounds);
        // Who goes first changes.
        let mut turns = [Who::Websocketd, Who::Readyroom];
        if round % 2 == 0 {
            turns.reverse();
        }
        for what in [What::Visits, What::Lines, What::Bulk, What::Idle, What::Cuts] {
            if pipe.only.is_empty() || pipe.only.contains(&what) {
                pipe.turn(what, &programs, &turns, &mut table);
            }
        }
    }
    crate::say(&table.markdown());
    Ok(())
}

impl Pipe {
    /// One line of the table, or some, once for each.
    fn turn(&self, what: What, programs: &Where, turns: &[Who], table: &mut Table) {
        let turns: Vec<Who> = turns.iter().copied().filter(|who| self.who.is_none_or(|only| only == *who)).collect();
        match what {
            What::Visits => self.visits(programs, &turns, table),
            What::Lines => self.lines(programs, &turns, table),
            What::Bulk => self.bulk(programs, &turns, table),
            What::Idle => self.idle(programs, &turns, table),
            What::Cuts => self.cuts(programs, &turns, table),
        }
    }

    fn visits(&self, programs: &Where, turns: &[Who], table: &mut Table) {
        for at_once in AT_ONCE {
            let row = table.row(format!("connections/s, {at_once} at once"), Bar::AtLeast(1.2));
            for who in turns {
                row.take(*who, visits::measure(*who, programs, self.visits, at_once));
            }
        }
    }

    fn lines(&self, programs: &Where, turns: &[Who], table: &mut Table) {
        for window in WINDOWS {
            let row = table.row(format!("lines/s, {window} on their way"), Bar::AtLeast(2.0));
            // A line at a time takes its time.
            let all = self.lines.min(window * self.lines / 16);
            for who in turns {
                row.take(*who, lines::lines(*who, programs, all, window));
            }
        }
    }

    fn bulk(&self, programs: &Where, turns: &[Who], table: &mut Table) {
        for window in BULK {
            let shown = window.map_or("no bound".to_owned(), |bytes| format!("{} KiB on their way", bytes / 1_024));
            for who in turns {
                let (speed, memory) = match lines::bulk(*who, programs, self.mebibytes, window) {
                    Ok((sample, memory)) => {
                        let mebibytes = memory.highest as f64 / f64::from(1 << 20);
                        (Ok(sample), Ok(Sample { figure: mebibytes, ..sample }))
                    }
                    Err(error) => (Err(anyhow::anyhow!("{error:#}")), Err(error)),
                };
                let name = format!("{} MiB of binary, MiB/s, {shown}", self.mebibytes);
                table.row(name, Bar::AtLeast(1.5)).take(*who, speed);
                table.row(format!("its peak memory, MiB, {shown}"), Bar::OursAtMost(32.0)).take(*who, memory);
            }
        }
    }

    fn idle(&self, programs: &Where, turns: &[Who], table: &mut Table) {
        for who in turns {
            let (resident, proportional) = match idle::measure(*who, programs, self.idle) {
                Ok((resident, proportional)) => (Ok(resident), Ok(proportional)),
                Err(error) => (Err(anyhow::anyhow!("{error:#}")), Err(error)),
            };
            let sample = |bytes: f64| Sample { figure: bytes / 1_024.0, busy: 0.0 };
            let name = |of: &str| format!("KiB of {of} for each of {} idle connections", self.idle);
            table.row(name("RSS"), Bar::AtMost(0.5)).take(*who, resident.map(sample));
            table.row(name("PSS"), Bar::AtMost(0.5)).take(*who, proportional.map(sample));
        }
    }

    fn cuts(&self, programs: &Where, turns: &[Who], table: &mut Table) {
        for (name, command) in CUT {
            for who in turns {
                let left = cuts::measure(*who, programs, self.cuts, command);
                let name = format!("{} cut while sending to {name}", self.cuts);
                table.left(&name, *who, left);
            }
        }
    }
}
