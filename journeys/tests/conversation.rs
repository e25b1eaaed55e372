//! The first conversation: two people, two browsers, one server that comes and goes.

use anyhow::ensure;
use journeys::browser::{Driver, Page, WIDE};
use journeys::server::Server;

type Outcome = anyhow::Result<()>;

/// Waits until a page shows exactly these messages, each acknowledged.
async fn shows(page: &Page, messages: &[&str]) -> Outcome {
    let last = messages.last().copied().unwrap_or_default();
    page.sees(".msg__text", last).await?;
    page.misses(".msg--pending").await?;
    ensure!(page.messages().await? == messages, "{:?} instead of {messages:?}", page.messages().await?);
    Ok(())
}

#[tokio::test]
async fn two_people_talk_in_the_lobby() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let maya = driver.open(&server.url("/"), WIDE, "en-GB").await?;
    maya.finds("#name").await?;
    let offered = maya.ask("document.querySelector('#name').value").await?;
    ensure!(offered.as_str().is_some_and(|name| !name.is_empty()), "no name is offered");
    maya.fill_and_enter("#name", "").await?;
    maya.is_open().await?;
    let jonas = driver.enter(&server, "Jonas Lindqvist").await?;
    maya.says("Is anybody there?").await?;
    jonas.sees(".msg__text", "Is anybody there?").await?;
    jonas.says("你好，Maya").await?;
    for page in [&maya, &jonas] {
        shows(page, &["Is anybody there?", "你好，Maya"]).await?;
        page.sees(".room.is-active", "lobby").await?;
    }
    maya.sees(".msg__name", "Jonas Lindqvist").await?;
    maya.sees(".event", "Jonas Lindqvist").await?;
    maya.reload().await?;
    maya.is_open().await?;
    shows(&maya, &["Is anybody there?", "你好，Maya"]).await
}

#[tokio::test]
async fn a_stopped_server_costs_nothing_that_was_typed() -> Outcome {
    let (mut server, driver) = (Server::start()?, Driver::start()?);
    let (maya, jonas) = (driver.enter(&server, "Maya").await?, driver.enter(&server, "Jonas").await?);
    maya.says("before").await?;
    jonas.sees(".msg__text", "before").await?;
    server.stop()?;
    for page in [&maya, &jonas] {
        page.sees(".banner", "CLOSED").await?;
        page.finds(".banner [role='timer']").await?;
        page.sees(".frame", "1001").await?;
    }
    maya.says("while it was away").await?;
    maya.finds(".msg--pending").await?;
    jonas.fill(".composer__input", "half a sen").await?;
    server.restart()?;
    for page in [&maya, &jonas] {
        page.is_open().await?;
        shows(page, &["before", "while it was away"]).await?;
    }
    ensure!(jonas.ask("document.querySelector('.composer__input').value").await? == "half a sen");
    jonas.says("tence").await?;
    maya.sees(".msg__text", "tence").await
}

#[tokio::test]
async fn a_killed_server_loses_and_doubles_nothing() -> Outcome {
    let (mut server, driver) = (Server::start()?, Driver::start()?);
    let (maya, jonas) = (driver.enter(&server, "Maya").await?, driver.enter(&server, "Jonas").await?);
    let mut said = Vec::new();
    for round in 0..3 {
        let words = [format!("maya {round}"), format!("jonas {round}"), format!("maya again {round}")];
        maya.says(&words[0]).await?;
        jonas.sees(".msg__text", &words[0]).await?;
        server.kill()?;
        maya.sees(".banner", "CLOSED").await?;
        jonas.sees(".banner", "CLOSED").await?;
        jonas.says(&words[1]).await?;
        server.restart()?;
        maya.sees(".msg__text", &words[1]).await?;
        maya.says(&words[2]).await?;
        jonas.sees(".msg__text", &words[2]).await?;
        said.extend(words);
    }
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    shows(&maya, &said).await?;
    shows(&jonas, &said).await
}

#[tokio::test]
async fn what_comes_last_never_keeps_the_page_waiting() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let maya = driver.enter(&server, "Maya").await?;
    maya.says("before").await?;
    maya.reload().await?;
    maya.sees(".msg__text", "before").await?;
    let rest = "performance.getEntriesByType('resource').filter((file) => file.name.includes('/readyroom-rest-'))";
    maya.until("the rest of the page", &format!("{rest}.length > 0")).await?;
    maya.finds(".wire .frames").await?;
    maya.says("after").await?;
    // What is fetched while everything stands still is asked for by XMLHttpRequest.
    let fetched = maya.ask(&format!("{rest}.map((file) => file.initiatorType).join()")).await?;
    ensure!(fetched == "fetch", "{fetched}");
    Ok(())
}
