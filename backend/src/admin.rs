//! `readyroom user`: people, managed from the machine that the server is on, while it does not run.
//!
//! For the first account without a browser, a forgotten password, an owner who is gone. Deliberately absent: what admins
//! do in the page, and a way in while the server runs: it holds the lock of the data folder.

use std::io::BufRead;

use anyhow::{Context, bail};
use common::id::{Cid, Timestamp, UserId};
use common::model::Role;
use common::text::{Login, TextError, UserName};
use data_encoding::BASE32_NOPAD;
use rusqlite::Connection;

use crate::config::Config;
use crate::config::args::UserCommand;
use crate::passwords;
use crate::store::accounts::{self, Account, NewAccount};
use crate::store::confusable::nfc;
use crate::store::events::{Act, Command};
use crate::store::profiles::{self, NotGiven};
use crate::store::{self, Change, Store, StoreError, bots, rooms, second, sessions};
use crate::token::{Token, TokenDigest};

/// Random bytes in a password that is made here: 80 bits are not guessed.
const PASSWORD: usize = 10;

/// Does what is asked, and gives what is to be shown. Blocks; `input` holds the password where it is to be read.
///
/// # Errors
/// In words for whoever asked. Nothing was changed.
pub fn run(config: &Config, command: &UserCommand, input: &mut dyn BufRead) -> anyhow::Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("cannot start")?;
    match command {
        UserCommand::Add { .. } => {}
        UserCommand::Role { .. } | UserCommand::Reset { .. } | UserCommand::List => store::expect(&config.data)?,
    }
    let store = Store::open(&config.data, config.durability, || {})?;
    let done = runtime.block_on(carry_out(&store, command, input));
    runtime.block_on(store.close());
    done
}

async fn carry_out(store: &Store, command: &UserCommand, input: &mut dyn BufRead) -> anyhow::Result<String> {
    match command {
        UserCommand::Add { login, name, role, password_stdin } => {
            let login = Login::new(login)?;
            let name = UserName::new(&nfc(name.as_deref().unwrap_or(login.as_str())))?;
            if *role == Role::Bot {
                refuse_password(*password_stdin)?;
                let (token, digest) = token();
                let text = format!("{login} is a bot.\n{token}");
                let made = store.write(move |db, now| add_bot(db, (&login, &name), &digest, now)).await?;
                return made.map(|()| text).map_err(Into::into);
            }
            let (password, shown) = password(*password_stdin, input)?;
            let text = format!("{login} can sign in as {}.\n{shown}", said(*role));
            let new = NewAccount { login, name, password, role: *role };
            store.write(move |db, now| add(db, &new, now)).await??;
            Ok(text)
        }
        UserCommand::Role { login, role } => {
            let user = find(store, login).await?.user;
            let role = *role;
            match store.write(move |db, _now| profiles::give_role_freely(db, user, role)).await? {
                Ok(()) => Ok(format!("{login} is {} now.\n", said(role))),
                Err(NotGiven::LastOwner) => bail!("{login} is the only owner; make another one first"),
                Err(NotGiven::Nobody | NotGiven::Forbidden) => bail!("{login} cannot be {}", said(role)),
            }
        }
        UserCommand::Reset { login, password_stdin } => {
            let account = find(store, login).await?;
            let user = account.user;
            if account.hash().is_none() {
                refuse_password(*password_stdin)?;
                let (token, digest) = token();
                let given = store.write(move |db, now| bots::give_token(db, user, &digest, now)).await?;
                let ended = given.with_context(|| format!("{login} is no bot"))?.len();
                let ended = counted(ended);
                return Ok(format!("{login} has another token ({ended}).\n{token}"));
            }
            let (password, shown) = password(*password_stdin, input)?;
            let reset = store.write(move |db, _now| {
                accounts::set_password(db, user, &password)?;
                second::remove(db, user)?;
                sessions::end_others(db, user, None)
            });
            let ended = counted(reset.await?.len());
            let what = "has another password, no second factor, and is signed in nowhere";
            Ok(format!("{login} {what} ({ended}).\n{shown}"))
        }
        UserCommand::List => {
            let accounts = store.read(accounts::list).await?;
            let line = |of: accounts::Listed| {
                let factor = if of.two_factor { "two factors" } else { "" };
                format!("{:<32}  {:<6}  {:<11}  {}\n", of.login, said(of.role), factor, of.name)
            };
            Ok(accounts.into_iter().map(line).collect())
        }
    }
}

/// Makes an account that is in the lobby, as who signs up is.
fn add(db: &Connection, new: &NewAccount, now: Timestamp) -> rusqlite::Result<Result<(), TextError>> {
    let user = match accounts::create(db, None, new, now)? {
        Ok(user) => user,
        Err(refusal) => return Ok(Err(refusal)),
    };
    join(db, user, now).map(Ok)
}

/// Makes a bot that is in the lobby.
fn add_bot(
    db: &Connection,
    (login, name): (&Login, &UserName),
    digest: &TokenDigest,
    now: Timestamp,
) -> rusqlite::Result<Result<(), TextError>> {
    let user = match bots::make(db, login, name, now)? {
        Ok(user) => user,
        Err(refusal) => return Ok(Err(refusal)),
    };
    bots::give_token(db, user, digest, now)?;
    join(db, user, now).map(Ok)
}

fn join(db: &Connection, user: UserId, now: Timestamp) -> rusqlite::Result<()> {
    let command = Command { room: rooms::LOBBY, by: user, cid: Cid(crate::random::uuid()), act: Act::Join };
    // A lobby that takes nobody is no reason to have no account.
    Change::Command(command).carry_out(db, now).map(drop)
}

/// What is shown of a new token, and what is kept of it.
fn token() -> (String, TokenDigest) {
    let token = Token::new();
    (format!("The token is {}\n", token.encode()), token.digest())
}

fn refuse_password(read: bool) -> anyhow::Result<()> {
    anyhow::ensure!(!read, "--password-stdin: a bot has a token, and no password");
    Ok(())
}

async fn find(store: &Store, login: &str) -> anyhow::Result<Account> {
    let wanted = Login::new(login)?;
    let found: Result<Option<Account>, StoreError> =
        store.read(move |db| accounts::by_login(db, wanted.as_str())).await;
    found?.with_context(|| format!("nobody signs in as {login}; readyroom user list shows who does"))
}

/// The hash of a password, read or made, and what is to be shown of it.
fn password(read: bool, input: &mut dyn BufRead) -> anyhow::Result<(String, String)> {
    let (password, shown) = if read {
        let mut line = String::new();
        input.read_line(&mut line).context("cannot read the password from standard input")?;
        (line.trim_end_matches(['\r', '\n']).to_owned(), String::new())
    } else {
        let mut bytes = [0; PASSWORD];
        crate::random::fill(&mut bytes);
        let password = BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
        (password.clone(), format!("The password is {password}\n"))
    };
    passwords::check(&password)?;
    Ok((passwords::hash(&password).context("cannot hash the password")?, shown))
}

/// How many sessions have ended, in words.
fn counted(ended: usize) -> String {
    format!("{ended} session{} ended", if ended == 1 { "" } else { "s" })
}

const fn said(role: Role) -> &'static str {
    match role {
        Role::Guest => "guest",
        Role::Bot => "bot",
        Role::Member => "member",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}
