//! Pages of twenty lines, as the tutorials write them, opened from a file, against this server's endpoints.

use std::path::Path;

use journeys::browser::{Driver, Page, WIDE};
use journeys::server::Server;

/// Opens one of the pages in `tutorials` from the disk.
async fn opens(driver: &Driver, server: &Server, name: &str) -> anyhow::Result<Page> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tutorials").join(name);
    let place = server.url("").replace("http://", "");
    driver.open(&format!("file://{}?{place}", file.display()), WIDE, "en-GB").await
}

#[tokio::test]
async fn the_echo_page_works() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let page = opens(&driver, &server, "echo.html").await?;
    page.sees("#log", "open").await?;
    page.fill("#text", "Grüße, 世界").await?;
    page.click("#send").await?;
    page.sees("#log", "message Grüße, 世界").await?;
    page.click("#close").await?;
    page.sees("#log", "close 1005 true").await
}

#[tokio::test]
async fn the_ticker_page_works() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let page = opens(&driver, &server, "ticker.html").await?;
    let numbers =
        r"[...document.querySelectorAll('#log li')].filter(e => /^message \d+\.\d\d$/.test(e.textContent)).length > 1";
    page.until("two numbers", numbers).await?;
    page.fill("#text", "ping").await?;
    page.click("#send").await?;
    page.sees("#log", "message ping").await?;
    page.click("#close").await?;
    page.sees("#log", "close 1005 true").await
}

#[tokio::test]
async fn two_chat_pages_see_what_both_say() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let first = opens(&driver, &server, "chat.html").await?;
    let second = opens(&driver, &server, "chat.html").await?;
    first.sees("#log", "connected").await?;
    second.sees("#log", "connected").await?;
    first.fill_and_enter("#text", "hello").await?;
    second.sees("#log", "hello").await?;
    second.fill_and_enter("#text", "hello yourself").await?;
    first.sees("#log", "hello yourself").await?;
    let seen = first.ask("[...document.querySelectorAll('#log li')].map(e => e.textContent).join('|')").await?;
    assert_eq!(seen, "connected|hello|hello yourself", "the sender hears it too, once");
    Ok(())
}
