//! Why it closed, in words: what happened, whose doing it was, what a page can know of it, what it cannot, and how to
//! find out.
//!
//! A page sees little: the standard forbids a browser to tell scripts why a connection failed, lest they explore
//! networks with it. So [`explained`] takes all that was seen ([`History`]), and claims no more. `words` are its words.

mod words;

pub(super) use words::{Words, words};

use super::address;
use crate::lean::text;

/// Milliseconds below which a failed attempt was quick: a port where nobody listens answers at once.
const QUICK_MS: f64 = 100.0;

/// Milliseconds from which a failed attempt took long: nobody answered.
const LONG_MS: f64 = 5_000.0;

/// Milliseconds of silence from which a proxy may have lost its patience: 30 s is the shortest usual limit.
const IDLE_MS: f64 = 25_000.0;

/// Whose doing it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    You,
    Server,
    Network,
    Nobody,
}

/// That the page has called `close()`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// When, in milliseconds since 1970.
    pub at: f64,
    /// With which code.
    pub code: Option<u16>,
    /// Whether it was connecting then.
    pub early: bool,
}

/// All that was seen of a connection that is over. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct History {
    /// The address.
    pub url: String,
    /// Whether subprotocols were offered.
    pub offered: bool,
    /// Whether this server's chat was at the other end.
    pub ours: bool,
    /// Whether the page itself comes from the Internet.
    pub page_is_public: bool,
    /// How long it was connecting.
    pub connecting: f64,
    /// How long nothing had passed when it closed; none where it never opened.
    pub idle: Option<f64>,
    /// Our own wish.
    pub asked: Option<Asked>,
    /// How long after that wish it closed.
    pub after: f64,
    /// Whether `error` came before.
    pub error: bool,
    /// What `navigator.onLine` said.
    pub online: bool,
    /// Bytes that never left the browser.
    pub lost: f64,
    /// Bytes of the largest message that was sent.
    pub largest: f64,
    /// `code` of the event.
    pub code: u16,
    /// `reason` of the event.
    pub reason: String,
    /// `wasClean` of the event.
    pub was_clean: bool,
}

/// What is said about it.
#[derive(Debug, PartialEq)]
pub(super) struct Why {
    pub whose: Whose,
    /// Sentences, one after the other.
    pub said: String,
    /// Whether it can be found out only outside of the page, at the address.
    pub seek: bool,
}

/// Says why, in the language of the words.
pub(super) fn explained(seen: &History, words: &Words) -> Why {
    let mut why = Why { whose: Whose::Nobody, said: String::new(), seek: false };
    let Some(idle) = seen.idle else {
        never_opened(seen, words, &mut why);
        return why;
    };
    match &seen.asked {
        _ if seen.code == 1_006 => broken(seen, idle, words, &mut why),
        Some(asked) => {
            why.whose = Whose::You;
            let same = asked.code.unwrap_or(1_005) == seen.code;
            let code = asked.code.map_or_else(|| words.no_code.to_owned(), number);
            why.say(if same { words.agreed } else { words.answered }, &code);
            if !same {
                why.say_meaning(seen, words);
            }
        }
        None => {
            why.whose = Whose::Server;
            why.say(words.server_closed, "");
            why.say_meaning(seen, words);
        }
    }
    if !seen.was_clean && seen.code != 1_006 {
        why.say(words.not_orderly, "");
    }
    if seen.lost > 0.0 {
        why.say(words.lost, &text::size(seen.lost));
    }
    why
}

impl Why {
    fn say(&mut self, sentence: &str, value: &str) {
        self.said.push_str(&sentence.replace("{}", value));
    }

    fn say_meaning(&mut self, seen: &History, words: &Words) {
        self.say(meaning(seen.code, seen.ours, words), &number(seen.code));
        if seen.code == 1_009 && seen.largest > 0.0 {
            self.say(words.largest, &text::size(seen.largest));
        }
    }
}

/// Nothing but `error` and 1006 came of it.
fn never_opened(seen: &History, words: &Words, why: &mut Why) {
    let took = text::lasting(seen.connecting);
    if seen.asked.is_some() {
        why.whose = Whose::You;
        why.say(words.cancelled, &took);
        return;
    }
    why.say(words.failed, &took);
    let host = address::host_of(&seen.url);
    if !seen.online {
        why.whose = Whose::Network;
        why.say(words.offline, "");
    }
    if seen.connecting < QUICK_MS {
        why.say(words.quick, "");
    } else if seen.connecting >= LONG_MS {
        why.say(words.long, "");
    }
    why.say(words.hidden, "");
    if seen.url.starts_with("wss") {
        why.say(words.certificate, "");
    }
    if seen.offered {
        why.say(words.none_chosen, "");
    }
    if seen.page_is_public && address::is_private(host) {
        why.say(words.private, "");
    }
    why.seek = true;
}

/// It was open, and broke off.
fn broken(seen: &History, idle: f64, words: &Words, why: &mut Why) {
    if !seen.online {
        why.whose = Whose::Network;
        why.say(words.broke_off, "");
        why.say(words.offline, "");
    } else if seen.asked.is_some() {
        why.whose = Whose::Server;
        why.say(words.unanswered, &text::lasting(seen.after));
    } else if seen.error {
        why.say(words.given_up, "");
    } else {
        why.say(words.cut, "");
        if idle >= IDLE_MS {
            why.say(words.idle, &text::lasting(idle));
        }
    }
}

/// What a code says that came in a Close: RFC 6455, section 7.4, and the registry of the IANA.
fn meaning(code: u16, ours: bool, words: &Words) -> &'static str {
    let own = if ours { words.own.iter().find(|(own, _)| *own == code) } else { None };
    let standard = code.checked_sub(1_000).and_then(|at| words.standard.get(usize::from(at)));
    match code {
        _ if own.is_some() => own.map_or("", |(_, text)| *text),
        _ if standard.is_some() => standard.copied().unwrap_or_default(),
        3_000..=3_999 => words.library,
        4_000..=4_999 => words.private_code,
        _ => words.reserved,
    }
}

fn number(code: u16) -> String {
    text::fixed(code.into(), 0)
}

#[cfg(test)]
mod tests;
