//! People for the measurements: guests with sessions, and clients that are let run until something is true of them.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use chaos::http;
use chaos::link::Route;
use chaos::member::{Member, Witness};
use chaos::server::Server;
use common::id::{RoomId, Seq};
use common::sync::outbox::What;
use common::sync::{Command, Engine, Input, Notice, Phase};
use common::text::Body;

/// The room that every guest is in.
pub(crate) const LOBBY: RoomId = RoomId(1);

/// How long anything may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a measurement. One thread, so that the server has the rest of the machine.
pub(crate) fn block_on<T>(measurement: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measurement)
}

/// Starts the binary on an empty folder. It lets everybody send as fast as they like: that is not what is measured.
pub(crate) async fn server() -> anyhow::Result<Server> {
    Server::start(&journeys::path_from("READYROOM_BIN")?, &["--send-rate", "0"]).await
}

/// Makes a guest, and says how to connect as them.
pub(crate) async fn guest(server: SocketAddr, name: &str) -> anyhow::Result<Route> {
    let cookie = http::come_in(server, server, name).await?;
    Ok(Route { via: server, host: server, cookie, buffer: None })
}

/// Lets a client run until something is true of its state.
pub(crate) async fn until<W: Witness>(
    member: &mut Member<W>,
    what: &str,
    mut is_so: impl FnMut(&Engine) -> bool,
) -> anyhow::Result<()> {
    let running = async {
        while !is_so(member.engine()) {
            member.step().await;
        }
    };
    tokio::time::timeout(PATIENCE, running).await.with_context(|| format!("waited too long until {what}"))
}

/// Whether a client is connected and holds the lobby up to its newest event.
pub(crate) fn is_caught_up(engine: &Engine) -> bool {
    let held = engine.rooms().get(&LOBBY);
    matches!(engine.phase(), Phase::Ready { .. }) && held.is_some_and(common::sync::Room::is_complete)
}

/// The newest event of the lobby that a client holds.
pub(crate) fn cursor(engine: &Engine) -> Seq {
    engine.rooms().get(&LOBBY).map(|room| room.log.cursor()).unwrap_or_default()
}

/// Queues a message in the lobby.
pub(crate) fn say<W: Witness>(member: &mut Member<W>, text: &str) -> anyhow::Result<Vec<Notice>> {
    let what = What::Say { room: LOBBY, body: Body::new(text)?, reply_to: None };
    Ok(member.take(Input::Do(Command::Ask(what))))
}

/// Milliseconds, with fractions.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
