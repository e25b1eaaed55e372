//! What tells of messages outside of the page: notifications, and the icon of the tab.
//!
//! Deliberately absent: which messages; that is the state's.

use common::id::{RoomId, Seq};
use gloo_events::EventListener;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Notification, NotificationOptions};
use yew::Callback;

use super::browser;
use crate::app::Msg;
use crate::socket::ReadyState;
use crate::state::Look;

/// Asks for notifications, and tells the answer.
pub(super) fn ask(tell: Callback<Msg>) {
    spawn_local(async move {
        if let Ok(asked) = Notification::request_permission() {
            JsFuture::from(asked).await.ok();
        }
        tell.emit(Msg::Ui(Look::MayNotify(browser::may_notify()).into()));
    });
}

/// Shows a notification in place of the last one of the room; who clicks on it comes to the message.
pub(super) fn show(room: RoomId, seq: Seq, title: &str, text: &str, tell: Callback<Msg>) {
    let options = NotificationOptions::new();
    options.set_body(text);
    options.set_tag(&room.to_string());
    let Ok(notification) = Notification::new_with_options(title, &options) else { return };
    let closes = notification.clone();
    // It lives as long as the notification can be clicked on.
    EventListener::once(&notification, "click", move |_| {
        drop(browser::window().focus());
        closes.close();
        tell.emit(Msg::Ui(Look::Arrive(room, seq).into()));
    })
    .forget();
}

/// Draws the icon of the tab: the four shapes, the present state lit, and a dot where something waits unread.
pub(super) fn set_icon(ready: Option<ReadyState>, unread: u64) {
    if let Ok(Some(link)) = browser::page().query_selector("link[rel=icon]") {
        drop(link.set_attribute("href", &icon(ready, unread > 0)));
    }
}

fn icon(ready: Option<ReadyState>, dot: bool) -> String {
    const DARK: &str = "%2388837a";
    let tone = |of: ReadyState, lit: &'static str| if ready == Some(of) { lit } else { DARK };
    let mut svg = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>\
                   <circle cx='4' cy='4' r='2.6' fill='none' stroke-width='1.6' stroke='"
        .to_owned();
    svg.push_str(tone(ReadyState::Connecting, "%232f6fd6"));
    svg.push_str("'/><circle cx='12' cy='4' r='3.4' fill='");
    svg.push_str(tone(ReadyState::Open, "%231c9153"));
    svg.push_str("'/><path d='M4 8.4 7.6 12 4 15.6.4 12z' fill='");
    svg.push_str(tone(ReadyState::Closing, "%23b7791f"));
    svg.push_str("'/><rect x='9.4' y='9.4' width='5.2' height='5.2' rx='.6' fill='none' stroke-width='1.6' stroke='");
    svg.push_str(tone(ReadyState::Closed, "%23c9372c"));
    svg.push_str("'/>");
    if dot {
        svg.push_str("<circle cx='12.5' cy='12.5' r='3.5' fill='%236b4fd8'/>");
    }
    svg.push_str("</svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_state_is_lit_and_what_waits_is_a_dot() {
        let open = icon(Some(ReadyState::Open), false);
        assert_eq!(open.matches("%2388837a").count(), 3);
        assert!(open.contains("r='3.4' fill='%231c9153'"));
        assert_eq!(icon(None, false).matches("%2388837a").count(), 4);
        assert_eq!(icon(None, true).matches("<circle").count(), 3);
    }
}
