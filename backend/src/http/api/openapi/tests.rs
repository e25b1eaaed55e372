//! The descriptions say what there is.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::*;

fn document() -> Value {
    serde_json::from_str(&OPENAPI).unwrap()
}

/// `GET /rooms/{room}` for each `.route("/rooms/{room}", get(…))` in a source.
fn routes_in(source: &str) -> Vec<String> {
    let mut routes = Vec::new();
    for rest in source.split(".route(\"").skip(1) {
        let (path, rest) = rest.split_once('"').unwrap();
        let methods = rest.split(".route(").next().unwrap().split("\n}").next().unwrap();
        for method in ["get", "post", "put", "patch", "delete"] {
            let called = format!("{method}(");
            // `remove(` is no `move(`.
            let is_called = |before: &str| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if methods.match_indices(&called).any(|(at, _)| methods.get(..at).is_some_and(is_called)) {
                routes.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    routes
}

/// The routes of the sources beside this one.
fn routes() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let files = std::fs::read_dir(folder.join("api")).unwrap().map(|entry| entry.unwrap().path());
    let files = files.chain([folder.join("api.rs")]).filter(|path| path.extension().is_some_and(|end| end == "rs"));
    files.flat_map(|file| routes_in(&std::fs::read_to_string(file).unwrap())).collect()
}

#[test]
fn every_route_is_described_and_every_description_is_a_route() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let described = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    assert_eq!(described.collect::<BTreeSet<_>>(), routes());
    assert!(routes().len() > 20, "the routes are found");
}

/// All operations.
fn operations(document: &Value) -> Vec<&Value> {
    document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values()).collect()
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = document();
    let names: Vec<_> =
        operations(&document).iter().map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
}

#[test]
fn every_answer_has_a_description() {
    let document = document();
    let answers = operations(&document).into_iter().flat_map(|operation| operation["responses"].as_object().unwrap());
    let descriptions: BTreeSet<_> = answers.map(|(status, answer)| (status, answer["description"].as_str())).collect();
    assert!(descriptions.contains(&(&"201".to_owned(), Some("Created"))), "{descriptions:?}");
    assert!(descriptions.iter().all(|(_, words)| words.is_some_and(|words| !words.is_empty())), "{descriptions:?}");
}

fn references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            into.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| references(value, into));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for (document, known) in [(&*OPENAPI, "Problem"), (&*ASYNCAPI, "RoomInfo")] {
        let document: Value = serde_json::from_str(document).unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.iter().any(|reference| reference.ends_with(known)), "{known} in {found:?}");
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }
}

#[test]
fn whatever_can_be_said_on_the_socket_is_described() {
    let document: Value = serde_json::from_str(&ASYNCAPI).unwrap();
    for (name, tag, some) in
        [("ClientMsg", "op", ["hello", "send", "ping"]), ("ServerMsg", "ev", ["welcome", "event", "pong"])]
    {
        let schema = &document["components"]["schemas"][name];
        let described = schema["oneOf"].to_string();
        assert!(described.contains(&format!("\"{tag}\"")), "{described}");
        for word in some {
            assert!(described.contains(&format!("\"{word}\"")), "{word} in {described}");
        }
    }
    // An id is a string on the wire, a place in a log a number.
    let schemas = &document["components"]["schemas"];
    assert_eq!((&schemas["RoomId"]["type"], &schemas["Seq"]["type"]), (&json!("string"), &json!("integer")));
}
