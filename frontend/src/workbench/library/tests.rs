//! What is kept comes back, and an errand is run once.

use super::*;
use crate::lean::port::{Errand, Told};
use crate::lean::program::Program;

fn does(bench: &mut Bench, msg: Msg) -> Vec<Effect> {
    bench.update(0.0, bench::Msg::Library(msg))
}

fn opened(effects: &[Effect]) -> Option<(&str, &[String])> {
    effects.iter().find_map(|effect| {
        let Effect::Open { url, protocols, .. } = effect else { return None };
        Some((url.as_str(), protocols.as_slice()))
    })
}

#[test]
fn presets_are_all_of_this_server() {
    let all: Vec<&str> = (0..).map_while(preset).map(|preset| preset.path).collect();
    assert_eq!(all.len(), 1 + LABS.len() + FAULTS.len());
    assert_eq!(all.first(), Some(&"/ws"));
    assert!(all.iter().skip(1).all(|path| path.starts_with("/labs/")));
    let hello = common::codec::decode_client(CHAT.message).unwrap();
    assert!(matches!(hello, common::client::ClientMsg::Hello { .. }));
}

#[test]
fn a_preset_is_opened_with_what_it_offers() {
    let mut bench = Bench::default();
    bench.server.origin = "ws://127.0.0.1:3000".to_owned();
    let effects = does(&mut bench, Msg::Preset(0));
    assert_eq!(opened(&effects), Some(("ws://127.0.0.1:3000/ws", ["readyroom.v1".to_owned()].as_slice())));
    assert_eq!((bench.sender.kind, bench.sender.text()), (Kind::Json, CHAT.message));
    assert_eq!(opened(&does(&mut bench, Msg::Preset(99))), None);
}

#[test]
fn an_errand_is_laid_out_once_and_begun_by_hand() {
    let mut bench = Bench::default();
    let errand = Errand { number: 1, url: "wss://x/".into(), protocol: "p".into(), message: "hello".into() };
    let page = Told { shown: true, errand: Some(errand), ..Told::default() };
    let effects = bench.update(0.0, bench::Msg::Page(page.clone()));
    assert_eq!(opened(&effects), None);
    assert_eq!(bench.connection.url, "wss://x/");
    assert_eq!((bench.connection.protocols.as_slice(), bench.sender.text()), (["p".to_owned()].as_slice(), "hello"));

    sender::update(&mut bench, sender::Msg::Write("written on".into()));
    bench.update(0.0, bench::Msg::Page(page.clone()));
    assert_eq!(bench.sender.text(), "written on");
    let next = Errand { number: 2, message: "again".into(), ..Errand::default() };
    bench.update(0.0, bench::Msg::Page(Told { errand: Some(next), ..page }));
    assert_eq!((bench.connection.url.as_str(), bench.sender.text()), ("wss://x/", "again"));
}

#[test]
fn the_last_connections_are_remembered_once_each() {
    let mut bench = Bench::default();
    for n in 0..20 {
        begun(&mut bench, &format!("ws://x/{n}"));
    }
    begun(&mut bench, "ws://x/15");
    assert_eq!(bench.library.recent.len(), RECENT_MOST);
    assert_eq!(bench.library.recent[..3], ["ws://x/15", "ws://x/19", "ws://x/18"]);
    does(&mut bench, Msg::Forget(0));
    does(&mut bench, Msg::Forget(99));
    assert_eq!(bench.library.recent.first().unwrap(), "ws://x/19");
}

#[test]
fn messages_and_connections_are_saved_renamed_used_and_removed() {
    let mut bench = Bench::default();
    save_message(&mut bench, " ".into(), Kind::Hex, "ff 00\nab".into());
    assert_eq!(bench.library.saved[0].name, "ff 00");
    bench.connection.url = "ws://x/".into();
    bench.connection.protocols = vec!["a".into(), "b".into()];
    does(&mut bench, Msg::Star);
    does(&mut bench, Msg::Naming("Mine".into()));
    let kept = does(&mut bench, Msg::Named);
    assert_eq!(bench.library.starred[0].name, "Mine");

    let mut later = Bench::default();
    restore(&mut later, &|key| {
        kept.iter().find_map(|effect| {
            let Effect::Keep(of, text) = effect else { return None };
            (*of == key).then(|| text.clone())
        })
    });
    assert_eq!(later.library.starred, bench.library.starred);
    let effects = does(&mut later, Msg::Take(Shelf::Connections, 0));
    assert_eq!(opened(&effects), Some(("ws://x/", ["a".to_owned(), "b".to_owned()].as_slice())));

    does(&mut bench, Msg::Take(Shelf::Messages, 0));
    assert_eq!((bench.sender.kind, bench.sender.text()), (Kind::Hex, "ff 00\nab"));
    does(&mut bench, Msg::Remove(Shelf::Messages, 0));
    does(&mut bench, Msg::Remove(Shelf::Messages, 0));
    assert_eq!(bench.library.saved, []);
}

#[test]
fn junk_in_the_store_is_as_nothing() {
    let mut bench = Bench::default();
    restore(&mut bench, &|_| Some("1 3:abc".to_owned()));
    assert_eq!(bench.library.starred, []);
    restore(&mut bench, &|_| Some("[]".to_owned()));
    assert!(bench.library.recent.is_empty());
}

#[test]
fn who_is_alone_asks_the_server_for_nothing() {
    for alone in [false, true] {
        let mut bench = Bench::default();
        let effects = bench.update(0.0, bench::Msg::Page(Told { shown: true, alone, ..Told::default() }));
        assert!(effects.contains(&Effect::AskServer { alone }), "{effects:?}");
    }
}
