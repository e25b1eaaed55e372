//! A room's settings: another name, closed for new messages and opened again.

use journeys::browser::Driver;
use journeys::server::Server;

type Outcome = anyhow::Result<()>;

#[tokio::test]
async fn a_room_is_renamed_archived_and_opened_again() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let maya = driver.enter(&server, "Maya").await?;
    maya.click(".jump-field").await?;
    maya.fill_and_enter("#switcher-input", "new room").await?;
    maya.fill_and_enter("#new-room-name", "front-end").await?;
    maya.sees(".bar__title", "front-end").await?;
    maya.click(".jump-field").await?;
    maya.fill_and_enter("#switcher-input", "room settings").await?;
    maya.fill_and_enter("#room-name", "two words").await?;
    maya.finds("#room-name[aria-invalid='true']").await?;
    maya.fill_and_enter("#room-name", "pages").await?;
    maya.sees("#room-name-note", "Changed").await?;
    maya.sees(".bar__title", "pages").await?;
    maya.ask(
        "[...document.querySelectorAll('.setting .btn')].find(one => one.textContent.startsWith('Archive')).click()",
    )
    .await?;
    maya.sees(".confirm", "Nobody can write in it").await?;
    maya.click(".confirm .btn--danger").await?;
    let reopen = "[...document.querySelectorAll('.setting .btn')].find(one => one.textContent === 'Open again')";
    maya.until("it is archived", &format!("!!{reopen}")).await?;
    maya.ask(&format!("{reopen}.click()")).await?;
    maya.until("it is open", &format!("!{reopen}")).await
}
