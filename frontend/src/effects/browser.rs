//! What is asked of the window and the document: clocks, store, address, focus, looks.
//!
//! Every function is one question or one deed; what a browser refuses (a store that is switched off, say) is no error
//! and no reason to stop. Deliberately absent: listeners and timers, which have to be owned.

use common::id::{RoomId, Seq, Timestamp, UserId};
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue, UnwrapThrowExt};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, HtmlElement, VisibilityState, Window};

use super::{PERSON_KEY, parts, path_of_room, room_of_path, seq_of_hash, store_key};
use crate::annex::port::Open;
use crate::i18n::Lang;
use crate::state::{History, Now, Setting, Setup, Theme};

/// The window. The page exists in no other place.
pub(crate) fn window() -> Window {
    web_sys::window().unwrap_throw()
}

/// The document.
pub(crate) fn page() -> Document {
    window().document().unwrap_throw()
}

/// Both clocks.
pub(crate) fn now() -> Now {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "milliseconds since 1970 fit and are positive"
    )]
    let date = Timestamp(js_sys::Date::now() as u64);
    Now { date, precise: window().performance().map_or(0.0, |clock| clock.now()) }
}

/// What the page knows when it starts.
pub(crate) fn setup() -> Setup {
    let wide = matches("(min-width: 70.01em)");
    Setup {
        seed: seed(),
        zone: |at| {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
            let date = js_sys::Date::new(&JsValue::from_f64(at.0 as f64));
            #[expect(clippy::cast_possible_truncation, reason = "minutes of an offset fit")]
            let west = date.get_timezone_offset() as i64;
            -west
        },
        lang: kept(Setting::Lang)
            .or_else(|| window().navigator().language())
            .map_or(Lang::En, |tag| Lang::from_tag(&tag)),
        theme: kept(Setting::Theme).map_or(Theme::Auto, |tag| Theme::from_tag(&tag)),
        keys: has_single_keys(),
        entrance: entrance(),
        beside: beside_in_address(),
        wide,
        wire_open: wide && kept(Setting::Wire).is_none_or(|kept| kept == "open"),
        person: item(PERSON_KEY).and_then(|person| person.parse().ok()),
        room: room_in_address(),
        // The development proxy of Trunk answers without a subprotocol; see `socket::Offer`.
        offer: !cfg!(debug_assertions),
        split: parts::is_split(),
    }
}

fn seed() -> u64 {
    let mut bytes = [0; 8];
    let filled = window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    match filled {
        Ok(_) => u64::from_le_bytes(bytes),
        Err(_) => js_sys::Math::random().to_bits(),
    }
}

/// Whether a media query holds.
pub(crate) fn matches(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

fn kept(setting: Setting) -> Option<String> {
    item(store_key(setting))
}

fn item(key: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Remembers a setting; a browser that keeps nothing loses it with the page.
pub(super) fn keep(setting: Setting, value: &str) {
    if let Ok(Some(store)) = window().local_storage() {
        drop(store.set_item(store_key(setting), value));
    }
}

/// Remembers who is here, or that nobody is.
pub(super) fn remember(person: Option<UserId>) {
    if let Ok(Some(store)) = window().local_storage() {
        drop(match person {
            Some(person) => store.set_item(PERSON_KEY, &person.to_string()),
            None => store.remove_item(PERSON_KEY),
        });
    }
}

/// The address of the server's socket: where the page came from.
pub(super) fn socket_url() -> String {
    let place = window().location();
    let scheme = if place.protocol().is_ok_and(|scheme| scheme == "https:") { "wss" } else { "ws" };
    format!("{scheme}://{}/ws", place.host().unwrap_or_default())
}

/// What the address names in the Workbench: what stands behind `/workbench/`.
pub(crate) fn beside_in_address() -> Option<String> {
    let path = window().location().pathname().ok()?;
    let place = path.strip_prefix("/workbench")?;
    (place.is_empty() || place.starts_with('/')).then(|| place.trim_matches('/').to_owned())
}

/// Shows a place of the Workbench in the address.
pub(super) fn set_place(place: &str) {
    let path = "/workbench/".to_owned() + place;
    go(path.trim_end_matches('/'), History::Push);
}

/// The room that the address names.
pub(crate) fn room_in_address() -> Option<RoomId> {
    room_of_path(&window().location().pathname().ok()?)
}

/// The page of signing in that the address names. A token stands behind `#`, so that it reaches no server's log.
fn entrance() -> Option<Open> {
    let place = window().location();
    let token = place.hash().unwrap_or_default().trim_start_matches('#').to_owned();
    match place.pathname().ok()?.trim_end_matches('/') {
        "/setup" => Some(Open::SetUp { token }),
        "/join" => Some(Open::Join { token }),
        "/signin" => Some(Open::SignIn { ended: false, guests: true }),
        _ => None,
    }
}

/// The event of a room that the address names: `/r/7#1204`.
pub(crate) fn place_in_address() -> Option<(RoomId, Seq)> {
    room_in_address().zip(seq_of_hash(&window().location().hash().ok()?))
}

/// Whether the browser shows notifications; `None` until somebody was asked, and where it knows of none.
pub(crate) fn may_notify() -> Option<bool> {
    if !js_sys::Reflect::has(&window(), &JsValue::from_str("Notification")).unwrap_or_default() {
        return Some(false);
    }
    let permission = web_sys::Notification::permission();
    let asked = permission != web_sys::NotificationPermission::Default;
    asked.then_some(permission == web_sys::NotificationPermission::Granted)
}

/// Whether a single letter may be a command; who uses speech input can turn it off.
pub(crate) fn has_single_keys() -> bool {
    kept(Setting::Keys).is_none_or(|kept| kept != "off")
}

/// Shows a room in the address.
pub(super) fn set_address(room: Option<RoomId>, history: History) {
    go(&path_of_room(room), history);
}

fn go(path: &str, history: History) {
    if let Ok(entries) = window().history() {
        drop(match history {
            History::Push => entries.push_state_with_url(&JsValue::NULL, "", Some(path)),
            History::Replace => entries.replace_state_with_url(&JsValue::NULL, "", Some(path)),
        });
    }
}

/// Where the page comes from: scheme, host and port.
pub(crate) fn origin() -> Option<String> {
    window().location().origin().ok()
}

/// The browser's name for itself.
pub(crate) fn agent() -> String {
    window().navigator().user_agent().unwrap_or_default()
}

/// Loads the page anew.
pub(super) fn reload() {
    drop(window().location().reload());
}

/// Whether the page can be seen.
pub(super) fn is_visible() -> bool {
    page().visibility_state() == VisibilityState::Visible
}

/// Whether the element with the focus lies within one that the selector names.
pub(crate) fn focus_is_in(selector: &str) -> bool {
    page().active_element().and_then(|element| element.closest(selector).ok()).flatten().is_some()
}

/// Comes back when what has changed so far can be seen; at once where nobody sees the page.
pub(crate) async fn painted() {
    if is_visible() {
        let drawing = Promise::new(&mut |resolve, _| drop(window().request_animation_frame(&resolve)));
        JsFuture::from(drawing).await.ok();
        // The frame is painted when its callbacks are done.
        let over = Promise::new(&mut |resolve, _| drop(window().set_timeout_with_callback(&resolve)));
        JsFuture::from(over).await.ok();
    }
}

/// Puts the focus on an element. On a phone the keyboard would jump up at every turn, so there it stays where it is.
pub(crate) fn focus(selector: &str) {
    if matches("(pointer: coarse)") {
        return;
    }
    if let Ok(Some(element)) = page().query_selector(selector)
        && let Some(element) = element.dyn_ref::<HtmlElement>()
    {
        drop(element.focus());
    }
}

/// Scrolls the timeline to its newest row.
pub(super) fn scroll_to_latest() {
    if let Ok(Some(timeline)) = page().query_selector(".timeline") {
        timeline.set_scroll_top(0);
    }
}

/// Title, language and theme of the document.
pub(super) fn dress(title: &str, lang: Lang, theme: Theme) {
    let page = page();
    page.set_title(title);
    if let Some(root) = page.document_element() {
        drop(root.set_attribute("lang", lang.tag()));
        drop(match theme {
            Theme::Auto => root.remove_attribute("data-theme"),
            Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.tag()),
        });
    }
}
