//! Accessibility: the rules of axe-core find nothing on any page, panel or dialog, light and dark, in both languages.
//!
//! What the rules cannot see (an order that makes sense, words that help) is for people.

use anyhow::{Context, ensure};
use journeys::browser::{Driver, Page, WIDE};
use journeys::server::Server;
use serde_json::Value;

type Outcome = anyhow::Result<()>;

const AXE: &str = include_str!("../vendor/axe-core/axe.min.js");

/// A language of the browser and a theme; together they are each looked at twice.
const LOOKS: [(&str, &str); 2] = [("en-GB", "light"), ("zh-CN", "dark")];

/// A size of the window that has room for one column.
const NARROW: (u32, u32) = (500, 900);

/// Looks at what the page shows now, once nothing moves any more.
async fn is_clean(page: &Page, what: &str) -> Outcome {
    page.until("stillness", "document.getAnimations().every(one => one.playState !== 'running' || one.effect.getComputedTiming().iterations === Infinity)").await?;
    if page.ask("typeof axe").await? == "undefined" {
        page.ask(&format!("(() => {{ {AXE}; return true; }})()")).await?;
    }
    let found = page
        .answer(
            "axe.run(document, { resultTypes: ['violations'] }).then(found => found.violations.flatMap(rule => \
             rule.nodes.map(node => rule.id + ': ' + node.target + ' ' + node.html.slice(0, 120))))",
        )
        .await?;
    let list = found.as_array().context("axe has no answer")?;
    let told: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
    ensure!(told.is_empty(), "{what}:\n{}", told.join("\n"));
    Ok(())
}

async fn looks(page: &Page, theme: &str) -> Outcome {
    page.ask(&format!("(document.documentElement.dataset.theme = '{theme}')")).await.map(drop)
}

/// Whether the browser has refused anything by the page's policy.
async fn obeys_its_policy(page: &Page) -> Outcome {
    let refused = page.ask("window.refused || []").await?;
    ensure!(refused.as_array().is_some_and(Vec::is_empty), "the policy was broken: {refused}");
    Ok(())
}

const LISTEN: &str = "(window.refused = [], addEventListener('securitypolicyviolation', event => \
    window.refused.push(event.violatedDirective + ' ' + event.blockedURI)), true)";

#[tokio::test]
async fn pages_of_signing_in() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    for (language, theme) in LOOKS {
        for (path, sign) in
            [("/", "#name"), ("/signin", "#annex #password"), ("/setup", "#annex #token"), ("/join", "#annex #invite")]
        {
            let page = driver.open(&server.url(path), WIDE, language).await?;
            page.ask(LISTEN).await?;
            page.finds(sign).await?;
            looks(&page, theme).await?;
            is_clean(&page, &format!("{path} in {language}, {theme}")).await?;
            obeys_its_policy(&page).await?;
        }
        let page = driver.open(&server.url("/signin"), WIDE, language).await?;
        looks(&page, theme).await?;
        page.fill("#login", "nobody").await?;
        page.fill_and_enter("#password", "not this one").await?;
        page.finds("#password[aria-invalid]").await?;
        is_clean(&page, &format!("a refused password in {language}, {theme}")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_chat_and_its_settings() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    for (language, theme) in LOOKS {
        let page = driver.open(&server.url("/"), WIDE, language).await?;
        page.ask(LISTEN).await?;
        page.fill_and_enter("#name", &format!("Maya {theme}")).await?;
        page.is_open().await?;
        looks(&page, theme).await?;
        page.says("Morning! `1006` twice, see https://www.rfc-editor.org/rfc/rfc6455").await?;
        page.finds(".msg:not(.msg--pending) .msg__text").await?;
        is_clean(&page, &format!("the chat in {language}, {theme}")).await?;
        page.click(".side__foot [aria-haspopup='dialog']").await?;
        page.finds("#set-name").await?;
        for section in 0..7 {
            page.click(&format!("#tab-{section}")).await?;
            page.finds("#settings-section:not(:has([role='status']:only-child))").await?;
            is_clean(&page, &format!("section {section} of the settings in {language}, {theme}")).await?;
        }
        page.click("#annex .dialog__head .icon-btn").await?;
        page.misses("#annex dialog").await?;
        let focus = "document.activeElement.matches(\".side__foot [aria-haspopup='dialog']\")";
        page.until("the focus where it was", focus).await?;
        obeys_its_policy(&page).await?;
    }
    Ok(())
}

/// What the annex shows over the chat, and the button or key that opens it.
const DIALOGS: [(&str, &str, &str); 4] = [
    ("the switcher", ".jump-field", "#annex [role='combobox']"),
    ("the rooms", ".side__title .icon-btn", "#annex dialog[open]"),
    ("the people", ".bar .faces", "#annex .panel"),
    ("search", ".bar .icon-btn:has(.i-search)", "#annex .panel"),
];

#[tokio::test]
async fn dialogs_and_panels() -> Outcome {
    let (server, driver) = (Server::start()?, Driver::start()?);
    for (language, theme) in LOOKS {
        for (what, opens, shows) in DIALOGS {
            let page = driver.open(&server.url("/"), WIDE, language).await?;
            page.ask(LISTEN).await?;
            page.fill_and_enter("#name", &format!("Lin {theme}")).await?;
            page.is_open().await?;
            looks(&page, theme).await?;
            page.click(opens).await?;
            page.finds(shows).await?;
            page.misses("#annex .skel").await?;
            is_clean(&page, &format!("{what} in {language}, {theme}")).await?;
            obeys_its_policy(&page).await?;
        }
        let page = driver.open(&server.url("/"), NARROW, language).await?;
        page.fill_and_enter("#name", &format!("Mina {theme}")).await?;
        page.finds(".composer__input").await?;
        looks(&page, theme).await?;
        is_clean(&page, &format!("a narrow chat in {language}, {theme}")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_workbench_and_its_lessons() -> Outcome {
    const LESSONS: [&str; 9] =
        ["polling", "handshake", "frame", "states", "binary", "backpressure", "closing", "subprotocols", "origin"];
    let (server, driver) = (Server::start()?, Driver::start()?);
    for (language, theme) in LOOKS {
        let page = driver.open(&server.url("/workbench"), WIDE, language).await?;
        page.ask(LISTEN).await?;
        page.finds(".preset").await?;
        looks(&page, theme).await?;
        is_clean(&page, &format!("an empty Workbench in {language}, {theme}")).await?;
        page.connects_to(&server.url("/labs/echo").replacen("http", "ws", 1)).await?;
        page.fill(".sender__input", "Hello, wire").await?;
        page.click(".sender__end .btn--primary").await?;
        page.logs("in", "Hello, wire").await?;
        page.click(".ev--in").await?;
        page.finds("#inspect .bits").await?;
        page.click(".connect__main .btn--danger").await?;
        page.is_at("3 CLOSED").await?;
        is_clean(&page, &format!("the Workbench after a connection in {language}, {theme}")).await?;
        obeys_its_policy(&page).await?;
        for lesson in LESSONS {
            page.goes(&server.url(&format!("/workbench/lessons/{lesson}"))).await?;
            page.ask(LISTEN).await?;
            page.finds(".lesson h1").await?;
            looks(&page, theme).await?;
            is_clean(&page, &format!("the lesson {lesson} in {language}, {theme}")).await?;
            obeys_its_policy(&page).await?;
        }
        let page = driver.open(&server.url("/workbench"), NARROW, language).await?;
        page.finds(".url__input").await?;
        looks(&page, theme).await?;
        is_clean(&page, &format!("a narrow Workbench in {language}, {theme}")).await?;
    }
    Ok(())
}
