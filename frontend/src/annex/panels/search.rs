//! The panel that searches: what is looked for, what was found, the way to it.
//!
//! In reading order: [`Search`] is the panel, `query` takes the text apart for completing, `hints` are the chips, `results`
//! the list. It stays open beside the room that a result leads to. Deliberately absent: reading the operators, which the
//! server does, and says where it could not.

mod hints;
mod query;
mod results;

use std::rc::Rc;

use common::api::codes;
use common::api::search::{Hit, SearchPage};
use common::id::{RoomId, Seq};
use common::limits;
use common::text::{Fault, Field, TextError};
use web_sys::{Element, KeyboardEvent, MouseEvent, SubmitEvent};
use yew::{
    Callback, Html, Properties, TargetCast, UseStateHandle, component, hook, html, use_effect_with, use_mut_ref,
    use_state, use_state_eq,
};

use super::Desk;
use super::ask::{escaped, use_asked};
use super::bits::{focus, is_wide, typed, use_focus};
use super::lay::Panel;
use super::words::PanelWords;
use crate::annex::http::{Wrong, get};
use crate::annex::port::Said;
use crate::i18n::Lang;
use crate::views::parts::{field_error, icon};

/// Milliseconds after a key before it is searched: a search costs the server more than a name does.
const PAUSE_MS: u32 = 250;

/// Pixels above the end of the list from which on more is loaded.
const NEAR: i32 = 400;

/// What the panel needs to know.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SearchProps {
    /// The desk.
    pub desk: Desk,
    /// What to search for at first.
    #[prop_or_default]
    pub query: String,
    /// The room to search in at first.
    #[prop_or_default]
    pub room: Option<RoomId>,
}

/// The panel.
#[component]
pub fn Search(props: &SearchProps) -> Html {
    let desk = &props.desk;
    let words = desk.panel_words();
    use_focus("search-text");
    let text = use_state(|| first(props));
    let best = use_state_eq(|| false);
    let visited = use_state_eq(|| None::<(RoomId, Seq)>);
    let error = too_long(&text).map(|error| (desk.context.lang.words().text_error)(&error));
    let order = if *best { "best" } else { "newest" };
    let wanted = Some(text.trim()).filter(|wanted| {
        !wanted.is_empty() && error.is_none() && query::unfinished(&text).is_none_or(|(_, value)| !value.is_empty())
    });
    let path = wanted.map(|wanted| format!("/api/v1/search?q={}&order={order}", escaped(wanted)));
    let asked = use_asked::<SearchPage>(path.clone(), PAUSE_MS);
    let more = use_more(path.as_deref(), asked.value.clone());
    let set = {
        let text = text.clone();
        Callback::from(move |new: String| {
            text.set(new);
            focus("search-text");
        })
    };
    let chips = hints::use_chips(desk, &text, &set);
    let trouble = error.or_else(|| asked.trouble.as_ref().map(|trouble| told(trouble, desk.context.lang)));
    let visit = {
        let (desk, visited) = (desk.clone(), visited.clone());
        Callback::from(move |(room, seq): (RoomId, Seq)| {
            visited.set(Some((room, seq)));
            if !is_wide() {
                desk.close();
            }
            desk.say.emit(Said::Visit(room, Some(seq)));
        })
    };
    let hits = more.hits.clone();
    let sub = asked.value.as_ref().map(|_| (words.found)(hits.len(), more.next.is_some()));
    let onscroll = {
        let load = more.load.clone();
        Callback::from(move |event: yew::Event| {
            let Some(list) = event.target_dyn_into::<Element>() else { return };
            if list.scroll_height() - list.scroll_top() - list.client_height() < NEAR {
                load.emit(());
            }
        })
    };
    html! {
        <Panel desk={desk.clone()} title={words.search} {sub}>
            <form class="search__form" role="search" onsubmit={Callback::from(|event: SubmitEvent| event.prevent_default())}>
                <input class="input" id="search-text" type="search" autocomplete="off" spellcheck="false" aria-label={words.search_label} placeholder={words.search_label}
                    value={(*text).clone()} oninput={typed(&text)} onkeydown={Callback::from(|event: KeyboardEvent| down(&event))} aria-invalid={trouble.is_some().then_some("true")} aria-describedby="search-note" />
                if let Some(trouble) = &trouble {
                    { field_error("search-note", trouble) }
                }
                { chips }
                { orders(desk, &best) }
            </form>
            if asked.value.as_ref().is_some_and(|page| page.behind > 0) {
                <p class="results__behind" role="status">{ icon("clock") }{ (words.behind)(asked.value.as_ref().map_or(0, |page| page.behind)) }</p>
            }
            <div class="results" tabindex="-1" aria-busy={asked.busy.to_string()} {onscroll}>
                if hits.is_empty() {
                    { nothing(desk, wanted, asked.busy, asked.value.is_some()) }
                } else {
                    { results::list(desk, &hits, *visited, &visit) }
                    { tail(desk, &more) }
                }
            </div>
        </Panel>
    }
}

/// Why there is no answer; where the search cannot be read, at which place.
fn told(trouble: &Wrong, lang: Lang) -> String {
    match trouble {
        Wrong::Refused { problem: Some(problem), .. } if problem.code.as_deref() == Some(codes::BAD_QUERY) => {
            (PanelWords::of(lang).bad_query)(&problem.detail)
        }
        Wrong::Refused { .. } | Wrong::Network | Wrong::Text(_) => trouble.told(lang),
    }
}

fn first(props: &SearchProps) -> String {
    let name = props.room.and_then(|room| props.desk.context.room(room)).map(|line| line.info.name.clone());
    match name.filter(|name| !name.is_empty()) {
        None => props.query.clone(),
        Some(name) => format!("{} {}", query::term(query::Operator::In, &name), props.query),
    }
}

fn too_long(text: &str) -> Option<TextError> {
    let (limit, found) = (limits::QUERY_CHARS, text.trim().chars().count());
    (found > limit).then_some(TextError { field: Field::Query, fault: Fault::TooLong { limit, found } })
}

/// From the input down to the first result.
fn down(event: &KeyboardEvent) {
    if event.key() != "ArrowDown" || event.is_composing() {
        return;
    }
    let page = web_sys::window().and_then(|window| window.document());
    let first = page.and_then(|page| page.query_selector(".results .result").ok().flatten());
    if let Some(first) = first {
        event.prevent_default();
        drop(wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(first).focus());
    }
}

fn orders(desk: &Desk, best: &UseStateHandle<bool>) -> Html {
    let words = desk.panel_words();
    let choice = |(label, value): (&'static str, bool)| {
        let set = best.clone();
        let onclick = Callback::from(move |_: MouseEvent| set.set(value));
        html! { <button type="button" class="seg__item" aria-pressed={(**best == value).to_string()} {onclick}>{ label }</button> }
    };
    html! { <div class="seg" role="group" aria-label={words.order}>{ for [(words.newest, false), (words.best, true)].map(choice) }</div> }
}

/// What stands where there are no results: the operators, a skeleton, or that there is nothing.
fn nothing(desk: &Desk, wanted: Option<&str>, busy: bool, answered: bool) -> Html {
    let words = desk.panel_words();
    match wanted {
        None => html! {
            <dl class="search__help">{ for words.operators.iter().map(|(sign, what)| html! { <><dt><code>{ *sign }</code></dt><dd>{ *what }</dd></> }) }</dl>
        },
        Some(_) if busy => html! {
            <>
                <p class="sr-only" role="status">{ words.searching }</p>
                { for (0..4).map(|at| html! { <div class="result result--skel" key={at} aria-hidden="true"><span class="skel skel--line"></span><span class="skel skel--line"></span></div> }) }
            </>
        },
        Some(wanted) if answered => html! {
            <div class="empty" role="status">
                <i class="i i-search i--xl" aria-hidden="true"></i>
                <h3 class="empty__title">{ (words.none_says)(wanted) }</h3>
                <p class="empty__text">{ words.none_hint }</p>
            </div>
        },
        Some(_) => Html::default(),
    }
}

fn tail(desk: &Desk, more: &More) -> Html {
    let words = desk.panel_words();
    let load = more.load.reform(|_: MouseEvent| ());
    match (&more.trouble, &more.next) {
        (Some(trouble), _) => html! {
            <p class="field__error results__more" role="alert">{ trouble.told(desk.context.lang) }{ " " }<button type="button" class="btn-link" onclick={load}>{ desk.context.lang.words().retry }</button></p>
        },
        (None, Some(_)) => html! {
            <p class="results__more"><button type="button" class="btn btn--sm" disabled={more.busy} onclick={load}>{ words.more }</button></p>
        },
        (None, None) => Html::default(),
    }
}

/// The pages of an answer.
struct More {
    hits: Rc<Vec<Hit>>,
    next: Option<String>,
    trouble: Option<Wrong>,
    busy: bool,
    load: Callback<()>,
}

#[derive(Default, Clone, PartialEq)]
struct Pages {
    /// What they are the pages of.
    path: String,
    hits: Rc<Vec<Hit>>,
    next: Option<String>,
    trouble: Option<Wrong>,
    busy: bool,
}

/// All pages so far: the first one as it came, and those that were asked for behind it.
#[hook]
fn use_more(path: Option<&str>, first: Option<Rc<SearchPage>>) -> More {
    let pages = use_state(Pages::default);
    // Which first page it is: what was asked for behind an earlier one comes too late.
    let turn = use_mut_ref(|| 0_u32);
    {
        let (pages, path, turn) = (pages.clone(), path.unwrap_or_default().to_owned(), Rc::clone(&turn));
        use_effect_with(first, move |first| {
            *turn.borrow_mut() += 1;
            let page = first.as_deref();
            let hits = Rc::new(page.map(|page| page.hits.clone()).unwrap_or_default());
            let next = page.and_then(|page| page.cursor.clone());
            pages.set(Pages { path, hits, next, trouble: None, busy: false });
        });
    }
    let load = {
        let pages = pages.clone();
        Callback::from(move |()| {
            let Some(cursor) = pages.next.clone().filter(|_| !pages.busy) else { return };
            let (held, set) = ((*pages).clone(), pages.setter());
            let (turn, began) = (Rc::clone(&turn), *turn.borrow());
            set.set(Pages { busy: true, trouble: None, ..held.clone() });
            wasm_bindgen_futures::spawn_local(async move {
                let answer = get::<SearchPage>(&format!("{}&cursor={}", held.path, escaped(&cursor))).await;
                if *turn.borrow() != began {
                    return;
                }
                set.set(match answer {
                    Ok(page) => {
                        let hits = Rc::new(held.hits.iter().cloned().chain(page.hits).collect());
                        Pages { hits, next: page.cursor, ..held }
                    }
                    Err(trouble) => Pages { trouble: Some(trouble), ..held },
                });
            });
        })
    };
    More { hits: pages.hits.clone(), next: pages.next.clone(), trouble: pages.trouble.clone(), busy: pages.busy, load }
}
