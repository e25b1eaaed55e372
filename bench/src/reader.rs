//! What somebody feels in a large room: how soon a typed character is painted among 10,000 messages, and how long the
//! frames take while 100,000 are scrolled through, first as they load and then as they are held.

use journeys::browser::{Driver, Page};
use journeys::server::Server;
use serde_json::Value;

/// Characters that are typed.
const KEYS: usize = 300;

/// A frame longer than this is felt as a jerk, in milliseconds.
const JERK_MS: f64 = 50.0;

/// Notes for each character how long it took from the keyboard until the frame with it was drawn.
const WATCH: &str = "(() => {
    window.keys = [];
    document.querySelector('.composer__input').addEventListener('beforeinput', event => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => keys.push(performance.now() - event.timeStamp);
        channel.port2.postMessage(0);
    }));
    return true;
})()";

/// Scrolls by so many pixels in each frame, up or down, until the end is there, and notes how long the frames take.
const SCROLL: &str = "(step => {
    const view = document.querySelector('.timeline');
    window.frames_ms = [];
    window.arrived = false;
    let last = performance.now();
    const turn = now => {
        frames_ms.push(now - last);
        last = now;
        view.scrollTop += step;
        const top = Math.abs(view.scrollTop) + view.clientHeight >= view.scrollHeight - 2;
        arrived = step < 0 ? top && !document.querySelector('.older') : view.scrollTop > -2;
        if (!arrived) requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
    return true;
})";

pub(crate) fn typing() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (_server, _driver, page) = room_of("10000").await?;
        scrolls(&page, -4_000).await?;
        scrolls(&page, 8_000).await?;
        page.click(".composer__input").await?;
        page.ask(WATCH).await?;
        types(&page, "wire panel open").await?;
        page.click(".panel.wire .panel__head .icon-btn:last-child").await?;
        page.misses(".panel.wire").await?;
        page.click(".composer__input").await?;
        types(&page, "wire panel closed").await
    })
}

pub(crate) fn scroll() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (_server, _driver, page) = room_of("100000").await?;
        frames("up, while older messages load", scrolls(&page, -1_500).await?);
        frames("down, all messages held", scrolls(&page, 1_500).await?);
        Ok(())
    })
}

/// A room with so many messages, and somebody in it.
async fn room_of(messages: &str) -> anyhow::Result<(Server, Driver, Page)> {
    let server = Server::prepared(&["seed", "--rooms", "1", "--people", "60", "--messages", messages], "")?;
    let driver = Driver::start()?;
    let page = driver.enter(&server, "Reader").await?;
    page.finds("article.msg").await?;
    Ok((server, driver, page))
}

/// Scrolls to the end in this direction. Returns how long each frame took.
async fn scrolls(page: &Page, step: i32) -> anyhow::Result<Vec<f64>> {
    page.ask(&format!("{SCROLL}({step})")).await?;
    while page.ask("arrived").await? != Value::Bool(true) {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    Ok(serde_json::from_value(page.ask("frames_ms").await?)?)
}

async fn types(page: &Page, what: &str) -> anyhow::Result<()> {
    page.ask("(window.keys = [], true)").await?;
    for key in "so soon is it seen ".chars().cycle().take(KEYS) {
        page.press(&key.to_string()).await?;
    }
    let ms = serde_json::from_value(page.ask("keys").await?)?;
    crate::print_spread(&format!("a character among 10,000 messages, {what}"), ms);
    Ok(())
}

fn frames(what: &str, ms: Vec<f64>) {
    let jerks = ms.iter().filter(|ms| **ms > JERK_MS).count();
    crate::print_spread(&format!("a frame, {what}"), ms);
    crate::say(&format!("frames longer than {JERK_MS} ms: {jerks}"));
}
