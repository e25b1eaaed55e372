//! What the status says, without a server.

use super::*;

#[test]
fn the_status_has_three_addresses() {
    assert_eq!(asked("/status", "/status"), Some(Asked::Page));
    assert_eq!(asked("/status/", "/status/"), Some(Asked::Page));
    assert_eq!(asked("/status", "/status/metrics"), Some(Asked::Metrics));
    assert_eq!(asked("/", "/status.json"), Some(Asked::Json));
    assert_eq!(asked("/", "/"), Some(Asked::Page));
    assert_eq!(asked("/status", "/statusx"), None);
    assert_eq!(asked("/status", "/"), None);
}

#[test]
fn every_metric_has_its_help_its_kind_and_its_unit() {
    let counts = Counts::default();
    counts.said_bytes.add(7);
    let text = metrics(&counts);
    assert!(text.ends_with('\n'));
    assert!(text.contains("\nreadyroom_pipe_sent_bytes_total 7\n"), "{text}");
    for fact in FACTS {
        assert_eq!(text.matches(&format!("# HELP {} ", fact.metric)).count(), 1);
        assert_eq!(fact.metric.ends_with("_total"), fact.kind == facts::Kind::Counter, "{}", fact.metric);
        assert!(!fact.help.contains(['\\', '\n']), "{}", fact.help);
    }
}

#[test]
fn the_numbers_are_an_object() {
    let counts = Counts::default();
    counts.open.add(3);
    let value: serde_json::Value = serde_json::from_str(&json(&counts)).unwrap();
    assert_eq!(value["connections"], 3);
    assert_eq!(value.as_object().unwrap().len(), FACTS.len());
}

#[test]
fn the_page_says_everything_in_both_languages() {
    let counts = Counts::default();
    counts.heard.add(1_234);
    for (lang, at) in [(page::Lang::En, 0), (page::Lang::Zh, 1)] {
        let html = page::html(&counts, lang, false, "/a&b/");
        assert!(FACTS.iter().all(|fact| html.contains(fact.name[at])), "{html}");
        assert!(html.contains("1,234") && html.contains("\"/a&amp;b?hold\""), "{html}");
    }
}
