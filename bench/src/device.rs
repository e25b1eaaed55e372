//! What a page that was here before needs until it shows what is: `reload` from the start of the navigation until the
//! last known room is painted, with 20 rooms and 10,000 messages remembered; `missed` from the open socket until 500
//! missed messages stand in the room.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use chaos::link::Route;
use chaos::member::Member;
use common::id::RoomId;
use common::limits;
use common::sync::outbox::What;
use common::sync::{Command, Engine, Input};
use common::text::{Body, RoomName};
use journeys::browser::{Driver, Page};
use journeys::server::Server;

use crate::crowd;

const ROOMS: usize = 20;
const MESSAGES: usize = 500;
const ROUNDS: usize = 10;

/// Long enough to be the largest thing on the page.
const WORDS: &str = "The heartbeat interval must stay below the shortest idle time-out on the way, and the proxy in front \
                     of the office closes what has been silent for half a minute, as we found out the hard way.";

pub(crate) fn reload() -> anyhow::Result<()> {
    crowd::block_on(run_reload())
}

pub(crate) fn missed() -> anyhow::Result<()> {
    crowd::block_on(run_missed())
}

async fn run_reload() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let page = driver.enter(&server, "Maya").await?;
    let mut desk = other_device(&server, &page).await?;
    for room in 1..ROOMS {
        let name = RoomName::new(&format!("room-{room}"))?;
        desk.take(Input::Do(Command::Ask(What::Create { name, private: false })));
    }
    crowd::until(&mut desk, "all rooms are made", |engine| engine.rooms().values().count() == ROOMS).await?;
    let rooms: Vec<RoomId> = desk.engine().rooms().keys().copied().collect();
    for n in 0..MESSAGES {
        for room in &rooms {
            say(&mut desk, *room, &format!("{n}: {WORDS}"))?;
        }
        crowd::until(&mut desk, "they are said", is_said).await?;
    }
    page.remembers("events", u32::try_from(ROOMS * MESSAGES)?).await?;
    let mut took = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        page.reload().await?;
        page.is_open().await?;
        page.until("a painted message", PAINTED).await?;
        took.push(page.ask("window.painted").await?.as_f64().context("no time")?);
    }
    crate::print_head(&format!("{ROOMS} rooms, {} messages remembered", ROOMS * MESSAGES));
    crate::print_row("navigation until the last known room is painted", &mut took);
    crate::say("bar: 300 ms");
    Ok(())
}

/// When the first message was painted, in milliseconds since the navigation began.
const PAINTED: &str = "(() => {
    window.painted ??= (new PerformanceObserver(list => {
        const first = list.getEntries().find(entry => entry.element?.closest?.('.msg'));
        if (first) window.painted = first.renderTime || first.startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true }), null);
    return typeof window.painted === 'number';
})()";

async fn run_missed() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let page = driver.enter(&server, "Maya").await?;
    let mut desk = other_device(&server, &page).await?;
    let mut took = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        // As after a night: what is remembered, and not what was said in all rounds before.
        page.reload().await?;
        page.is_open().await?;
        page.fill(".call__code", "1000").await?;
        page.fill_and_enter(".call input:nth-of-type(2)", "lunch").await?;
        page.finds(".station.is-s3.is-now").await?;
        for n in 1..limits::REPLAY_EVENTS {
            say(&mut desk, crowd::LOBBY, &format!("{round}/{n}: {WORDS}"))?;
        }
        let last = format!("the last of round {round}");
        say(&mut desk, crowd::LOBBY, &last)?;
        crowd::until(&mut desk, "they are said", is_said).await?;
        page.ask(&watch(&last)).await?;
        page.ask("[...document.querySelectorAll('.banner button, .panel button')].find(b => /connect/i.test(b.textContent)).click()")
            .await?;
        page.until(&last, "window.seen > 0").await?;
        took.push(page.ask("window.seen - window.opened").await?.as_f64().context("no time")?);
        let gaps = page.ask("document.querySelectorAll('.gap').length").await?;
        ensure!(gaps == 0, "there is a gap");
    }
    crate::print_head("500 missed events, in a page");
    crate::print_row("socket open until the last one is seen", &mut took);
    crate::say("bar: 100 ms");
    Ok(())
}

/// Notes when the next socket opens, and when this text stands in the page.
fn watch(text: &str) -> String {
    format!(
        "(() => {{
            window.seen = window.opened = 0;
            window.Plain ??= window.WebSocket;
            window.WebSocket = class extends Plain {{
                constructor(...args) {{
                    super(...args);
                    this.addEventListener('open', () => {{ window.opened = performance.now(); }});
                }}
            }};
            const watcher = new MutationObserver(() => {{
                const last = [...document.querySelectorAll('.msg__text')].at(-1);
                if (last?.textContent === '{text}') {{ window.seen = performance.now(); watcher.disconnect(); }}
            }});
            watcher.observe(document.body, {{ childList: true, subtree: true, characterData: true }});
            return true;
        }})()"
    )
}

/// A client without a page, of the person who looks at one.
async fn other_device(server: &Server, page: &Page) -> anyhow::Result<Member<()>> {
    let url = server.url("");
    let address: SocketAddr = url.trim_start_matches("http://").trim_end_matches('/').parse()?;
    let route = Route { via: address, host: address, cookie: page.cookie().await?, buffer: None };
    let mut member = Member::new(1, route, ());
    member.take(Input::Connect);
    crowd::until(&mut member, "the other device is there", crowd::is_caught_up).await?;
    Ok(member)
}

fn say(member: &mut Member<()>, room: RoomId, text: &str) -> anyhow::Result<()> {
    let what = What::Say { room, body: Body::new(text)?, reply_to: None };
    drop(member.take(Input::Do(Command::Ask(what))));
    Ok(())
}

fn is_said(engine: &Engine) -> bool {
    engine.outbox().iter().next().is_none()
}
