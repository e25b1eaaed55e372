//! The status: a page for people, which refreshes itself, numbers for programs (JSON), and metrics in Prometheus' text
//! format. All three are made of [`facts`].
//!
//! Deliberately absent: what runs with which arguments (but for the names of scripts, which are paths that are asked for), and
//! who is connected. Whoever can reach the port can read this.

mod facts;
mod page;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::counts::{Counts, Script};
use super::super::route::Site;
use super::plain;
use facts::{FACTS, OF_SCRIPTS};

/// Seconds after which the page comes anew.
const AGAIN: &str = "5";

/// What Prometheus expects of its text format.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The page.
    Page,
    /// The metrics.
    Metrics,
    /// The numbers.
    Json,
}

/// Whether a path is one of the status, which is at `at`.
pub(super) fn asked(at: &str, path: &str) -> Option<Asked> {
    match path.strip_prefix(at.trim_end_matches('/'))? {
        "" | "/" => Some(Asked::Page),
        "/metrics" => Some(Asked::Metrics),
        "/status.json" => Some(Asked::Json),
        _ => None,
    }
}

/// Tells it.
pub(super) fn answer(site: &Site, asked: Asked, request: &Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let allow = [(header::ALLOW, HeaderValue::from_static("GET, HEAD"))];
        return (allow, plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are understood here\n"))
            .into_response();
    }
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    set(header::CACHE_CONTROL, "no-store");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let body = match asked {
        Asked::Metrics => {
            set(header::CONTENT_TYPE, METRICS);
            metrics(&site.counts)
        }
        Asked::Json => {
            set(header::CONTENT_TYPE, "application/json");
            json(&site.counts)
        }
        Asked::Page => {
            let languages = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            let lang = page::Lang::preferred(languages.unwrap_or_default());
            let holds = request.uri().query() == Some(page::HOLD);
            set(header::CONTENT_TYPE, "text/html; charset=utf-8");
            set(header::CONTENT_LANGUAGE, lang.tag());
            set(header::CONTENT_SECURITY_POLICY, &page::policy());
            set(header::VARY, "accept-language");
            if !holds {
                set(header::REFRESH, AGAIN);
            }
            page::html(&site.counts, lang, holds, request.uri().path())
        }
    };
    (headers, body).into_response()
}

/// Prometheus' text format, version 0.0.4.
fn metrics(counts: &Counts) -> String {
    let mut text = String::new();
    for fact in FACTS {
        let (name, kind) = (fact.metric, fact.kind.name());
        let lines = [
            format!("# HELP {name} {}\n", fact.help),
            format!("# TYPE {name} {kind}\n"),
            format!("{name} {}\n", (fact.get)(counts)),
        ];
        text.extend(lines);
    }
    let scripts = counts.scripts();
    for fact in OF_SCRIPTS.iter().filter(|_| !scripts.is_empty()) {
        let (name, kind) = (fact.metric, fact.kind.name());
        text.push_str(&format!("# HELP {name} {}\n# TYPE {name} {kind}\n", fact.help));
        for (script, counted) in &scripts {
            text.push_str(&format!("{name}{{script=\"{}\"}} {}\n", label(script), (fact.get)(counted)));
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    text.push_str("# HELP readyroom_pipe_build_info Which program this is.\n# TYPE readyroom_pipe_build_info gauge\n");
    text.push_str(&format!("readyroom_pipe_build_info{{version=\"{version}\"}} 1\n"));
    text
}

/// The value of a label: Prometheus' format has three escapes.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// An object with a member for each fact, and one for the scripts of `--dir`.
fn json(counts: &Counts) -> String {
    let members = FACTS.iter().map(|fact| (fact.key.to_owned(), serde_json::Value::from((fact.get)(counts))));
    let of_script = |script: &Script| -> serde_json::Map<_, _> {
        OF_SCRIPTS.iter().map(|fact| (fact.key.to_owned(), (fact.get)(script).into())).collect()
    };
    let scripts = counts.scripts().into_iter().map(|(name, script)| (name, of_script(&script).into()));
    let scripts = std::iter::once(("scripts".to_owned(), serde_json::Value::Object(scripts.collect())));
    let mut text = serde_json::Value::Object(members.chain(scripts).collect()).to_string();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
