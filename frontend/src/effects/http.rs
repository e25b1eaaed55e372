//! Asks the server over HTTP what is asked once.

use common::api::NameRequest;
use common::codec;
use common::id::RoomId;
use js_sys::{Object, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{RequestInit, Response};
use yew::Callback;

use super::{browser, parts};
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
    let (path, name) = request(&ask);
    let text = fetch(&path, name).await;
    if matches!(ask, Ask::Message(..) | Ask::Thread(..) | Ask::Pins(_) | Ask::Edits(..)) {
        // Whoever asks for these may do so before the program that reads them is whole.
        parts::rest().await.unwrap_or_default();
    }
    match ask {
        Ask::Me => Answer::Me(read(text, codec::decode_person)),
        Ask::Enter(_) => Answer::Entered(read(text, codec::decode_person)),
        Ask::Server => Answer::Server(read(text, codec::decode_guests).map(|guests| Door { guests })),
        Ask::People(_) => Answer::People(read(text, codec::decode_people)),
        Ask::Members(_, query) => Answer::Members(query, read(text, codec::decode_people)),
        Ask::Rooms => Answer::Rooms(read(text, codec::decode_rooms).map(|list| list.rooms)),
        Ask::PlaceAt(room, _) | Ask::PlaceOf(room, _) => Answer::Place(room, read(text, codec::decode_place)),
        Ask::Message(..) => Answer::Message(read(text, codec::decode_message)),
        Ask::Thread(room, root, _) => Answer::Thread(room, root, read(text, codec::decode_thread)),
        Ask::Pins(room) => Answer::Pins(room, read(text, codec::decode_pins)),
        Ask::Edits(room, seq) => Answer::Edits(room, seq, read(text, codec::decode_edits)),
    }
}

/// Where to ask, and the name to send along; what brings none is a `GET`.
fn request(ask: &Ask) -> (String, Option<&str>) {
    let path = match ask {
        Ask::Me => "me".to_owned(),
        Ask::Enter(name) => return ("guests".to_owned(), Some(name)),
        Ask::Server => "server".to_owned(),
        Ask::People(query) => "people?q=".to_owned() + &escaped(query),
        Ask::Members(room, query) => in_room(*room, &["members?limit=20&q=", &escaped(query)]),
        Ask::Rooms => "rooms".to_owned(),
        Ask::PlaceAt(room, at) => in_room(*room, &["place?at=", &at.0.to_string()]),
        Ask::PlaceOf(room, n) => in_room(*room, &["place?n=", &n.to_string()]),
        Ask::Message(room, seq) => in_room(*room, &["messages/", &seq.0.to_string()]),
        Ask::Thread(room, root, after) => {
            let after = after.unwrap_or(*root).0.to_string();
            in_room(*room, &["messages/", &root.0.to_string(), "/thread?limit=200&after=", &after])
        }
        Ask::Pins(room) => in_room(*room, &["pins"]),
        Ask::Edits(room, seq) => in_room(*room, &["messages/", &seq.0.to_string(), "/edits"]),
    };
    (path, None)
}

/// A path below a room's.
fn in_room(room: RoomId, rest: &[&str]) -> String {
    let mut path = "rooms/".to_owned();
    path.push_str(&room.to_string());
    path.push('/');
    rest.iter().for_each(|part| path.push_str(part));
    path
}

fn escaped(query: &str) -> String {
    js_sys::encode_uri_component(query).into()
}

fn read<T>(text: Result<String, Failure>, decode: fn(&str) -> Result<T, String>) -> Result<T, Failure> {
    decode(&text?).or(Err(Failure::Status(200)))
}

/// The text of an answer of the 200s, or what the refusal says.
///
/// By the browser's own `fetch`: of the little that the page asks, a library for it would be the larger part.
async fn fetch(path: &str, name: Option<&str>) -> Result<String, Failure> {
    let init = RequestInit::new();
    if let Some(name) = name {
        let body = serde_json::to_string(&NameRequest { name: name.to_owned() }).unwrap_or_default();
        init.set_method("POST");
        init.set_body(&body.into());
        let headers = Object::new();
        drop(Reflect::set(&headers, &"content-type".into(), &"application/json".into()));
        init.set_headers(&headers);
    }
    let asked = browser::window().fetch_with_str_and_init(&("/api/v1/".to_owned() + path), &init);
    let response: Response = JsFuture::from(asked).await.or(Err(Failure::Network))?.unchecked_into();
    let status = response.status();
    let text = async { JsFuture::from(response.text().ok()?).await.ok()?.as_string() }.await;
    if response.ok() {
        return text.ok_or(Failure::Status(status));
    }
    Err(Failure::from_problem(status, text.and_then(|text| codec::decode_problem(&text).ok())))
}
