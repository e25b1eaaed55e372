//! Reading a JSON body: bounded in size and time (as a head is), and strict about its type.
//!
//! A form of another site can send text/plain without asking; it cannot send application/json.

use std::error::Error;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::http::Http;
use crate::http::error::AppError;

/// Bytes in a body.
const BYTES: usize = 64 * 1024;

/// A body that was JSON of this shape.
#[derive(Debug)]
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Http> for JsonBody<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, http: &Http) -> Result<Self, AppError> {
        if !is_json(request.headers()) {
            return Err(AppError::WrongType);
        }
        let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        if declared.and_then(|value| value.parse::<u64>().ok()).is_some_and(|bytes| bytes > BYTES as u64) {
            return Err(AppError::TooLarge(BYTES));
        }
        let patience = http.config.timings.head;
        let body = tokio::time::timeout(patience, to_bytes(request.into_body(), BYTES)).await;
        let body = body.map_err(|_elapsed| AppError::Timeout(patience))?.map_err(|error| unread(&error))?;
        // Also where nobody reads it, a text is UTF-8 (RFC 8259, section 8.1).
        let text =
            simdutf8::basic::from_utf8(&body).map_err(|_bad| AppError::BadRequest("body: is not UTF-8".to_owned()))?;
        let mut json = serde_json::Deserializer::from_str(text);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let (path, why) = (error.path().to_string(), error.inner().to_string());
            // One that is missing has no path.
            let missing = why.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
            let below = if path == "." { String::new() } else { format!("{path}.") };
            AppError::BadRequest(match missing {
                Some((field, _place)) => format!("{below}{field}: is missing"),
                None if path == "." => format!("body: {why}"),
                None => format!("{path}: {why}"),
            })
        })?;
        json.end().map_err(|error| AppError::BadRequest(format!("body: {error}")))?;
        Ok(Self(value))
    }
}

/// Why a body was not read to its end.
fn unread(error: &axum::Error) -> AppError {
    let mut causes = std::iter::successors(error.source(), |cause| (*cause).source());
    if causes.any(|cause| cause.is::<hyper::Error>()) {
        AppError::BadRequest("body: does not end as it should".to_owned())
    } else {
        AppError::TooLarge(BYTES)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
