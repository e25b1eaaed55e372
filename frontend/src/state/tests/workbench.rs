//! The Workbench takes the chat's place, and gives it back.

use super::super::workbench::Module;
use super::*;
use crate::lean::port::{Errand as Try, Said};

fn place(page: &Page) -> Option<String> {
    let told = page.state.told_beside();
    told.shown.then_some(told.place)
}

#[test]
fn the_workbench_takes_the_place_of_the_chat_and_gives_it_back() {
    let mut page = Page::welcomed(0);
    assert_eq!(place(&page), None);
    let wanted = page.does(Action::Beside(Some(String::new())));
    assert!(wanted.contains(&Effect::Place(String::new())) && wanted.contains(&Effect::Load(Module::Workbench)));
    assert_eq!(place(&page), Some(String::new()));
    let wanted = page.does(Action::SaidBeside(Said::Place("lessons/frame".into())));
    assert!(wanted.contains(&Effect::Load(Module::Lessons)), "{wanted:?}");
    let wanted = page.does(Action::SaidBeside(Said::Leave));
    assert!(wanted.contains(&Effect::Address(Some(BACKEND), History::Push)), "{wanted:?}");
    assert_eq!(place(&page), None);
}

#[test]
fn a_frame_of_the_chat_can_be_tried_again_and_again() {
    let mut page = Page::welcomed(0);
    let errand = || Try { url: "/ws".into(), message: "{}".into(), ..Try::default() };
    page.does(Action::Try(errand()));
    let first = page.state.told_beside().errand;
    page.does(Action::SaidBeside(Said::Leave));
    page.does(Action::Try(errand()));
    let second = page.state.told_beside().errand;
    assert_eq!(first.map(|errand| errand.number), Some(1));
    assert_eq!(second, Some(Try { number: 2, ..errand() }));
}

#[test]
fn a_room_that_is_chosen_there_is_shown_in_the_chat() {
    let mut page = Page::welcomed(0);
    page.does(Action::Beside(Some(String::new())));
    let wanted = page.does(Action::Visit(BACKEND));
    assert!(wanted.contains(&Effect::Address(Some(BACKEND), History::Push)), "{wanted:?}");
    assert_eq!(place(&page), None);
}

#[test]
fn nobody_is_asked_to_sign_in_before_they_want_the_chat() {
    let mut page = Page::new();
    page.does(Action::Start);
    page.does(Action::Beside(Some(String::new())));
    page.does(Action::Answer(Answer::Me(Err(Failure::Status(401)))));
    page.does(Action::Answer(Answer::Server(Ok(Door { guests: false }))));
    assert!(page.state.annex.open.is_none());
    page.does(Action::SaidBeside(Said::SignIn));
    assert!(page.state.annex.open.as_ref().is_some_and(Open::is_page));
}

#[test]
fn what_cannot_be_loaded_is_tried_again_when_somebody_wants_that() {
    let mut page = Page::welcomed(0);
    page.does(Action::Beside(Some(String::new())));
    page.does(Action::BesideLoaded(false));
    assert!(page.state.beside.failed);
    assert!(page.does(Action::LoadBeside).contains(&Effect::Load(Module::Workbench)));
    assert!(!page.state.beside.failed);
}

#[test]
fn what_is_said_meanwhile_is_unread_until_the_chat_is_seen_again() {
    let mut page = Page::welcomed(0);
    page.does(Action::Beside(Some(String::new())));
    page.says(BACKEND, 1, 4, "are you there?");
    assert_eq!(page.state.icon().1, 1);
    page.does(Action::SaidBeside(Said::Leave));
    assert_eq!(page.state.icon().1, 0);
}
