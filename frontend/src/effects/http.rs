//! Asks the server over HTTP what is asked once.

use common::api::NameRequest;
use common::codec;
use common::id::RoomId;
use common::model::Person;
use gloo_net::http::{Request, Response};
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use crate::app::Msg;
use crate::state::{Action, Answer, Ask, Door, Failure};

/// Asks, and tells the answer when it comes.
pub(super) fn ask(ask: Ask, tell: Callback<Msg>) {
    spawn_local(async move {
        let answer = answer(ask).await;
        tell.emit(Msg::Ui(Action::Answer(answer)));
    });
}

async fn answer(ask: Ask) -> Answer {
    match ask {
        Ask::Me => Answer::Me(get("/api/v1/me", codec::decode_person).await),
        Ask::Enter(name) => Answer::Entered(put(Request::post("/api/v1/guests"), name).await),
        Ask::Server => Answer::Server(get("/api/v1/server", codec::decode_guests).await.map(|guests| Door { guests })),
        Ask::People(query) => Answer::People(people("/api/v1/people?q=", &query).await),
        Ask::Members(room, query) => {
            let path = in_room(room, &["members?limit=20&q="]);
            Answer::Members(query.clone(), people(&path, &query).await)
        }
        Ask::Rooms => Answer::Rooms(get("/api/v1/rooms", codec::decode_rooms).await.map(|list| list.rooms)),
        Ask::PlaceAt(room, at) => {
            Answer::Place(room, get(&in_room(room, &["place?at=", &at.0.to_string()]), codec::decode_place).await)
        }
        Ask::PlaceOf(room, n) => {
            Answer::Place(room, get(&in_room(room, &["place?n=", &n.to_string()]), codec::decode_place).await)
        }
        Ask::Message(room, seq) => {
            Answer::Message(get(&in_room(room, &["messages/", &seq.0.to_string()]), codec::decode_message).await)
        }
        Ask::Thread(room, root, after) => {
            let after = after.unwrap_or(root).0.to_string();
            let path = in_room(room, &["messages/", &root.0.to_string(), "/thread?limit=200&after=", &after]);
            Answer::Thread(room, root, get(&path, codec::decode_thread).await)
        }
        Ask::Pins(room) => Answer::Pins(room, get(&in_room(room, &["pins"]), codec::decode_pins).await),
        Ask::Edits(room, seq) => {
            let path = in_room(room, &["messages/", &seq.0.to_string(), "/edits"]);
            Answer::Edits(room, seq, get(&path, codec::decode_edits).await)
        }
    }
}

async fn people(path: &str, query: &str) -> Result<Vec<Person>, Failure> {
    let query: String = js_sys::encode_uri_component(query).into();
    get(&(path.to_owned() + &query), codec::decode_people).await
}

/// A path below a room's.
fn in_room(room: RoomId, rest: &[&str]) -> String {
    let mut path = "/api/v1/rooms/".to_owned();
    path.push_str(&room.to_string());
    path.push('/');
    rest.iter().for_each(|part| path.push_str(part));
    path
}

/// How an answer is read.
type Decode<T> = fn(&str) -> Result<T, String>;

async fn get<T>(path: &str, decode: Decode<T>) -> Result<T, Failure> {
    read(Request::get(path).send().await, decode).await
}

async fn put(request: gloo_net::http::RequestBuilder, name: String) -> Result<Person, Failure> {
    let request = request.json(&NameRequest { name }).or(Err(Failure::Network))?;
    read(request.send().await, codec::decode_person).await
}

async fn read<T>(sent: Result<Response, gloo_net::Error>, decode: Decode<T>) -> Result<T, Failure> {
    let response = good(sent).await?;
    let status = response.status();
    let text = response.text().await.or(Err(Failure::Status(status)))?;
    decode(&text).or(Err(Failure::Status(status)))
}

/// An answer of the 200s, or what the refusal says.
async fn good(sent: Result<Response, gloo_net::Error>) -> Result<Response, Failure> {
    let Ok(response) = sent else { return Err(Failure::Network) };
    if response.ok() {
        return Ok(response);
    }
    let problem = response.text().await.ok().and_then(|text| codec::decode_problem(&text).ok());
    Err(Failure::from_problem(response.status(), problem))
}
