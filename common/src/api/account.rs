//! Accounts, sessions, the second factor, invites.

use serde::{Deserialize, Serialize};

use crate::id::{Timestamp, UserId};
use crate::model::Role;

/// `GET /api/v1/server`: what somebody who is not signed in may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    /// The version of the program.
    pub version: String,
    /// Whether somebody may come in with nothing but a name.
    pub guests: bool,
    /// Whether somebody may make an account without an invite.
    pub open: bool,
    /// Whether there is no owner yet: the one-time link makes one.
    pub unowned: bool,
    /// Whether the endpoints under `/labs` can be reached.
    pub labs: bool,
    /// Whether the server opens connections to other servers for its members' Workbench.
    pub relay: bool,
}

/// `GET /api/v1/me`, and the answer to whatever signs somebody in or changes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Me {
    /// Who.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "u3"))]
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// The name that they sign in with; guests have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// What they may do.
    #[serde(default)]
    pub role: Role,
    /// What they say of themselves.
    #[serde(default)]
    pub status: String,
    /// Their place, such as `Pacific/Auckland`; empty for unknown.
    #[serde(default)]
    pub time_zone: String,
    /// Whether signing in takes a second factor.
    #[serde(default)]
    pub two_factor: bool,
}

/// `PATCH /api/v1/me`: what is absent stays.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MeChange {
    /// Another name; see [`crate::text::UserName`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another status; see [`crate::text::Status`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Another place of the IANA time zone database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// `POST /api/v1/setup`: the first owner, by the one-time link that the server has printed. Answers 201 and [`Me`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Setup {
    /// From the link: `/setup#<token>`.
    pub token: String,
    /// See [`crate::text::Login`].
    pub login: String,
    /// See [`crate::text::UserName`].
    pub name: String,
    /// [`crate::limits::PASSWORD_CHARS`] characters.
    pub password: String,
}

/// `POST /api/v1/accounts`: an account, with an invite or where the server is open. A guest who asks keeps their id and all
/// that is theirs. Answers 201 and [`Me`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SignUp {
    /// From the link: `/join#<token>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<String>,
    /// See [`crate::text::Login`].
    pub login: String,
    /// See [`crate::text::UserName`].
    pub name: String,
    /// [`crate::limits::PASSWORD_CHARS`] characters.
    pub password: String,
}

/// `POST /api/v1/sessions`: signs in. Answers 201 and [`Me`]; 401 with `bad_credentials` or `second_factor`; 429 with
/// `too_many_tries`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// The name that they sign in with.
    pub login: String,
    /// The password.
    pub password: String,
    /// A code of the second factor, or a recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// `GET /api/v1/sessions`: where the one who asks is signed in, the latest used first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionList {
    /// The sessions.
    pub sessions: Vec<SessionEntry>,
}

/// A place where somebody is signed in. `DELETE /api/v1/sessions/{id}` ends it, `…/current` the one that asks,
/// `DELETE /api/v1/sessions` all others. Its sockets are closed with 4001.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionEntry {
    /// Its name; no secret.
    pub id: u64,
    /// When it began, in milliseconds.
    #[cfg_attr(feature = "schema", schema(value_type = u64))]
    pub created_at: Timestamp,
    /// When it was used last, to the minute or so.
    #[cfg_attr(feature = "schema", schema(value_type = u64))]
    pub seen_at: Timestamp,
    /// What the browser said of itself when it signed in, at most 200 characters.
    pub agent: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `PUT /api/v1/me/password`. All other sessions end. Answers 204.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    /// The present one.
    pub old: String,
    /// The next one: [`crate::limits::PASSWORD_CHARS`] characters.
    pub new: String,
}

/// `POST /api/v1/me/two-factor` with [`Confirm`]: the beginning of a second factor (RFC 6238). Nothing is asked for until
/// `PUT /api/v1/me/two-factor` with [`TwoFactorCode`] has shown that it works, which answers [`RecoveryCodes`].
/// `DELETE` with [`Confirm`] takes it off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TwoFactorStart {
    /// The secret in Base32, for typing.
    pub secret: String,
    /// `otpauth://totp/…`
    pub uri: String,
    /// The same as a QR code: an SVG.
    pub qr: String,
}

/// The password, for what must not be done by whoever finds the page open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Confirm {
    /// The password.
    pub password: String,
}

/// A code of the second factor: six digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TwoFactorCode {
    /// The code.
    pub code: String,
}

/// Codes that replace the second factor, each once. Shown this one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// Ten codes.
    pub codes: Vec<String>,
}

/// `POST /api/v1/invites`, for admins. Answers 201 and [`InviteMade`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InviteRequest {
    /// How often it may be used: 1 to 1,000.
    pub uses: u32,
    /// For how long it holds, in hours: 1 to 8,760.
    pub hours: u32,
}

/// A new invite. The link is shown this one time; the server keeps a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InviteMade {
    /// The invite.
    pub invite: InviteEntry,
    /// The link: `https://chat.example/join#<token>`.
    pub url: String,
    /// The same as a QR code: an SVG.
    pub qr: String,
}

/// `GET /api/v1/invites`, for admins: those that still hold, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InviteList {
    /// The invites.
    pub invites: Vec<InviteEntry>,
}

/// An invite. `DELETE /api/v1/invites/{id}` withdraws it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InviteEntry {
    /// Its name; no secret.
    pub id: u64,
    /// Who made it.
    pub by: String,
    /// Until when it holds, in milliseconds.
    #[cfg_attr(feature = "schema", schema(value_type = u64))]
    pub expires_at: Timestamp,
    /// How often it may be used.
    pub uses: u32,
    /// How often it was.
    pub used: u32,
}

/// `POST /api/v1/invites/check`: whether a link still holds. Answers [`InviteFound`]; 404 with `bad_invite`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InviteCheck {
    /// From the link.
    pub token: String,
}

/// An invite that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InviteFound {
    /// Who invites.
    pub by: String,
    /// Until when, in milliseconds.
    #[cfg_attr(feature = "schema", schema(value_type = u64))]
    pub expires_at: Timestamp,
}
