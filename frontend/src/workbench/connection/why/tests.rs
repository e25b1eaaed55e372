//! Each way to end is told as what it is, in both languages.

use super::*;
use crate::i18n::Lang;

fn seen(code: u16) -> History {
    History {
        url: "ws://a.example/".into(),
        offered: false,
        ours: false,
        page_is_public: false,
        connecting: 12.0,
        idle: Some(10.0),
        asked: None,
        after: 0.0,
        error: false,
        online: true,
        lost: 0.0,
        largest: 0.0,
        code,
        reason: String::new(),
        was_clean: code != 1_006,
    }
}

fn asked(code: Option<u16>, early: bool) -> Option<Asked> {
    Some(Asked { at: 0.0, code, early })
}

/// What is said in both languages; they say the same of whose doing it was.
fn said(seen: &History) -> (Whose, String) {
    let [en, zh] = [Lang::En, Lang::Zh].map(|lang| explained(seen, words(lang)));
    assert_eq!((en.whose, en.seek), (zh.whose, zh.seek));
    for text in [&en.said, &zh.said] {
        assert!(!text.is_empty() && !text.contains("{}"), "{text}");
    }
    (en.whose, en.said)
}

#[track_caller]
fn says(seen: &History, whose: Whose, parts: &[&str]) {
    let (is, text) = said(seen);
    assert_eq!(is, whose, "{text}");
    for part in parts {
        assert!(text.contains(part), "“{part}” is not in: {text}");
    }
}

#[test]
fn every_code_of_the_standard_is_told_apart() {
    let texts: Vec<String> = (1_000..=1_015).filter(|code| *code != 1_006).map(|code| said(&seen(code)).1).collect();
    for (at, text) in texts.iter().enumerate() {
        assert!(!texts.iter().skip(at + 1).any(|other| other == text), "{text}");
    }
    for code in (1_000..=1_015).filter(|code| *code != 1_006) {
        says(&seen(code), Whose::Server, &[&code.to_string(), "The server sent a Close"]);
    }
}

#[test]
fn ranges_have_their_owners() {
    says(&seen(2_500), Whose::Server, &["gives 2500 no meaning"]);
    says(&seen(3_003), Whose::Server, &["3003 forbidden"]);
    says(&seen(4_321), Whose::Server, &["only who wrote this server knows what 4321 means"]);
    says(&seen(4_001), Whose::Server, &["what 4001 means"]);
    says(&History { ours: true, ..seen(4_001) }, Whose::Server, &["Sign in again"]);
    says(&History { ours: true, ..seen(4_777) }, Whose::Server, &["what 4777 means"]);
}

#[test]
fn what_fails_before_it_opens_says_what_a_page_cannot_know() {
    let failed = History { idle: None, error: true, ..seen(1_006) };
    says(&failed, Whose::Nobody, &["failed after 12.0 ms", "nobody listens on that port", "other than 101"]);
    assert!(explained(&failed, words(Lang::En)).seek);
    assert!(!said(&failed).1.contains("certificate"), "none is asked for over ws");
    let safe = History { url: "wss://a.example/".into(), connecting: 31_000.0, ..failed.clone() };
    says(&safe, Whose::Nobody, &["31.0 s", "firewall", "certificate"]);
    says(&History { offered: true, ..failed.clone() }, Whose::Nobody, &["chooses none of them"]);
    says(&History { online: false, ..failed.clone() }, Whose::Network, &["offline"]);
    let near = History { url: "ws://192.168.1.9:80/".into(), ..failed.clone() };
    assert!(!said(&near).1.contains("Local Network Access"), "a page in that network may");
    says(&History { page_is_public: true, ..near }, Whose::Nobody, &["Local Network Access"]);
    let cancelled = History { asked: asked(None, true), ..failed };
    says(&cancelled, Whose::You, &["You gave up after 12.0 ms"]);
    assert!(!explained(&cancelled, words(Lang::En)).seek, "there is nothing to find out");
}

#[test]
fn what_breaks_off_while_open_is_told_by_what_came_before() {
    says(&seen(1_006), Whose::Nobody, &["without a Close", "crashed"]);
    assert!(!said(&seen(1_006)).1.contains("proxies"));
    says(&History { idle: Some(60_300.0), ..seen(1_006) }, Whose::Nobody, &["60.3 s", "proxies"]);
    says(&History { error: true, ..seen(1_006) }, Whose::Nobody, &["not UTF-8", "F12"]);
    says(&History { online: false, ..seen(1_006) }, Whose::Network, &["offline"]);
    let silent = History { asked: asked(Some(1_000), false), after: 2_004.0, ..seen(1_006) };
    says(&silent, Whose::Server, &["no Close came back", "after 2004 ms"]);
}

#[test]
fn our_own_close_is_ours() {
    let done = |ours, code| History { asked: asked(ours, false), ..seen(code) };
    says(&done(Some(3_000), 3_000), Whose::You, &["You closed with 3000", "orderly"]);
    says(&done(None, 1_005), Whose::You, &["You closed with no code", "orderly"]);
    says(&done(Some(1_000), 1_011), Whose::You, &["You closed with 1000", "something else", "1011: it met"]);
}

#[test]
fn what_was_lost_and_what_was_too_large_has_its_size() {
    says(&History { lost: 3_145_728.0, ..seen(1_001) }, Whose::Server, &["3.0 MiB that you had sent never left"]);
    says(&History { largest: 20_480.0, ..seen(1_009) }, Whose::Server, &["The largest that you sent had 20.0 KiB"]);
    assert!(!said(&History { largest: 20_480.0, ..seen(1_003) }).1.contains("largest"));
    says(&History { was_clean: false, ..seen(1_001) }, Whose::Server, &["wasClean is false"]);
}
