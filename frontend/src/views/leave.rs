//! The question before a room is left.

use common::id::RoomId;
use yew::{Callback, Html, html};

use super::modal::Modal;
use super::parts::sends;
use crate::state::{Action, State};

/// The dialog.
pub(super) fn view(state: &State, room: RoomId, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let name = state.engine.rooms().get(&room).map(|room| format!("#{}", room.info.name)).unwrap_or_default();
    html! {
        <Modal title={(words.leave_title)(&name)} close_label={words.close} onclose={sends(act, Action::Dismiss)} alert=true>
            <div class="dialog__body"><p class="muted">{ words.leave_text }</p></div>
            <footer class="dialog__foot">
                <button type="button" class="btn" autofocus=true onclick={sends(act, Action::Dismiss)}>{ words.stay }</button>
                <button type="button" class="btn btn--danger" onclick={sends(act, Action::Leave(room))}>{ words.leave }</button>
            </footer>
        </Modal>
    }
}
