//! The people panel: who is in a room and who is here, what can be done with somebody, and the way out by the keyboard.

use journeys::browser::Driver;
use journeys::server::Server;

/// The key, as WebDriver writes it.
const ESCAPE: &str = "\u{E00C}";

type Outcome = anyhow::Result<()>;

#[tokio::test]
async fn the_panel_shows_who_is_here() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let maya = driver.enter(&server, "Maya").await?;
    let jonas = driver.enter(&server, "Jonas").await?;
    maya.until("both are here", "document.querySelector('.bar .faces')?.textContent.includes('2')").await?;
    maya.click(".bar .faces").await?;
    maya.sees("#annex .panel", "Maya").await?;
    maya.sees("#annex .panel", "Jonas").await?;
    maya.press(ESCAPE).await?;
    maya.misses("#annex .panel").await?;
    let focus = "document.activeElement.matches('.bar .faces')";
    maya.until("the focus where it was", focus).await?;
    jonas.says("hello **Maya**").await?;
    maya.sees(".msg__text strong", "Maya").await
}
