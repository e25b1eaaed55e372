//! The page shows its own WebSocket.

use anyhow::ensure;
use journeys::browser::Driver;
use journeys::server::Server;

type Outcome = anyhow::Result<()>;

#[tokio::test]
async fn the_wire_shows_where_it_stands_and_every_frame() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let maya = driver.enter(&server, "Maya").await?;
    maya.finds(".station.is-s1.is-now[aria-current='step']").await?;
    maya.sees(".facts", "readyroom.v1").await?;
    maya.sees(".facts", &server.url("/ws").replace("http", "ws")).await?;
    maya.sees(".gauge", "ms").await?;
    maya.finds("[role='meter'][aria-label='bufferedAmount']").await?;
    maya.says("seen on the wire").await?;
    maya.sees(".frame--in .frame__kind", "ack").await?;
    maya.sees(".frame--in .frame__kind", "event").await?;
    maya.sees(".frame--out .frame__kind", "send").await?;
    let open =
        "[...document.querySelectorAll('.frame--out > summary')].findLast(e => /send/.test(e.textContent)).click()";
    maya.ask(open).await?;
    maya.sees(".frame--out[open] pre", "seen on the wire").await?;
    maya.sees(".frame--in .frame__kind", "welcome").await
}

#[tokio::test]
async fn a_close_is_shown_with_code_reason_and_was_clean() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let maya = driver.enter(&server, "Maya").await?;
    maya.fill(".call__code", "4000").await?;
    maya.fill_and_enter(".call input:nth-of-type(2)", "lunch").await?;
    maya.sees(".frame", "lunch").await?;
    let clean = "[...document.querySelectorAll('.frame--ctl')].some(e => /4000.*lunch.*wasClean/.test(e.textContent))";
    maya.until("the close with code, reason and wasClean", clean).await?;
    maya.is_open().await?;
    maya.fill(".call__code", "1001").await?;
    let refused = "document.querySelector('.call button').disabled";
    ensure!(maya.ask(refused).await? == true, "a browser refuses close(1001)");
    Ok(())
}
