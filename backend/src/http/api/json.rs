//! Reading a JSON body: bounded in size and time, and strict about its type.
//!
//! A form of another site can send text/plain without asking; it cannot send application/json.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::http::Http;
use crate::http::error::AppError;

/// Bytes in a body.
const BYTES: usize = 64 * 1024;

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body that was JSON of this shape.
#[derive(Debug)]
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Http> for JsonBody<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, _http: &Http) -> Result<Self, AppError> {
        if !is_json(request.headers()) {
            return Err(AppError::WrongType);
        }
        let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        if declared.and_then(|value| value.parse::<u64>().ok()).is_some_and(|bytes| bytes > BYTES as u64) {
            return Err(AppError::TooLarge(BYTES));
        }
        let body = tokio::time::timeout(PATIENCE, to_bytes(request.into_body(), BYTES));
        let body = body.await.map_err(|_elapsed| AppError::Timeout)?.map_err(|_error| AppError::TooLarge(BYTES))?;
        let mut json = serde_json::Deserializer::from_slice(&body);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            let field = if path == "." { "body".to_owned() } else { path };
            AppError::BadRequest(format!("{field}: {}", error.inner()))
        })?;
        json.end().map_err(|error| AppError::BadRequest(format!("body: {error}")))?;
        Ok(Self(value))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
