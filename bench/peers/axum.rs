//! Axum's own WebSocket as its chat example uses it: a broadcast channel, and a task for each connection. Who connects is
//! in the room, and what one sends all get.

use std::net::Ipv4Addr;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::any;
use tokio::sync::broadcast::{self, Sender};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_default().parse()?;
    let (room, _) = broadcast::channel::<Message>(1_024);
    let app = Router::new().route("/", any(upgrade)).with_state(room);
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    Ok(axum::serve(listener, app).await?)
}

async fn upgrade(State(room): State<Sender<Message>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| member(socket, room))
}

async fn member(mut socket: WebSocket, room: Sender<Message>) {
    let mut heard = room.subscribe();
    loop {
        tokio::select! {
            said = socket.recv() => match said {
                Some(Ok(said @ Message::Text(_))) => drop(room.send(said)),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
            heard = heard.recv() => {
                // Who is too slow for the channel misses something, as in the example.
                if let Ok(text) = heard && socket.send(text).await.is_err() {
                    return;
                }
            }
        }
    }
}
