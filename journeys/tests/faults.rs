//! The fault buttons: each breaks something, and then everything is there again and the wire says so.

use anyhow::ensure;
use journeys::browser::{Driver, Page};
use journeys::server::Server;

type Outcome = anyhow::Result<()>;

/// Presses a fault button.
async fn breaks(page: &Page, fault: &str) -> Outcome {
    page.ask("document.querySelector('.developer').open = true").await?;
    page.click(&format!("[data-fault='{fault}']")).await
}

/// Waits until a page shows exactly these messages, and says that it has everything.
async fn has_everything(page: &Page, messages: &[&str]) -> Outcome {
    page.sees(".msg__text", messages.last().copied().unwrap_or_default()).await?;
    page.until("as many messages", &format!("document.querySelectorAll('.msg').length === {}", messages.len())).await?;
    ensure!(page.messages().await? == messages, "{:?} instead of {messages:?}", page.messages().await?);
    page.sees(".table--held", "you have everything to #").await?;
    page.misses(".table--held .is-partial").await
}

#[tokio::test]
async fn every_fault_is_seen_and_mended() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let (maya, jonas) = (driver.enter(&server, "Maya").await?, driver.enter(&server, "Jonas").await?);
    jonas.says("first").await?;
    has_everything(&maya, &["first"]).await?;

    breaks(&maya, "lose").await?;
    jonas.says("lost on the way").await?;
    jonas.says("after it").await?;
    has_everything(&maya, &["first", "lost on the way", "after it"]).await?;
    maya.sees(".frame--note", "lost on purpose").await?;
    maya.sees(".frame--note", "the gap is filled").await?;
    maya.sees(".fold", "Gaps found 1, filled 1.").await?;

    breaks(&maya, "double").await?;
    jonas.says("twice").await?;
    let mut all = vec!["first", "lost on the way", "after it", "twice"];
    has_everything(&maya, &all).await?;
    maya.sees(".fold", "Duplicates dropped 1.").await?;

    breaks(&maya, "drop").await?;
    maya.sees(".frame--ctl", "1006").await?;
    jonas.says("while it was down").await?;
    all.push("while it was down");
    maya.is_open().await?;
    has_everything(&maya, &all).await?;

    breaks(&maya, "forget").await?;
    maya.sees(".frame--note", "forgotten on purpose").await?;
    has_everything(&maya, &all).await?;

    breaks(&maya, "reset").await?;
    maya.sees(".frame--note", "the newest page to").await?;
    has_everything(&maya, &all).await
}

#[tokio::test]
async fn a_frozen_or_slow_reader_catches_up() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let (maya, jonas) = (driver.enter(&server, "Maya").await?, driver.enter(&server, "Jonas").await?);
    breaks(&maya, "freeze").await?;
    jonas.says("frozen out").await?;
    maya.sees(".developer [role='status']", "frames wait").await?;
    ensure!(maya.messages().await?.is_empty(), "what waits is not shown");
    breaks(&maya, "freeze").await?;
    has_everything(&maya, &["frozen out"]).await?;

    breaks(&maya, "delay-500").await?;
    jonas.says("slow").await?;
    has_everything(&maya, &["frozen out", "slow"]).await?;
    breaks(&maya, "delay-0").await?;
    maya.misses(".developer [role='status']").await
}

#[tokio::test]
async fn a_copied_trace_tells_where_the_page_stands_and_nothing_private() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let maya = driver.enter(&server, "Maya").await?;
    maya.says("for these walls").await?;
    maya.misses(".msg--pending").await?;
    // What the page gives to the clipboard, whatever a browser without a window allows.
    maya.ask("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }").await?;
    maya.click(".trace button").await?;
    maya.sees(".trace", "Copied.").await?;
    maya.until("a trace", "JSON.parse(window.copied).rooms.length === 1").await?;
    ensure!(maya.ask("/for these walls|Maya|lobby/.test(window.copied)").await? == false, "a text leaked");
    maya.ask("navigator.clipboard.writeText = () => Promise.reject(new Error('refused'))").await?;
    maya.click(".trace input").await?;
    maya.click(".trace button").await?;
    maya.until("the text to copy", "document.querySelector('.trace__text').value.includes('for these walls')").await
}
