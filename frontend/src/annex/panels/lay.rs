//! How panels lie over the page or beside the room.

use web_sys::{KeyboardEvent, MouseEvent};
use yew::{AttrValue, Callback, Children, Html, Properties, component, html};

use super::Desk;
use crate::views::parts::icon;

/// What a panel beside the room needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct PanelProps {
    pub desk: Desk,
    pub title: AttrValue,
    /// A few words behind the title.
    #[prop_or_default]
    pub sub: Option<AttrValue>,
    /// Leads back, where there is a way.
    #[prop_or_default]
    pub onback: Option<Callback<()>>,
    pub children: Children,
}

/// A panel beside the room; a drawer or a sheet where there is no place. Escape closes it.
#[component]
pub(super) fn Panel(props: &PanelProps) -> Html {
    let words = props.desk.panel_words();
    let onkeydown = {
        let desk = props.desk.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && !event.is_composing() {
                event.stop_propagation();
                desk.close();
            }
        })
    };
    let close = {
        let desk = props.desk.clone();
        Callback::from(move |_: MouseEvent| desk.close())
    };
    html! {
        <aside class="panel is-open" aria-label={props.title.clone()} {onkeydown}>
            <header class="panel__head">
                if let Some(onback) = &props.onback {
                    <button type="button" class="icon-btn" aria-label={words.back} onclick={onback.reform(|_: MouseEvent| ())}>{ icon("back") }</button>
                }
                <h2 class="panel__title">{ props.title.clone() }<span class="panel__sub" role="status">{ props.sub.clone() }</span></h2>
                <button type="button" class="icon-btn" aria-label={words.close} onclick={close}>{ icon("x") }</button>
            </header>
            { for props.children.iter() }
        </aside>
    }
}

/// What a question needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ConfirmProps {
    /// What happens, exactly.
    pub text: AttrValue,
    pub yes: AttrValue,
    pub no: AttrValue,
    pub onyes: Callback<()>,
    pub onno: Callback<()>,
    #[prop_or_default]
    pub busy: bool,
}

/// A question in place of what asked it, before something that is felt by others.
#[component]
pub(super) fn Confirm(props: &ConfirmProps) -> Html {
    html! {
        <div class="confirm" role="alertdialog" aria-label={props.text.clone()}>
            <p class="muted">{ props.text.clone() }</p>
            <div class="row">
                <button type="button" class="btn btn--sm" autofocus=true onclick={props.onno.reform(|_: MouseEvent| ())}>{ props.no.clone() }</button>
                <button type="button" class="btn btn--sm btn--danger" disabled={props.busy} onclick={props.onyes.reform(|_: MouseEvent| ())}>{ props.yes.clone() }</button>
            </div>
        </div>
    }
}
