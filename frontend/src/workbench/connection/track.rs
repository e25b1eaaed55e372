//! The track: four stations, each with the time it was reached.
//!
//! A page learns that it is CLOSING only where it closes itself, or where a frame is drawn meanwhile; else it passes
//! through without a stop.

use super::Connection;
use super::words::Words;
use crate::lean::dom::{el, with_class};
use crate::lean::text;
use crate::workbench::Node;
use crate::workbench::socket::STATES;

/// When each station was reached, in milliseconds since 1970.
pub(super) const fn times(connection: &Connection) -> [Option<f64>; 4] {
    [connection.begun_at, connection.opened_at, connection.closing_at, connection.closed_at]
}

/// The time since the last stop before a station, as `+3.1 ms`.
fn since_stop(times: [Option<f64>; 4], station: usize) -> Option<String> {
    let at = times.get(station).copied().flatten()?;
    let before = times.iter().take(station).rev().find_map(|time| *time)?;
    Some("+".to_owned() + &text::lasting((at - before).max(0.0)))
}

/// How long something has lasted, in the words people use: `12 s`, `2 min`, `1 h 5 min`.
fn spell(ms: f64, units: [&str; 3]) -> String {
    let [seconds, minutes, hours] = units;
    let number = |number: f64| text::fixed(number.floor(), 0);
    let minute = (ms / 60_000.0).floor();
    if minute < 1.0 {
        number(ms.max(0.0) / 1_000.0) + seconds
    } else if minute < 60.0 {
        number(minute) + minutes
    } else {
        // Not `%`, which wasm has not for fractions.
        let hour = (minute / 60.0).floor();
        number(hour) + hours + " " + &number(minute - hour * 60.0) + minutes
    }
}

pub(super) fn view(connection: &Connection, now: f64, words: &Words) -> Node {
    let times = times(connection);
    let ready = connection.reading.ready.map(usize::from);
    let name = ready.and_then(|ready| Some(format!(" {ready} {}", STATES.get(ready)?))).unwrap_or_default();
    let station = |(at, name): (usize, &'static str)| {
        let (past, present) = (ready.is_some_and(|ready| ready > at), ready == Some(at));
        let reached = times.get(at).copied().flatten().filter(|_| past || present);
        let no = ["0", "1", "2", "3"].get(at).copied().unwrap_or_default();
        let mut class = "station is-s".to_owned() + no;
        class.push_str(if present { " is-now" } else { "" });
        class.push_str(if past { " is-past" } else { "" });
        class.push_str(if past && reached.is_none() { " is-through" } else { "" });
        let time = reached.map(|reached| since_stop(times, at).unwrap_or_else(|| text::clock(reached)));
        let running = (at == 1 && present).then_some(connection.opened_at).flatten().map(|opened| {
            with_class("span", "only-wide").text(words.open_for.replace("{}", &spell(now - opened, words.units)))
        });
        let mark = with_class("span", "sig sig--".to_owned() + no);
        let here = el("li").class(class).child(with_class("span", "station__no").text(no));
        let here = if present { here.attr("aria-current", "step") } else { here };
        here.child(with_class("span", "station__mark").child(mark.attr("aria-hidden", "true")))
            .child(with_class("span", "station__name").text(name))
            .child(
                with_class("span", "station__time")
                    .text(time.unwrap_or_else(|| if ready == Some(0) && at == 1 { "…" } else { "–" }.to_owned()))
                    .child(running),
            )
            .into()
    };
    with_class("ol", "track ".to_owned() + connection.tone())
        .attr("aria-label", "readyState:".to_owned() + &name)
        .children(STATES.into_iter().enumerate().map(station))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_station_counts_from_the_last_stop() {
        let all = [Some(1_000.0), Some(1_003.1), Some(61_003.1), Some(61_004.5)];
        assert_eq!([1, 2, 3].map(|at| since_stop(all, at).unwrap()), ["+3.1 ms", "+60.0 s", "+1.4 ms"]);
        assert_eq!(since_stop(all, 0), None, "the first has a time of day");
        assert_eq!(since_stop([Some(5.0), None, None, Some(17.0)], 3).as_deref(), Some("+12.0 ms"), "two passed");
        assert_eq!(since_stop([Some(5.0), None, None, None], 1), None);
    }

    #[test]
    fn people_read_how_long_it_is_open() {
        let units = [" s", " min", " h"];
        let spelt = [900.0, 12_345.0, 60_000.0, 150_000.0, 3_900_000.0].map(|ms| spell(ms, units));
        assert_eq!(spelt, ["0 s", "12 s", "1 min", "2 min", "1 h 5 min"]);
    }
}
