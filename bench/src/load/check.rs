//! The close look, at a sample of the connections: what they receive goes through the codec of the product, which
//! refuses every breach of RFC 6455 and RFC 7692 and every text that is no UTF-8, and is read as the dialect reads it.

use wire::deflate::{Inflater, Params};
use wire::{Decoder, Input, Message, Role, Rules};

use super::dialect::Dialect;
use super::packed;

const RULES: Rules = Rules { role: Role::Client, max_message: 1 << 20, max_fragments: 1_024 };

/// Reads one connection with every check.
#[derive(Debug)]
pub(crate) struct Check {
    decoder: Decoder,
    inflater: Option<Inflater>,
    copy: Vec<u8>,
}

impl Check {
    /// For a connection with this compression, if any.
    pub(crate) fn new(params: Option<&Params>) -> Self {
        Self { decoder: Decoder::default(), inflater: params.map(packed::inflater), copy: Vec::new() }
    }

    /// Looks at what was received next. Gives how many messages were looked at.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn look(&mut self, bytes: &[u8], dialect: &Dialect) -> Result<u64, String> {
        bytes.clone_into(&mut self.copy);
        let mut input = Input::new(&mut self.copy);
        let mut seen = 0;
        loop {
            match self.decoder.next(&RULES, &mut input, self.inflater.as_mut()) {
                Ok(Some(Message::Text(text))) => {
                    dialect.check(text)?;
                    seen += 1;
                }
                Ok(Some(Message::Binary(_))) => return Err("a binary message came".to_owned()),
                Ok(Some(Message::Ping(_) | Message::Pong(_) | Message::Close(_))) => {}
                Ok(None) => return Ok(seen),
                Err(violation) => return Err(violation.to_string()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::body::{Bodies, Language};
    use crate::load::dialect::plain::Plain;

    #[test]
    fn what_is_wrong_is_seen() {
        let plain = Dialect::Plain(Plain::new(Bodies::new(Language::Chinese, 200)));
        let mut text = String::new();
        plain.say(&mut text, 0, 1, 5);
        let mut bytes = Vec::new();
        wire::encode::text(&mut bytes, &text);
        let mut check = Check::new(None);
        let (one, two) = bytes.split_at(40);
        assert_eq!((check.look(one, &plain), check.look(two, &plain)), (Ok(0), Ok(1)));
        let middle = bytes.len() - 40;
        bytes[middle] = 0xFF;
        assert!(Check::new(None).look(&bytes, &plain).is_err(), "no UTF-8");
        assert!(Check::new(None).look(&[0x83, 0], &plain).is_err(), "a reserved opcode");
    }
}
