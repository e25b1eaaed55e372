//! How long pages of a large room take over HTTP: the newest, one at a date, the first unread message.
//!
//! The reader has one connection and asks one question after another; what it measures has the way through the kernel and
//! the reading of the head in it.

use common::api::messages::MessagePage;
use common::id::RoomId;

use crate::chat::{Chat, Chosen, Reader};

/// The room that is measured is the one nearest to this size.
const MESSAGES: u64 = 1_000_000;

pub(crate) fn measure(chosen: &Chosen) -> anyhow::Result<()> {
    let chat = Chat::start(chosen)?;
    let mut reader = chat.reader()?;
    let (room, n) = fitting(&mut reader)?;
    let mut edge = |number: u64| -> anyhow::Result<u64> {
        let page: MessagePage = reader.get(&format!("rooms/{room}/messages?around={number}&limit=1"))?;
        Ok(page.messages.first().map(|message| message.at.0).unwrap_or_default())
    };
    let (first, last) = (edge(1)?, edge(n)?);
    crate::print_head(&format!("{n} messages in the room"));
    let mut asking = Asking { reader, rng: fastrand::Rng::with_seed(1), rounds: chosen.rounds };
    let page = format!("rooms/{room}/messages");
    asking.row("newest page", |_| format!("{page}?limit=50"))?;
    asking.row("page at a date", |rng| format!("{page}?at={}&limit=50", rng.u64(first..=last)))?;
    asking.row("page around a number", |rng| format!("{page}?around={}&limit=50", rng.u64(1..=n)))?;
    asking.row("page of 200 before a number", |rng| format!("{page}?before={}&limit=200", rng.u64(1..=n)))?;
    asking.row("place of a date", |rng| format!("rooms/{room}/place?at={}", rng.u64(first..=last)))?;
    for back in [10, 1_000, n / 2] {
        chat.unread(&asking.reader, room, n.saturating_sub(back).max(1))?;
        asking.row(&format!("first unread, {back} back"), |_| format!("{page}?around=unread&limit=50"))?;
    }
    crate::say("bar: p99 5 ms");
    crate::say(&format!("{} bytes for each of {} messages", chat.bytes()? / chosen.messages.max(1), chosen.messages));
    Ok(())
}

struct Asking {
    reader: Reader,
    rng: fastrand::Rng,
    rounds: u64,
}

impl Asking {
    fn row(&mut self, what: &str, path: impl Fn(&mut fastrand::Rng) -> String) -> anyhow::Result<()> {
        let mut took = Vec::new();
        for _ in 0..self.rounds {
            took.push(self.reader.timed::<serde_json::Value>(&path(&mut self.rng))?.1);
        }
        crate::print_row(what, &mut took);
        Ok(())
    }
}

/// The room whose size is nearest to what is wanted, and how many messages it has.
fn fitting(reader: &mut Reader) -> anyhow::Result<(RoomId, u64)> {
    let mut sizes = Vec::new();
    for room in reader.rooms.clone() {
        let page: MessagePage = reader.get(&format!("rooms/{room}/messages?limit=1"))?;
        sizes.push((room, page.n));
    }
    sizes.sort_by_key(|(_, n)| n.abs_diff(MESSAGES));
    sizes.first().copied().ok_or_else(|| anyhow::anyhow!("there is no room"))
}
