//! The emoji: by group, by name in both languages, those that were chosen last, in a tone of skin.
//!
//! The data comes over HTTP when it is wanted first and is held from then on. One group is drawn at a time, so that it opens
//! at once. In reading order: [`EmojiPicker`], `grid` is where one moves, `data` what is known of emoji.

mod data;
mod grid;

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::{HtmlSelectElement, KeyboardEvent, MouseEvent};
use yew::{Callback, Html, Properties, TargetCast, component, html, use_effect_with, use_state};

use super::Desk;
use super::ask::use_asked;
use super::bits::{focus, typed};
use crate::annex::port::{EmojiFor, Said};
use crate::i18n::Lang;
use crate::views::modal::Modal;
use data::{Emoji, TONES, found, remembered, toned};
use grid::{Cell, Grid, cell_id};

/// Emoji that are remembered: three rows.
const RECENT: usize = 24;

/// The names under which the browser keeps what was chosen last, and the tone.
const RECENT_KEY: &str = "readyroom.emoji";
const TONE_KEY: &str = "readyroom.tone";

/// What stands in for what was chosen last, before anything was.
const FIRST: [&str; 8] = ["👍", "❤️", "😂", "🎉", "👀", "✅", "🙏", "🚀"];

/// The pictures of the groups; the first is what was chosen last.
const TABS: [&str; 10] = ["🕘", "😀", "👋", "🌿", "🍜", "🚇", "⚽", "💡", "🔣", "🏁"];

thread_local! {
    /// The data, once it has come.
    static HELD: RefCell<Option<Rc<Vec<Emoji>>>> = const { RefCell::new(None) };
}

/// What the picker needs to know.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct EmojiProps {
    /// The desk.
    pub desk: Desk,
    /// What the emoji is for.
    pub what_for: EmojiFor,
}

/// The picker.
#[component]
pub fn EmojiPicker(props: &EmojiProps) -> Html {
    let desk = &props.desk;
    let words = desk.panel_words();
    let (filter, tab, look) = (use_state(String::new), use_state(|| 0_usize), use_state(|| 0_usize));
    let tone = use_state(|| kept(TONE_KEY).and_then(|tone| tone.parse::<usize>().ok()).unwrap_or(0));
    let held = HELD.with_borrow(Clone::clone);
    let asked = use_asked::<Vec<Emoji>>(held.is_none().then(|| "/emoji.json".to_owned()), 0);
    use_effect_with(asked.value.clone(), |value| {
        if let Some(value) = value {
            HELD.set(Some(Rc::clone(value)));
        }
    });
    let all = held.or_else(|| asked.value.clone()).unwrap_or_default();
    let lang = desk.context.lang;
    let cells = if filter.trim().is_empty() {
        of_tab(&all, *tab, *tone, lang)
    } else {
        cells(found(&all, &filter), *tone, lang)
    };
    let pick = {
        let (desk, what_for) = (desk.clone(), props.what_for);
        Callback::from(move |emoji: String| choose(&desk, what_for, &emoji))
    };
    let onkeydown = {
        let (first, pick) = (cells.first().map(|(emoji, _)| emoji.clone()), pick.clone());
        Callback::from(move |event: KeyboardEvent| match (event.key().as_str(), &first) {
            _ if event.is_composing() => {}
            ("Enter", Some(first)) => {
                event.prevent_default();
                pick.emit(first.clone());
            }
            ("ArrowDown", Some(_)) => {
                event.prevent_default();
                focus(&cell_id(0));
            }
            _ => {}
        })
    };
    let label = words.emoji_groups.get(*tab).copied().unwrap_or_default();
    let searching = !filter.trim().is_empty();
    let title = if searching { words.found_emoji } else { label };
    let onlook = {
        let look = look.clone();
        Callback::from(move |at: usize| look.set(at))
    };
    let dismiss = desk.clone();
    html! {
        <Modal title={words.emoji} close_label={words.close} class="emoji" bare=true onclose={Callback::from(move |()| dismiss.close())}>
            <div class="emoji__search"><input class="input" id="emoji-find" type="search" autofocus=true autocomplete="off" placeholder={words.find_emoji} aria-label={words.find_emoji} value={(*filter).clone()} oninput={typed(&filter)} {onkeydown} /></div>
            <div class="emoji__tabs" role="tablist" aria-label={words.emoji_tabs}>{ for TABS.iter().zip(words.emoji_groups).enumerate().map(|(at, (sign, name))| {
                let (set, clear) = (tab.clone(), filter.clone());
                let onclick = Callback::from(move |_: MouseEvent| { set.set(at); clear.set(String::new()); });
                let chosen = !searching && *tab == at;
                html! { <button type="button" role="tab" id={format!("emoji-tab-{at}")} key={at} tabindex={if *tab == at { "0" } else { "-1" }} aria-selected={chosen.to_string()} aria-controls="emoji-panel" aria-label={name} title={name} {onclick} onkeydown={tab_keys(at, &tab)}>{ *sign }</button> }
            }) }</div>
            <div class="emoji__scroll" role="tabpanel" id="emoji-panel" aria-label={title} aria-busy={asked.busy.to_string()}>
                <h3 class="emoji__group">{ title }</h3>
                if let Some(trouble) = &asked.trouble {
                    <p class="field__error" role="alert">{ trouble.told(lang) }{ " " }<button type="button" class="btn-link" onclick={asked.again.reform(|_: MouseEvent| ())}>{ lang.words().retry }</button></p>
                } else if cells.is_empty() {
                    <p class="emoji__none faint" role="status">{ if asked.busy { words.loading } else { words.no_emoji } }</p>
                }
                if !cells.is_empty() {
                    <Grid label={title} cells={cells.clone()} onpick={pick} {onlook} />
                }
            </div>
            <div class="emoji__foot">
                { caption(cells.get(*look).or(cells.first())) }
                { tones(desk, &tone) }
            </div>
        </Modal>
    }
}

/// What is looked at: large, and its name.
fn caption(cell: Option<&Cell>) -> Html {
    let Some((emoji, name)) = cell else { return html! { <><span></span><span class="grow"></span></> } };
    html! {
        <>
            <span aria-hidden="true">{ emoji.clone() }</span>
            <span class="grow cut"><b class="strong">{ name.clone() }</b></span>
        </>
    }
}

fn tones(desk: &Desk, tone: &yew::UseStateHandle<usize>) -> Html {
    let words = desk.panel_words();
    let onchange = {
        let tone = tone.clone();
        Callback::from(move |event: yew::Event| {
            let at =
                event.target_dyn_into::<HtmlSelectElement>().and_then(|it| usize::try_from(it.selected_index()).ok());
            if let Some(at) = at {
                keep(TONE_KEY, &at.to_string());
                tone.set(at);
            }
        })
    };
    html! {
        <select class="input emoji__tone" aria-label={words.skin_tone} title={words.skin_tone} {onchange}>
            { for TONES.iter().zip(words.skin_tones).enumerate().map(|(at, (sign, name))| html! { <option selected={**tone == at} aria-label={name}>{ format!("✋{sign}") }</option> }) }
        </select>
    }
}

/// The arrows go from tab to tab and choose.
fn tab_keys(at: usize, tab: &yew::UseStateHandle<usize>) -> Callback<KeyboardEvent> {
    let tab = tab.clone();
    Callback::from(move |event: KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowRight" => (at + 1) % TABS.len(),
            "ArrowLeft" => (at + TABS.len() - 1) % TABS.len(),
            "Home" => 0,
            "End" => TABS.len() - 1,
            _ => return,
        };
        event.prevent_default();
        tab.set(to);
        focus(&format!("emoji-tab-{to}"));
    })
}

fn of_tab(all: &[Emoji], tab: usize, tone: usize, lang: Lang) -> Vec<Cell> {
    let Some(group) = tab.checked_sub(1) else { return recent(all, lang) };
    cells(all.iter().filter(|emoji| emoji.5 == group).collect(), tone, lang)
}

fn cells(emoji: Vec<&Emoji>, tone: usize, lang: Lang) -> Vec<Cell> {
    emoji.into_iter().map(|emoji| (toned(&emoji.0, tone), name(emoji, lang))).collect()
}

fn name(emoji: &Emoji, lang: Lang) -> String {
    match lang {
        Lang::En => emoji.1.clone(),
        Lang::Zh => emoji.3.clone(),
    }
}

/// What was chosen last, in the tones that it was chosen in.
fn recent(all: &[Emoji], lang: Lang) -> Vec<Cell> {
    let plain = |emoji: &str| TONES.iter().skip(1).fold(emoji.to_owned(), |text, tone| text.replace(tone, ""));
    let named = |emoji: String| {
        let bare = plain(&emoji);
        let held = all.iter().find(|one| one.0 == bare || one.0.trim_end_matches('\u{FE0F}') == bare);
        let name = held.map_or_else(|| emoji.clone(), |held| name(held, lang));
        (emoji, name)
    };
    chosen().into_iter().map(named).collect()
}

fn chosen() -> Vec<String> {
    match kept(RECENT_KEY).filter(|kept| !kept.is_empty()) {
        Some(kept) => kept.split(' ').filter(|one| common::text::Emoji::new(one).is_ok()).map(str::to_owned).collect(),
        None => FIRST.map(str::to_owned).to_vec(),
    }
}

fn choose(desk: &Desk, what_for: EmojiFor, emoji: &str) {
    keep(RECENT_KEY, &remembered(&chosen(), emoji, RECENT).join(" "));
    desk.close();
    desk.say.emit(match what_for {
        EmojiFor::Composer => Said::Insert(emoji.to_owned()),
        EmojiFor::Message(room, seq) => Said::React(room, seq, emoji.to_owned()),
    });
}

fn kept(key: &str) -> Option<String> {
    web_sys::window()?.local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

fn keep(key: &str, value: &str) {
    if let Some(Ok(Some(store))) = web_sys::window().map(|window| window.local_storage()) {
        drop(store.set_item(key, value));
    }
}
