//! The present connection as a program: in JavaScript, Rust, the shell and Python. Pure.
//!
//! Whatever stands in an address, a message or a reason is quoted as the language wants it, so that what is copied runs as
//! it is and says what was said. Deliberately absent: comments in the code, for those would be words of a language.

use crate::lean::text::hex;

/// A way to write it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// A browser's own.
    #[default]
    JavaScript,
    /// Rust in a browser, with gloo-net 0.7.
    Rust,
    /// The program websocat 1.14, in a POSIX shell.
    Websocat,
    /// The program wscat 6, in a POSIX shell.
    Wscat,
    /// Python, with websockets 13 or later.
    Python,
}

/// All of them, as they are listed.
pub const TONGUES: [(Tongue, &str); 5] = [
    (Tongue::JavaScript, "JavaScript"),
    (Tongue::Rust, "gloo-net"),
    (Tongue::Websocat, "websocat"),
    (Tongue::Wscat, "wscat"),
    (Tongue::Python, "Python"),
];

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say<'a> {
    /// Nothing.
    Nothing,
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// A connection to be written down.
#[derive(Debug, Clone, Copy)]
pub struct Recipe<'a> {
    /// The address.
    pub url: &'a str,
    /// What is offered.
    pub protocols: &'a [String],
    /// How messages of bytes shall arrive, by its name in the API.
    pub binary_type: &'a str,
    /// What is sent.
    pub say: Say<'a>,
    /// The code and the reason to close with, where they are not 1000 and nothing.
    pub close: Option<(u16, &'a str)>,
}

impl Recipe<'_> {
    /// Writes it down.
    #[must_use]
    pub fn write(&self, tongue: Tongue) -> String {
        match tongue {
            Tongue::JavaScript => self.javascript(),
            Tongue::Rust => self.rust(),
            Tongue::Websocat => self.websocat(),
            Tongue::Wscat => self.wscat(),
            Tongue::Python => self.python(),
        }
    }

    /// The list of what is offered, without its brackets.
    fn offered(&self, escape: Escape) -> String {
        let mut list = String::new();
        for name in self.protocols {
            if !list.is_empty() {
                list += ", ";
            }
            list += &quoted(name, escape);
        }
        list
    }

    /// The arguments of closing, as JavaScript and Python write them.
    fn closing(&self) -> String {
        let Some((code, reason)) = self.close else { return "1000".to_owned() };
        let mut text = code.to_string();
        if !reason.is_empty() {
            text += ", ";
            text += &quoted(reason, Escape::Four);
        }
        text
    }

    fn javascript(&self) -> String {
        let mut text = "const ws = new WebSocket(\n  ".to_owned() + &quoted(self.url, Escape::Four);
        if !self.protocols.is_empty() {
            text += ",\n  [";
            text += &self.offered(Escape::Four);
            text.push(']');
        }
        text += ");\nws.binaryType = \"";
        text += self.binary_type;
        text += "\";\n";
        let said = match self.say {
            Say::Nothing => String::new(),
            Say::Text(said) => quoted(said, Escape::Four),
            Say::Bytes(bytes) => "new Uint8Array([".to_owned() + &listed(bytes) + "])",
        };
        if !matches!(self.say, Say::Nothing) {
            text += "ws.onopen = () => ws.send(";
            text += &said;
            text += ");\n";
        }
        text += "ws.onmessage = (e) => console.log(e.data);\nws.onclose = (e) =>\n  console.log(e.code, e.reason, e.wasClean);\n";
        if self.close.is_some() {
            text += "setTimeout(() => ws.close(";
            text += &self.closing();
            text += "), 1000);\n";
        }
        text
    }

    fn rust(&self) -> String {
        let mut text = "use futures_util::{SinkExt, StreamExt};\n\
            use gloo_console::log;\n\
            use gloo_net::websocket::{Message, futures::WebSocket};\n\n\
            async fn talk() -> Result<(), Box<dyn std::error::Error>> {\n    let mut ws = WebSocket::open"
            .to_owned();
        if !self.protocols.is_empty() {
            text += "_with_protocols";
        }
        text += "(\n        ";
        text += &quoted(self.url, Escape::Rust);
        if !self.protocols.is_empty() {
            text += ",\n        &[";
            text += &self.offered(Escape::Rust);
            text.push(']');
        }
        text += ",\n    )?;\n";
        let said = match self.say {
            Say::Nothing => String::new(),
            Say::Text(said) => "Text(".to_owned() + &quoted(said, Escape::Rust) + ".into())",
            Say::Bytes(bytes) => "Bytes(vec![".to_owned() + &listed(bytes) + "])",
        };
        if !said.is_empty() {
            text += "    ws.send(Message::";
            text += &said;
            text += ").await?;\n";
        }
        match self.close {
            None => {
                text +=
                    "    while let Some(message) = ws.next().await {\n        log!(format!(\"{message:?}\"));\n    }\n";
            }
            Some((code, reason)) => {
                text += "    log!(format!(\"{:?}\", ws.next().await));\n    ws.close(Some(";
                text += &code.to_string();
                text += "), Some(";
                text += &quoted(reason, Escape::Rust);
                text += "))?;\n";
            }
        }
        text + "    Ok(())\n}\n"
    }

    fn websocat(&self) -> String {
        let (mut says, mut options) = (String::new(), String::new());
        match self.say {
            Say::Nothing => {}
            // A line is a message, so that one of several lines ends with a zero.
            Say::Text(said) if said.contains('\n') => {
                says = "printf '%s\\0' ".to_owned() + &shell(said);
                options += " -0";
            }
            Say::Text(said) => says = "printf '%s\\n' ".to_owned() + &shell(said),
            Say::Bytes(bytes) => {
                says = "printf '".to_owned() + &octal(bytes) + "'";
                options += " -b";
            }
        }
        match self.close {
            // Stays when there is nothing more to be sent.
            None if !says.is_empty() => options += " -n",
            None => {}
            Some((code, reason)) => {
                if !says.is_empty() {
                    says = "{ ".to_owned() + &says + "; sleep 1; }";
                }
                options += " --close-status-code ";
                options += &code.to_string();
                if !reason.is_empty() {
                    options += " --close-reason ";
                    options += &shell(reason);
                }
            }
        }
        if !self.protocols.is_empty() {
            options += " --protocol ";
            options += &shell(&self.protocols.join(", "));
        }
        if !says.is_empty() {
            says += " |\n  ";
        }
        says + "websocat" + &options + " " + &shell(self.url) + "\n"
    }

    fn wscat(&self) -> String {
        let mut text = "wscat -c ".to_owned() + &shell(self.url);
        for name in self.protocols {
            text += " -s ";
            text += &shell(name);
        }
        match (self.say, self.close) {
            (Say::Text(said), None) => {
                text += " \\\n  -x ";
                text += &shell(said);
                text += " -w -1";
            }
            (_, Some(_)) => text += " --slash",
            (Say::Nothing | Say::Bytes(_), None) => {}
        }
        text + "\n"
    }

    fn python(&self) -> String {
        let mut text = "import asyncio\n\nfrom websockets.asyncio.client import connect\n\n\nasync def main():\n    \
            async with connect(\n        "
            .to_owned()
            + &quoted(self.url, Escape::Four);
        if !self.protocols.is_empty() {
            text += ",\n        subprotocols=[";
            text += &self.offered(Escape::Four);
            text.push(']');
        }
        text += ",\n    ) as ws:\n";
        let said = match self.say {
            Say::Nothing => String::new(),
            Say::Text(said) => quoted(said, Escape::Four),
            Say::Bytes(bytes) => "bytes.fromhex(\"".to_owned() + &hex(bytes) + "\")",
        };
        if !said.is_empty() {
            text += "        await ws.send(";
            text += &said;
            text += ")\n";
        }
        if self.close.is_some() {
            text += "        print(await ws.recv())\n        await ws.close(";
            text += &self.closing();
            text += ")\n";
        } else {
            text += "        async for message in ws:\n            print(message)\n";
        }
        text + "\n\nasyncio.run(main())\n"
    }
}

/// How a sign that cannot be written as it is is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    /// As `\u001f`: JavaScript and Python.
    Four,
    /// As `\u{1f}`.
    Rust,
}

/// In double quotes. What would not be seen, or would turn the letters around it about, is escaped.
fn quoted(text: &str, escape: Escape) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            '\0'..=' ' | '\x7f'..='\u{a0}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' if letter != ' ' => {
                escaped(&mut out, letter, escape);
            }
            '\u{2066}'..='\u{2069}' | '\u{feff}' => escaped(&mut out, letter, escape),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

fn escaped(out: &mut String, letter: char, escape: Escape) {
    let code = u32::from(letter).to_be_bytes();
    let digits = hex(code.get(2..).unwrap_or_default());
    out.push_str("\\u");
    if escape == Escape::Rust {
        out.push('{');
    }
    out.push_str(&digits);
    if escape == Escape::Rust {
        out.push('}');
    }
}

/// In single quotes, as a POSIX shell takes everything but the single quote itself.
fn shell(text: &str) -> String {
    "'".to_owned() + &text.replace('\'', "'\\''") + "'"
}

/// As `printf` of a POSIX shell takes bytes.
fn octal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        text.push('\\');
        for shift in [6, 3, 0] {
            text.push(char::from(b'0' + (byte >> shift & 7)));
        }
    }
    text
}

/// As numbers in hexadecimal.
fn listed(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        if !text.is_empty() {
            text += ", ";
        }
        text += "0x";
        text += &hex(&[*byte]);
    }
    text
}

const WORDS: [&str; 15] = [
    "const", "new", "use", "let", "mut", "while", "async", "fn", "await", "import", "from", "def", "with", "as", "for",
];

/// The code in pieces, each with the class of its colour: `k` keywords, `s` texts, `f` what is called.
#[must_use]
pub fn coloured(code: &str) -> Vec<(&'static str, &str)> {
    let mut pieces = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let (class, len) = if first == '"' || first == '\'' {
            ("s", text_len(rest, first))
        } else if first.is_ascii_alphabetic() {
            let len = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
            let (word, next) = rest.split_at_checked(len).unwrap_or((rest, ""));
            match next.bytes().next() {
                _ if WORDS.contains(&word) => ("k", len),
                Some(b'(') => ("f", len),
                _ => ("", len),
            }
        } else {
            let plain = |letter: char| letter == '"' || letter == '\'' || letter.is_ascii_alphabetic();
            ("", rest.find(plain).unwrap_or(rest.len()))
        };
        let (piece, next) = rest.split_at_checked(len).unwrap_or((rest, ""));
        pieces.push((class, piece));
        rest = next;
    }
    pieces
}

/// How far a text in quotes goes, the quotes included. Within single ones, which only the shell has here, nothing is
/// escaped.
fn text_len(text: &str, quote: char) -> usize {
    let mut escaped = true;
    for (at, letter) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if letter == quote {
            return at + 1;
        } else {
            escaped = letter == '\\' && quote == '"';
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;
