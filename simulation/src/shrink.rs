//! Makes a failing story short: takes acts out as long as it still fails.
//!
//! Halves first, then single acts (delta debugging, Zeller 1999). A story is deterministic, so a try is a fact.

use crate::story::Story;

/// The shortest story found that still fails, with what is broken at its end.
pub fn shortest<E>(story: &Story, broken: E, run: impl Fn(&Story) -> Result<(), E>) -> (Story, E) {
    let (mut best, mut why) = (story.clone(), broken);
    let mut chunk = best.acts.len().div_ceil(2);
    while chunk > 0 {
        let mut at = 0;
        let mut shorter = false;
        while at < best.acts.len() {
            let mut candidate = best.clone();
            candidate.acts.drain(at..(at + chunk).min(candidate.acts.len()));
            match run(&candidate) {
                Err(broken) => {
                    (best, why, shorter) = (candidate, broken, true);
                }
                Ok(()) => at += chunk,
            }
        }
        if chunk == 1 && !shorter {
            break;
        }
        chunk = if chunk == 1 { 1 } else { chunk / 2 };
    }
    for history in [0, 3, 40, 130] {
        let candidate = Story { history, ..best.clone() };
        if history < best.history
            && let Err(broken) = run(&candidate)
        {
            (best, why) = (candidate, broken);
        }
    }
    (best, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Act;

    #[test]
    fn only_what_is_needed_to_fail_is_left() {
        let needs = |story: &Story| {
            let cut = story.acts.iter().position(|act| matches!(act, Act::Cut { .. }));
            let crash = story.acts.iter().rposition(|act| *act == Act::Crash);
            match (cut, crash) {
                (Some(cut), Some(crash)) if cut < crash => Err("a crash after a cut"),
                _ => Ok(()),
            }
        };
        let acts = (0..97).map(|at| match at {
            13 => Act::Cut { client: 0, arrive: 0 },
            70 => Act::Crash,
            ms => Act::Pass { ms },
        });
        let story = Story { seed: 1, history: 620, queue: 2, acts: acts.collect() };
        let (short, _) = shortest(&story, "a crash after a cut", needs);
        assert_eq!(short.acts, [Act::Cut { client: 0, arrive: 0 }, Act::Crash]);
        assert_eq!(short.history, 0);
    }
}
