//! Asks the server over HTTP what is asked once.

use common::api::{NameRequest, Problem, RoomList};
use common::model::Person;
use gloo_net::http::{Request, Response};
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use crate::app::Msg;
use crate::state::{Action, Answer, Ask, Failure};

/// Asks, and tells the answer when it comes.
pub(super) fn ask(ask: Ask, tell: Callback<Msg>) {
    spawn_local(async move {
        let answer = answer(ask).await;
        tell.emit(Msg::Ui(Action::Answer(answer)));
    });
}

async fn answer(ask: Ask) -> Answer {
    match ask {
        Ask::Me => Answer::Me(get::<Person>("/api/v1/me").await),
        Ask::Enter(name) => Answer::Entered(put(Request::post("/api/v1/guests"), name).await),
        Ask::Rename(name) => Answer::Renamed(put(Request::patch("/api/v1/me"), name).await),
        Ask::Rooms => Answer::Rooms(get::<RoomList>("/api/v1/rooms").await.map(|list| list.rooms)),
    }
}

async fn get<T: serde::de::DeserializeOwned>(path: &str) -> Result<T, Failure> {
    let response = good(Request::get(path).send().await).await?;
    let status = response.status();
    response.json().await.or(Err(Failure::Status(status)))
}

async fn put(request: gloo_net::http::RequestBuilder, name: String) -> Result<(), Failure> {
    let request = request.json(&NameRequest { name }).or(Err(Failure::Network))?;
    good(request.send().await).await.map(drop)
}

/// An answer of the 200s, or what the refusal says.
async fn good(sent: Result<Response, gloo_net::Error>) -> Result<Response, Failure> {
    let Ok(response) = sent else { return Err(Failure::Network) };
    if response.ok() {
        return Ok(response);
    }
    let problem = response.json::<Problem>().await.ok();
    Err(Failure::from_problem(response.status(), problem))
}
