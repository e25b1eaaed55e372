//! The grid of emoji: one of them can be reached by Tab, the arrows lead to the others.

use web_sys::{FocusEvent, KeyboardEvent, MouseEvent};
use yew::{Callback, Html, Properties, component, html, use_effect_with, use_state};

use super::super::bits::focus;

/// Emoji in a row; the style sheet lays out as many.
const COLUMNS: usize = 8;

/// A cell: what is put in, and its name.
pub(super) type Cell = (String, String);

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct GridProps {
    pub label: String,
    pub cells: Vec<Cell>,
    pub onpick: Callback<String>,
    /// Which one is looked at, by its place.
    pub onlook: Callback<usize>,
}

#[component]
pub(super) fn Grid(props: &GridProps) -> Html {
    let at = use_state(|| 0_usize);
    {
        let at = at.clone();
        use_effect_with(props.cells.clone(), move |_| at.set(0));
    }
    let count = props.cells.len();
    let present = (*at).min(count.saturating_sub(1));
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if let Some(to) = step(&event.key(), present, count) {
            event.prevent_default();
            event.stop_propagation();
            focus(&to.map_or_else(|| "emoji-find".to_owned(), cell_id));
        }
    });
    let cell = |(place, (emoji, name)): (usize, &Cell)| {
        let pick = {
            let (onpick, emoji) = (props.onpick.clone(), emoji.clone());
            Callback::from(move |_: MouseEvent| onpick.emit(emoji.clone()))
        };
        let onfocus = {
            let (at, onlook) = (at.clone(), props.onlook.clone());
            Callback::from(move |_: FocusEvent| {
                at.set(place);
                onlook.emit(place);
            })
        };
        let onmouseover = props.onlook.reform(move |_: MouseEvent| place);
        html! {
            <span role="gridcell" key={place}>
                <button type="button" id={cell_id(place)} tabindex={if place == present { "0" } else { "-1" }} aria-label={name.clone()} onclick={pick} {onfocus} {onmouseover}>{ emoji.clone() }</button>
            </span>
        }
    };
    let cells: Vec<(usize, &Cell)> = props.cells.iter().enumerate().collect();
    html! {
        <div class="emoji__grid" role="grid" aria-label={props.label.clone()} {onkeydown}>
            { for cells.chunks(COLUMNS).enumerate().map(|(row, cells)| html! {
                <div role="row" key={row}>{ for cells.iter().copied().map(cell) }</div>
            }) }
        </div>
    }
}

pub(super) fn cell_id(at: usize) -> String {
    format!("emoji-{at}")
}

/// Where a key leads: a cell, or with the inner `None` back to the search above.
fn step(key: &str, at: usize, count: usize) -> Option<Option<usize>> {
    let last = count.checked_sub(1)?;
    let row = at - at % COLUMNS;
    Some(match key {
        "ArrowRight" => Some((at + 1).min(last)),
        "ArrowLeft" => Some(at.saturating_sub(1)),
        "ArrowDown" => {
            Some(if at + COLUMNS <= last || row + COLUMNS > last { (at + COLUMNS).min(last.max(at)) } else { last })
        }
        "ArrowUp" => at.checked_sub(COLUMNS),
        "Home" => Some(row),
        "End" => Some((row + COLUMNS - 1).min(last)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arrows_lead_through_rows_of_eight_and_out_at_the_top() {
        assert_eq!(step("ArrowRight", 7, 20), Some(Some(8)));
        assert_eq!(step("ArrowLeft", 0, 20), Some(Some(0)));
        assert_eq!(step("ArrowDown", 3, 20), Some(Some(11)));
        assert_eq!(step("ArrowDown", 14, 20), Some(Some(19)), "the last row is short");
        assert_eq!(step("ArrowUp", 11, 20), Some(Some(3)));
        assert_eq!(step("ArrowUp", 3, 20), Some(None));
        assert_eq!((step("Home", 11, 20), step("End", 17, 20)), (Some(Some(8)), Some(Some(19))));
        assert_eq!((step("ArrowDown", 0, 0), step("a", 0, 20)), (None, None));
    }
}
