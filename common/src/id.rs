//! Names for things: rooms, people, places in a log, commands, databases.
//!
//! Rooms and people are numbers inside and prefixed strings on the wire (`r7`, `u3`), so that one is never taken for
//! the other. Deliberately absent: how such a number comes to be; the store hands them out.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// A text that does not name a thing of the expected sort.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is expected, such as {1}")]
pub struct BadId(&'static str, &'static str);

macro_rules! prefixed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                let digits = text.strip_prefix($prefix).unwrap_or_default();
                let canonical = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
                let number = canonical.then(|| digits.parse().ok()).flatten();
                // SQLite and PostgreSQL keep signed numbers: what they cannot hold is nobody's id.
                number
                    .filter(|n| i64::try_from(*n).is_ok())
                    .map($name)
                    .ok_or(BadId($what, $example))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

prefixed_id!(
    /// A room. `r` and a number from 1 on the wire.
    RoomId, "r", "a room id", "\"r7\""
);
prefixed_id!(
    /// A person, a guest or (later) a bot. `u` and a number from 1 on the wire.
    UserId, "u", "a user id", "\"u3\""
);

/// The place of an event in its room's log: 1, 2, 3, without gaps, the same for everybody, for ever.
///
/// 0 stands for "nothing yet". A message is named by its room and the `seq` of the event that created it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Seq(pub u64);

impl Seq {
    /// Before the first event of a room.
    pub const ZERO: Self = Self(0);

    /// The place right behind this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The place right before this one; [`Seq::ZERO`] has none and stays.
    #[must_use]
    pub const fn prev(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A client's own id for one of its commands: a UUID version 7 (RFC 9562). `(room, author, cid)` is unique for ever,
/// so that a command may be repeated until it is answered and is still carried out once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String))]
pub struct Cid(pub Uuid);

impl Cid {
    /// A new id from a clock and a source of random numbers.
    #[must_use]
    pub fn new(now: Timestamp, rng: &mut fastrand::Rng) -> Self {
        let mut random = [0; 10];
        rng.fill(&mut random);
        Self(uuid::Builder::from_unix_timestamp_millis(now.0, &random).into_uuid())
    }
}

impl FromStr for Cid {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Names the database. It changes when a backup is restored: what a client holds of another epoch is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Epoch(pub String);

/// Milliseconds since 1970-01-01T00:00:00Z, as `Date.now()` counts them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// This moment and `ms` milliseconds more.
    #[must_use]
    pub const fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` until now; 0 where the clock went back.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_id_is_r_and_a_number() {
        assert_eq!(serde_json::to_string(&RoomId(7)).unwrap(), r#""r7""#);
        assert_eq!(serde_json::from_str::<RoomId>(r#""r7""#).unwrap(), RoomId(7));
    }

    #[test]
    fn what_is_no_room_id_is_refused() {
        for text in ["", "r", "u7", "7", "r07", "r-1", "r+1", "r 1", "r9223372036854775808", "r１"] {
            assert!(text.parse::<RoomId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn cids_are_version_7_and_differ() {
        let mut rng = fastrand::Rng::with_seed(1);
        let (a, b) =
            (Cid::new(Timestamp(1_763_700_000_123), &mut rng), Cid::new(Timestamp(1_763_700_000_123), &mut rng));
        assert_eq!(a.0.get_version_num(), 7);
        assert_ne!(a, b);
    }
}
