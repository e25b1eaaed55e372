//! What others wrote and we ship: its licences, its sources and its known faults. `deny.toml` has the rules and
//! cargo-deny judges by them; it is installed like the page's tools.

use anyhow::Result;

use crate::parts::Outcome;
use crate::process;
use crate::project::Project;
use crate::tools;

/// Judges the licence, the name and the source of every dependency.
pub(super) fn dependencies(project: &Project) -> Result<()> {
    let tools = tools::for_supply(project)?;
    let mut deny = project.cargo();
    deny.args(["deny", "check", "licenses", "bans", "sources"]);
    process::run(tools.lend(&mut deny))
}

/// Looks for known vulnerabilities. The database of them is a git repository: without the network there is none.
pub(super) fn advisories(project: &Project) -> Result<Outcome> {
    let tools = tools::for_supply(project)?;
    let mut fetch = project.cargo();
    fetch.args(["deny", "fetch", "db"]);
    if !process::succeeds(tools.lend(&mut fetch)) {
        return Ok(Outcome::Skipped("the database of advisories is not reachable".into()));
    }
    let mut deny = project.cargo();
    deny.args(["deny", "check", "--disable-fetch", "advisories"]);
    process::run(tools.lend(&mut deny))?;
    Ok(().into())
}
