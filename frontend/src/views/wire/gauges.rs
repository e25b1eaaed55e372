//! The gauges: round trip and `bufferedAmount`.

use yew::{Html, Properties, classes, component, html};

use crate::i18n::{Lang, size, size_text};
use crate::socket::ReadyState;
use crate::state::State;
use crate::views::parts::{points, tone, use_var, whole};
use crate::views::sidebar::rounded;

/// Bytes at the end of the meter.
const METER_MAX: u32 = 1_048_576;

/// Both gauges.
pub(super) fn view(state: &State) -> Html {
    html! {
        <section class="panel__sec gauges">
            { round_trip(state) }
            <Buffered lang={state.lang} bytes={state.wire.buffered} peak={state.wire.peak} closing={state.wire.ready == Some(ReadyState::Closing)} />
        </section>
    }
}

fn round_trip(state: &State) -> Html {
    let words = state.lang.words();
    let Some(ms) = rounded(state.wire.round_trip()) else {
        return html! {
            <div class="gauge">
                <h3 class="sec-title">{ words.round_trip }</h3>
                <div class="gauge__row"><span class="gauge__value">{ "– " }<small>{ "ms" }</small></span></div>
                <span class="gauge__note">{ words.no_reading }</span>
            </div>
        };
    };
    let trips: Vec<f64> = state.wire.round_trips.iter().copied().collect();
    let line = points(&trips, 132.0, 26.0);
    let start = line.split(',').next().unwrap_or("0").to_owned();
    html! {
        <div class={classes!("gauge", tone(state.wire.ready))}>
            <h3 class="sec-title">{ words.round_trip }</h3>
            <div class="gauge__row">
                <span class="gauge__value">{ ms }{ " " }<small>{ "ms" }</small></span>
                <span class="gauge__note">{ rounded(state.wire.p95()).map(|p95| format!("p95 {p95}")) }</span>
            </div>
            <div class="gauge__plot"><svg viewBox="0 0 132 26" preserveAspectRatio="none" aria-hidden="true">
                <polygon class="spark-area" points={format!("{start},26 {line} 132,26")} /><polyline class="spark" points={line} />
            </svg></div>
        </div>
    }
}

/// The place of a number of bytes on the meter, in percent: a logarithmic scale to 1 MB.
fn place(bytes: u32) -> String {
    let share = f64::from(bytes.min(METER_MAX)).ln_1p() / f64::from(METER_MAX).ln_1p();
    format!("{}%", whole(share * 100.0))
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct BufferedProps {
    lang: Lang,
    bytes: u32,
    peak: u32,
    closing: bool,
}

#[component]
fn Buffered(props: &BufferedProps) -> Html {
    let words = props.lang.words();
    let fill = use_var("--v", place(props.bytes));
    let peak_mark = use_var("--v", place(props.peak));
    let (number, unit) = size(u64::from(props.bytes));
    let peak = size_text(u64::from(props.peak));
    html! {
        <div class={classes!("gauge", props.closing.then_some("is-s2"))}>
            <h3 class="sec-title">{ "bufferedAmount" }</h3>
            <div class="gauge__row">
                <span class="gauge__value">{ number }{ " " }<small>{ unit }</small></span>
                <span class="gauge__note">{ (words.peak)(&peak) }</span>
            </div>
            <div class="meter" role="meter" aria-label="bufferedAmount" aria-valuemin="0" aria-valuemax={METER_MAX.to_string()}
                aria-valuenow={props.bytes.min(METER_MAX).to_string()} aria-valuetext={(words.buffered_spoken)(props.bytes, &peak)}>
                <span class="meter__fill" ref={fill}></span><span class="meter__peak" ref={peak_mark}></span>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meter_is_logarithmic_and_ends_at_a_megabyte() {
        assert_eq!([place(0), place(1_024), place(METER_MAX), place(u32::MAX)], ["0%", "50%", "100%", "100%"]);
    }
}
