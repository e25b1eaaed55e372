//! The Workbench in the production binary: from the chat and back, this server's endpoints, faults and what is said of them.

use journeys::browser::{Driver, Page, WIDE};
use journeys::server::Server;
use serde_json::json;

/// Chooses one of this server's endpoints, which connects to it.
async fn tries(page: &Page, name: &str) -> anyhow::Result<()> {
    let find = format!(
        "[...document.querySelectorAll('.preset')].find(e => e.querySelector('.preset__name')?.textContent === {})",
        json!(name)
    );
    page.until(name, &find).await?;
    page.ask(&format!("({find}).click()")).await.map(drop)
}

async fn opened() -> anyhow::Result<(Server, Driver, Page)> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let page = driver.workbench(&server).await?;
    Ok((server, driver, page))
}

#[tokio::test]
async fn the_chat_goes_on_while_somebody_is_in_the_workbench() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let maya = driver.enter(&server, "Maya").await?;
    let jonas = driver.enter(&server, "Jonas").await?;
    let loaded = "performance.getEntriesByType('resource').some(e => /workbench|lessons/.test(e.name))";
    maya.until("the annex has come", "document.querySelector('script[src*=annex]') || performance.getEntriesByType('resource').some(e => /annex/.test(e.name))").await?;
    assert_eq!(maya.ask(loaded).await?, json!(false), "nothing of the Workbench comes before it is opened");
    maya.click("a[href='/workbench']").await?;
    maya.finds(".url__input").await?;
    maya.until("the address", "location.pathname === '/workbench'").await?;
    maya.sees(".me__name", "Maya").await?;
    jonas.says("are you there?").await?;
    maya.until("the tab's title counts it", "document.title.startsWith('(1)')").await?;
    maya.click("nav.side a.seg__item[href='/']").await?;
    maya.sees(".msg__text", "are you there?").await?;
    maya.says("yes").await?;
    jonas.sees(".msg__text", "yes").await?;
    maya.ask("history.back()").await?;
    maya.finds(".url__input").await
}

#[tokio::test]
async fn an_echo_shows_both_ends_of_a_message() -> anyhow::Result<()> {
    let (_server, _driver, page) = opened().await?;
    tries(&page, "Echo").await?;
    page.is_at("1 OPEN").await?;
    page.sends("JSON", "{\"op\":\"echo\",\"n\":7}").await?;
    page.logs("in", "\"echo\"").await?;
    page.click(".ev--out").await?;
    page.sees("#inspect", "The real bytes, as this server saw them.").await?;
    page.sees("#inspect", "RSV1: compressed.").await?;
    page.sees(".head-list", "Sec-WebSocket-Accept").await?;
    page.sees(".props", "permessage-deflate").await?;
    page.sees("#inspect .code", "new WebSocket(").await
}

#[tokio::test]
async fn each_fault_is_said_to_be_what_it_is() -> anyhow::Result<()> {
    let (_server, _driver, page) = opened().await?;
    for (name, logged) in [("Close", "4001 · bye"), ("Abort", "1006"), ("Bad UTF-8", "1006"), ("Deny", "1006")] {
        tries(&page, name).await?;
        page.is_at("3 CLOSED").await?;
        page.logs("life", logged).await?;
    }
    tries(&page, "Slow accept").await?;
    page.is_at("0 CONNECTING").await?;
    page.is_at("1 OPEN").await?;
    tries(&page, "Never close").await?;
    page.is_at("1 OPEN").await?;
    page.click(".connect__main .btn--danger").await?;
    page.is_at("2 CLOSING").await
}

#[tokio::test]
async fn what_a_peer_does_not_read_stands_in_buffered_amount() -> anyhow::Result<()> {
    let (_server, _driver, page) = opened().await?;
    tries(&page, "Stall").await?;
    page.is_at("1 OPEN").await?;
    page.turns_to_tab("Random").await?;
    page.fill(".sender input[inputmode=numeric]", "16000000").await?;
    page.click(".sender__end .btn--primary").await?;
    page.until(
        "bytes that wait",
        "Number(document.querySelector('.wb-top [role=meter]').getAttribute('aria-valuenow')) > 1e6",
    )
    .await?;
    page.finds(".stats svg polyline, .wb-top svg polyline").await
}

#[tokio::test]
async fn a_message_is_sent_again_and_again() -> anyhow::Result<()> {
    let (_server, _driver, page) = opened().await?;
    tries(&page, "Echo").await?;
    page.is_at("1 OPEN").await?;
    page.turns_to_tab("Text").await?;
    page.fill("[aria-label='Interval in milliseconds']", "10").await?;
    page.fill("[aria-label='Times']", "20").await?;
    page.click(".sender__bar .switch").await?;
    page.fill(".sender__input", "number {{n}}").await?;
    page.click(".sender__end .btn--primary").await?;
    let counted = "[...document.querySelectorAll('.log-tools .chip')].some(e => e.textContent.includes('received') && e.querySelector('b').textContent === '20')";
    page.until("twenty answers", counted).await
}

#[tokio::test]
async fn the_log_finds_what_is_looked_for() -> anyhow::Result<()> {
    let (_server, _driver, page) = opened().await?;
    tries(&page, "Flood").await?;
    page.is_at("3 CLOSED").await?;
    let counted = "[...document.querySelectorAll('.log-tools .chip')].some(e => e.textContent.includes('received') && /^5.?000$/.test(e.querySelector('b').textContent))";
    page.until("five thousand messages", counted).await?;
    assert!(
        page.ask("document.querySelectorAll('.events .ev').length").await?.as_u64() < Some(200),
        "only what is in sight is drawn"
    );
    page.fill("#filter", "\"n\":4321").await?;
    page.until("one row", "document.querySelectorAll('.events .ev--in').length === 1").await?;
    page.click(".log-tools .chip.mono").await?;
    page.fill("#filter", "\"n\":43[23]").await?;
    page.until("its rows", "document.querySelectorAll('.events .ev--in').length > 1").await?;
    page.fill("#filter", "(").await?;
    page.finds("#filter[aria-invalid=true]").await
}

#[tokio::test]
async fn an_address_that_cannot_be_is_told_before_it_is_tried() -> anyhow::Result<()> {
    let (_server, _driver, page) = opened().await?;
    for address in ["ftp://example.org/", "ws://example.org/#part", "ws://example.org:99999/", "not an address"] {
        page.begins_to_connect_to(address).await?;
        page.finds(".url__input[aria-invalid=true]").await?;
    }
    page.misses(".ev").await
}

#[tokio::test]
async fn a_frame_of_the_wire_can_be_tried_in_the_workbench() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let page = driver.enter(&server, "Maya").await?;
    let hello = "[...document.querySelectorAll('.frame--out')].find(e => e.textContent.includes('hello'))";
    page.until("the frame that said hello", &format!("!!{hello}")).await?;
    page.ask(&format!("{hello}.querySelector('summary').click()")).await?;
    page.finds(".frame__try").await?;
    page.ask("document.querySelector('.frame__try').click()").await?;
    page.finds(".url__input").await?;
    page.until("the chat's address", "document.querySelector('.url__input').value.endsWith('/ws')").await?;
    page.until("the frame", "document.querySelector('.sender__input').value.includes('hello')").await?;
    page.click(".connect__main .btn").await?;
    page.is_at("1 OPEN").await?;
    page.click(".sender__end .btn--primary").await?;
    page.logs("in", "welcome").await
}

#[tokio::test]
async fn the_switcher_opens_an_address_in_the_workbench() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let page = driver.enter(&server, "Maya").await?;
    page.click(".jump-field").await?;
    page.fill_and_enter("#switcher-input", "wss://echo.example/socket").await?;
    page.until("the address", "document.querySelector('.url__input')?.value === 'wss://echo.example/socket'").await
}

#[tokio::test]
async fn every_lesson_does_something() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let page = driver.open(&server.url("/workbench/lessons"), WIDE, "en-GB").await?;
    page.finds(".lesson h1").await?;
    for name in
        ["polling", "handshake", "frame", "states", "binary", "backpressure", "closing", "subprotocols", "origin"]
    {
        page.goes(&server.url(&format!("/workbench/lessons/{name}"))).await?;
        page.finds(".lesson h1").await?;
        page.finds(".lesson .live").await?;
    }
    page.goes(&server.url("/workbench/lessons/polling")).await?;
    page.click(".lesson .live .btn--primary").await?;
    let counted = "[...document.querySelectorAll('.live tbody tr')].length === 4 && [...document.querySelectorAll('.live tbody tr')].every(row => Number(row.children[1].textContent) > 0)";
    page.until("the server has counted four ways", counted).await
}
