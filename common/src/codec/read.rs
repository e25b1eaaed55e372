//! Reading what a server says, by hand, from a JSON value ([`super::json`]).
//!
//! The types have derived readers as well, for programs to which size is nothing; those of tagged and flattened enums
//! alone would be a tenth of what every visitor of the page downloads. `tests/wire.rs` holds both against each other.
//! What is missing or of the wrong type is an error that names it; what is new and unknown is none.

mod views;

use std::str::FromStr;

use super::json::Json;

use crate::api::{Problem, RoomEntry, RoomList};
use crate::id::{Cid, Epoch, Seq, Timestamp, UserId};
use crate::model::{
    Event, EventKind, Everyone, Level, Person, Reply, Role, RoomInfo, RoomKind, RoomRole, UserEvent, UserEventKind,
};
use crate::server::{ErrorCode, Limits, Refusal, ServerMsg};
use crate::text::{Fault, Field, TextError};

pub(super) use views::{edits, message_view, pins, place, thread};

/// The field that is missing, or not of the type that it should have.
type Bad = &'static str;

/// The fields of a JSON object.
pub(super) struct Fields(Vec<(String, Json)>);

impl Fields {
    pub(super) fn of(text: &str) -> Result<Self, String> {
        match serde_json::from_str(text) {
            Ok(Json::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err("not an object".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn get(&self, name: Bad) -> Option<&Json> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    fn take(&mut self, name: Bad) -> Json {
        let value = self.0.iter_mut().find(|(key, _)| key == name);
        value.map(|(_, value)| std::mem::take(value)).unwrap_or_default()
    }

    fn text(&mut self, name: Bad) -> Result<String, Bad> {
        if let Json::Text(text) = self.take(name) { Ok(text) } else { Err(name) }
    }

    fn number(&self, name: Bad) -> Result<u64, Bad> {
        if let Some(Json::Number(number)) = self.get(name) { Ok(*number) } else { Err(name) }
    }

    fn size(&self, name: Bad) -> Result<usize, Bad> {
        usize::try_from(self.number(name)?).or(Err(name))
    }

    /// Absent is no.
    fn flag(&self, name: Bad) -> bool {
        matches!(self.get(name), Some(Json::Flag(true)))
    }

    fn seq(&self, name: Bad) -> Result<Seq, Bad> {
        self.number(name).map(Seq)
    }

    fn at(&self, name: Bad) -> Result<Timestamp, Bad> {
        self.number(name).map(Timestamp)
    }

    /// Something whose text names it: a room, a person, a command.
    fn id<T: FromStr>(&self, name: Bad) -> Result<T, Bad> {
        self.get(name).and_then(Json::id).ok_or(name)
    }

    /// The same, where it may be absent.
    fn id_or_none<T: FromStr>(&self, name: Bad) -> Result<Option<T>, Bad> {
        if matches!(self.get(name), None | Some(Json::Null)) { Ok(None) } else { self.id(name).map(Some) }
    }

    fn inner(&mut self, name: Bad) -> Result<Self, Bad> {
        if let Json::Object(fields) = self.take(name) { Ok(Self(fields)) } else { Err(name) }
    }

    /// A list of objects; absent is empty.
    fn list<T>(&mut self, name: Bad, read: fn(&mut Self) -> Result<T, Bad>) -> Result<Vec<T>, Bad> {
        let Json::List(values) = self.take(name) else { return Ok(Vec::new()) };
        let mut list = Vec::with_capacity(values.len());
        for value in values {
            let Json::Object(fields) = value else { return Err(name) };
            list.push(read(&mut Self(fields))?);
        }
        Ok(list)
    }

    /// A list of people's ids; absent is empty.
    fn users(&self, name: Bad) -> Result<Vec<UserId>, Bad> {
        let Some(Json::List(values)) = self.get(name) else { return Ok(Vec::new()) };
        values.iter().map(|value| value.id().ok_or(name)).collect()
    }
}

pub(super) fn server_msg(fields: &mut Fields) -> Result<ServerMsg, Bad> {
    let ev = fields.text("ev")?;
    Ok(match ev.as_str() {
        "event" => ServerMsg::Event(event(fields)?),
        "ack" => ServerMsg::Ack {
            cid: fields.id("cid")?,
            room: fields.id("room")?,
            seq: fields.seq("seq")?,
            n: fields.number("n").ok(),
            at: fields.at("at")?,
        },
        "welcome" => {
            let mut bounds = fields.inner("limits")?;
            ServerMsg::Welcome {
                epoch: Epoch(fields.text("epoch")?),
                me: person(&mut fields.inner("me")?)?,
                role: role(fields),
                limits: limits(&mut bounds)?,
                now: fields.at("now")?,
                user_seq: fields.number("user_seq").unwrap_or_default(),
                rooms: fields.list("rooms", room_info)?,
            }
        }
        "error" => ServerMsg::Error(refusal(fields)?),
        "reset" => ServerMsg::Reset { room: fields.id("room")?, seq: fields.seq("seq")? },
        "lag" => ServerMsg::Lag { room: fields.id("room")?, seq: fields.seq("seq")? },
        "room" => ServerMsg::Room(room_info(fields)?),
        "left" => ServerMsg::Left { room: fields.id("room")? },
        "person" => ServerMsg::Person(person(fields)?),
        "user" => ServerMsg::User(user_event(fields)?),
        "typing" => ServerMsg::Typing { room: fields.id("room")?, people: fields.list("people", person)? },
        "presence" => ServerMsg::Presence {
            room: fields.id("room")?,
            whole: fields.flag("whole"),
            here: fields.number("here")?,
            online: fields.list("online", person)?,
            offline: fields.users("offline")?,
        },
        "pong" => {
            let heads = fields.inner("heads").map(|heads| heads.0).unwrap_or_default();
            let head = |(room, seq): (String, Json)| {
                if let Json::Number(seq) = seq { Some((room.parse().ok()?, Seq(seq))) } else { None }
            };
            ServerMsg::Pong {
                t: fields.at("t")?,
                now: fields.at("now")?,
                queued: fields.size("queued")?,
                heads: heads.into_iter().map(|entry| head(entry).ok_or("heads")).collect::<Result<_, _>>()?,
            }
        }
        _ => ServerMsg::Unknown,
    })
}

fn event(fields: &mut Fields) -> Result<Event, Bad> {
    Ok(Event {
        room: fields.id("room")?,
        seq: fields.seq("seq")?,
        at: fields.at("at")?,
        by: fields.id("by")?,
        name: fields.text("name")?,
        bot: fields.flag("bot"),
        cid: fields.id_or_none::<Cid>("cid")?,
        kind: event_kind(fields)?,
    })
}

fn event_kind(fields: &mut Fields) -> Result<EventKind, Bad> {
    let kind = fields.text("kind")?;
    let target = fields.seq("target");
    Ok(match kind.as_str() {
        "message" => EventKind::Message {
            n: fields.number("n")?,
            body: fields.text("body")?,
            mentions: fields.users("mentions")?,
            everyone: match fields.text("everyone").as_deref() {
                Ok("room") => Some(Everyone::Room),
                Ok("here") => Some(Everyone::Here),
                _ => None,
            },
            reply: match fields.inner("reply") {
                Ok(reply) => Some(Reply { to: reply.seq("to")?, root: reply.seq("root")? }),
                Err(_none) => None,
            },
        },
        "edited" => EventKind::Edited { target: target?, body: fields.text("body")? },
        "deleted" => EventKind::Deleted { target: target? },
        "reacted" => EventKind::Reacted { target: target?, emoji: fields.text("emoji")? },
        "unreacted" => EventKind::Unreacted { target: target?, emoji: fields.text("emoji")? },
        "pinned" => EventKind::Pinned { target: target? },
        "unpinned" => EventKind::Unpinned { target: target? },
        "created" => EventKind::Created,
        "joined" => EventKind::Joined,
        "left" => EventKind::Left,
        "invited" => EventKind::Invited { user: fields.id("user")?, who: fields.text("who")? },
        "removed" => EventKind::Removed { user: fields.id("user")?, who: fields.text("who")? },
        "appointed" => {
            EventKind::Appointed { user: fields.id("user")?, who: fields.text("who")?, role: room_role(fields) }
        }
        "renamed" => EventKind::Renamed { name_now: fields.text("name_now")? },
        "topic_set" => EventKind::TopicSet { topic: fields.text("topic")? },
        "archived" => EventKind::Archived { archived: fields.flag("archived") },
        "announcing" => EventKind::Announcing { on: fields.flag("on") },
        _ => EventKind::Unknown,
    })
}

fn user_event(fields: &mut Fields) -> Result<UserEvent, Bad> {
    let kind = fields.text("kind")?;
    let kind = match kind.as_str() {
        "read" => UserEventKind::Read { n: fields.number("n")?, mentions: fields.number("mentions")? },
        "draft" => UserEventKind::Draft { text: fields.text("text")? },
        "muted" => UserEventKind::Muted { muted: fields.flag("muted") },
        "notify" => UserEventKind::Notify { level: level(&fields.text("level")?) },
        _ => UserEventKind::Unknown,
    };
    Ok(UserEvent { seq: fields.number("seq")?, room: fields.id("room")?, kind })
}

pub(super) fn person(fields: &mut Fields) -> Result<Person, Bad> {
    Ok(Person { id: fields.id("id")?, name: fields.text("name")? })
}

pub(super) fn people(fields: &mut Fields) -> Result<Vec<Person>, Bad> {
    fields.list("people", person)
}

fn room_info(fields: &mut Fields) -> Result<RoomInfo, Bad> {
    Ok(RoomInfo {
        id: fields.id("id")?,
        name: fields.text("name")?,
        head: fields.seq("head")?,
        n: fields.number("n")?,
        members: fields.number("members")?,
        read_n: fields.number("read_n").unwrap_or_default(),
        mentions: fields.number("mentions").unwrap_or_default(),
        muted: fields.flag("muted"),
        kind: match fields.text("kind").as_deref() {
            Ok("private") => RoomKind::Private,
            Ok("direct") => RoomKind::Direct,
            _ => RoomKind::Public,
        },
        topic: fields.text("topic").unwrap_or_default(),
        archived: fields.flag("archived"),
        announcements: fields.flag("announcements"),
        role: room_role(fields),
        notify: fields.text("notify").map(|name| level(&name)).unwrap_or_default(),
        people: fields.list("people", person)?,
    })
}

/// Absent is a member.
fn room_role(fields: &mut Fields) -> RoomRole {
    if fields.text("role").as_deref() == Ok("moderator") { RoomRole::Moderator } else { RoomRole::Member }
}

fn role(fields: &mut Fields) -> Role {
    match fields.text("role").as_deref() {
        Ok("guest") => Role::Guest,
        Ok("bot") => Role::Bot,
        Ok("admin") => Role::Admin,
        Ok("owner") => Role::Owner,
        _ => Role::Member,
    }
}

fn level(name: &str) -> Level {
    match name {
        "all" => Level::All,
        "nothing" => Level::Nothing,
        _ => Level::Mentions,
    }
}

fn limits(fields: &mut Fields) -> Result<Limits, Bad> {
    Ok(Limits {
        body_chars: fields.size("body_chars")?,
        frame_bytes: fields.size("frame_bytes")?,
        unanswered: fields.size("unanswered")?,
        replay_events: fields.number("replay_events")?,
    })
}

/// The version says that it is the answer of such a server.
pub(super) fn guests(fields: &mut Fields) -> Result<bool, Bad> {
    fields.text("version").map(|_| fields.flag("guests"))
}

pub(super) fn room_list(fields: &mut Fields) -> Result<RoomList, Bad> {
    Ok(RoomList { rooms: fields.list("rooms", room_entry)? })
}

fn room_entry(fields: &mut Fields) -> Result<RoomEntry, Bad> {
    Ok(RoomEntry {
        id: fields.id("id")?,
        name: fields.text("name")?,
        members: fields.number("members")?,
        joined: fields.flag("joined"),
        topic: fields.text("topic").unwrap_or_default(),
        archived: fields.flag("archived"),
    })
}

pub(super) fn problem(fields: &mut Fields) -> Result<Problem, Bad> {
    Ok(Problem {
        status: u16::try_from(fields.number("status")?).or(Err("status"))?,
        title: fields.text("title")?,
        detail: fields.text("detail")?,
        field: fields.text("field").ok(),
        code: fields.text("code").ok(),
        text: fields.inner("text").ok().map(|mut text| text_error(&mut text)).transpose()?,
    })
}

fn refusal(fields: &mut Fields) -> Result<Refusal, Bad> {
    Ok(Refusal {
        cid: fields.id_or_none("cid")?,
        room: fields.id_or_none("room")?,
        code: code(&fields.text("code")?),
        message: fields.text("message")?,
        text: fields.inner("text").ok().map(|mut text| text_error(&mut text)).transpose()?,
        retry_ms: fields.number("retry_ms").ok(),
    })
}

fn code(name: &str) -> ErrorCode {
    ErrorCode::ALL.into_iter().find(|code| code.name() == name).unwrap_or(ErrorCode::Unknown)
}

fn text_error(fields: &mut Fields) -> Result<TextError, Bad> {
    let field = match fields.text("field")?.as_str() {
        "body" => Field::Body,
        "user_name" => Field::UserName,
        "room_name" => Field::RoomName,
        "emoji" => Field::Emoji,
        "draft" => Field::Draft,
        "topic" => Field::Topic,
        "status" => Field::Status,
        "login" => Field::Login,
        "password" => Field::Password,
        "time_zone" => Field::TimeZone,
        "query" => Field::Query,
        "code" => Field::Code,
        _ => return Err("field"),
    };
    let mut fault = fields.inner("fault")?;
    let fault = match fault.text("fault")?.as_str() {
        "blank" => Fault::Blank,
        "too_long" => Fault::TooLong { limit: fault.size("limit")?, found: fault.size("found")? },
        "bad_character" => Fault::BadCharacter { found: fault.id("found")? },
        "too_short" => Fault::TooShort { limit: fault.size("limit")?, found: fault.size("found")? },
        "taken" => Fault::Taken,
        "wrong" => Fault::Wrong,
        "too_many_marks" => Fault::TooManyMarks { limit: fault.size("limit")? },
        _ => return Err("fault"),
    };
    Ok(TextError { field, fault })
}
