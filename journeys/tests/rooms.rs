//! Rooms, languages and looks.

use anyhow::ensure;
use journeys::browser::{Driver, WIDE};
use journeys::server::Server;

type Outcome = anyhow::Result<()>;

#[tokio::test]
async fn a_room_is_made_joined_and_left() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let (maya, jonas) = (driver.enter(&server, "Maya").await?, driver.enter(&server, "Jonas").await?);
    maya.click(".side__title .icon-btn").await?;
    maya.click("#annex .dialog__body .row .btn").await?;
    maya.fill_and_enter("#new-room-name", "two words").await?;
    maya.finds("#new-room-name[aria-invalid='true']").await?;
    maya.fill_and_enter("#new-room-name", "Front-End").await?;
    maya.sees(".bar__title", "front-end").await?;
    jonas.click(".side__title .icon-btn").await?;
    jonas.click("[aria-label='Join #front-end']").await?;
    jonas.sees(".bar__title", "front-end").await?;
    maya.sees(".event", "Jonas").await?;
    jonas.says("hello here").await?;
    maya.sees(".msg__text", "hello here").await?;
    jonas.click(".bar [aria-controls='room-menu']").await?;
    jonas.click("#room-menu .menu__item:has(.i-exit)").await?;
    jonas.click(".dialog .btn--danger").await?;
    jonas.until("only the lobby", "document.querySelectorAll('.side .room').length === 1").await?;
    maya.says("only for members").await?;
    maya.misses(".msg--pending").await?;
    ensure!(jonas.ask("document.body.textContent.includes('only for members')").await? == false);
    Ok(())
}

#[tokio::test]
async fn a_chinese_browser_gets_a_chinese_page() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let page = driver.open(&server.url("/"), WIDE, "zh-CN").await?;
    page.until("the language", "document.documentElement.lang.startsWith('zh')").await?;
    page.fill_and_enter("#name", "林一凡").await?;
    page.is_open().await?;
    page.sees(".panel__title", "线路").await?;
    page.sees(".station__name", "CONNECTING").await
}

/// The picture of the README, and what a person would look at: both themes, both languages, a phone.
#[tokio::test]
async fn pictures_are_taken() -> Outcome {
    let (mut server, driver) = (Server::start()?, Driver::start()?);
    let folder = std::env::var_os("READYROOM_PICTURES").map_or_else(std::env::temp_dir, std::path::PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    let (maya, lin) = (driver.enter(&server, "Maya Okafor").await?, driver.enter(&server, "林一凡").await?);
    maya.says("Morning! The board lost its socket twice last night, both times with 1006.").await?;
    lin.sees(".msg__text", "1006").await?;
    lin.says("25 秒够吗？手机网络的 NAT 大约 30 秒就会回收连接。On 4G I saw one drop in an hour.").await?;
    maya.sees(".msg__text", "4G").await?;
    maya.says("25 s it is. And let the server hang up first, with a code people can look up: https://www.rfc-editor.org/rfc/rfc6455#section-7.4").await?;
    lin.sees(".msg__text", "hang up first").await?;
    maya.misses(".msg--pending").await?;
    // The first round trip is measured while the page is still being drawn; the picture shows a later one.
    let points = "document.querySelector('.pill__spark .spark').getAttribute('points').trim().split(/\\s+/).length";
    maya.until("a second round trip", &format!("{points} > 1")).await?;
    maya.picture(&folder.join("chat.png")).await?;
    maya.ask("(document.documentElement.dataset.theme = 'dark')").await?;
    maya.picture(&folder.join("chat-dark.png")).await?;
    let phone = driver.open(&server.url("/"), (390, 844), "zh-CN").await?;
    phone.picture(&folder.join("welcome-zh-phone.png")).await?;
    phone.fill_and_enter("#name", "周敏").await?;
    phone.finds(".composer__input").await?;
    phone.sees(".msg__text", "hang up first").await?;
    phone.picture(&folder.join("chat-zh-phone.png")).await?;
    server.kill()?;
    lin.sees(".banner", "CLOSED").await?;
    lin.says("I will be there when it is back.").await?;
    lin.finds(".msg--pending").await?;
    lin.picture(&folder.join("closed.png")).await
}
