//! What is written is judged, sent and kept.

use super::*;
use crate::lean::program::Program;
use crate::workbench::socket::Reading;

/// A Workbench with an open socket, and the messages that went to it.
fn open() -> Bench {
    let mut bench = Bench::default();
    bench.connection.reading = Reading { ready: Some(1), ..Reading::default() };
    bench
}

fn does(bench: &mut Bench, now: f64, msg: Msg) -> Vec<Effect> {
    bench.update(now, bench::Msg::Sender(msg))
}

fn write(bench: &mut Bench, kind: Kind, text: &str) {
    does(bench, 0.0, Msg::Fill(kind, text.to_owned()));
}

fn sent(effects: &[Effect]) -> Vec<String> {
    let text = |effect: &Effect| {
        let Effect::Send(payload) = effect else { return None };
        Some(match payload {
            Payload::Text(text) => text.to_string(),
            Payload::Buffer { head, .. } => crate::lean::text::hex(head),
            Payload::Blob { len, .. } => format!("blob of {len}"),
        })
    };
    effects.iter().filter_map(text).collect()
}

#[test]
fn each_kind_goes_as_it_is_written() {
    let mut bench = open();
    for (kind, text, expected) in [
        (Kind::Text, "a {{n}}", "a {{n}}"),
        (Kind::Json, r#"{"a": 1}"#, r#"{"a": 1}"#),
        (Kind::Hex, "0x01 ff", "01ff"),
        (Kind::Base64, "Zm8=", "666f"),
        (Kind::Random, "3", "000000"),
    ] {
        write(&mut bench, kind, text);
        assert_eq!(sent(&does(&mut bench, 0.0, Msg::Send)), [expected], "{kind:?}");
        assert_eq!(bench.sender.text(), text);
    }
}

#[test]
fn what_is_not_right_stays_and_is_not_sent() {
    let mut bench = open();
    for (kind, text, expected) in [
        (Kind::Json, "{\n\"a\":}", Fault::Json(2, 5, String::new())),
        (Kind::Hex, "89 zz", Fault::Bytes(bytes::Fault::NotHex(2))),
        (Kind::Base64, "a", Fault::Bytes(bytes::Fault::NotBase64(1))),
        (Kind::Random, "16777217", Fault::Count),
        (Kind::Random, "0", Fault::Count),
        (Kind::File, "", Fault::NoFile),
    ] {
        write(&mut bench, kind, text);
        assert_eq!(bench.sender.verdict, Err(expected));
        assert_eq!(sent(&does(&mut bench, 0.0, Msg::Send)), [""; 0]);
        assert_eq!(bench.sender.text(), text);
    }
    write(&mut bench, Kind::Json, "{a");
    assert_eq!(sent(&does(&mut bench, 0.0, Msg::SendAsText)), ["{a"]);
}

#[test]
fn nothing_goes_to_a_socket_that_is_not_open() {
    for ready in [None, Some(0), Some(2), Some(3)] {
        let mut bench = open();
        bench.connection.reading.ready = ready;
        write(&mut bench, Kind::Text, "kept");
        assert_eq!(sent(&does(&mut bench, 0.0, Msg::Send)), [""; 0]);
        assert_eq!(bench.sender.text(), "kept");
    }
}

#[test]
fn several_files_go_one_after_the_other() {
    let mut bench = open();
    let file = |len| {
        let blob = Payload::Blob { len, name: "f".into(), data: wasm_bindgen::JsValue::UNDEFINED };
        ("image/png".to_owned(), blob)
    };
    does(&mut bench, 0.0, Msg::Files(vec![file(5), file(7)]));
    assert_eq!(bench.sender.verdict, Ok(12));
    assert_eq!(sent(&does(&mut bench, 0.0, Msg::Send)), ["blob of 5", "blob of 7"]);
}

fn repeating(text: &str, every: &str, times: &str) -> Bench {
    let mut bench = open();
    for msg in [Msg::Repeat, Msg::Every(every.to_owned()), Msg::Times(times.to_owned())] {
        does(&mut bench, 0.0, msg);
    }
    write(&mut bench, Kind::Json, text);
    bench
}

#[test]
fn a_repetition_counts_and_ends() {
    let mut bench = repeating("[{{n}}]", "100", "3");
    assert_eq!(bench.sender.verdict, Ok(3));
    let effects = does(&mut bench, 1_000.0, Msg::Send);
    assert_eq!(sent(&effects), ["[1]"]);
    assert!(effects.contains(&Effect::After(100, Box::new(bench::Msg::Sender(Msg::Tick(1))))));
    assert_eq!(sent(&does(&mut bench, 1_050.0, Msg::Tick(1))), [""; 0]);
    assert_eq!(sent(&does(&mut bench, 1_900.0, Msg::Tick(1))), ["[2]", "[3]"]);
    assert_eq!(bench.sender.run, None);
    assert_eq!(does(&mut bench, 2_000.0, Msg::Tick(1)), []);
}

#[test]
fn a_repetition_ends_by_hand_or_with_the_connection() {
    let mut bench = repeating("1", "100", "20");
    does(&mut bench, 1_000.0, Msg::Send);
    does(&mut bench, 1_000.0, Msg::Stop);
    assert_eq!(sent(&does(&mut bench, 1_100.0, Msg::Tick(1))), [""; 0]);

    does(&mut bench, 2_000.0, Msg::Send);
    heard(&mut bench, &Event::Close { code: 1006, reason: String::new(), was_clean: false });
    assert_eq!((bench.sender.run.is_none(), bench.sender.halted), (true, Some((1, 20))));
    assert_eq!(sent(&does(&mut bench, 2_100.0, Msg::Tick(2))), [""; 0]);
}

#[test]
fn a_repetition_waits_for_what_the_browser_still_holds() {
    let mut bench = repeating("1", "1", "20");
    bench.connection.reading.buffered = 65.0 * 1_048_576.0;
    assert_eq!(sent(&does(&mut bench, 1_000.0, Msg::Send)), [""; 0]);
    bench.connection.reading.buffered = 0.0;
    assert_eq!(sent(&does(&mut bench, 1_016.0, Msg::Tick(1))).len(), 17);
}

#[test]
fn numbers_of_a_repetition_have_limits() {
    for (every, times, expected) in [
        ("0", "1", Err(Fault::Every)),
        ("3600001", "1", Err(Fault::Every)),
        ("a", "1", Err(Fault::Every)),
        ("1", "", Err(Fault::Times)),
        ("1", "1000001", Err(Fault::Times)),
        (" 3600000 ", "1000000", Ok(1)),
    ] {
        assert_eq!(repeating("1", every, times).sender.verdict, expected, "{every} {times}");
    }
}

#[test]
fn the_history_is_walked_up_and_down() {
    let mut bench = open();
    for text in ["one", "two", "two"] {
        write(&mut bench, Kind::Text, text);
        does(&mut bench, 0.0, Msg::Send);
    }
    write(&mut bench, Kind::Hex, "ff");
    does(&mut bench, 0.0, Msg::Send);
    write(&mut bench, Kind::Text, "draft");
    let mut seen = Vec::new();
    for up in [true, true, true, false, false, false] {
        does(&mut bench, 0.0, Msg::Walk(up));
        seen.push(bench.sender.text().to_owned());
    }
    assert_eq!(seen, ["two", "one", "one", "two", "draft", "draft"]);
    assert_eq!(bench.sender.walk, None);
}

#[test]
fn what_is_kept_comes_back() {
    let mut bench = open();
    let mut store: Vec<(&str, String)> = Vec::new();
    write(&mut bench, Kind::Hex, "ab:cd");
    write(&mut bench, Kind::Json, "[1]");
    let effects = [does(&mut bench, 0.0, Msg::Send), does(&mut bench, 0.0, Msg::Keep)].concat();
    store.extend(effects.into_iter().filter_map(|effect| {
        let Effect::Keep(key, text) = effect else { return None };
        Some((key, text))
    }));
    let look = |key: &str| store.iter().rev().find(|(known, _)| *known == key).map(|(_, text)| text.clone());
    let mut later = Bench::default();
    restore(&mut later, &look);
    assert_eq!((later.sender.kind, &later.sender.drafts), (Kind::Json, &bench.sender.drafts));
    assert_eq!(later.sender.history, bench.sender.history);

    let mut fresh = Bench::default();
    restore(&mut fresh, &|_| Some("{\"v\":0}".to_owned()));
    assert_eq!(fresh.sender.drafts, Sender::default().drafts);
}

#[test]
fn an_errand_finds_its_kind() {
    let mut bench = open();
    for (text, kind) in [("{\"op\":\"hello\"}", Kind::Json), ("{{n}}", Kind::Text), ("hello", Kind::Text)] {
        does(&mut bench, 0.0, Msg::Put(text.to_owned()));
        assert_eq!((bench.sender.kind, bench.sender.text()), (kind, text));
    }
}
