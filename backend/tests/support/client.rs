//! A person at a client: says things, sees things, and notices every gap and every repeat.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use common::client::ClientMsg;
use common::close::CloseCode;
use common::codec;
use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, Person, RoomInfo, UserEvent};
use common::server::{ErrorCode, Refusal, ServerMsg};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::soon;

pub const LOBBY: RoomId = RoomId(1);

/// What an accepted command was answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acked {
    pub room: RoomId,
    pub seq: Seq,
    pub n: Option<u64>,
}

/// `S` is what carries the connection, most of the time plain TCP.
pub struct Client<S = TcpStream> {
    pub name: String,
    pub cookie: String,
    pub me: Person,
    pub epoch: Epoch,
    pub rooms: Vec<RoomInfo>,
    /// The last event seen of each room. `None` after a reset: the next one may be any.
    pub held: BTreeMap<RoomId, Option<Seq>>,
    /// The newest entry seen of the own log.
    pub user_seq: u64,
    address: SocketAddr,
    ws: WebSocketStream<S>,
    /// What came while something else was waited for.
    kept: VecDeque<ServerMsg>,
    /// Typing and presence, which come when they come.
    hints: VecDeque<ServerMsg>,
    rng: fastrand::Rng,
}

/// Opens a connection with a cookie, or `Bearer` and a token, and says nothing.
pub async fn open(address: SocketAddr, cookie: &str) -> Result<WebSocketStream<TcpStream>, Error> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    open_over(stream, address, cookie).await
}

/// The same over a connection that is there already.
pub async fn open_over<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    address: SocketAddr,
    cookie: &str,
) -> Result<WebSocketStream<S>, Error> {
    let mut request = format!("ws://{address}/ws").into_client_request()?;
    let (name, value) = super::http::who(cookie);
    request.headers_mut().insert(name, HeaderValue::from_str(value)?);
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("readyroom.v1"));
    tokio_tungstenite::client_async(request, stream).await.map(|(ws, _)| ws)
}

impl Client {
    /// Connects, says hello and is welcomed.
    pub async fn connect(address: SocketAddr, name: &str, cookie: &str) -> Self {
        Self::resume(address, name, cookie, None, BTreeMap::new()).await
    }

    /// Connects with what it held before of the rooms.
    pub async fn resume(
        address: SocketAddr,
        name: &str,
        cookie: &str,
        epoch: Option<Epoch>,
        held: BTreeMap<RoomId, Seq>,
    ) -> Self {
        Self::resume_with(address, (name, cookie), epoch, 0, held).await
    }

    /// Connects with what it held before.
    pub async fn resume_with(
        address: SocketAddr,
        (name, cookie): (&str, &str),
        epoch: Option<Epoch>,
        user_seq: u64,
        held: BTreeMap<RoomId, Seq>,
    ) -> Self {
        let ws = soon("a handshake", open(address, cookie)).await.unwrap();
        Self::greet(ws, address, (name, cookie), (epoch, user_seq, held)).await
    }

    /// Another connection of the same person, which holds what this one does.
    pub async fn again(&self) -> Self {
        let held = self.held.iter().filter_map(|(room, seq)| Some((*room, (*seq)?))).collect();
        let epoch = Some(self.epoch.clone());
        Self::resume_with(self.address, (&self.name, &self.cookie), epoch, self.user_seq, held).await
    }

    /// The socket itself, for those who misbehave.
    pub fn socket(&mut self) -> &mut TcpStream {
        self.ws.get_mut()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// Says hello on a connection that is open, and is welcomed.
    pub async fn greet(
        ws: WebSocketStream<S>,
        address: SocketAddr,
        (name, cookie): (&str, &str),
        (epoch, user_seq, held): (Option<Epoch>, u64, BTreeMap<RoomId, Seq>),
    ) -> Self {
        let person = Person { id: common::id::UserId(1), name: String::new() };
        let mut client = Self {
            name: name.to_owned(),
            cookie: cookie.to_owned(),
            me: person,
            epoch: Epoch(String::new()),
            rooms: Vec::new(),
            held: held.iter().map(|(room, seq)| (*room, Some(*seq))).collect(),
            user_seq,
            address,
            ws,
            kept: VecDeque::new(),
            hints: VecDeque::new(),
            rng: fastrand::Rng::new(),
        };
        client.tell(&ClientMsg::Hello { epoch, user_seq, rooms: held }).await;
        match client.next().await {
            ServerMsg::Welcome { epoch, me, rooms, .. } => {
                (client.epoch, client.me, client.rooms) = (epoch, me, rooms);
            }
            other => panic!("a welcome was expected, not {other:?}"),
        }
        client
    }

    pub async fn tell(&mut self, msg: &ClientMsg) {
        self.tell_raw(&codec::encode_client(msg)).await;
    }

    pub async fn tell_raw(&mut self, text: &str) {
        soon("a write", self.ws.send(Message::text(text))).await.unwrap();
    }

    /// The next message that is not ephemeral, `None` once the connection is closed; checks the order of events.
    pub async fn try_next(&mut self) -> Option<ServerMsg> {
        loop {
            let msg = self.read().await?;
            match msg {
                ServerMsg::Typing { .. } | ServerMsg::Presence { .. } => self.hints.push_back(msg),
                msg => return Some(msg),
            }
        }
    }

    /// Waits for something ephemeral; what is not wanted is dropped.
    pub async fn hint<T>(&mut self, mut pick: impl FnMut(&ServerMsg) -> Option<T>) -> T {
        loop {
            while let Some(hint) = self.hints.pop_front() {
                if let Some(found) = pick(&hint) {
                    return found;
                }
            }
            match self.read().await.expect("the connection is open") {
                msg @ (ServerMsg::Typing { .. } | ServerMsg::Presence { .. }) => self.hints.push_back(msg),
                msg => self.kept.push_back(msg),
            }
        }
    }

    async fn read(&mut self) -> Option<ServerMsg> {
        let msg = loop {
            match soon("a message", self.ws.next()).await {
                Some(Ok(Message::Text(text))) => break codec::decode_server(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => return None,
            }
        };
        match &msg {
            ServerMsg::Event(event) => self.check(event),
            ServerMsg::Reset { room, .. } | ServerMsg::Left { room } => {
                self.held.insert(*room, None);
            }
            ServerMsg::Room(info) => {
                self.held.insert(info.id, None);
            }
            ServerMsg::User(event) => self.user_seq = self.user_seq.max(event.seq),
            _ => {}
        }
        Some(msg)
    }

    pub async fn next(&mut self) -> ServerMsg {
        self.try_next().await.expect("the connection is open")
    }

    fn check(&mut self, event: &Event) {
        let held = self.held.entry(event.room).or_default();
        if let Some(last) = held {
            assert_eq!(event.seq, last.next(), "{} got {event:?} after {last}", self.name);
        }
        *held = Some(event.seq);
    }

    /// Waits for a message; others are kept for later.
    pub async fn wait<T>(&mut self, mut pick: impl FnMut(&ServerMsg) -> Option<T>) -> T {
        if let Some(at) = self.kept.iter().position(|msg| pick(msg).is_some()) {
            return pick(&self.kept.remove(at).unwrap()).unwrap();
        }
        loop {
            let msg = self.next().await;
            match pick(&msg) {
                Some(found) => return found,
                None => self.kept.push_back(msg),
            }
        }
    }

    pub fn cid(&mut self) -> Cid {
        Cid::new(Timestamp(1_763_700_000_000), &mut self.rng)
    }

    /// Says something in the lobby and waits for the ack.
    pub async fn says(&mut self, body: &str) -> Acked {
        self.says_in(LOBBY, body).await
    }

    pub async fn says_in(&mut self, room: RoomId, body: &str) -> Acked {
        let cid = self.cid();
        self.sends(cid, room, body).await.unwrap()
    }

    /// Sends under a given id and waits for the answer.
    pub async fn sends(&mut self, cid: Cid, room: RoomId, body: &str) -> Result<Acked, ErrorCode> {
        self.tell(&ClientMsg::Send { cid, room, body: body.to_owned(), after: None, reply_to: None }).await;
        self.answer(cid).await
    }

    /// Does something that takes an id, and waits for the answer.
    pub async fn does(&mut self, command: impl FnOnce(Cid) -> ClientMsg) -> Result<Acked, ErrorCode> {
        let cid = self.cid();
        self.tell(&command(cid)).await;
        self.answer(cid).await
    }

    pub async fn answer(&mut self, wanted: Cid) -> Result<Acked, ErrorCode> {
        self.wait(|msg| match msg {
            ServerMsg::Ack { cid, room, seq, n, .. } if *cid == wanted => {
                Some(Ok(Acked { room: *room, seq: *seq, n: *n }))
            }
            ServerMsg::Error(Refusal { cid: Some(cid), code, .. }) if *cid == wanted => Some(Err(*code)),
            _ => None,
        })
        .await
    }

    /// Waits for an event.
    pub async fn event(&mut self, mut wanted: impl FnMut(&Event) -> bool) -> Event {
        self.wait(|msg| match msg {
            ServerMsg::Event(event) if wanted(event) => Some(event.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for a message with this text.
    pub async fn sees(&mut self, text: &str) -> Event {
        self.event(|event| matches!(&event.kind, EventKind::Message { body, .. } if body == text)).await
    }

    /// Makes a room and gives its id.
    pub async fn makes(&mut self, name: &str, private: bool) -> RoomId {
        self.does(|cid| ClientMsg::Create { cid, name: name.to_owned(), private }).await.unwrap().room
    }

    pub async fn joins(&mut self, room: RoomId) -> Result<Acked, ErrorCode> {
        self.does(|cid| ClientMsg::Join { cid, room }).await
    }

    pub async fn invites(&mut self, room: RoomId, user: UserId) -> Result<Acked, ErrorCode> {
        self.does(|cid| ClientMsg::Invite { cid, room, user }).await
    }

    pub async fn removes(&mut self, room: RoomId, user: UserId) -> Result<Acked, ErrorCode> {
        self.does(|cid| ClientMsg::Remove { cid, room, user }).await
    }

    /// Says something in answer to a message.
    pub async fn answers(&mut self, room: RoomId, to: Seq, body: &str) -> Result<Acked, ErrorCode> {
        let body = body.to_owned();
        self.does(|cid| ClientMsg::Send { cid, room, body, after: None, reply_to: Some(to) }).await
    }

    /// Waits until a room is announced.
    pub async fn enters(&mut self, room: RoomId) -> RoomInfo {
        self.wait(|msg| match msg {
            ServerMsg::Room(info) if info.id == room => Some(info.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the person is out of a room.
    pub async fn is_out(&mut self, room: RoomId) {
        self.wait(|msg| matches!(msg, ServerMsg::Left { room: of } if *of == room).then_some(())).await;
    }

    /// Waits for an entry of the own log.
    pub async fn own(&mut self, wanted: impl Fn(&UserEvent) -> bool) -> UserEvent {
        self.wait(|msg| match msg {
            ServerMsg::User(event) if wanted(event) => Some(event.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for the error that comes next.
    pub async fn error(&mut self) -> Refusal {
        self.wait(|msg| match msg {
            ServerMsg::Error(refusal) => Some(refusal.clone()),
            _ => None,
        })
        .await
    }

    /// Everything that came before the answer to a ping that is sent now.
    pub async fn everything(&mut self) -> Vec<ServerMsg> {
        let t = Timestamp(self.rng.u64(..1 << 53));
        self.tell(&ClientMsg::Ping { t }).await;
        let mut all = Vec::from(std::mem::take(&mut self.kept));
        loop {
            match self.next().await {
                ServerMsg::Pong { t: answered, .. } if answered == t => return all,
                msg => all.push(msg),
            }
        }
    }

    /// Forgets what was kept for later.
    pub fn forget(&mut self) {
        self.kept.clear();
    }

    /// Every event up to and including this one, and what came between them.
    pub async fn until(&mut self, room: RoomId, seq: Seq) -> Vec<ServerMsg> {
        let mut all = Vec::from(std::mem::take(&mut self.kept));
        while !all.iter().any(|msg| matches!(msg, ServerMsg::Event(e) if e.room == room && e.seq >= seq)) {
            all.push(self.next().await);
        }
        all
    }

    /// Waits until a room's events up to this one have come.
    pub async fn sees_all(&mut self, room: RoomId, seq: Seq) {
        while self.held.get(&room).copied().flatten() < Some(seq) {
            let msg = self.next().await;
            self.kept.push_back(msg);
        }
    }

    /// Begins to close.
    pub async fn close(&mut self, code: CloseCode) {
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        self.ws.close(Some(frame)).await.unwrap();
    }

    /// What carries the connection.
    pub fn stream(&mut self) -> &mut S {
        self.ws.get_mut()
    }

    /// Waits for the Close and gives its code and reason.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            match soon("a Close", self.ws.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => return (frame.code.into(), frame.reason.to_string()),
                Some(Ok(_)) => {}
                other => panic!("a Close was expected, not {other:?}"),
            }
        }
    }
}

/// The numbers of the events among messages.
pub fn seqs(msgs: &[ServerMsg]) -> Vec<u64> {
    let seq = |msg: &ServerMsg| match msg {
        ServerMsg::Event(event) => Some(event.seq.0),
        _ => None,
    };
    msgs.iter().filter_map(seq).collect()
}
