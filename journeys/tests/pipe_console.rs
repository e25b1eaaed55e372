//! The console of a pipe in a browser: the Workbench without its chat, on the address that was opened.

use std::path::Path;

use anyhow::{Context, ensure};
use journeys::browser::{Driver, Page, WIDE};
use journeys::pipe::{Pipe, Whose};
use serde_json::{Value, json};

type Outcome = anyhow::Result<()>;

const AXE: &str = include_str!("../vendor/axe-core/axe.min.js");

/// A language of the browser, a theme, and what the button of connecting is called.
const LOOKS: [(&str, &str, &str); 2] = [("en-GB", "light", "Connect"), ("zh-CN", "dark", "连接")];

/// A size of the window that has room for one column.
const NARROW: (u32, u32) = (500, 900);

const LISTEN: &str = "(window.refused = [], addEventListener('securitypolicyviolation', event => \
    window.refused.push(event.violatedDirective + ' ' + event.blockedURI)), true)";

fn start(words: &[&str]) -> anyhow::Result<Pipe> {
    Pipe::start(Whose::Ours, Path::new("."), words)
}

/// Looks at what the page shows now, once nothing moves any more.
async fn is_clean(page: &Page, what: &str) -> Outcome {
    let still = "document.getAnimations().every(one => one.playState !== 'running' || \
                 one.effect.getComputedTiming().iterations === Infinity)";
    page.until("stillness", still).await?;
    if page.ask("typeof axe").await? == "undefined" {
        page.ask(&format!("(() => {{ {AXE}; return true; }})()")).await?;
    }
    let found = page
        .answer(
            "axe.run(document, { resultTypes: ['violations'] }).then(found => found.violations.flatMap(rule => \
             rule.nodes.map(node => rule.id + ': ' + node.target + ' ' + node.html.slice(0, 120))))",
        )
        .await?;
    let told: Vec<&str> = found.as_array().context("axe has no answer")?.iter().filter_map(Value::as_str).collect();
    ensure!(told.is_empty(), "{what}:\n{}", told.join("\n"));
    Ok(())
}

async fn looks(page: &Page, theme: &str) -> Outcome {
    page.ask(&format!("(document.documentElement.dataset.theme = '{theme}')")).await.map(drop)
}

/// Keeps a picture where `PICTURES` names a folder.
async fn picture(page: &Page, name: &str) -> Outcome {
    match std::env::var_os("PICTURES") {
        Some(folder) => page.picture(&Path::new(&folder).join(format!("{name}.png"))).await,
        None => Ok(()),
    }
}

#[tokio::test]
async fn any_path_opens_the_workbench_on_its_own_address() -> Outcome {
    let (pipe, driver) = (start(&["--devconsole", "cat"])?, Driver::start()?);
    for (language, theme, connect) in LOOKS {
        let page = driver.open(&pipe.page("/some/path?a=%3Cb%3E#x"), WIDE, language).await?;
        page.finds(".url__input").await?;
        page.ask(LISTEN).await?;
        looks(&page, theme).await?;
        let address = pipe.url("/some/path?a=%3Cb%3E");
        page.until("the address", &format!("document.querySelector('.url__input').value === {}", json!(address)))
            .await?;
        is_clean(&page, &format!("before it is connected, in {language}, {theme}")).await?;
        page.sees(".connect__main .btn", connect).await?;
        page.click(".connect__main .btn").await?;
        page.is_at("1 OPEN").await?;
        page.fill(".sender__input", "hello over there").await?;
        page.click(".sender__end .btn--primary:not([disabled])").await?;
        page.logs("in", "hello over there").await?;
        is_clean(&page, &format!("after an echo, in {language}, {theme}")).await?;
        page.click(".ev--in").await?;
        page.finds("#inspect").await?;
        picture(&page, &format!("console-{theme}")).await?;
        for absent in ["a[href='/']", "a[href^='/workbench']", ".jump-field", ".pill", ".relay__line"] {
            page.misses(absent).await?;
        }
        let asked = "performance.getEntriesByType('resource').map(e => new URL(e.name).pathname)";
        let asked = page.ask(asked).await?;
        let list = asked.as_array().context("no list")?;
        ensure!(list.iter().all(|path| path.as_str().is_some_and(|path| path.starts_with("/_readyroom/"))), "{asked}");
        assert_eq!(page.ask("window.refused").await?, json!([]), "the policy was broken");
    }
    Ok(())
}

#[tokio::test]
async fn the_console_fits_a_narrow_window_and_keeps_its_theme() -> Outcome {
    let (pipe, driver) = (start(&["--devconsole", "cat"])?, Driver::start()?);
    let page = driver.open(&pipe.page("/"), NARROW, "zh-CN").await?;
    page.finds(".url__input").await?;
    is_clean(&page, "the console in a narrow window").await?;
    picture(&page, "console-narrow").await?;
    page.ask("document.querySelector('.side__foot .icon-btn').click()").await?;
    page.until("a theme", "document.documentElement.dataset.theme === 'light'").await?;
    page.reload().await?;
    page.until("the theme that was chosen", "document.documentElement.dataset.theme === 'light'").await?;
    page.finds(".url__input").await
}

#[tokio::test]
async fn the_status_can_be_read_by_everybody() -> Outcome {
    let (pipe, driver) = (start(&["--status=/status", "cat"])?, Driver::start()?);
    for (language, title) in [("en-GB", "Pipe status"), ("zh-CN", "管道状态")] {
        let page = driver.open(&pipe.page("/status?hold"), WIDE, language).await?;
        page.sees("h1", title).await?;
        is_clean(&page, &format!("the status in {language}")).await?;
        picture(&page, &format!("status-{language}")).await?;
    }
    Ok(())
}
