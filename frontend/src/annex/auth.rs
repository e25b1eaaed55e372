//! The pages of somebody who is not signed in: signing in, joining by an invite, the owner's account.
//!
//! Each is a form in the frame that the guest's page has as well. What the server refuses stands beside the field that it
//! is about, and nothing that was typed is lost.

mod account;
mod join;
mod sign_in;

use yew::{Callback, Html, html};

use super::app::Desk;
use super::port::{Open, Prefer, Said};
use crate::views::welcome::shell;

/// The page that signs in.
pub(super) fn sign_in(desk: &Desk, ended: bool, guests: bool) -> Html {
    framed(desk, html! { <sign_in::SignInForm desk={desk.clone()} {ended} {guests} /> })
}

/// The page that makes the owner's account.
pub(super) fn set_up(desk: &Desk, token: &str) -> Html {
    framed(desk, html! { <account::SetUpForm desk={desk.clone()} token={token.to_owned()} /> })
}

/// The page that makes an account.
pub(super) fn join(desk: &Desk, token: &str) -> Html {
    framed(desk, html! { <join::JoinForm desk={desk.clone()} token={token.to_owned()} /> })
}

fn framed(desk: &Desk, form: Html) -> Html {
    let theme = desk.say.reform(|theme| Said::Prefer(Prefer::Theme(theme)));
    let lang = desk.say.reform(|lang| Said::Prefer(Prefer::Lang(lang)));
    shell(desk.lang(), desk.context.theme, &theme, &lang, form)
}

/// A link to another of these pages.
fn link(desk: &Desk, label: &'static str, open: &Open) -> Html {
    let (go, open) = (desk.open.clone(), open.clone());
    let onclick = Callback::from(move |_: web_sys::MouseEvent| go.emit(open.clone()));
    html! { <button type="button" class="btn-link" {onclick}>{ label }</button> }
}

/// What stands behind `#` in a link, or the text itself: people paste either.
fn token_of(pasted: &str) -> String {
    let pasted = pasted.trim();
    pasted.rsplit_once('#').map_or(pasted, |(_, token)| token).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_and_its_token_are_the_same() {
        for pasted in ["https://chat.example/join#t0ken", " t0ken ", "#t0ken"] {
            assert_eq!(token_of(pasted), "t0ken", "{pasted}");
        }
        assert_eq!(token_of("https://chat.example/join#"), "");
    }
}
