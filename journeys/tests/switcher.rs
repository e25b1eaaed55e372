//! The switcher: to a room, to somebody, and back with the focus where it was.

use journeys::browser::Driver;
use journeys::server::Server;

/// The key, as WebDriver writes it.
const ENTER: &str = "\u{E007}";

type Outcome = anyhow::Result<()>;

#[tokio::test]
async fn a_few_letters_lead_to_a_room_and_to_somebody() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let (maya, _jonas) = (driver.enter(&server, "Maya").await?, driver.enter(&server, "Jonas").await?);
    maya.click(".jump-field").await?;
    maya.fill_and_enter("#switcher-input", "new room").await?;
    maya.fill_and_enter("#new-room-name", "front-end").await?;
    maya.sees(".bar__title", "front-end").await?;
    maya.misses("#annex dialog").await?;
    maya.click(".jump-field").await?;
    maya.fill_and_enter("#switcher-input", "lob").await?;
    maya.sees(".bar__title", "lobby").await?;
    maya.click(".jump-field").await?;
    maya.fill("#switcher-input", "@jon").await?;
    maya.sees("#switcher-0", "Jonas").await?;
    maya.press(ENTER).await?;
    maya.sees(".bar__title", "Jonas").await
}
