//! The comparison: the product and its peers take turns, round after round, and what comes of it becomes a document.
//!
//! In turns, because a machine is not the same for an hour: in every round each server is measured once, and the rounds'
//! median is what counts. Every measurement is a process of its own (this program, with other arguments). [`plan`] says
//! what is measured, [`document`] words it, [`machine`] says on what.

mod document;
mod machine;
mod plan;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::stage::Setting;
use crate::subject::Subject;
use plan::{Group, Run};

/// What is compared.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Comparison {
    /// Groups of measurements; all if none is named
    #[arg(value_name = "GROUP")]
    groups: Vec<String>,
    /// Three rounds of short measurements instead of five of longer ones
    #[arg(long)]
    quick: bool,
    /// Rounds
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// The peers; all that are installed if none is named
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAME,…")]
    peers: Option<Vec<Subject>>,
    /// Put servers and generator before everything else that the machine does; needs root
    #[arg(long)]
    priority: bool,
    /// Where the document goes if everything was measured; the document of a part is printed
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Where every single result goes
    #[arg(long, value_name = "FILE", default_value = "target/bench.jsonl")]
    results: PathBuf,
}

/// All results of one measurement of one server, a round each.
pub(crate) type Rounds = Vec<Value>;

/// What was found out.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// By group, run, and server.
    results: BTreeMap<(&'static str, String, Subject), Rounds>,
    /// Servers that could not be started, and why.
    absent: Vec<(Subject, String)>,
    rounds: usize,
    priority: bool,
}

impl Found {
    /// The rounds that say something about the server: the generator kept up.
    fn of(&self, group: &Group, run: &Run, subject: Subject) -> impl Iterator<Item = &Value> {
        let rounds = self.results.get(&(group.name, run.label.clone(), subject));
        rounds.into_iter().flatten().filter(|result| result.get("void") != Some(&Value::Bool(true)))
    }

    /// A figure of every round that counts.
    fn figures(&self, group: &Group, run: &Run, subject: Subject, key: &str) -> Vec<f64> {
        self.of(group, run, subject).filter_map(|result| result.get(key)?.as_f64()).collect()
    }
}

/// Measures everything, and writes the document.
///
/// # Errors
/// When the product does not start, or nothing can be written.
pub(crate) fn compare(comparison: &Comparison, setting: &Setting) -> anyhow::Result<()> {
    let groups = plan::groups(comparison.quick);
    let is_chosen =
        |group: &&Group| comparison.groups.is_empty() || comparison.groups.iter().any(|name| name == group.name);
    let chosen: Vec<_> = groups.iter().filter(is_chosen).collect();
    let names: Vec<_> = groups.iter().map(|group| group.name).collect();
    ensure!(!chosen.is_empty(), "there are the groups {}", names.join(", "));
    if let Some(folder) = comparison.results.parent() {
        fs::create_dir_all(folder)?;
    }
    let rounds = comparison.rounds.unwrap_or(if comparison.quick { 3 } else { 5 });
    let found = Found { rounds, priority: comparison.priority, ..Found::default() };
    let mut bench = Bench { setting, found, log: File::create(&comparison.results)?, priority: comparison.priority };
    let subjects = bench.present(comparison.peers.as_deref().unwrap_or(&Subject::PEERS))?;
    for round in 1..=rounds {
        for group in &chosen {
            bench.round(round, group, &subjects)?;
        }
    }
    let machine = machine::read(&setting.programs, &subjects)?;
    let text = document::write(&chosen, &subjects, &bench.found, &machine);
    let is_all = comparison.groups.is_empty() && comparison.peers.is_none();
    match &comparison.write {
        Some(path) if is_all => fs::write(path, text).with_context(|| format!("cannot write {}", path.display())),
        Some(_) | None => Ok(std::io::stdout().lock().write_all(text.as_bytes())?),
    }
}

/// A comparison that is under way.
struct Bench<'a> {
    setting: &'a Setting,
    found: Found,
    log: File,
    priority: bool,
}

impl Bench<'_> {
    /// Those that can be started. The product must be among them.
    fn present(&mut self, peers: &[Subject]) -> anyhow::Result<Vec<Subject>> {
        let programs = &self.setting.programs;
        Subject::Readyroom.start(programs, None)?;
        let mut subjects = vec![Subject::Readyroom];
        for peer in peers {
            match peer.start(programs, None) {
                Ok(_running) => subjects.push(*peer),
                Err(error) => {
                    say(&format!("{} is left out: {error:#}", peer.name()));
                    self.found.absent.push((*peer, format!("{error:#}")));
                }
            }
        }
        Ok(subjects)
    }

    /// Measures all servers of a group once.
    fn round(&mut self, round: usize, group: &Group, subjects: &[Subject]) -> anyhow::Result<()> {
        for run in &group.runs {
            let mut turn: Vec<_> = subjects.iter().copied().filter(|subject| group.is_for(*subject)).collect();
            // Whoever follows a heavy one has it harder; the next round begins with another.
            let first = round % turn.len().max(1);
            turn.rotate_left(first);
            for subject in turn {
                let (rounds, name) = (self.found.rounds, subject.name());
                say(&format!("round {round} of {rounds}: {}, {}: {name}", group.name, run.label));
                self.one(round, group, run, subject)?;
            }
        }
        Ok(())
    }

    /// One measurement of one server. A server that fails in it has no result.
    fn one(&mut self, round: usize, group: &Group, run: &Run, subject: Subject) -> anyhow::Result<()> {
        let key = (group.name, run.label.clone(), subject);
        let best = self.found.results.get(&key).and_then(|rounds| rounds.last()?.get("offered_per_s")?.as_u64());
        let mut command = self.command(run)?;
        command.args(run.args(subject, best)).args(self.setting.arguments(subject)).stderr(Stdio::inherit());
        let output = command.output().context("the measurement cannot be started")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        for mut line in lines.iter().cloned() {
            if let Some(line) = line.as_object_mut() {
                line.insert("round".into(), round.into());
                line.insert("group".into(), group.name.into());
                line.insert("run".into(), run.label.clone().into());
            }
            writeln!(self.log, "{line}")?;
        }
        if output.status.success()
            && let Some(last) = lines.into_iter().next_back()
        {
            self.found.results.entry(key).or_default().push(last);
        }
        Ok(())
    }

    /// This program, to be given the arguments of a measurement.
    fn command(&self, run: &Run) -> anyhow::Result<Command> {
        let own = std::env::current_exe()?;
        // Linux halts real-time tasks for 50 ms of each second if others wait: too much for who needs all of it.
        let before: &[&str] = match (self.priority, run.is_exhausting()) {
            (false, _) => return Ok(Command::new(own)),
            (true, false) => &["chrt", "--rr", "1"],
            (true, true) => &["nice", "-n", "-20"],
        };
        let (program, args) = before.split_first().context("there is no program")?;
        let mut command = Command::new(program);
        command.args(args).arg(own);
        Ok(command)
    }
}

fn say(line: &str) {
    // A closed terminal is no reason to stop.
    writeln!(std::io::stderr().lock(), "{line}").ok();
}
