//! Reading the part of an address behind the `?`: each name at most once, numbers within bounds.
//!
//! A name that is not known is passed over, as everywhere on the web. Deliberately absent: what the names mean.

use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::http::Http;
use crate::http::error::AppError;

/// The names and values of a request.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::http) struct Params(Vec<(String, String)>);

impl FromRequestParts<Http> for Params {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _http: &Http) -> Result<Self, AppError> {
        std::future::ready(Self::read(parts)).await
    }
}

impl Params {
    fn read(parts: &Parts) -> Result<Self, AppError> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|error| AppError::BadRequest(format!("query: {error}")))?;
        Ok(Self(pairs))
    }

    /// The value of a name.
    pub(in crate::http) fn get(&self, name: &str) -> Result<Option<&str>, AppError> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let value = values.next();
        match values.next() {
            Some(_) => Err(AppError::BadRequest(format!("{name}: is given twice"))),
            None => Ok(value),
        }
    }

    /// The value of a name, as a number.
    pub(in crate::http) fn number(&self, name: &str) -> Result<Option<u64>, AppError> {
        self.get(name)?.map(|value| number(name, value)).transpose()
    }

    /// The value of a name, as a number within bounds.
    pub(in crate::http) fn within(&self, name: &str, bounds: RangeInclusive<u64>, or: u64) -> Result<u64, AppError> {
        let value = self.number(name)?.unwrap_or(or);
        if bounds.contains(&value) {
            return Ok(value);
        }
        Err(AppError::BadRequest(format!("{name}: is {} to {}", bounds.start(), bounds.end())))
    }
}

/// A number of a request.
pub(in crate::http) fn number(name: &str, value: &str) -> Result<u64, AppError> {
    // What SQLite cannot hold is no number of ours.
    let number = u64::from_str(value).ok().filter(|number| i64::try_from(*number).is_ok());
    number.ok_or_else(|| AppError::BadRequest(format!("{name}: a number is expected")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        let request = axum::http::Request::builder().uri(format!("/x?{query}")).body(()).unwrap();
        Params::read(&request.into_parts().0).unwrap()
    }

    #[test]
    fn numbers_have_bounds_and_names_come_once() {
        let some = params("limit=7&q=%E9%83%A8%E7%BD%B2+x&after=1&after=2&big=9223372036854775808");
        assert_eq!(some.within("limit", 1..=200, 50), Ok(7));
        assert_eq!(some.within("other", 1..=200, 50), Ok(50));
        assert_eq!(some.get("q"), Ok(Some("部署 x")));
        for bad in
            [some.number("after"), some.number("big"), some.number("q"), some.within("limit", 1..=6, 1).map(Some)]
        {
            assert!(matches!(bad, Err(AppError::BadRequest(_))), "{bad:?}");
        }
    }
}
