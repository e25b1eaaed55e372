//! The emoji: found by name, put under a message and into the text.

use journeys::browser::Driver;
use journeys::server::Server;

/// The key, as WebDriver writes it.
const ENTER: &str = "\u{E007}";

type Outcome = anyhow::Result<()>;

#[tokio::test]
async fn a_message_gets_an_emoji_that_was_found_in_chinese() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let maya = driver.enter(&server, "Maya").await?;
    maya.says("it is out").await?;
    maya.finds(".msg:not(.msg--pending) .msg__text").await?;
    maya.ask("document.querySelector('article.msg').focus()").await?;
    maya.press("+").await?;
    maya.fill("#emoji-find", "火箭").await?;
    maya.sees(".emoji__grid", "🚀").await?;
    maya.press(ENTER).await?;
    maya.sees(".reaction[aria-pressed='true']", "🚀").await
}

#[tokio::test]
async fn an_emoji_goes_where_the_cursor_is() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let maya = driver.enter(&server, "Maya").await?;
    maya.fill(".composer__input", "before after").await?;
    maya.ask("document.querySelector('.composer__input').setSelectionRange(7, 7)").await?;
    maya.click(".composer__bar .icon-btn:has(.i-smile)").await?;
    maya.fill("#emoji-find", "rocket").await?;
    maya.sees(".emoji__grid", "🚀").await?;
    maya.press(ENTER).await?;
    maya.until("the emoji", "document.querySelector('.composer__input').value === 'before 🚀after'").await?;
    maya.until("the focus", "document.activeElement.matches('.composer__input')").await?;
    maya.press("!").await?;
    maya.until("what follows it", "document.querySelector('.composer__input').value === 'before 🚀!after'").await
}
