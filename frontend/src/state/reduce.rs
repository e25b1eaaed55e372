//! How the state moves: one action, one step.
//!
//! Neighbours: [`super::State`] holds what is changed here; the connection and the rooms move in
//! [`common::sync::Engine`], which is driven from [`State::drive`].

use common::client::ClientMsg;
use common::close;
use common::codec;
use common::id::{Cid, RoomId};
use common::model::{UserEvent, UserEventKind};
use common::server::{Refusal, ServerMsg};
use common::sync::outbox::What;
use common::sync::{Closed, Command, Effect as Todo, Input, Notice, Phase};

use super::note::Note;
use super::{Action, Ask, Effect, Errand, History, News, Now, Session, State, Touch};
use crate::annex::port::Open;
use crate::socket::{Event, Facts, Reading};

impl State {
    /// Takes one thing that happened at `now`, and returns what is to be done, in order.
    pub fn reduce(&mut self, now: Now, action: Action) -> Vec<Effect> {
        self.now = now;
        // A look at the socket comes after everything and by the clock; it knows itself whether it saw anything new.
        // What is remembered of other rooms is not to be seen either.
        // The composer draws what is written in it. What a tick or a message shows is found out when it is carried out.
        let unseen = matches!(
            action,
            Action::Sampled(..)
                | Action::Device(_, News::Restored(_))
                | Action::Draft(..)
                | Action::Touch(Touch::Write(_))
                | Action::Tick
                | Action::Socket(Event::Text(_))
        );
        self.dirty |= !unseen;
        let told = self.wire.told();
        if self.whole || !action.needs_whole() {
            self.step_into(action);
        } else {
            self.held.push(action);
        }
        self.stirred |= told != self.wire.told();
        self.pursue();
        self.ask_for_quotes();
        self.look();
        std::mem::take(&mut self.effects)
    }

    fn step_into(&mut self, action: Action) {
        match action {
            Action::Start => self.start(),
            Action::Device(person, news) => self.told(person, news),
            Action::Socket(event) => self.socket(event),
            Action::Sampled(reading, facts) => self.sampled(reading.as_ref(), facts),
            Action::Tick => self.tick(),
            Action::Wake => self.drive(Input::Wake),
            Action::Online(online) => self.network(online),
            Action::Visible(visible) => self.seen(visible),
            Action::Went(room) => self.look_at(room),
            Action::Answer(answer) => self.answer(answer),

            Action::Enter(name) => self.enter(&name),
            Action::Draft(room, text) => {
                self.wrote(&text);
                self.write(room, text);
            }
            Action::Say => self.say(),
            Action::Reply(to) => self.reply(to),
            Action::Offer(token) => self.token(token),
            Action::CancelReply => drop(self.cancel_reply()),
            Action::Copy(text) => self.effects.push(Effect::Run(Errand::CopyText(text))),
            Action::Retry(cid) => self.drive(Input::Do(Command::Retry(cid))),
            Action::Discard(cid) => self.drive(Input::Do(Command::Discard(cid))),
            Action::LoadOlder => self.in_room(|room| Command::LoadOlder { room }),
            Action::FillGap(upto) => self.in_room(|room| Command::FillGap { room, upto }),
            Action::AtLatest(at) => self.at_latest(at),
            Action::ToLatest => self.go_to_latest(),
            Action::Visit(room) => self.visit(room),
            Action::Step(by) => self.step(by),
            Action::Join(room) => self.drive(Input::Do(Command::Ask(What::Join { room }))),
            Action::Mute(room, muted) => self.drive(Input::Do(Command::Mute { room, muted })),
            Action::Leave(room) => self.leave(room),

            Action::ShowRooms => self.open_annex(Open::Rooms),
            Action::Open(open) => self.open_annex(open),
            Action::Whole => {
                self.whole = true;
                std::mem::take(&mut self.held).into_iter().for_each(|action| self.step_into(action));
            }
            Action::AnnexLoaded(loaded) => self.annex_loaded(loaded),
            Action::Said(said) => self.said(said),
            Action::Beside(place) => self.open_beside(place),
            Action::WentBeside(place) => self.went_beside(place),
            Action::Try(errand) => self.try_beside(errand),
            Action::LoadBeside => self.load_beside(),
            Action::BesideLoaded(loaded) => self.beside_loaded(loaded),
            Action::SaidBeside(said) => self.said_beside(said),
            Action::ShowLeave(room) => self.open_annex(Open::Leave(room)),
            Action::Dismiss => self.dismiss(),
            Action::Toggle(overlay) => self.toggle(overlay),
            Action::Theme(theme) => self.set_theme(theme),
            Action::Language(lang) => self.set_lang(lang),
            Action::Connect => self.drive(Input::Connect),
            Action::Stop => self.drive(Input::Stop),
            Action::CloseSocket(code, reason) => self.drive(Input::Disconnect { code, reason }),
            Action::ClearLog => self.wire.lines.clear(),
            Action::Reload => self.effects.push(Effect::Reload),
            Action::Touch(touch) => self.touch(touch),
            Action::Probe(probe) => self.probe(probe),
            Action::Look(look) => self.look_around(look),
            Action::Chain(chain) => self.chain(chain),
        }
    }

    pub(super) fn ask(&mut self, ask: Ask) {
        self.effects.push(Effect::Ask(ask));
    }

    // === The connection ===

    pub(super) fn drive(&mut self, input: Input) {
        self.move_engine(input);
    }

    /// Moves the engine. Returns whether it has done anything but to remember, and to say what nobody sees.
    fn move_engine(&mut self, input: Input) -> bool {
        if !self.admits(&input) {
            return false;
        }
        let was_ready = self.is_ready();
        let mut loud = false;
        for todo in self.engine.handle(self.now.date, input) {
            loud |= !is_quiet(&todo);
            match todo {
                Todo::Open => {
                    self.cut();
                    self.wire.dial(self.now, self.engine.backoff().tries());
                    self.effects.push(Effect::Dial(self.wire.offer.protocol()));
                }
                Todo::Send(msg) => {
                    let text = codec::encode_client(&msg);
                    self.wire.sent(self.now, &msg, &text);
                    self.effects.extend([Effect::Send(text), Effect::Pass { out: true }]);
                }
                Todo::Close { code, reason } => {
                    self.wire.said_close(self.now, code, &reason);
                    self.effects.push(Effect::HangUp(code, reason));
                }
                Todo::Keep(keep) => self.keep(keep),
                Todo::Notice(notice) => self.noticed(notice),
            }
        }
        self.rows_stale = true;
        if self.is_ready() && !was_ready {
            self.welcomed();
        }
        loud || self.is_ready() != was_ready
    }

    /// Time has passed. While somebody writes, what is due is mostly their draft.
    fn tick(&mut self) {
        let (stale, writers) = (self.rows_stale, self.writers());
        let delayed = !self.probed.faults.is_quiet();
        self.release();
        if self.move_engine(Input::Tick) || delayed || writers != self.writers() {
            self.dirty = true;
        } else {
            self.rows_stale = stale;
        }
    }

    /// How many are writing in the present room.
    fn writers(&self) -> usize {
        self.room.and_then(|id| self.engine.rooms().get(&id)).map_or(0, |room| room.typing().count())
    }

    /// A message has come. The answer to one's own draft is to be seen only where it is another text.
    fn heard(&mut self, msg: ServerMsg) {
        let draft = matches!(&msg, ServerMsg::User(UserEvent { kind: UserEventKind::Draft { .. }, .. }));
        let stale = self.rows_stale;
        self.arrive(msg);
        if draft && self.is_ready() && !self.has_another_text() {
            self.rows_stale = stale;
        } else {
            self.dirty = true;
        }
    }

    fn socket(&mut self, event: Event) {
        match event {
            Event::Open => {
                self.wire.opened(self.now);
                self.drive(Input::Opened);
                self.watch();
            }
            Event::Text(text) => {
                let msg = codec::decode_server(&text).ok();
                self.wire.received(self.now, msg.as_ref(), &text);
                self.effects.push(Effect::Pass { out: false });
                match msg {
                    Some(msg) => self.heard(msg),
                    None => self.dirty = true,
                }
            }
            Event::Binary(size) => self.wire.received_binary(self.now, size),
            Event::Error => self.wire.failed(self.now),
            Event::Close(closed) => self.closed(closed),
        }
    }

    pub(super) fn closed(&mut self, closed: Closed) {
        self.cut();
        self.wire.ended(self.now, closed.clone());
        let signed_out = matches!(closed.code, close::SESSION_ENDED | close::POLICY);
        self.drive(Input::Closed(closed));
        if signed_out {
            self.ask(Ask::Me);
        }
    }

    fn sampled(&mut self, reading: Option<&Reading>, facts: Option<Facts>) {
        if let Some(reading) = reading {
            let was = self.wire.ready;
            self.stirred |= self.wire.sample(self.now, reading);
            self.dirty |= self.wire.ready != was;
        }
        if let Some(facts) = facts {
            self.dirty |= self.wire.facts != facts;
            self.wire.facts = facts;
        }
        let glance = (self.countdown().unwrap_or_default(), self.lasting());
        self.dirty |= glance.0 != self.glance.0;
        self.stirred |= glance != self.glance;
        self.glance = glance;
    }

    /// Seconds that the present state has lasted, as coarse as it is shown.
    fn lasting(&self) -> u64 {
        let since = match self.engine.phase() {
            Phase::Ready { since } | Phase::Waiting { since, .. } => self.now.date.since(*since) / 1_000,
            Phase::Idle
            | Phase::Connecting { .. }
            | Phase::Greeting { .. }
            | Phase::Closing { .. }
            | Phase::Stopped => 0,
        };
        if since < 60 { since } else { since / 60 * 60 }
    }

    fn network(&mut self, online: bool) {
        self.online = online;
        if online {
            self.drive(Input::Wake);
        }
    }

    fn seen(&mut self, visible: bool) {
        self.visible = visible;
        self.watch();
        if visible {
            self.mark_new();
            self.claim();
            self.drive(Input::Wake);
        }
    }

    /// Tells the engine whether somebody looks at the round trip.
    pub(super) fn watch(&mut self) {
        self.drive(Input::Watch(self.visible && self.wire_open));
    }

    // === What the engine has to tell ===

    fn noticed(&mut self, notice: Notice) {
        match notice {
            Notice::NotWelcomed => self.ask(Ask::Me),
            Notice::Acked { cid, room, .. } => self.arrived(cid, room),
            Notice::Refused(refusal) => self.refused(refusal),
            Notice::Event(event) => self.happened(&event),
            Notice::Entered(_) => {}
            Notice::GapFound { room, missing } => self.note(Note::Gap(room, *missing.start(), *missing.end())),
            Notice::GapFilled { room } => self.note(Note::Filled(room)),
            Notice::Duplicate { room, seq } => self.note(Note::Duplicate(room, seq)),
            Notice::Reset { room, seq } => self.note(Note::Reset(room, seq)),
            Notice::Lagged { room, seq } => self.note(Note::Lag(room, seq)),
            Notice::Missed { room, head } => self.note(Note::Missed(room, head)),
            Notice::Left(room) => self.left(room),
        }
    }

    fn welcomed(&mut self) {
        self.session = Session::In;
        self.settle_on_room();
        if self.new_from.is_none() {
            self.mark_new();
        }
    }

    fn left(&mut self, room: RoomId) {
        if self.room == Some(room) {
            let next = self.engine.rooms().keys().next().copied();
            self.look_at(next);
            self.effects.push(Effect::Address(next, History::Replace));
        }
    }

    /// A command was carried out.
    fn arrived(&mut self, cid: Cid, room: RoomId) {
        self.done_for_annex(cid, room);
    }

    /// A refusal of what stands in the timeline is shown there; any other goes to the form that asked for it, or to a
    /// notice where that form is gone. What goes out again by itself is not given up.
    fn refused(&mut self, refusal: Refusal) {
        let pending = refusal.cid.and_then(|cid| self.engine.outbox().get(cid));
        let Some((cid, what, open)) = pending.map(|pending| (pending.cid, &pending.what, pending.is_open())) else {
            return;
        };
        if !matches!(
            what,
            What::Create { .. } | What::Join { .. } | What::Leave { .. } | What::Direct { .. } | What::Room { .. }
        ) {
            return;
        }
        if !self.refused_for_annex(cid, &refusal, open) {
            self.touched.notice = Some(refusal);
        }
        if !open {
            self.drive(Input::Do(Command::Discard(cid)));
        }
    }

    fn note(&mut self, note: Note) {
        self.wire.note(self.now, note);
    }
}

/// Whether nothing of it is to be seen outside of the wire panel.
const fn is_quiet(todo: &Todo) -> bool {
    matches!(
        todo,
        Todo::Keep(_)
            | Todo::Send(
                ClientMsg::Draft { .. } | ClientMsg::Typing { .. } | ClientMsg::Read { .. } | ClientMsg::Ping { .. }
            )
    )
}
