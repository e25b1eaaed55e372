//! The emoji: found by name, put under a message.

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
