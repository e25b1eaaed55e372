//! Asks the server over HTTP, for what the annex shows and changes.
//!
//! Deliberately absent: whatever goes through the outbox; see [`super::port::Said::Command`].

use std::rc::Rc;

use common::api::{Problem, codes};
use common::text::{Field, TextError};
use gloo_net::http::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseStateHandle, hook, use_effect_with, use_state};

use super::words::words;
use crate::i18n::Lang;

/// Why something did not happen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wrong {
    /// No answer.
    Network,
    /// A text breaks a rule; it was not sent.
    Text(TextError),
    /// The server's refusal.
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it says.
        problem: Option<Box<Problem>>,
        /// Seconds after which it may be tried again.
        wait: Option<u32>,
    },
}

impl From<TextError> for Wrong {
    fn from(error: TextError) -> Self {
        Self::Text(error)
    }
}

impl Wrong {
    /// Which problem it is: one of [`codes`].
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { problem: Some(problem), .. } => problem.code.as_deref(),
            Self::Refused { .. } | Self::Network | Self::Text(_) => None,
        }
    }

    /// The field that it is about.
    pub(crate) fn field(&self) -> Option<Field> {
        match (self, self.code()) {
            (Self::Text(error), _) => Some(error.field),
            (_, Some(codes::BAD_CREDENTIALS)) => Some(Field::Password),
            (Self::Refused { problem: Some(problem), .. }, _) => problem.text.as_ref().map(|error| error.field),
            (Self::Refused { .. } | Self::Network, _) => None,
        }
    }

    /// Seconds after which it may be tried again.
    pub(crate) const fn wait(&self) -> Option<u32> {
        match self {
            Self::Refused { wait, .. } => *wait,
            Self::Network | Self::Text(_) => None,
        }
    }

    /// What it is, for people.
    pub(crate) fn told(&self, lang: Lang) -> String {
        let (own, page) = (words(lang), lang.words());
        let (status, problem) = match self {
            Self::Network => return page.unreachable.to_owned(),
            Self::Text(error) => return (page.text_error)(error),
            Self::Refused { status, problem, .. } => (*status, problem),
        };
        if let Some(error) = problem.as_ref().and_then(|problem| problem.text.as_ref()) {
            return (page.text_error)(error);
        }
        match self.code() {
            Some(codes::BAD_CREDENTIALS) => own.bad_credentials.to_owned(),
            Some(codes::TOO_MANY_TRIES) => own.too_many_tries.to_owned(),
            Some(codes::BAD_INVITE) => own.bad_invite.to_owned(),
            Some(codes::BAD_SETUP_TOKEN) => own.bad_setup.to_owned(),
            Some(codes::INVITE_ONLY) => own.invite_only.to_owned(),
            Some(codes::FORBIDDEN) => own.forbidden.to_owned(),
            Some(_) | None => (page.http_failed)(status),
        }
    }
}

/// Gets something.
pub(crate) async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Wrong> {
    read(RequestBuilder::new(path).send().await).await
}

/// Sends something, and reads the answer; `()` for none.
pub(crate) async fn send<B: Serialize, T: DeserializeOwned>(method: Method, path: &str, body: &B) -> Result<T, Wrong> {
    let request = RequestBuilder::new(path).method(method).json(body).or(Err(Wrong::Network))?;
    read(request.send().await).await
}

/// Ends something.
pub(crate) async fn delete(path: &str) -> Result<(), Wrong> {
    read(RequestBuilder::new(path).method(Method::DELETE).send().await).await
}

async fn read<T: DeserializeOwned>(answer: Result<Response, gloo_net::Error>) -> Result<T, Wrong> {
    let Ok(answer) = answer else { return Err(Wrong::Network) };
    let status = answer.status();
    let wait = answer.headers().get("retry-after").and_then(|wait| wait.parse().ok());
    let text = answer.text().await.or(Err(Wrong::Network))?;
    if !answer.ok() {
        return Err(Wrong::Refused { status, problem: serde_json::from_str(&text).ok(), wait });
    }
    // No content reads as `()`.
    let text = if text.is_empty() { "null" } else { &text };
    serde_json::from_str(text).or(Err(Wrong::Refused { status, problem: None, wait: None }))
}

/// How far a request has come.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Idle,
    Busy,
    Failed(Rc<Wrong>),
}

/// Something that a form asks for, once at a time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request(UseStateHandle<Stage>);

/// A request of a component.
#[hook]
pub(crate) fn use_request() -> Request {
    Request(use_state(|| Stage::Idle))
}

impl Request {
    /// Whether the answer is still to come.
    pub(crate) fn is_busy(&self) -> bool {
        *self.0 == Stage::Busy
    }

    /// Why it did not happen.
    pub(crate) fn wrong(&self) -> Option<&Wrong> {
        match &*self.0 {
            Stage::Failed(wrong) => Some(wrong),
            Stage::Idle | Stage::Busy => None,
        }
    }

    /// Why it did not happen, where that is about this field.
    pub(crate) fn wrong_at(&self, field: Field, lang: Lang) -> Option<String> {
        self.wrong().filter(|wrong| wrong.field() == Some(field)).map(|wrong| wrong.told(lang))
    }

    /// Why it did not happen, where that is about none of these fields.
    pub(crate) fn wrong_beside(&self, fields: &[Field], lang: Lang) -> Option<String> {
        let beside = |wrong: &&Wrong| wrong.field().is_none_or(|field| !fields.contains(&field));
        self.wrong().filter(beside).map(|wrong| wrong.told(lang))
    }

    /// Shows nothing wrong any more.
    pub(crate) fn clear(&self) {
        self.0.set(Stage::Idle);
    }

    /// Something is wrong before anything was sent.
    pub(crate) fn fail(&self, wrong: Wrong) {
        self.0.set(Stage::Failed(Rc::new(wrong)));
    }

    /// Does it, unless it is being done, and goes on with the answer.
    pub(crate) fn run<T: 'static>(
        &self,
        asked: impl Future<Output = Result<T, Wrong>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        if self.is_busy() {
            return;
        }
        let stage = self.0.clone();
        stage.set(Stage::Busy);
        spawn_local(async move {
            match asked.await {
                Ok(answer) => {
                    stage.set(Stage::Idle);
                    done(answer);
                }
                Err(wrong) => stage.set(Stage::Failed(Rc::new(wrong))),
            }
        });
    }
}

/// Something that is shown once it has arrived.
#[derive(Debug)]
pub(crate) struct Loaded<T> {
    /// What arrived; `None` while it is on its way.
    pub(crate) found: UseStateHandle<Option<Result<Rc<T>, Wrong>>>,
    /// Asks once more.
    pub(crate) again: Callback<()>,
}

impl<T> Loaded<T> {
    /// What arrived, if it did.
    pub(crate) fn value(&self) -> Option<Rc<T>> {
        self.found.as_ref().and_then(|found| found.as_ref().ok()).cloned()
    }

    /// Puts what has changed in its place.
    pub(crate) fn put(&self, value: T) {
        self.found.set(Some(Ok(Rc::new(value))));
    }
}

impl<T: PartialEq> PartialEq for Loaded<T> {
    fn eq(&self, other: &Self) -> bool {
        *self.found == *other.found && self.again == other.again
    }
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        Self { found: self.found.clone(), again: self.again.clone() }
    }
}

/// Gets what stands under a path, when the component is first drawn and whenever it is asked for again.
#[hook]
pub(crate) fn use_loaded<T: DeserializeOwned + 'static>(path: &'static str) -> Loaded<T> {
    let found = use_state(|| None);
    let again = {
        let found = found.clone();
        Callback::from(move |()| {
            let found = found.clone();
            spawn_local(async move { found.set(Some(get(path).await.map(Rc::new))) });
        })
    };
    {
        let again = again.clone();
        use_effect_with(path, move |_| again.emit(()));
    }
    Loaded { found, again }
}
