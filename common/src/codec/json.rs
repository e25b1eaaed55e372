//! A JSON value, as far as the protocol needs one.
//!
//! `serde_json` has one of its own, whose objects are trees: a hundredth of what every visitor of the page downloads. Here
//! they are lists, for no object of the protocol has many members. Deliberately absent: numbers that are not natural, which
//! the protocol has none of and which read as nothing.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum Json {
    /// Nothing, or a number that is not natural.
    #[default]
    Null,
    /// Yes or no.
    Flag(bool),
    /// A natural number.
    Number(u64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Members in the order of the text. Of two with one name the first counts.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The thing that a text names.
    pub(super) fn id<T: FromStr>(&self) -> Option<T> {
        if let Self::Text(text) = self { text.parse().ok() } else { None }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_i64<E>(self, _negative: i64) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_f64<E>(self, _broken: f64) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_it_stands() {
        let text = r#"{"a":[1,-1,1.5,null,true,"x\n"],"b":{}}"#;
        let list =
            vec![Json::Number(1), Json::Null, Json::Null, Json::Null, Json::Flag(true), Json::Text("x\n".into())];
        let object = Json::Object(vec![("a".into(), Json::List(list)), ("b".into(), Json::Object(Vec::new()))]);
        assert_eq!(serde_json::from_str::<Json>(text).unwrap(), object);
    }

    #[test]
    fn what_is_nested_without_end_is_refused() {
        assert!(serde_json::from_str::<Json>(&"[".repeat(100_000)).is_err());
    }
}
