//! A dialog that lies over the page.
//!
//! The browser's own `<dialog>` does the hard part: it makes the rest inert, hears Escape and gives the focus back to where
//! it was. Behind its last element browsers lead to their own bars; here Tab begins again at the first.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement, KeyboardEvent, MouseEvent};
use yew::{
    AttrValue, Callback, Children, Html, Properties, TargetCast, component, html, use_effect_with, use_node_ref,
};

use super::parts::icon;

/// What a dialog needs to know.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct ModalProps {
    pub title: AttrValue,
    pub close_label: &'static str,
    pub onclose: Callback<()>,
    /// A class of the dialog, beside `dialog`.
    #[prop_or_default]
    pub class: Option<&'static str>,
    #[prop_or_default]
    pub alert: bool,
    /// Whether the content is all there is: the title is only spoken then.
    #[prop_or_default]
    pub bare: bool,
    pub children: Children,
}

/// A dialog with a title and a way out.
#[component]
pub(crate) fn Modal(props: &ModalProps) -> Html {
    let node = use_node_ref();
    {
        let (node, onclose) = (node.clone(), props.onclose.clone());
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            let mut listeners = Vec::new();
            if let Some(dialog) = &dialog {
                drop(dialog.show_modal());
                let cancel = onclose.clone();
                let options = EventListenerOptions::enable_prevent_default();
                listeners.push(EventListener::new_with_options(dialog, "cancel", options, move |event| {
                    // The state closes it, and it is gone from the page then.
                    event.prevent_default();
                    cancel.emit(());
                }));
                listeners.push(EventListener::new(dialog, "close", move |_| onclose.emit(())));
                let (inside, options) = (dialog.clone(), EventListenerOptions::enable_prevent_default());
                listeners.push(EventListener::new_with_options(dialog, "keydown", options, move |event| {
                    if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| turns(&inside, event)) {
                        event.prevent_default();
                    }
                }));
            }
            move || {
                drop(listeners);
                // Closing it while it is still in the page is what gives the focus back.
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let outside = {
        let (node, onclose) = (node.clone(), props.onclose.clone());
        Callback::from(move |event: MouseEvent| {
            let target = event.target_dyn_into::<Element>();
            if target.is_some() && target == node.cast::<Element>() {
                onclose.emit(());
            }
        })
    };
    let onclick = props.onclose.reform(|_: MouseEvent| ());
    html! {
        <dialog class="overlay" ref={node} role={props.alert.then_some("alertdialog")} aria-labelledby={(!props.bare).then_some("dialog-title")} aria-label={props.bare.then(|| props.title.clone())} onclick={outside}>
            <div class={yew::classes!("dialog", props.class)}>
                if !props.bare {
                    <header class="dialog__head">
                        <h2 class="dialog__title" id="dialog-title">{ props.title.clone() }</h2>
                        <button type="button" class="icon-btn" aria-label={props.close_label} {onclick}>{ icon("x") }</button>
                    </header>
                }
                { for props.children.iter() }
            </div>
        </dialog>
    }
}

/// What Tab comes to within a dialog.
const STOPS: &str =
    ":is(a[href], button, input, select, textarea, summary, [tabindex]):not(:disabled, [tabindex='-1'])";

/// Whether a key leads out of a dialog at one of its ends; then the focus is at the other one.
fn turns(dialog: &Element, event: &KeyboardEvent) -> bool {
    let Some(stops) = dialog.query_selector_all(STOPS).ok().filter(|_| event.key() == "Tab") else { return false };
    let stop = |at: u32| stops.item(at).and_then(|node| node.dyn_into::<HtmlElement>().ok());
    let ends = (stop(0), stop(stops.length().saturating_sub(1)));
    let (end, other) = if event.shift_key() { ends } else { (ends.1, ends.0) };
    let at_end = end.is_some_and(|end| end.matches(":focus").unwrap_or_default());
    at_end && other.is_some_and(|other| other.focus().is_ok())
}
