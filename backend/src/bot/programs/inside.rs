//! The way of the server's own programs into the chat: a socket pair into a shard, behind no handshake and with no token.

use std::io;

use common::id::{RoomId, UserId};
use common::model::Person;
use common::text::{Login, TextError, UserName};
use rusqlite::Connection;

use super::House;
use super::StartError;
use super::fit::Unfit;
use crate::bot::dial::{Dial, Hope, Opened, Refused};
use crate::config::programs::ProgramEntry;
use crate::socket::{Door, Link};
use crate::store::{StoreError, accounts, bots, people, rooms};

/// Somebody of the server's own.
#[derive(Debug)]
pub(super) struct Inside {
    house: House,
    user: UserId,
}

impl Inside {
    /// Gives a program its account, where it has none, and its name.
    pub(super) async fn settle(entry: &ProgramEntry, house: House) -> Result<Self, StartError> {
        let unfit = |(key, why)| Unfit { name: entry.name.clone(), key, why };
        let text = |key| move |error: TextError| unfit((key, error.to_string()));
        let (login, name) =
            (Login::new(entry.login()).map_err(text("login"))?, UserName::new(&entry.name).map_err(text("name"))?);
        let settled = house.store.write(move |db, now| {
            let Some(account) = accounts::by_login(db, login.as_str())? else {
                return Ok(bots::make(db, &login, &name, now)?.map_err(|error| ("login", error.to_string())));
            };
            if bots::find(db, account.user)?.is_none() {
                return Ok(Err(("login", format!("{} is a person's; give it another one", login.as_str()))));
            }
            Ok(rename(db, account.user, &name)?.map(|()| account.user))
        });
        let user = settled.await?.map_err(unfit)?;
        Ok(Self { house, user })
    }

    /// Whether its account was taken away.
    pub(super) async fn is_gone(&self) -> bool {
        let user = self.user;
        self.house.store.read(move |db| bots::find(db, user)).await.is_ok_and(|found| found.is_none())
    }

    async fn open(&self) -> Result<Opened, Refused> {
        let later = |why: String| Refused { why, hope: Hope::Some };
        if self.house.connections.is_stopping() {
            return Err(later("the server stops".to_owned()));
        }
        let user = self.user;
        let seated = self.house.store.write(move |db, now| {
            let Some(bot) = bots::find(db, user)? else { return Ok(None) };
            Ok(Some((Person { id: user, name: bot.name }, bots::seat(db, user, now)?)))
        });
        let seated = seated.await.map_err(|error: StoreError| later(error.to_string()))?;
        let gone = || Refused { why: "the account was taken away".to_owned(), hope: Hope::None };
        let (me, sign_in) = seated.ok_or_else(gone)?;
        let (stream, link) = Link::pair().map_err(|error: io::Error| later(error.to_string()))?;
        let door = Door { id: self.house.sockets.next_id(), me, sign_in, deflate: None };
        self.house.sockets.adopt(link, Vec::new(), door);
        Ok(Opened { stream: Box::new(stream), first: Vec::new(), deflate: None })
    }
}

impl Dial for Inside {
    async fn dial(&self) -> Result<Opened, Refused> {
        self.open().await
    }

    /// What is not public is found by its members: who was invited.
    async fn find(&self, name: &str) -> Result<Option<RoomId>, Refused> {
        let (user, name) = (self.user, name.to_owned());
        let found = self.house.store.read(move |db| {
            let public = rooms::list(db, user, &name)?.into_iter().find(|room| room.name == name);
            let own = || Ok(rooms::of(db, user)?.into_iter().find(|room| room.name == name).map(|room| room.id));
            public.map_or_else(own, |room| Ok(Some(room.id)))
        });
        found.await.map_err(|error| Refused { why: error.to_string(), hope: Hope::Some })
    }
}

/// Takes the name that the settings say.
fn rename(db: &Connection, user: UserId, name: &UserName) -> rusqlite::Result<Result<(), (&'static str, String)>> {
    if bots::find(db, user)?.is_some_and(|bot| bot.name == name.as_str()) {
        return Ok(Ok(()));
    }
    if people::is_taken(db, name, Some(user))? {
        return Ok(Err(("name", "another one has it, or looks like it".to_owned())));
    }
    people::rename(db, user, name).map(|_person| Ok(()))
}
