//! The messages that were sent, for those who want one of them again.

use super::super::bench::Bench;
use super::super::effects::Effect;
use super::super::kept;
use super::{Kind, changed};

/// What the history is kept under.
pub(super) const KEPT: &str = "history";

/// How many messages the history holds.
const HISTORY_MOST: usize = 100;

/// Bytes of a message that the history takes; longer ones would fill the browser's store.
const HISTORY_BYTES: usize = 16 << 10;

/// Takes what is sent into the history.
pub(super) fn remember(bench: &mut Bench) {
    let sender = &mut bench.sender;
    let (kind, text) = (sender.kind, sender.text().to_owned());
    sender.walk = None;
    if kind == Kind::File || text.is_empty() || text.len() > HISTORY_BYTES {
        return;
    }
    let entry = (kind, text);
    if sender.history.last() == Some(&entry) {
        return;
    }
    sender.history.push(entry);
    if sender.history.len() > HISTORY_MOST {
        sender.history.remove(0);
    }
    let mut texts = Vec::new();
    for (kind, text) in &sender.history {
        texts.push(kind.tag());
        texts.push(text);
    }
    bench.effects.push(Effect::Keep(KEPT, kept::write(&texts)));
}

/// Goes up or down the messages of this kind that were sent.
pub(super) fn walk(bench: &mut Bench, up: bool) {
    let sender = &mut bench.sender;
    let (at, before) = sender.walk.take().unwrap_or_else(|| (0, sender.text().to_owned()));
    let to = if up { at + 1 } else { at.saturating_sub(1) };
    let kind = sender.kind;
    let text = match to {
        0 => Some(before.clone()),
        _ => sender.history.iter().rev().filter(|(of, _)| *of == kind).nth(to - 1).map(|(_, text)| text.clone()),
    };
    let to = text.as_ref().map_or(at, |_| to);
    if let Some(text) = text {
        sender.set_text(text);
        changed(bench);
    }
    bench.sender.walk = (to > 0).then_some((to, before));
}
