//! The list of keys.

use yew::{Callback, Html, component, html};

use super::DeskProps;
use crate::views::modal::Modal;

/// The dialog.
#[component]
pub fn Shortcuts(props: &DeskProps) -> Html {
    let desk = props.desk.clone();
    let words = desk.panel_words();
    let keys = |text: &'static str| {
        let key = |key: &'static str| html! { <kbd class="kbd">{ key }</kbd> };
        html! { <>{ for text.split(' ').map(key) }</> }
    };
    let part = |(title, list): &(&'static str, &'static [(&'static str, &'static str)])| {
        html! {
            <section aria-label={*title}>
                <h3 class="sec-title">{ *title }</h3>
                <dl class="keys">{ for list.iter().map(|(key, what)| html! { <><dt class="row">{ keys(key) }</dt><dd>{ *what }</dd></> }) }</dl>
            </section>
        }
    };
    let off = !desk.context.keys;
    html! {
        <Modal title={words.keys_title} close_label={words.close} onclose={Callback::from(move |()| desk.close())}>
            <div class="dialog__body keys__all" tabindex="0" role="group" aria-label={words.keys_title}>
                if off {
                    <p class="note">{ words.keys_off }</p>
                }
                { for words.keys.iter().map(part) }
            </div>
        </Modal>
    }
}
