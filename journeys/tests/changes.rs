//! Messages that change: what one person edits, deletes, reacts to and pins, the other sees at once and after a reload.

use anyhow::ensure;
use journeys::browser::{Driver, Page};
use journeys::server::Server;
use serde_json::json;

type Outcome = anyhow::Result<()>;

/// The key, as WebDriver writes it.
const ESCAPE: &str = "\u{e00c}";

/// Gives the focus to the message with this text, as the keyboard would, and so shows its toolbar.
async fn aims_at(page: &Page, text: &str) -> Outcome {
    page.sees(".msg__text", text).await?;
    let focus = format!(
        "[...document.querySelectorAll('.msg[id]')].find(e => e.querySelector('.msg__text').textContent === {}).focus()",
        json!(text)
    );
    page.ask(&focus).await?;
    page.finds(".msg:focus-within .msg__tools").await
}

#[tokio::test]
async fn what_one_person_changes_the_other_sees_at_once_and_after_a_reload() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let (maya, jonas) = (driver.enter(&server, "Maya").await?, driver.enter(&server, "Jonas").await?);
    for words in ["to be edited", "to be deleted", "to be liked"] {
        maya.says(words).await?;
    }
    jonas.sees(".msg__text", "to be liked").await?;
    maya.misses(".msg--pending").await?;

    aims_at(&maya, "to be edited").await?;
    maya.click(".msg:focus-within .icon-btn:has(.i-edit)").await?;
    maya.finds(".composer__ref").await?;
    maya.says("edited, and better").await?;
    jonas.sees(".msg__text", "edited, and better").await?;
    jonas.finds(".msg__edited").await?;

    aims_at(&maya, "to be deleted").await?;
    maya.click(".msg:focus-within .icon-btn:has(.i-trash)").await?;
    maya.click("dialog[role='alertdialog'] .btn--danger").await?;
    jonas.sees(".msg__gone", "Message deleted").await?;

    aims_at(&jonas, "to be liked").await?;
    jonas.finds(".msg:focus-within .msg__tools").await?;
    ensure!(jonas.ask("document.querySelectorAll('.msg:focus-within .i-trash').length").await? == 0, "it is Maya's");
    jonas.click(".msg:focus-within .quick").await?;
    maya.finds(".reaction[aria-pressed='false']").await?;
    maya.click(".reaction").await?;
    jonas.sees(".reaction[aria-pressed='true']", "2").await?;
    aims_at(&jonas, "to be liked").await?;
    jonas.click(".msg:focus-within .icon-btn:has(.i-pin)").await?;
    maya.finds(".msg__pinned").await?;

    for page in [&maya, &jonas] {
        page.reload().await?;
        page.is_open().await?;
        page.sees(".msg__text", "edited, and better").await?;
        page.sees(".msg__gone", "Message deleted").await?;
        page.sees(".reaction[aria-pressed='true']", "2").await?;
        page.finds(".msg__pinned").await?;
        ensure!(page.ask("document.body.textContent.includes('to be deleted')").await? == false, "the text is gone");
        page.click(".bar .icon-btn:has(.i-pin)").await?;
        page.sees(".pin__text", "to be liked").await?;
        page.click("dialog .dialog__head .icon-btn").await?;
        page.misses("dialog").await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_changed_without_a_server_waits_and_arrives() -> Outcome {
    let (mut server, driver) = (Server::start()?, Driver::start()?);
    let (maya, jonas) = (driver.enter(&server, "Maya").await?, driver.enter(&server, "Jonas").await?);
    maya.says("before").await?;
    jonas.sees(".msg__text", "before").await?;
    server.kill()?;
    maya.sees(".banner", "CLOSED").await?;
    aims_at(&maya, "before").await?;
    maya.click(".msg:focus-within .icon-btn:has(.i-edit)").await?;
    maya.says("after").await?;
    maya.sees(".msg--pending .msg__text", "after").await?;
    maya.sees(".outbox", "edit").await?;
    aims_at(&maya, "after").await?;
    maya.click(".msg:focus-within .quick").await?;
    maya.finds(".reaction[aria-pressed='true']").await?;
    server.restart()?;
    jonas.sees(".msg__text", "after").await?;
    jonas.finds(".reaction[aria-pressed='false']").await?;
    maya.finds(".outbox__none").await?;
    maya.misses(".msg--pending").await
}

#[tokio::test]
async fn who_writes_and_who_is_here_is_shown() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let (maya, jonas) = (driver.enter(&server, "Maya").await?, driver.enter(&server, "Jonas").await?);
    maya.sees(".faces", "2").await?;
    maya.click(".faces").await?;
    maya.sees("#annex .panel", "Jonas").await?;
    maya.click("#annex .panel__head .icon-btn").await?;
    maya.misses("#annex .panel").await?;
    jonas.fill(".composer__input", "hm").await?;
    maya.sees(".typing", "Jonas is typing").await
}

/// What a person would look at: a toolbar, an edit, reactions, the developer's section, the dialogs.
#[tokio::test]
async fn pictures_of_changes_are_taken() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let folder = std::env::var_os("READYROOM_PICTURES").map_or_else(std::env::temp_dir, std::path::PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    let (maya, lin) = (driver.enter(&server, "Maya Okafor").await?, driver.enter(&server, "林一凡").await?);
    maya.says("Morning! The board lost its socket twice last night.").await?;
    maya.says("Both times with 1006.").await?;
    maya.says("(wrong room, sorry)").await?;
    lin.says("@Maya 25 秒够吗？手机网络的 NAT 大约 30 秒就会回收连接。").await?;
    aims_at(&lin, "Both times with 1006.").await?;
    lin.click(".msg:focus-within .quick").await?;
    lin.click(".msg:focus-within .icon-btn:has(.i-pin)").await?;
    aims_at(&maya, "(wrong room, sorry)").await?;
    maya.click(".msg:focus-within .icon-btn:has(.i-trash)").await?;
    maya.finds("dialog[role='alertdialog']").await?;
    maya.picture(&folder.join("delete.png")).await?;
    maya.click("dialog[role='alertdialog'] .btn--danger").await?;
    aims_at(&maya, "Both times with 1006.").await?;
    maya.finds(".msg__pinned").await?;
    lin.fill(".composer__input", "还有").await?;
    maya.finds(".faces .avatar").await?;
    maya.picture(&folder.join("changes.png")).await?;
    maya.ask("document.querySelector('.developer').open = true").await?;
    maya.ask("document.querySelector('.developer').scrollIntoView()").await?;
    maya.ask("(document.documentElement.dataset.theme = 'dark')").await?;
    maya.picture(&folder.join("developer-dark.png")).await?;
    aims_at(&maya, "Both times with 1006.").await?;
    maya.click(".msg:focus-within .icon-btn:has(.i-react)").await?;
    maya.finds("#annex .emoji__grid").await?;
    maya.picture(&folder.join("emoji-dark.png")).await?;
    maya.press(ESCAPE).await?;
    maya.misses("#annex dialog").await?;
    aims_at(&maya, "Both times with 1006.").await?;
    maya.click(".msg:focus-within .icon-btn:has(.i-edit)").await?;
    maya.finds(".composer__ref").await?;
    maya.picture(&folder.join("editing-dark.png")).await?;
    let phone = driver.open(&server.url("/"), (390, 844), "zh-CN").await?;
    phone.fill_and_enter("#name", "周敏").await?;
    phone.sees(".msg__text", "Both times").await?;
    phone.finds(".faces").await?;
    aims_at(&phone, "Both times with 1006.").await?;
    phone.picture(&folder.join("changes-zh-phone.png")).await?;
    phone.click(".bar .pill").await?;
    phone.finds(".table--held").await?;
    phone.ask("document.querySelector('.developer').open = true").await?;
    phone.ask("document.querySelector('.fold').scrollIntoView()").await?;
    phone.picture(&folder.join("wire-zh-phone.png")).await
}
