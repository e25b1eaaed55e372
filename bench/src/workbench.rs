//! How soon the Workbench shows what is typed while a socket keeps it busy: while 10,000 messages a second arrive, and while
//! a file of 64 MiB goes out. `NODE_PATH` names where the library `ws` is, whose server sends the messages.

use anyhow::{Context, ensure};
use journeys::browser::{Driver, Page};
use journeys::elsewhere::Peer;
use journeys::server::Server;
use serde_json::Value;

/// Messages per second.
const RATE: u64 = 10_000;

/// Seconds.
const LASTING: u64 = 30;

/// Bytes of the file.
const FILE: usize = 64 * 1024 * 1024;

/// Notes for each key how long it took from the keyboard until the frame after it was drawn, and in each frame what the
/// Workbench says of `bufferedAmount`.
const WATCH: &str = "(() => {
    window.keys = [];
    window.amounts = [];
    addEventListener('keydown', event => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => keys.push(performance.now() - event.timeStamp);
        channel.port2.postMessage(0);
    }), true);
    const look = () => {
        amounts.push(Number(document.querySelector('.wb-top [role=meter]')?.getAttribute('aria-valuenow') ?? 0));
        requestAnimationFrame(look);
    };
    look();
    return true;
})()";

pub(crate) fn measure() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    file(&driver.workbench(&server).await?).await?;
    flood(&driver.workbench(&server).await?).await
}

async fn flood(page: &Page) -> anyhow::Result<()> {
    let peer = Peer::start("ws.js", None)?;
    page.connects_to(&peer.url("/")).await?;
    page.ask(WATCH).await?;
    page.sends("Text", &format!("flood {RATE} {LASTING}")).await?;
    let ms = types_until(page, "document.querySelector('.wb-top .track.is-s3')").await?;
    crate::print_spread("a key while 10,000 messages a second arrive", ms);
    let count = page.ask("[...document.querySelectorAll('.log-tools .chip')].find(e => e.textContent.includes('received')).querySelector('b').textContent").await?;
    let digits: String = count.as_str().context("no count")?.chars().filter(char::is_ascii_digit).collect();
    crate::say(&format!("messages in the log after {LASTING} s: {digits} of {}", RATE * LASTING));
    ensure!(digits.parse() == Ok(RATE * LASTING), "messages are missing from the log");
    Ok(())
}

async fn file(page: &Page) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("large.bin");
    std::fs::write(&path, vec![7; FILE])?;
    let peer = Peer::start("ws.js", None)?;
    page.connects_to(&peer.url("/")).await?;
    page.ask(WATCH).await?;
    page.turns_to_tab("File").await?;
    page.chooses(".sender input[type=file]", &path).await?;
    page.click(".sender__end .btn--primary").await?;
    page.turns_to_tab("Text").await?;
    let ms = types_until(page, "amounts.at(-1) === 0 && amounts.some(amount => amount > 0)").await?;
    crate::print_spread("a key while 64 MiB go out", ms);
    let amounts: Vec<f64> = serde_json::from_value(page.ask("amounts.filter(amount => amount > 0)").await?)?;
    let (first, frames) = (amounts.first().copied().unwrap_or_default(), amounts.len());
    let steps = amounts.windows(2).filter(|pair| pair.first() > pair.last()).count();
    crate::say(&format!(
        "bufferedAmount: {first} B at first, above 0 in {frames} frames, smaller than before in {steps}"
    ));
    Ok(())
}

/// Types into the sender, letter by letter, until an expression is true of the page.
async fn types_until(page: &Page, done: &str) -> anyhow::Result<Vec<f64>> {
    page.click(".sender__input").await?;
    let done = format!("Boolean({done})");
    while page.ask(&done).await? != Value::Bool(true) {
        page.press("a").await?;
    }
    Ok(serde_json::from_value(page.ask("keys").await?)?)
}
