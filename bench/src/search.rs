//! How long searches take over HTTP, in a made-up chat: two words, common and rare, in English and Chinese, and what else
//! people ask.

use common::api::search::SearchPage;

use crate::chat::{Chat, Chosen, escaped};

/// What is asked, and how often it is said in the made-up chat.
const QUERIES: [(&str, &str); 18] = [
    ("two common words", "the server"),
    ("two common words", "deploy tests"),
    ("a common and a rare one", "server 997"),
    ("two rare words", "journalctl 733"),
    ("two common words", "部署 服务器"),
    ("two common words", "数据库 延迟"),
    ("a common and a rare one", "部署 火狐"),
    ("two rare words", "银行 火狐"),
    ("a phrase", "\"deploy the server again\""),
    ("one letter", "部"),
    ("the beginning of a word", "dep"),
    ("a word that is not there", "xylophone"),
    ("an exclusion", "server -deploy"),
    ("whose", "server from:maya"),
    ("where", "server in:engineering"),
    ("when", "server before:2026-03-01 after:2026-02-01"),
    ("with a link", "has:link index"),
    ("only where", "in:general"),
];

pub(crate) fn measure(chosen: &Chosen) -> anyhow::Result<()> {
    let chat = Chat::start(chosen)?;
    let mut reader = chat.reader()?;
    let mut all = Vec::new();
    for order in ["newest", "best"] {
        crate::print_head(&format!("{} messages, {order} first", chosen.messages));
        for (what, query) in QUERIES {
            let path = format!("search?q={}&order={order}", escaped(query));
            let mut took = Vec::new();
            let mut hits = 0;
            for _ in 0..chosen.rounds.div_ceil(10) {
                let (page, ms) = reader.timed::<SearchPage>(&path)?;
                hits = page.hits.len();
                took.push(ms);
            }
            all.extend(took.iter().copied());
            // Chinese letters are two columns wide.
            crate::print_row(&format!("{what}: {query} ({hits})"), &mut took);
        }
        crate::print_row("all of them", &mut std::mem::take(&mut all));
    }
    crate::say("bar: p50 20 ms, p99 100 ms");
    crate::say(&format!("{} bytes for each of {} messages", chat.bytes()? / chosen.messages.max(1), chosen.messages));
    Ok(())
}
