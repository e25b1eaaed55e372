//! Coming in: as a guest, as the first owner, with an account.
//!
//! Names that are taken are refused before a password is hashed, and once more in the transaction.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use common::api::account::{Me, ServerInfo, Setup, SignUp};
use common::api::{NameRequest, Problem, codes};
use common::id::{Cid, UserId};
use common::model::Role;
use common::text::{Login, UserName};

use super::json::JsonBody;
use crate::bus::letter::Note;
use crate::config;
use crate::http::Http;
use crate::http::auth::{self, Ended, Entrance, MaybeSignedIn};
use crate::http::error::AppError;
use crate::http::proxy::Way;
use crate::passwords;
use crate::store::accounts::{self, NewAccount};
use crate::store::confusable::nfc;
use crate::store::events::{Act, Command};
use crate::store::sessions::{self, SignedIn};
use crate::store::{Change, invites, people, profiles, rooms};
use crate::token::{Token, TokenDigest};

pub(super) fn routes() -> Router<Http> {
    Router::new()
        .route("/server", get(server))
        .route("/guests", post(come_in))
        .route("/setup", post(set_up))
        .route("/accounts", post(sign_up))
}

const BAD_SETUP: AppError =
    AppError::Coded(StatusCode::FORBIDDEN, codes::BAD_SETUP_TOKEN, "the link is of an earlier start, or has been used");
const INVITE_ONLY: AppError =
    AppError::Coded(StatusCode::FORBIDDEN, codes::INVITE_ONLY, "accounts are made with an invite");
const BAD_INVITE: AppError = AppError::Coded(
    StatusCode::FORBIDDEN,
    codes::BAD_INVITE,
    "the invite does not exist, has run out, or has been used as often as it may be",
);
const NO_GUESTS: AppError = AppError::Coded(StatusCode::FORBIDDEN, codes::NO_GUESTS, "this server takes no guests");

/// What somebody who is not signed in may know.
#[utoipa::path(get, path = "/server", tag = "accounts", responses((status = 200, body = ServerInfo)))]
pub(super) async fn server(State(http): State<Http>) -> Result<Json<ServerInfo>, AppError> {
    let unowned = http.setup.is_some() && !http.store.read(accounts::has_owner).await?;
    Ok(Json(ServerInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        guests: http.config.guests,
        open: http.config.sign_up == config::SignUp::Open,
        unowned,
        labs: http.config.labs,
        relay: http.config.relay,
    }))
}

/// Makes a guest, who joins the lobby. Nobody hears of a guest whose joining failed: they get no cookie.
#[utoipa::path(
    post, path = "/guests", tag = "accounts", request_body = NameRequest,
    responses((status = 201, body = Me), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn come_in(
    State(http): State<Http>,
    headers: HeaderMap,
    way: Way,
    MaybeSignedIn(before): MaybeSignedIn,
    JsonBody(request): JsonBody<NameRequest>,
) -> Result<impl IntoResponse, AppError> {
    if !http.config.guests {
        return Err(NO_GUESTS);
    }
    let name = UserName::new(&nfc(&request.name))?;
    let (token, entrance) = Entrance::new(&headers, before);
    let made = http.store.write(move |db, now| {
        if people::is_taken(db, &name, None)? {
            return Ok(Err(taken_name()));
        }
        let user = people::create_guest(db, &name, now)?.person.id;
        Ok(Ok((user, entrance.enter(db, user, now)?)))
    });
    let (user, ended) = made.await??;
    welcome(&http, user, (way, &token), ended).await
}

/// Makes the first owner, by the one-time link that the server has shown.
#[utoipa::path(
    post, path = "/setup", tag = "accounts", request_body = Setup,
    responses((status = 201, body = Me), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn set_up(
    State(http): State<Http>,
    headers: HeaderMap,
    way: Way,
    MaybeSignedIn(before): MaybeSignedIn,
    JsonBody(request): JsonBody<Setup>,
) -> Result<impl IntoResponse, AppError> {
    let digest = Token::decode(&request.token).map(|token| token.digest());
    if digest.is_none() || digest != http.setup || http.store.read(accounts::has_owner).await? {
        return Err(BAD_SETUP);
    }
    let wanted = Wanted::check(&request.login, &request.name, &request.password)?;
    let new = wanted.hash(&http, &before, Role::Owner).await?;
    let (token, entrance) = Entrance::new(&headers, before.clone());
    let made = http.store.write(move |db, now| {
        if accounts::has_owner(db)? {
            return Ok(Err(BAD_SETUP));
        }
        let guest = guest(db, before.as_ref())?;
        let user = match accounts::create(db, guest, &new, now)? {
            Ok(user) => user,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        Ok(Ok((user, enter_anew(db, &entrance, user, now)?)))
    });
    let (user, ended) = made.await??;
    welcome(&http, user, (way, &token), ended).await
}

/// Makes an account, with an invite or where the server is open. A guest who asks keeps their id and all that is theirs.
#[utoipa::path(
    post, path = "/accounts", tag = "accounts", request_body = SignUp,
    responses((status = 201, body = Me), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn sign_up(
    State(http): State<Http>,
    headers: HeaderMap,
    way: Way,
    MaybeSignedIn(before): MaybeSignedIn,
    JsonBody(request): JsonBody<SignUp>,
) -> Result<impl IntoResponse, AppError> {
    let invite = match &request.invite {
        Some(text) => Some(Token::decode(text).map(|token| token.digest()).ok_or(BAD_INVITE)?),
        None if http.config.sign_up == config::SignUp::Open => None,
        None => return Err(INVITE_ONLY),
    };
    holds(&http, invite).await?;
    let wanted = Wanted::check(&request.login, &request.name, &request.password)?;
    let new = wanted.hash(&http, &before, Role::Member).await?;
    let (token, entrance) = Entrance::new(&headers, before.clone());
    let made = http.store.write(move |db, now| {
        if let Some(invite) = &invite
            && invites::find(db, invite, now)?.is_none()
        {
            return Ok(Err(BAD_INVITE));
        }
        let guest = guest(db, before.as_ref())?;
        let user = match accounts::create(db, guest, &new, now)? {
            Ok(user) => user,
            Err(refusal) => return Ok(Err(AppError::from(refusal))),
        };
        if let Some(invite) = &invite {
            invites::take(db, invite, now)?;
        }
        Ok(Ok((user, enter_anew(db, &entrance, user, now)?)))
    });
    let (user, ended) = made.await??;
    welcome(&http, user, (way, &token), ended).await
}

async fn holds(http: &Http, invite: Option<TokenDigest>) -> Result<(), AppError> {
    let Some(invite) = invite else { return Ok(()) };
    let now = crate::clock::now();
    let found = http.store.read(move |db| invites::find(db, &invite, now)).await?;
    found.map(|_| ()).ok_or(BAD_INVITE)
}

fn taken_name() -> AppError {
    use common::text::{Fault, Field, TextError};
    TextError { field: Field::UserName, fault: Fault::Taken }.into()
}

/// What somebody wants to be called, checked.
struct Wanted {
    login: Login,
    name: UserName,
    password: String,
}

impl Wanted {
    fn check(login: &str, name: &str, password: &str) -> Result<Self, AppError> {
        passwords::check(password)?;
        Ok(Self { login: Login::new(login)?, name: UserName::new(&nfc(name))?, password: password.to_owned() })
    }

    /// Nobody's password is hashed for names that are taken.
    async fn hash(self, http: &Http, before: &Option<SignedIn>, role: Role) -> Result<NewAccount, AppError> {
        let Self { login, name, password } = self;
        let before = before.clone();
        let (login_, name_) = (login.clone(), name.clone());
        let refusal = http.store.read(move |db| accounts::refusal(db, guest(db, before.as_ref())?, &login_, &name_));
        match refusal.await? {
            Some(refusal) => Err(refusal.into()),
            None => Ok(NewAccount { login, name, password: http.hasher.hash(password).await?, role }),
        }
    }
}

/// Whoever asks, if they are a guest, and have never been anything else.
fn guest(db: &rusqlite::Connection, before: Option<&SignedIn>) -> rusqlite::Result<Option<UserId>> {
    let Some(user) = before.filter(|before| before.role == Role::Guest).map(|before| before.person.id) else {
        return Ok(None);
    };
    Ok(if accounts::of(db, user)?.is_none() { Some(user) } else { None })
}

/// Signs somebody in who has an account now; where they were signed in as a guest besides, that has ended.
fn enter_anew(
    db: &rusqlite::Connection,
    entrance: &Entrance,
    user: UserId,
    now: common::id::Timestamp,
) -> rusqlite::Result<Ended> {
    let mut ended = entrance.enter(db, user, now)?;
    let here = entrance.find(db, now)?;
    ended.extend(sessions::end_others(db, user, here)?.into_iter().map(|id| (user, id)));
    Ok(ended)
}

/// Brings somebody who has come in into the lobby, tells those who know them their name, and answers.
async fn welcome(
    http: &Http,
    user: UserId,
    (way, token): (Way, &Token),
    ended: Ended,
) -> Result<(StatusCode, axum_extra::extract::cookie::CookieJar, Json<Me>), AppError> {
    auth::tell_ended(http, ended);
    let known = http.store.read(move |db| people::acquaintances(db, user)).await?;
    // Who knows nobody but themselves is new: who has left the lobby is not brought back.
    if known.len() <= 1 {
        let command = Command { room: rooms::LOBBY, by: user, cid: Cid(crate::random::uuid()), act: Act::Join };
        http.publisher.carry_out(Change::Command(command)).await?;
    }
    let me = http.store.read(move |db| profiles::me(db, user)).await?.ok_or(AppError::SignedOut)?;
    let note = Note::Renamed(common::model::Person { id: user, name: me.name.clone() });
    known.into_iter().for_each(|other| http.bus.tell(other, &note));
    Ok((StatusCode::CREATED, auth::give_cookie(way, token), Json(me)))
}
