//! Search: what was said is found, marked, and leads to its place.

use journeys::browser::Driver;
use journeys::server::Server;

type Outcome = anyhow::Result<()>;

#[tokio::test]
async fn what_was_said_is_found_and_visited() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let maya = driver.enter(&server, "Maya").await?;
    for text in ["the socket closed with 1006", "心跳间隔是二十五秒", "lunch?"] {
        maya.says(text).await?;
        maya.misses(".msg--pending").await?;
    }
    maya.click(".bar .icon-btn:has(.i-search)").await?;
    maya.fill("#search-text", "socket").await?;
    maya.sees(".result mark", "socket").await?;
    maya.click(".result").await?;
    maya.finds(".result.is-active").await?;
    maya.fill("#search-text", "心跳").await?;
    maya.sees(".result mark", "心跳").await?;
    maya.fill("#search-text", "from:\"Maya").await?;
    maya.sees("#search-note", "character 6").await?;
    maya.fill("#search-text", "semaphore").await?;
    maya.sees(".empty__title", "semaphore").await
}
