//! The second factor: codes by time (RFC 6238, six digits, 30 s, SHA-1, as every authenticator knows), and codes on paper
//! that replace one each.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use common::api::Problem;
use common::api::account::{Confirm, RecoveryCodes, TwoFactorCode, TwoFactorStart};
use common::id::Timestamp;
use common::text::{Fault, Field, TextError};
use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE};
use totp_rs::{Algorithm, Builder, Totp};

use super::json::JsonBody;
use super::sessions::confirm;
use crate::http::Http;
use crate::http::auth::SignedIn;
use crate::http::error::AppError;
use crate::http::proxy::Way;
use crate::http::qr;
use crate::store::accounts::{self, Account};
use crate::store::second;
use crate::token::{TokenDigest, digest};
use crate::tries::Try;

pub(super) fn routes() -> Router<Http> {
    Router::new().route("/me/two-factor", post(begin).put(finish).delete(remove))
}

/// Bytes of a secret: as long as the hash, which RFC 4226, section 4, recommends.
const SECRET: usize = 20;

/// Seconds in a step.
const STEP: u64 = 30;

/// Codes that replace the second factor, and bytes in each: too many to be guessed from a digest.
const CODES: usize = 10;
const CODE: usize = 10;

const WRONG: TextError = TextError { field: Field::Code, fault: Fault::Wrong };
const IS_ON: AppError = AppError::Coded(
    StatusCode::CONFLICT,
    common::api::codes::FORBIDDEN,
    "the second factor is on already; take it off first, or begin anew",
);

/// Begins a second factor.
#[utoipa::path(
    post, path = "/me/two-factor", tag = "me", request_body = Confirm,
    responses(
        (status = 200, body = TwoFactorStart),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn begin(
    State(http): State<Http>,
    Way { address, .. }: Way,
    SignedIn(known): SignedIn,
    JsonBody(request): JsonBody<Confirm>,
) -> Result<Json<TwoFactorStart>, AppError> {
    let account = confirm(&http, &known, address, request.password).await?;
    let mut secret = [0; SECRET];
    crate::random::fill(&mut secret);
    if !http.store.write(move |db, _now| second::begin(db, account.user, &secret)).await? {
        return Err(IS_ON);
    }
    let secret = BASE32_NOPAD.encode(&secret);
    let uri = uri(&account.login, &secret);
    let qr = qr::svg(&uri).ok_or(AppError::Busy)?;
    Ok(Json(TwoFactorStart { secret, uri, qr }))
}

/// Shows that the second factor works; from now on it is asked for.
#[utoipa::path(
    put, path = "/me/two-factor", tag = "me", request_body = TwoFactorCode,
    responses(
        (status = 200, body = RecoveryCodes),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn finish(
    State(http): State<Http>,
    Way { address, .. }: Way,
    SignedIn(known): SignedIn,
    JsonBody(request): JsonBody<TwoFactorCode>,
) -> Result<Json<RecoveryCodes>, AppError> {
    let user = known.person.id;
    let account = http.store.read(move |db| accounts::of(db, user)).await?;
    let account = account.filter(|account| account.hash().is_some());
    let account = account.ok_or(AppError::Forbidden("guests and bots have no password"))?;
    if account.two_factor {
        return Err(IS_ON);
    }
    let now = crate::clock::now();
    let attempt = http.tries.begin(&account.login, address, now)?;
    let secret = account.secret.unwrap_or_default();
    let Some(step) = step_of(&secret, &request.code, now) else {
        attempt.fail(now);
        return Err(WRONG.into());
    };
    let (codes, digests): (Vec<_>, Vec<_>) = (0..CODES).map(|_| recovery_code()).unzip();
    if !http.store.write(move |db, _now| second::confirm(db, user, (&secret, step), &digests)).await? {
        return Err(WRONG.into());
    }
    attempt.succeed();
    Ok(Json(RecoveryCodes { codes }))
}

/// Takes the second factor off.
#[utoipa::path(
    delete, path = "/me/two-factor", tag = "me", request_body = Confirm,
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn remove(
    State(http): State<Http>,
    Way { address, .. }: Way,
    SignedIn(known): SignedIn,
    JsonBody(request): JsonBody<Confirm>,
) -> Result<StatusCode, AppError> {
    let account = confirm(&http, &known, address, request.password).await?;
    http.store.write(move |db, _now| second::remove(db, account.user)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Checks the second factor of somebody whose password was right, and uses the code up.
pub(super) async fn check(http: &Http, account: &Account, code: Option<&str>, attempt: Try) -> Result<(), AppError> {
    let code = code.map(str::trim).filter(|code| !code.is_empty());
    let Some(code) = code else { return Err(AppError::SecondFactor { wrong: false }) };
    let now = crate::clock::now();
    let step = account.secret.as_deref().and_then(|secret| step_of(secret, code, now));
    let recovery = read_recovery(code);
    let user = account.user;
    let right = http.store.write(move |db, _now| match (step, recovery) {
        (Some(step), _) => second::use_step(db, user, step),
        (None, Some(code)) => second::use_code(db, user, &code),
        (None, None) => Ok(false),
    });
    if right.await? {
        attempt.succeed();
        Ok(())
    } else {
        attempt.fail(now);
        Err(AppError::SecondFactor { wrong: true })
    }
}

/// The step that a code is of: the present one, or one beside it, for clocks differ.
fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<u64> {
    if secret.len() != SECRET {
        return None;
    }
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    totp(secret)?.check(&code, now.0 / 1000)
}

fn totp(secret: &[u8]) -> Option<Totp> {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1).with_step_duration(STEP);
    builder.with_secret(secret.to_vec()).build().ok()
}

/// As authenticators read it (Google's "Key URI Format"). A login needs no escapes.
fn uri(login: &str, secret: &str) -> String {
    format!("otpauth://totp/Readyroom:{login}?secret={secret}&issuer=Readyroom")
}

/// A code to be written down, and its digest.
fn recovery_code() -> (String, TokenDigest) {
    let mut bytes = [0; CODE];
    crate::random::fill(&mut bytes);
    let text = BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
    let groups: Vec<&str> = text.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    (groups.join("-"), digest(&bytes))
}

/// The digest of a code as somebody typed it.
fn read_recovery(code: &str) -> Option<TokenDigest> {
    let plain: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let bytes = BASE32_NOPAD_NOCASE.decode(plain.as_bytes()).ok()?;
    (bytes.len() == CODE).then(|| digest(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_that_of_rfc_6238() {
        // Appendix B, SHA-1: the last six digits.
        let secret = b"12345678901234567890";
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let at = |seconds: u64| Timestamp(seconds * 1000);
            assert_eq!(step_of(secret, code, at(seconds)), Some(seconds / STEP));
            assert_eq!(step_of(secret, code, at(seconds + STEP)), Some(seconds / STEP), "a clock behind");
            assert_eq!(step_of(secret, code, at(seconds + 3 * STEP)), None);
        }
        assert_eq!(step_of(&[], "287082", Timestamp(59_000)), None, "nothing was begun");
    }

    #[test]
    fn a_recovery_code_is_read_as_people_write() {
        let (code, digest) = recovery_code();
        assert_eq!((code.len(), code.matches('-').count()), (19, 3), "{code}");
        for typed in [code.clone(), code.to_uppercase(), code.replace('-', " "), code.replace('-', "")] {
            assert_eq!(read_recovery(&typed), Some(digest), "{typed}");
        }
        for bad in ["", "287082", code.get(1..).unwrap(), "-"] {
            assert_eq!(read_recovery(bad), None, "{bad}");
        }
    }
}
