//! The question before a room is left.

use common::id::RoomId;
use common::model::RoomKind;
use common::sync::outbox::What;
use yew::{Callback, Html, html};

use super::app::Desk;
use super::port::Said;
use super::words::words;
use crate::views::modal::Modal;

/// The dialog.
pub(super) fn view(desk: &Desk, room: RoomId) -> Html {
    let words = words(desk.lang());
    let info = desk.context.room(room).map(|line| &line.info);
    let name = info.map(|info| format!("#{}", info.name)).unwrap_or_default();
    let is_public = info.is_none_or(|info| info.kind == RoomKind::Public);
    let text = if is_public { words.leave_public } else { words.leave_private };
    let leave = {
        let desk = desk.clone();
        Callback::from(move |_: web_sys::MouseEvent| {
            // A refusal is the page's to tell: the dialog is gone by then.
            desk.say.emit(Said::Dismissed);
            desk.command(What::Leave { room });
        })
    };
    html! {
        <Modal title={(words.leave_title)(&name)} close_label={words.close} onclose={desk.dismiss()} alert=true>
            <div class="dialog__body"><p class="muted">{ text }</p></div>
            <footer class="dialog__foot">
                <button type="button" class="btn" autofocus=true onclick={desk.dismiss()}>{ words.stay }</button>
                <button type="button" class="btn btn--danger" onclick={leave}>{ words.leave }</button>
            </footer>
        </Modal>
    }
}
