//! From the Enter key in one browser until the message stands in another, both on this machine.

use anyhow::Context;
use journeys::browser::{Driver, Page};
use journeys::server::Server;

const MESSAGES: usize = 100;

pub(crate) fn measure() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> anyhow::Result<()> {
    let server = Server::start()?;
    let driver = Driver::start()?;
    let sender = driver.enter(&server, "Maya").await?;
    let reader = driver.enter(&server, "Jonas").await?;
    // One clock for both pages: milliseconds since 1970, with fractions.
    let watch = "(() => {
        window.seen = {};
        const look = () => document.querySelectorAll('.msg__text').forEach(e => {
            seen[e.textContent] ??= performance.timeOrigin + performance.now();
        });
        new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
        return true;
    })()";
    reader.ask(watch).await?;
    let mut ms = Vec::with_capacity(MESSAGES);
    for n in 0..MESSAGES {
        ms.push(round(&sender, &reader, &format!("message {n}")).await?);
    }
    crate::print_spread("Enter in one page until seen in the other", ms);
    Ok(())
}

async fn round(sender: &Page, reader: &Page, text: &str) -> anyhow::Result<f64> {
    let say = format!(
        "(() => {{
            const box = document.querySelector('.composer__input');
            box.value = '{text}';
            box.dispatchEvent(new InputEvent('input', {{ bubbles: true }}));
            const at = performance.timeOrigin + performance.now();
            box.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Enter', bubbles: true, cancelable: true }}));
            return at;
        }})()"
    );
    let said = sender.ask(&say).await?.as_f64().context("no time")?;
    reader.until(text, &format!("seen['{text}']")).await?;
    let seen = reader.ask(&format!("seen['{text}']")).await?.as_f64().context("no time")?;
    Ok(seen - said)
}
