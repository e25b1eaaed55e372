//! Which functions stay in the page's module and which come after it. Pure: names and calls in, two lists out.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use anyhow::Result;

use super::read::Module;

/// Who goes where.
pub(super) struct Plan {
    /// The functions whose code stays.
    pub(super) stays: BTreeSet<u32>,
    /// The functions whose code comes later, and that are called by what stays: the place of each in the table.
    pub(super) doors: BTreeMap<u32, u32>,
    /// The functions whose code comes later.
    pub(super) later: BTreeSet<u32>,
    /// How many places the table needs.
    pub(super) places: u32,
}

/// Bytes up to which a function stays whatever its name: a door is hardly smaller, and among so small ones are those
/// that the compiler has found to be the same as others.
const SMALL: usize = 150;

/// Sends away what `is_later` says by a function's name, and what only such functions call.
///
/// What stands in the table of functions may be called by anybody, so that it stays unless its name says otherwise.
pub(super) fn decide(module: &Module<'_>, is_later: impl Fn(&str) -> bool) -> Result<Plan> {
    let is_small = |function| module.body(function).is_some_and(|body| body.range().len() < SMALL);
    let named = |function: &u32| is_later(module.name_of(*function)) && !is_small(*function);
    let goes: BTreeSet<u32> = module.own().filter(named).collect();
    let exported = module.exports.iter().filter(|export| export.kind == wasmparser::ExternalKind::Func);
    let mut roots: Vec<u32> = exported.map(|export| export.index).chain(module.start).collect();
    roots.extend(module.places.values());
    let (stays, called) = reach(module, &roots, |function| goes.contains(&function))?;

    let mut plan = Plan { stays, doors: BTreeMap::new(), later: BTreeSet::new(), places: 0 };
    plan.places = module.places.keys().next_back().map_or(1, |last| last + 1);
    let held: BTreeMap<u32, u32> = module.places.iter().map(|(place, function)| (*function, *place)).collect();
    for function in called {
        if let Entry::Vacant(door) = plan.doors.entry(function) {
            let place = held.get(&function).copied().unwrap_or(plan.places);
            plan.places = plan.places.max(place + 1);
            door.insert(place);
        }
    }
    let doors: Vec<u32> = plan.doors.keys().copied().collect();
    let is_there = |function| plan.stays.contains(&function) || module.body(function).is_none();
    plan.later = reach(module, &doors, is_there)?.0;
    Ok(plan)
}

/// The functions with code that the roots reach without passing one at which the way ends, and those at which it does.
fn reach(module: &Module<'_>, roots: &[u32], ends: impl Fn(u32) -> bool) -> Result<(BTreeSet<u32>, BTreeSet<u32>)> {
    let (mut reached, mut ended) = (BTreeSet::new(), BTreeSet::new());
    let mut open = roots.to_vec();
    while let Some(function) = open.pop() {
        if ends(function) {
            ended.insert(function);
        } else if module.body(function).is_some() && reached.insert(function) {
            open.extend(module.calls(function)?);
        }
    }
    Ok((reached, ended))
}
