//! The lessons in their order.

use super::{Node, state::Lessons};
use super::{backpressure, binary, closing, frame, handshake, origin, polling, states, subprotocols};
use crate::i18n::Lang;

/// What is said around something that happens. Between backquotes stands code.
pub(super) struct Prose {
    pub title: &'static str,
    /// What one will see.
    pub lead: &'static str,
    /// What to look at.
    pub notice: &'static [&'static str],
    /// Questions, with their answers.
    pub tasks: &'static [(&'static str, &'static str)],
}

/// A lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lesson {
    Polling,
    Handshake,
    Frame,
    States,
    Binary,
    Backpressure,
    Closing,
    Subprotocols,
    Origin,
}

impl Lesson {
    /// All of them.
    pub(super) const ALL: [Self; 9] = [
        Self::Polling,
        Self::Handshake,
        Self::Frame,
        Self::States,
        Self::Binary,
        Self::Backpressure,
        Self::Closing,
        Self::Subprotocols,
        Self::Origin,
    ];

    /// Its name in the address, behind `/workbench/lessons/`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::Handshake => "handshake",
            Self::Frame => "frame",
            Self::States => "states",
            Self::Binary => "binary",
            Self::Backpressure => "backpressure",
            Self::Closing => "closing",
            Self::Subprotocols => "subprotocols",
            Self::Origin => "origin",
        }
    }

    /// The one that a place behind `/workbench/` names.
    pub(super) fn of(place: &str) -> Option<Self> {
        let name = place.strip_prefix("lessons/")?;
        Self::ALL.into_iter().find(|lesson| lesson.name() == name)
    }

    pub(super) const fn prose(self, lang: Lang) -> &'static Prose {
        match self {
            Self::Polling => &polling::words(lang).prose,
            Self::Handshake => &handshake::words(lang).prose,
            Self::Frame => &frame::words(lang).prose,
            Self::States => &states::words(lang).prose,
            Self::Binary => &binary::words(lang).prose,
            Self::Backpressure => &backpressure::words(lang).prose,
            Self::Closing => &closing::words(lang).prose,
            Self::Subprotocols => &subprotocols::words(lang).prose,
            Self::Origin => &origin::words(lang).prose,
        }
    }

    /// What happens in it.
    pub(super) fn view(self, lessons: &Lessons) -> Node {
        match self {
            Self::Polling => polling::view(lessons),
            Self::Handshake => handshake::view(lessons),
            Self::Frame => frame::view(lessons),
            Self::States => states::view(lessons),
            Self::Binary => binary::view(lessons),
            Self::Backpressure => backpressure::view(lessons),
            Self::Closing => closing::view(lessons),
            Self::Subprotocols => subprotocols::view(lessons),
            Self::Origin => origin::view(lessons),
        }
    }

    /// The next one.
    pub(super) fn next(self) -> Option<Self> {
        let at = Self::ALL.iter().position(|lesson| *lesson == self)?;
        Self::ALL.get(at + 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_a_lesson() {
        for lesson in Lesson::ALL {
            assert_eq!(Lesson::of(&format!("lessons/{}", lesson.name())), Some(lesson));
        }
        assert_eq!(["lessons", "lessons/", "lessons/x", "frame"].map(Lesson::of), [None; 4]);
    }

    #[test]
    fn each_follows_the_one_before() {
        let walk = std::iter::successors(Some(Lesson::Polling), |lesson| lesson.next());
        assert!(walk.eq(Lesson::ALL));
    }

    #[test]
    fn both_languages_say_as_much_and_end_their_code() {
        for lesson in Lesson::ALL {
            let (en, zh) = (lesson.prose(Lang::En), lesson.prose(Lang::Zh));
            assert_eq!((en.notice.len(), en.tasks.len()), (zh.notice.len(), zh.tasks.len()), "{}", en.title);
            for prose in [en, zh] {
                let tasks = prose.tasks.iter().flat_map(|(question, answer)| [question, answer]);
                for text in prose.notice.iter().chain(tasks).chain([&prose.lead]) {
                    assert_eq!(text.matches('`').count() % 2, 0, "{text}");
                }
            }
        }
    }
}
