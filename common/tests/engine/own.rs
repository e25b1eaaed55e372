//! What all devices of a person agree on: what is read, drafts, what is muted, offline as well.

use common::sync::keep::KeptWishes;

use super::*;

#[test]
fn what_is_read_goes_out_soon_and_again_until_it_is_confirmed() {
    let mut client = Client::welcomed(5);
    assert!(client.does(Command::Read { room: LOBBY, n: 3 }).is_empty());
    assert!(client.does(Command::Read { room: LOBBY, n: 5 }).is_empty());
    assert_eq!(client.engine.rooms()[&LOBBY].unread(), 0, "here it counts at once");
    let read = [ClientMsg::Read { room: LOBBY, n: 5 }];
    assert_eq!(client.waits(), read, "one frame for both");
    assert_eq!(client.waits(), read, "nobody confirmed it");
    let kind = UserEventKind::Read { n: 5, mentions: 0 };
    client.hears(ServerMsg::User(UserEvent { seq: 1, room: LOBBY, kind }));
    assert!(client.engine.own().is_settled());
    assert!(client.does(Command::Read { room: LOBBY, n: 2 }).is_empty(), "it never goes back");
}

#[test]
fn another_devices_draft_shows_unless_one_is_being_written_here() {
    let mut client = Client::welcomed(0);
    let draft = |seq, text: &str| {
        let kind = UserEventKind::Draft { text: text.into() };
        ServerMsg::User(UserEvent { seq, room: LOBBY, kind })
    };
    client.hears(draft(1, "from the phone"));
    assert_eq!(client.engine.own().draft(LOBBY), "from the phone");
    client.does(Command::Draft { room: LOBBY, text: "from here".into() });
    client.hears(draft(2, "from the phone, later"));
    assert_eq!(client.engine.own().draft(LOBBY), "from here");
    assert_eq!(client.waits(), [ClientMsg::Draft { room: LOBBY, text: "from here".into() }]);
}

#[test]
fn another_database_is_told_the_drafts_even_where_the_program_ends_first() {
    let mut client = Client::welcomed(0);
    let (room, text) = (LOBBY, "half a sen".to_owned());
    client.does(Command::Draft { room, text: text.clone() });
    client.waits();
    let kind = UserEventKind::Draft { text: text.clone() };
    client.hears(ServerMsg::User(UserEvent { seq: 1, room, kind }));
    assert!(client.engine.own().is_settled());
    client.gets(Input::Closed(Closed { code: 1006, reason: String::new(), was_clean: false }));
    client.waits();
    client.gets(Input::Opened);
    client.kept.clear();
    client.hears(welcome_to("a restored backup", 0));
    let unsent = Keep::Draft(KeptDraft { room, text, unsent: true });
    let of = |keep: &Keep| client.kept.iter().position(|kept| kept == keep);
    assert!(of(&Keep::Nothing) < of(&unsent), "{:?}", client.kept);
}

/// An entry of the own log: how far the lobby is read.
fn read(seq: u64, n: u64, mentions: u64) -> ServerMsg {
    ServerMsg::User(UserEvent { seq, room: LOBBY, kind: UserEventKind::Read { n, mentions } })
}

fn read_n(client: &Client) -> (u64, u64) {
    let info = &client.engine.rooms()[&LOBBY].info;
    (info.read_n, info.mentions)
}

#[test]
fn what_is_made_unread_goes_back_but_for_an_older_word() {
    let mut client = Client::welcomed(5);
    client.hears(read(3, 5, 0));
    client.hears(read(4, 2, 1));
    assert_eq!(read_n(&client), (2, 1), "another device made it unread");
    client.hears(read(3, 5, 0));
    assert_eq!(read_n(&client), (2, 1), "that was before");
    let (read_here, unread) = (ClientMsg::Read { room: LOBBY, n: 4 }, ClientMsg::Unread { room: LOBBY, n: 2 });
    client.does(Command::Read { room: LOBBY, n: 4 });
    assert_eq!(client.does(Command::Unread { room: LOBBY, n: 2 }), [read_here, unread], "in the order it was done");
    client.hears(read(5, 4, 0));
    client.hears(read(6, 1, 1));
    assert_eq!(read_n(&client), (1, 1));
    assert!(client.engine.own().is_settled());
}

#[test]
fn what_was_made_unread_behind_a_read_holds_when_the_read_is_answered() {
    let mut client = Client::welcomed(5);
    client.does(Command::Read { room: LOBBY, n: 5 });
    client.waits();
    // Another device's comes first, though the server had it after this one's.
    client.hears(read(8, 1, 2));
    assert_eq!(read_n(&client).0, 5);
    client.hears(read(7, 5, 0));
    assert_eq!(read_n(&client).0, 5, "older than what is known: no answer");
    client.hears(read(8, 5, 0));
    assert_eq!(read_n(&client), (5, 0), "the answer as it stands");
    assert!(client.engine.own().is_settled());
}

#[test]
fn what_was_made_unread_while_away_is_unread_after_the_return() {
    let mut client = Client::welcomed(5);
    client.hears(read(3, 5, 0));
    client.gets(Input::Closed(Closed { code: 1006, reason: String::new(), was_clean: false }));
    client.waits();
    client.gets(Input::Opened);
    client.hears(welcome(5));
    assert_eq!(read_n(&client).0, 0);
    assert!(client.engine.own().is_settled(), "it is not read again");
}

/// Ends a client's connection.
fn goes_offline(client: &mut Client) {
    client.gets(Input::Closed(Closed { code: 1006, reason: String::new(), was_clean: false }));
}

/// Connects a client anew, and gives what it says of its own matters.
fn comes_back(client: &mut Client) -> Vec<ClientMsg> {
    client.gets(Input::Connect);
    client.gets(Input::Opened);
    let said = client.hears(welcome(5));
    said.into_iter().filter(|msg| !matches!(msg, ClientMsg::Ping { .. } | ClientMsg::Sync { .. })).collect()
}

#[test]
fn what_is_made_unread_offline_is_unread_here_at_once_and_said_on_the_return() {
    let mut client = Client::welcomed(5);
    client.hears(read(3, 5, 0));
    goes_offline(&mut client);
    assert!(client.does(Command::Unread { room: LOBBY, n: 3 }).is_empty());
    assert_eq!(read_n(&client), (2, 0));
    let unread = ClientMsg::Unread { room: LOBBY, n: 3 };
    assert_eq!(comes_back(&mut client), std::slice::from_ref(&unread));
    assert_eq!(read_n(&client).0, 2, "the server has not heard of it yet");
    client.hears(read(4, 5, 0));
    assert_eq!(read_n(&client).0, 2, "nor had another device's word");
    assert_eq!(client.waits(), [unread], "nobody confirmed it");
    client.hears(read(5, 2, 1));
    assert_eq!(read_n(&client), (2, 1));
    assert!(client.engine.own().is_settled());
}

#[test]
fn what_is_read_on_behind_what_was_made_unread_goes_no_further() {
    let mut client = Client::welcomed(5);
    client.hears(read(3, 5, 0));
    goes_offline(&mut client);
    client.does(Command::Unread { room: LOBBY, n: 2 });
    client.does(Command::Read { room: LOBBY, n: 3 });
    assert_eq!(comes_back(&mut client), [ClientMsg::Unread { room: LOBBY, n: 4 }]);
    // The server counts one's own messages that lie behind it, of which this client may hold none.
    client.hears(read(4, 4, 0));
    assert!(!client.engine.own().is_settled());
    client.waits();
    client.hears(read(4, 4, 0));
    assert_eq!(read_n(&client).0, 4, "the answer as it stands");
    assert!(client.engine.own().is_settled());
}

#[test]
fn what_is_muted_offline_is_said_to_another_database_too() {
    let mut client = Client::welcomed(5);
    goes_offline(&mut client);
    client.does(Command::Mute { room: LOBBY, muted: true });
    client.does(Command::Read { room: LOBBY, n: 4 });
    client.gets(Input::Connect);
    client.gets(Input::Opened);
    client.kept.clear();
    let said = client.hears(welcome_to("a restored backup", 5));
    assert!(said.contains(&ClientMsg::Mute { room: LOBBY, muted: true }), "{said:?}");
    assert_eq!(read_n(&client).0, 0, "its messages are others");
    let of = |keep: &Keep| client.kept.iter().position(|kept| kept == keep);
    let (read_n, notify) = (None, None);
    let wishes = Keep::Wishes(KeptWishes { room: LOBBY, read_n, back: false, muted: Some(true), notify });
    assert!(of(&Keep::Nothing) < of(&wishes), "{:?}", client.kept);
}

#[test]
fn what_is_changed_offline_is_said_on_the_return_even_by_another_program() {
    let mut client = Client::welcomed(5);
    goes_offline(&mut client);
    client.does(Command::Mute { room: LOBBY, muted: true });
    client.does(Command::Notify { room: LOBBY, level: Level::Nothing });
    client.does(Command::Read { room: LOBBY, n: 4 });
    let kept = client.kept.iter().rev().find_map(|keep| if let Keep::Wishes(kept) = keep { Some(*kept) } else { None });
    let (read_n, muted, notify) = (Some(4), Some(true), Some(Level::Nothing));
    assert_eq!(kept, Some(KeptWishes { room: LOBBY, read_n, back: false, muted, notify }));
    let said = [
        ClientMsg::Read { room: LOBBY, n: 4 },
        ClientMsg::Mute { room: LOBBY, muted: true },
        ClientMsg::Notify { room: LOBBY, level: Level::Nothing },
    ];
    let mut heir = Client::new();
    heir.gets(Input::Restored(Box::new(Restored {
        me: Some(Me { epoch: Epoch("first".into()), person: Person { id: ME, name: "Maya".into() }, user_seq: 0 }),
        rooms: vec![client.engine.rooms()[&LOBBY].info.clone()],
        wishes: kept.into_iter().collect(),
        ..Restored::default()
    })));
    client.now = START.plus(1_000);
    for client in [&mut client, &mut heir] {
        assert_eq!(comes_back(client), said);
        client.kept.clear();
        for (seq, kind) in [
            (1, UserEventKind::Read { n: 4, mentions: 0 }),
            (2, UserEventKind::Muted { muted: true }),
            (3, UserEventKind::Notify { level: Level::Nothing }),
        ] {
            client.hears(ServerMsg::User(UserEvent { seq, room: LOBBY, kind }));
        }
        let info = &client.engine.rooms()[&LOBBY].info;
        assert_eq!((info.read_n, info.muted, info.notify), (4, true, Level::Nothing));
        assert!(client.engine.own().is_settled());
        assert!(client.kept.iter().any(|keep| matches!(keep, Keep::Wishes(kept) if kept.is_empty())));
    }
}

#[test]
fn what_somebody_wants_to_be_told_of_goes_out_at_once_and_until_it_is_confirmed() {
    let mut client = Client::welcomed(1);
    let wish = [ClientMsg::Notify { room: LOBBY, level: Level::Nothing }];
    assert_eq!(client.does(Command::Notify { room: LOBBY, level: Level::Nothing }), wish);
    assert_eq!(client.waits(), wish);
    let entry = |seq, level| ServerMsg::User(UserEvent { seq, room: LOBBY, kind: UserEventKind::Notify { level } });
    client.hears(entry(1, Level::Nothing));
    assert!(client.engine.own().is_settled());
    client.hears(entry(2, Level::All));
    assert_eq!(client.engine.rooms()[&LOBBY].info.notify, Level::All);
}
