//! Where one is signed in, and how to end that.

use common::api::account::{SessionEntry, SessionList};
use yew::{Callback, Html, Properties, component, html, use_state};

use super::{load_failed, say_ended};
use crate::annex::app::Desk;
use crate::annex::http::{self, use_loaded, use_request};
use crate::annex::port::Said;
use crate::annex::time;
use crate::annex::words::words;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct SectionProps {
    pub desk: Desk,
}

/// The section.
#[component]
pub(super) fn Sessions(props: &SectionProps) -> Html {
    let (list, request, ended) = (use_loaded::<SessionList>("/api/v1/sessions"), use_request(), use_state(|| false));
    let lang = props.desk.lang();
    let words = words(lang);
    let Some(found) = list.value() else { return load_failed(&props.desk, &list) };
    let end = |entry: &SessionEntry| {
        let (request, again, say) = (request.clone(), list.again.clone(), props.desk.say.clone());
        let (path, current) = (format!("/api/v1/sessions/{}", entry.id), entry.current);
        Callback::from(move |_: web_sys::MouseEvent| {
            let (path, again, say) = (path.clone(), again.clone(), say.clone());
            request.run(async move { http::delete(&path).await }, move |()| {
                if current { say.emit(Said::SignedOut) } else { again.emit(()) }
            });
        })
    };
    let row = |entry: &SessionEntry| {
        let what = agent(&entry.agent).unwrap_or_else(|| words.unknown_agent.to_owned());
        let label = if entry.current { words.sign_out } else { words.end };
        html! {
            <li class="session" key={entry.id}>
                <div class="grow">
                    <div class="strong">{ &what }{ if entry.current { format!(" · {}", words.this_session) } else { String::new() } }</div>
                    <div class="faint small">{ (words.seen)(&time::moment(lang, entry.seen_at.0)) }{ " · " }{ (words.since)(&time::moment(lang, entry.created_at.0)) }</div>
                </div>
                <button type="button" class="btn btn--sm" disabled={request.is_busy()} aria-label={format!("{label}: {what}")} onclick={end(entry)}>{ label }</button>
            </li>
        }
    };
    let others = {
        let (request, again, ended) = (request.clone(), list.again.clone(), ended.clone());
        Callback::from(move |_: web_sys::MouseEvent| {
            let (again, ended) = (again.clone(), ended.clone());
            request.run(http::delete("/api/v1/sessions"), move |()| {
                ended.set(true);
                again.emit(());
            });
        })
    };
    html! {
        <div class="settings__group">
            <ul>{ for found.sessions.iter().map(row) }</ul>
            if found.sessions.len() > 1 {
                <p><button type="button" class="btn" disabled={request.is_busy()} onclick={others}>{ words.end_others }</button></p>
            }
            <p class="faint" role="status">{ if *ended { words.others_ended } else { "" } }</p>
            { say_ended(&request, lang) }
        </div>
    }
}

/// The browser and the system of a `User-Agent`, as people know them; more cannot be told from it.
fn agent(agent: &str) -> Option<String> {
    let named =
        |names: &[(&str, &'static str)]| names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    let browser = named(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = named(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => Some(format!("{browser} · {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => agent.split(' ').next().filter(|first| !first.is_empty()).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_told_as_people_know_them() {
        let linux =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        for (sent, expected) in [
            (linux, Some("Chrome · Linux")),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
                Some("Safari · iPhone"),
            ),
            ("curl/8.5.0", Some("curl/8.5.0")),
            ("", None),
        ] {
            assert_eq!(agent(sent).as_deref(), expected, "{sent}");
        }
    }
}
