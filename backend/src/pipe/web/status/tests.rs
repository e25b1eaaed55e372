//! What the status says, without a server.

use std::sync::Arc;

use super::super::super::counts::Running;
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
    assert_eq!(value.as_object().unwrap().len(), FACTS.len() + 1);
    assert!(value["scripts"].as_object().unwrap().is_empty());
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

#[test]
fn each_script_of_a_folder_is_counted_by_itself() {
    let counts = Arc::new(Counts::default());
    let odd = Running::begin(&counts, Some("/a \"b\\<.sh"));
    odd.has_failed();
    drop(odd);
    let _two = [Running::begin(&counts, Some("/c.sh")), Running::begin(&counts, Some("/c.sh"))];
    let text = metrics(&counts);
    assert!(text.contains("\nreadyroom_pipe_script_programs{script=\"/c.sh\"} 2\n"), "{text}");
    let failed = "\nreadyroom_pipe_script_programs_failed_total{script=\"/a \\\"b\\\\<.sh\"} 1\n";
    assert!(text.contains(failed) && text.contains("\nreadyroom_pipe_programs 2\n"), "{text}");
    let value: serde_json::Value = serde_json::from_str(&json(&counts)).unwrap();
    let expected = serde_json::json!({"programs": 0, "programs_started_total": 1, "programs_failed_total": 1});
    assert_eq!(value["scripts"]["/a \"b\\<.sh"], expected);
    let html = page::html(&counts, page::Lang::Zh, false, "/status");
    assert!(html.contains("<th scope=\"row\">/a &quot;b\\&lt;.sh</th><td>0</td><td>1</td><td>1</td>"), "{html}");
}

#[test]
fn no_two_metrics_are_one_family() {
    // Those who read OpenMetrics leave the ending out.
    let families: std::collections::BTreeSet<_> =
        FACTS.iter().map(|fact| fact.metric.strip_suffix("_total").unwrap_or(fact.metric)).collect();
    assert_eq!(families.len(), FACTS.len());
}
