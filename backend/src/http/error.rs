//! What a refused request gets: `application/problem+json` (RFC 9457).
//!
//! A fault of the server is logged where it happens, once, and goes out without its reasons.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use common::api::Problem;
use common::text::TextError;

use crate::store::CommandError;
use crate::store::StoreError;

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
    /// The server's fault.
    #[error("the server cannot read or write its data just now")]
    Store(#[from] StoreError),
}

impl AppError {
    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Text(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Store(StoreError::Failed | StoreError::Closed) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<CommandError> for AppError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Store(error) => Self::Store(error),
            CommandError::Refused(_) => Self::Forbidden("the room does not take this"),
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let status = self.status();
        let text = match &self {
            Self::Text(error) => Some(error.clone()),
            Self::BadRequest(_)
            | Self::SignedOut
            | Self::Forbidden(_)
            | Self::Misdirected
            | Self::NotFound(_)
            | Self::WrongMethod
            | Self::Timeout(_)
            | Self::TooLarge(_)
            | Self::WrongType
            | Self::Store(_) => None,
        };
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        let problem = Problem { status: status.as_u16(), title, detail: self.to_string(), text, code: None };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
