//! What a refused request gets: `application/problem+json` (RFC 9457).
//!
//! A fault of the server is logged where it happens, once, and goes out without its reasons.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use common::api::{Problem, codes};
use common::server::ErrorCode;
use common::text::{Fault, Field, TextError};

use crate::passwords::Busy;
use crate::session::explain;
use crate::store::CommandError;
use crate::store::StoreError;
use crate::store::search::QueryError;
use crate::tries::Later;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// Something in the request is not as it must be; it names the field.
    #[error("{0}")]
    BadRequest(String),
    /// Nobody is signed in.
    #[error("sign in first")]
    SignedOut,
    /// It is not allowed, whoever asks.
    #[error("{0}")]
    Forbidden(&'static str),
    /// It is meant for another host.
    #[error("host: this server does not answer to it")]
    Misdirected,
    /// It is refused for a reason that programs know by its code (`common::api::codes`).
    #[error("{2}")]
    Coded(StatusCode, &'static str, &'static str),
    /// A code of the second factor is wanted; or another one, for the one that was given is wrong.
    #[error("a code of the second factor is wanted")]
    SecondFactor {
        /// Whether one was given.
        wrong: bool,
    },
    /// It was tried too often.
    #[error("too many tries; the next one is looked at in {0} seconds")]
    TooManyTries(u64),
    /// Too much to do just now.
    #[error("the server has too much to do just now")]
    Busy,
    /// There is no such thing, or none that the one who asks may see.
    #[error("{0}")]
    NotFound(&'static str),
    /// The address does not take this method.
    #[error("this address does not take this method")]
    WrongMethod,
    /// The body did not come in time.
    #[error("the body did not arrive within {} seconds", .0.as_secs_f32())]
    Timeout(Duration),
    /// The body is too large.
    #[error("the body has more than {0} bytes")]
    TooLarge(usize),
    /// The body is of another type than JSON.
    #[error("content-type: application/json is expected")]
    WrongType,
    /// A text was refused.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A search cannot be read; it says where.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The server's fault.
    #[error("the server cannot read or write its data just now")]
    Store(#[from] StoreError),
}

impl AppError {
    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) | Self::Query(_) => StatusCode::BAD_REQUEST,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Coded(status, ..) => *status,
            Self::SecondFactor { .. } => StatusCode::UNAUTHORIZED,
            Self::TooManyTries(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Text(TextError { fault: Fault::Taken, .. }) => StatusCode::CONFLICT,
            // No typing error: somebody wants the server to chew on it.
            Self::Text(TextError { field: Field::Password, fault: Fault::TooLong { .. } }) => StatusCode::BAD_REQUEST,
            Self::Text(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Busy | Self::Store(StoreError::Failed | StoreError::Closed) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<Busy> for AppError {
    fn from(_busy: Busy) -> Self {
        Self::Busy
    }
}

impl From<Later> for AppError {
    fn from(later: Later) -> Self {
        Self::TooManyTries(later.seconds)
    }
}

impl From<CommandError> for AppError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Store(error) => Self::Store(error),
            CommandError::Refused(code) => Self::Coded(status_of(code), code.name(), explain(code)),
        }
    }
}

/// The status that goes with a refusal of a command.
fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::NoSuchRoom | ErrorCode::NoSuchMessage | ErrorCode::NoSuchPerson => StatusCode::NOT_FOUND,
        ErrorCode::NotMember
        | ErrorCode::NotAuthor
        | ErrorCode::Forbidden
        | ErrorCode::AnnouncementsOnly
        | ErrorCode::DirectRoom => StatusCode::FORBIDDEN,
        ErrorCode::NameTaken
        | ErrorCode::Deleted
        | ErrorCode::OutOfOrder
        | ErrorCode::CidReused
        | ErrorCode::Archived
        | ErrorCode::TooManyRooms
        | ErrorCode::TooManyReactions => StatusCode::CONFLICT,
        ErrorCode::BadText | ErrorCode::PeopleCount => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Storage | ErrorCode::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Malformed | ErrorCode::UnknownOp | ErrorCode::HelloFirst | ErrorCode::Unknown => {
            StatusCode::BAD_REQUEST
        }
    }
}

/// The field that a refusal names: what stands before the first colon, if that is a name and nothing else. All that are
/// about a field begin so.
fn field_of(detail: &str) -> Option<&str> {
    let (field, _) = detail.split_once(": ")?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
    (!field.is_empty() && field.chars().all(is_name)).then_some(field)
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let status = self.status();
        let text = match &self {
            Self::Text(error) => Some(error.clone()),
            Self::SecondFactor { wrong: true } => Some(TextError { field: Field::Code, fault: Fault::Wrong }),
            Self::SecondFactor { wrong: false }
            | Self::Coded(..)
            | Self::TooManyTries(_)
            | Self::Busy
            | Self::BadRequest(_)
            | Self::SignedOut
            | Self::Forbidden(_)
            | Self::Misdirected
            | Self::NotFound(_)
            | Self::WrongMethod
            | Self::Timeout(_)
            | Self::TooLarge(_)
            | Self::WrongType
            | Self::Query(_)
            | Self::Store(_) => None,
        };
        let code = match &self {
            Self::Coded(_, code, _) => Some(*code),
            Self::SecondFactor { .. } => Some(codes::SECOND_FACTOR),
            Self::TooManyTries(_) => Some(codes::TOO_MANY_TRIES),
            Self::Forbidden(_) => Some(codes::FORBIDDEN),
            Self::Query(_) => Some(codes::BAD_QUERY),
            Self::BadRequest(_)
            | Self::SignedOut
            | Self::Misdirected
            | Self::NotFound(_)
            | Self::WrongMethod
            | Self::Timeout(_)
            | Self::TooLarge(_)
            | Self::WrongType
            | Self::Text(_)
            | Self::Busy
            | Self::Store(_) => None,
        };
        let code = code.map(str::to_owned);
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        let detail = self.to_string();
        let field = field_of(&detail).map(str::to_owned);
        let problem = Problem { status: status.as_u16(), title, detail, field, text, code };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Self::TooManyTries(seconds) = self {
            headers.insert(header::RETRY_AFTER, seconds.into());
        } else if self == Self::SignedOut {
            // What programs may sign in with (RFC 9110, section 11.6.1); browsers ask nobody for it.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS)
            && !headers.contains_key(header::RETRY_AFTER)
        {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
