//! What lies between a shard and a client: bytes, as many as the story lets through.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::rc::Rc;

use common::codec;
use common::server::ServerMsg;
use readyroom::shard::{Link, Packing};
use wire::deflate::Inflater;
use wire::{Decoder, Input, Message, Role, Rules};

/// What a client takes: more than any message has.
const RULES: Rules = Rules { role: Role::Client, max_message: 1 << 24, max_fragments: 1 };

/// The end that the shard writes to, and the other one. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Pipe {
    state: Rc<RefCell<State>>,
}

#[derive(Debug, Default)]
struct State {
    written: Vec<u8>,
    /// Bytes that still fit.
    space: usize,
    /// Whether something did not fit when it was last tried.
    is_full: bool,
}

/// What a client makes of the bytes.
#[derive(Debug)]
pub(super) struct Reader {
    decoder: Decoder,
    inflater: Inflater,
}

/// What has come out.
#[derive(Debug)]
pub(super) enum Came {
    Message(Box<ServerMsg>),
    Closed(u16),
}

impl Pipe {
    /// Lets more through.
    pub(super) fn widen(&self, bytes: usize) {
        let mut state = self.state.borrow_mut();
        state.space = state.space.max(bytes);
        state.is_full = false;
    }

    pub(super) fn is_full(&self) -> bool {
        self.state.borrow().is_full
    }

    /// Everything that has come out.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.state.borrow_mut().written)
    }
}

impl Link for Pipe {
    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut state = self.state.borrow_mut();
        let before = state.written.len();
        for slice in slices {
            let fits = slice.len().min(state.space);
            state.written.extend(slice.iter().take(fits));
            state.space -= fits;
            state.is_full |= fits < slice.len();
        }
        match state.written.len() - before {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            written => Ok(written),
        }
    }

    fn finish(&mut self) {}

    fn has_unread(&self) -> bool {
        false
    }
}

impl Reader {
    pub(super) fn new(packing: Packing) -> Self {
        let keeps_context = matches!(packing, Packing::Building(_));
        Self { decoder: Decoder::default(), inflater: Inflater::new(15, keeps_context) }
    }

    /// Reads what has come.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn read(&mut self, mut bytes: Vec<u8>) -> Result<Vec<Came>, String> {
        let mut input = Input::new(&mut bytes);
        let mut came = Vec::new();
        while let Some(message) =
            self.decoder.next(&RULES, &mut input, Some(&mut self.inflater)).map_err(|error| error.to_string())?
        {
            match message {
                Message::Text(text) => {
                    came.push(Came::Message(Box::new(codec::decode_server(text).unwrap_or(ServerMsg::Unknown))));
                }
                Message::Close(closing) => came.push(Came::Closed(closing.map_or(1005, |closing| closing.code))),
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Binary(_) => return Err("the server speaks in binary".to_owned()),
            }
        }
        Ok(came)
    }
}
