//! Stories that once broke a promise. Each is as short as it could be made, and says what went wrong.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use simulation::run;
use simulation::story::Act::{
    Backup, Commit, Crash, Cut, Draft, Flow, Flush, Lead, Look, Mute, Pass, Publish, Read, Reload, Restore, Say, Tell,
    Up,
};
use simulation::story::{Act, Change, Story};

fn tell(history: u64, queue: usize, acts: &[Act]) {
    let story = Story { seed: 1, history, queue, acts: acts.to_vec() };
    if let Err(broken) = run(&story) {
        panic!("{broken}");
    }
}

/// A mention was counted by the client and by the server, for the two logs crossed.
#[test]
fn a_mention_counts_once_however_the_logs_cross() {
    let acts = [
        Say { client: 1, room: 0 },
        Flow { client: 0 },
        Say { client: 1, room: 0 },
        Flow { client: 3 },
        Say { client: 1, room: 1 },
        Read { client: 3, room: 0 },
        Pass { ms: 1546 },
        Say { client: 1, room: 0 },
    ];
    tell(3, 2, &acts);
}

/// A mention, told by the room, came behind a newer entry of the person's log, told by the store, and was dropped.
#[test]
fn a_mention_is_told_in_the_order_of_the_persons_log() {
    let mention = (0..4).map(|_| Say { client: 0, room: 0 });
    let rest = [Flow { client: 1 }, Draft { client: 3, room: 0 }, Pass { ms: 700 }, Up { client: 3, frames: 3 }];
    let more = [Up { client: 0, frames: 8 }, Commit { changes: 9, full: false }, Publish { changes: 1 }];
    tell(0, 2, &mention.chain(rest).chain(more).chain([Flow { client: 3 }]).collect::<Vec<_>>());
}

/// Who wrote behind what they had read on another device was behind by their own messages.
#[test]
fn ones_own_messages_are_read_on_every_device() {
    let acts = [
        Say { client: 4, room: 0 },
        Flow { client: 4 },
        Say { client: 2, room: 0 },
        Flow { client: 2 },
        Say { client: 0, room: 0 },
        Pass { ms: 185 },
        Say { client: 1, room: 0 },
        Read { client: 2, room: 0 },
        Crash,
        Pass { ms: 311 },
    ];
    tell(0, 2, &acts);
}

/// One tab had sent what another tab's late word put back into its outbox for ever.
#[test]
fn a_late_word_between_tabs_brings_nothing_back() {
    let flow = [Flow { client: 1 }; 4];
    let acts = [Say { client: 0, room: 1 }, Reload { client: 0 }, Flow { client: 1 }, Lead { client: 0 }, Tell];
    tell(0, 2, &[&flow[..], &acts].concat());
}

/// A tab began with a command in its outbox that another tab had already seen arrive.
#[test]
fn a_tab_that_begins_late_learns_that_all_is_done() {
    let acts = [
        Reload { client: 0 },
        Flow { client: 0 },
        Flow { client: 1 },
        Say { client: 1, room: 0 },
        Cut { client: 1, arrive: 2 },
        Flow { client: 0 },
        Flush { client: 0 },
        Reload { client: 1 },
    ];
    tell(0, 512, &acts);
}

/// A refusal that one tab had seen was taken for a wish to try again by the other.
#[test]
fn a_refusal_is_agreed_on_by_all_tabs() {
    let acts = [
        Say { client: 1, room: 0 },
        Flow { client: 1 },
        Flow { client: 2 },
        Say { client: 2, room: 0 },
        Flow { client: 2 },
        Reload { client: 0 },
        Say { client: 1, room: 0 },
        Flow { client: 1 },
        Crash,
        Act::Change { client: 1, room: 0, how: Change::Unreact, pick: 2 },
        Reload { client: 0 },
        Flow { client: 0 },
        Lead { client: 0 },
        Flow { client: 0 },
        Lead { client: 1 },
    ];
    tell(0, 512, &acts);
}

/// Answers to a client's own requests overran a small queue, again on each new connection.
#[test]
fn a_client_is_owed_its_answers_however_small_its_queue() {
    let acts = [
        Pass { ms: 4610 },
        Flow { client: 3 },
        Read { client: 3, room: 0 },
        Read { client: 3, room: 1 },
        Draft { client: 3, room: 1 },
        Draft { client: 3, room: 0 },
        Pass { ms: 173 },
        Pass { ms: 11209 },
        Mute { client: 3, room: 1 },
    ];
    tell(3, 2, &acts);
}

/// The answer to a draft came behind the newer one of another tab, which had been passed over while it was awaited.
#[test]
fn the_later_of_two_drafts_holds_however_late_the_answer() {
    let acts = [
        Flow { client: 0 },
        Pass { ms: 6466 },
        Draft { client: 0, room: 0 },
        Flush { client: 0 },
        Pass { ms: 11221 },
        Say { client: 1, room: 0 },
        Draft { client: 1, room: 0 },
        Reload { client: 0 },
        Say { client: 1, room: 0 },
        Cut { client: 0, arrive: 0 },
        Say { client: 1, room: 0 },
        Pass { ms: 4159 },
        Say { client: 1, room: 0 },
        Flow { client: 1 },
        Pass { ms: 6929 },
        Flow { client: 1 },
        Flow { client: 0 },
        Up { client: 0, frames: 2 },
        Flow { client: 1 },
    ];
    let story = Story { seed: 15_802, history: 0, queue: 6, acts: acts.to_vec() };
    assert_eq!(run(&story).err(), None);
}

/// A mention that was told late was taken for one that had been read: one's own messages, read from the log, had come first.
#[test]
fn a_mention_counts_though_one_has_written_since() {
    let acts = [
        Flow { client: 3 },
        Say { client: 2, room: 1 },
        Read { client: 3, room: 1 },
        Say { client: 2, room: 1 },
        Say { client: 3, room: 0 },
        Say { client: 2, room: 0 },
        Crash,
        Say { client: 3, room: 1 },
        Say { client: 2, room: 1 },
        Pass { ms: 380 },
        Say { client: 3, room: 1 },
        Flow { client: 3 },
        Pass { ms: 3881 },
        Say { client: 3, room: 1 },
        Read { client: 3, room: 0 },
        Pass { ms: 2422 },
    ];
    let story = Story { seed: 16_860, history: 3, queue: 6, acts: acts.to_vec() };
    assert_eq!(run(&story).err(), None);
}

/// What another tab had written earlier was sent later, and named nothing that it had to come after.
#[test]
fn what_is_sent_late_keeps_its_order_on_a_full_disk() {
    let acts = [
        Lead { client: 1 },
        Say { client: 0, room: 0 },
        Say { client: 1, room: 0 },
        Say { client: 1, room: 0 },
        Flow { client: 1 },
        Up { client: 1, frames: 3 },
        Flow { client: 4 },
        Say { client: 0, room: 0 },
        Tell,
        Cut { client: 1, arrive: 2 },
        Commit { changes: 1, full: true },
    ];
    let story = Story { seed: 39_739, history: 0, queue: 6, acts: acts.to_vec() };
    assert_eq!(run(&story).err(), None);
}

/// A tab that took over named one message behind another that had been sent without: what failed was passed by both.
#[test]
fn two_tabs_name_the_same_message_before_the_same_one() {
    let acts = [
        Say { client: 1, room: 0 },
        Pass { ms: 3 },
        Say { client: 0, room: 0 },
        Say { client: 1, room: 0 },
        Flow { client: 0 },
        Lead { client: 1 },
        Flow { client: 1 },
        Up { client: 1, frames: 3 },
        Commit { changes: 1, full: true },
    ];
    let story = Story { seed: 79_520, history: 0, queue: 2, acts: acts.to_vec() };
    assert_eq!(run(&story).err(), None);
}

/// The same, where the tab that took over had been sending before, and the other one began anew.
#[test]
fn a_tab_that_inherits_the_sending_keeps_the_order() {
    let acts = [
        Say { client: 0, room: 1 },
        Reload { client: 0 },
        Say { client: 1, room: 0 },
        Flow { client: 1 },
        Say { client: 1, room: 0 },
        Say { client: 0, room: 0 },
        Flow { client: 1 },
        Flow { client: 0 },
        Reload { client: 1 },
        Up { client: 0, frames: 3 },
        Commit { changes: 4, full: true },
        Say { client: 0, room: 0 },
    ];
    let story = Story { seed: 54_873, history: 0, queue: 2, acts: acts.to_vec() };
    assert_eq!(run(&story).err(), None);
}

/// A command whose event another one had caused was forgotten without a trace, and another tab's late word brought it
/// back to a tab that does not send.
#[test]
fn what_left_the_outbox_by_any_door_stays_out() {
    let react = Act::Change { client: 1, room: 0, how: Change::React, pick: 7 };
    let acts = [
        Reload { client: 0 },
        Cut { client: 0, arrive: 1 },
        Flow { client: 1 },
        Flow { client: 1 },
        Pass { ms: 10_302 },
        react,
        Flow { client: 0 },
        react,
        Flow { client: 0 },
        Lead { client: 0 },
        Flow { client: 0 },
        Lead { client: 1 },
    ];
    let story = Story { seed: 61_880, history: 40, queue: 512, acts: acts.to_vec() };
    assert_eq!(run(&story).err(), None);
}

/// A reaction was taken back before it was there: refused at first, the older command went out again behind the newer one.
#[test]
fn changes_of_a_message_do_not_pass_each_other() {
    let acts = [
        Flow { client: 1 },
        Flow { client: 1 },
        Act::Change { client: 1, room: 1, how: Change::Unreact, pick: 1 },
        Lead { client: 1 },
        Act::Change { client: 1, room: 1, how: Change::React, pick: 1 },
        Pass { ms: 9588 },
    ];
    let story = Story { seed: 2_574, history: 3, queue: 2, acts: acts.to_vec() };
    assert_eq!(run(&story).err(), None);
}

/// A backup lacked a draft; the client that was to send it again ended first, and began anew without knowing that.
#[test]
fn a_draft_that_a_backup_lacks_is_sent_again_even_by_another_program() {
    let acts = [
        Pass { ms: 178 },
        Up { client: 3, frames: 3 },
        Look { client: 3 },
        Draft { client: 3, room: 0 },
        Flow { client: 3 },
        Flow { client: 3 },
        Backup,
        Flow { client: 3 },
        Pass { ms: 10_166 },
        Flow { client: 3 },
        Restore,
        Pass { ms: 6_913 },
        Flow { client: 3 },
        Flush { client: 3 },
        Reload { client: 3 },
    ];
    let story = Story { seed: 95_016, history: 0, queue: 512, acts: acts.to_vec() };
    assert_eq!(run(&story).err(), None);
}

/// What somebody wanted to be told of was forgotten, for the database was another one when they came back.
#[test]
fn what_is_wished_offline_holds_for_a_restored_backup_too() {
    let acts =
        [Backup, Pass { ms: 349 }, Flow { client: 3 }, Pass { ms: 208 }, Restore, Act::Notify { client: 3, room: 1 }];
    let story = Story { seed: 51_600, history: 0, queue: 6, acts: acts.to_vec() };
    assert_eq!(run(&story).err(), None);
}

#[test]
fn the_first_stories_hold() {
    for seed in 0..60 {
        let broken = run(&Story::of(seed)).err();
        assert!(broken.is_none(), "seed {seed}: {}", broken.unwrap());
    }
}
