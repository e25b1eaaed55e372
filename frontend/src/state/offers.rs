//! What is offered while one writes: people behind `@`, emoji behind `:`, commands behind `/`.
//!
//! Pure: a text and a place in it, and what the page knows. Neighbours: `composer` keeps the list.

use common::id::UserId;
use common::model::{EventKind, Person};

use super::State;
use super::slash::Command;
use crate::browser_text;

/// Rows of the list.
const ROWS: usize = 8;

/// Events that are looked through for people who have written here lately.
const RECENT: usize = 500;

/// Characters behind a `:` from which emoji are offered: a smiley `:D` is none of them.
const EMOJI_FROM: usize = 2;

/// What is being written that something can be offered for, and as far as it has been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A name behind an `@`, in lower case.
    Person(String),
    /// An emoji's name behind a `:`, in lower case.
    Emoji(String),
    /// A command behind a `/` at the beginning.
    Command(String),
}

/// Something to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    /// What takes the place of what has been written.
    pub text: String,
    pub what: Kind,
}

/// What is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Somebody.
    Person(UserId),
    /// Everybody; or everybody who is here.
    Everybody { here: bool },
    /// An emoji, by its name.
    Emoji(&'static str),
    /// A command.
    Command(Command),
}

/// What is being written at a place of the text, in bytes, and where it begins.
pub(crate) fn token(text: &str, caret: usize) -> Option<(Token, usize)> {
    let before = text.get(..caret)?;
    if let Some(name) = before.strip_prefix('/') {
        return name.bytes().all(|c| c.is_ascii_alphabetic()).then(|| (Token::Command(name.to_ascii_lowercase()), 0));
    }
    let line = before.rsplit('\n').next()?;
    let start = before.len() - line.len();
    let at = line.rfind(['@', ':'])?;
    let (head, tail) = line.split_at_checked(at)?;
    let apart = !head.ends_with(|c: char| c.is_ascii_alphanumeric() || c == ':' || c == '/');
    let query = tail.get(1..)?;
    let from = start + at;
    if !apart || query.contains(['`', '*', '\\']) {
        return None;
    }
    let letters = query.chars().count();
    if tail.starts_with('@') {
        // A name may have a space in it; two in a row, or one at the beginning, end the search.
        let ends = query.starts_with(' ') || query.contains("  ") || letters > common::limits::USER_NAME_CHARS;
        return (!ends).then(|| (Token::Person(browser_text::lower(query)), from));
    }
    let is_name = query
        .chars()
        .all(|c| !c.is_ascii() && !c.is_whitespace() || c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-'));
    let wide = !query.is_ascii();
    (is_name && letters > 0 && (wide || letters >= EMOJI_FROM))
        .then(|| (Token::Emoji(browser_text::lower(query)), from))
}

/// What to offer, the best first; `found` are people whom the server has named.
pub(super) fn offers(state: &State, token: &Token, found: &[Person]) -> Vec<Offer> {
    match token {
        Token::Person(query) => people(state, query, found),
        Token::Emoji(query) => emoji(query),
        Token::Command(query) => Command::ALL
            .into_iter()
            .filter(|command| command.name().starts_with(query.as_str()))
            .map(|command| Offer { text: format!("/{}", command.name()), what: Kind::Command(command) })
            .collect(),
    }
}

fn people(state: &State, query: &str, found: &[Person]) -> Vec<Offer> {
    let Some(room) = state.room.and_then(|id| state.engine.rooms().get(&id)) else { return Vec::new() };
    let me = state.engine.me().map(|me| me.id);
    let mut offers: Vec<Offer> = Vec::new();
    let mut take = |id: UserId, name: &str| {
        let what = Kind::Person(id);
        let new = Some(id) != me && !offers.iter().any(|offer| offer.what == what);
        if new && offers.len() < ROWS && fits(name, query) {
            offers.push(Offer { text: format!("@{name}"), what });
        }
    };
    // Who has just written is who is answered; then who is here, then everybody else.
    let wrote = room.log.events().rev().take(RECENT).filter(|event| matches!(event.kind, EventKind::Message { .. }));
    wrote.for_each(|event| take(event.by, state.engine.name_of(event.by).unwrap_or(&event.name)));
    room.presence.online.iter().for_each(|(id, name)| take(*id, name));
    found.iter().for_each(|person| take(person.id, &person.name));
    let everybody = [("room", false), ("here", true)].into_iter().filter(|(name, _)| name.starts_with(query));
    offers.truncate(ROWS - 2);
    offers.extend(everybody.map(|(name, here)| Offer { text: format!("@{name}"), what: Kind::Everybody { here } }));
    offers
}

/// Whether a name, or a word of it, begins like this.
fn fits(name: &str, query: &str) -> bool {
    let name = browser_text::lower(name);
    name.starts_with(query) || name.split_whitespace().any(|word| word.starts_with(query))
}

fn emoji(query: &str) -> Vec<Offer> {
    let begins = |name: &str| name.split(' ').any(|word| word.starts_with(query));
    let all = EMOJI.split(',').filter_map(|entry| entry.split_once(' '));
    let found = all.filter(|(_, names)| begins(names)).take(ROWS);
    found
        .map(|(emoji, names)| Offer {
            text: emoji.to_owned(),
            what: Kind::Emoji(names.split(' ').next().unwrap_or(names)),
        })
        .collect()
}

/// Emoji that chats use most, with the names that they are known by: the first is shown.
const EMOJI: &str = "😄 smile happy 笑 开心,😂 joy laugh lol 笑哭,🤣 rofl laugh 大笑,🙂 slight_smile 微笑,😉 wink 眨眼,\
😊 blush 害羞,😍 heart_eyes love 喜欢,😘 kiss 亲,😎 cool sunglasses 酷,🤔 thinking think 想 思考,😅 sweat_smile 汗,\
😭 sob cry 大哭,😢 cry sad 哭,😡 angry rage 生气,😱 scream 害怕,😮 open_mouth wow 惊讶,😴 sleeping tired 睡,🙄 roll_eyes 白眼,\
😬 grimacing 尴尬,😇 innocent angel 天使,🤯 exploding_head mind_blown 震惊,🥳 partying party 庆祝,🥲 smiling_tear 笑中带泪,\
😐 neutral 无语,🤷 shrug 耸肩,🤦 facepalm 捂脸,🤗 hug 抱,🤝 handshake deal 握手,👍 thumbsup +1 yes 赞 好,👎 thumbsdown -1 no 踩,\
👏 clap 鼓掌,🙏 pray thanks please 谢谢 拜托,💪 muscle strong 加油,👋 wave hello hi bye 挥手 再见,👌 ok_hand ok 好的,✌️ victory peace 胜利,\
🤞 crossed_fingers luck 好运,👀 eyes look 看,❤️ heart love 爱 心,💔 broken_heart 心碎,🔥 fire hot 火,✨ sparkles 闪,⭐ star 星,\
🎉 tada party 庆祝 恭喜,🎂 birthday cake 生日 蛋糕,🎁 gift present 礼物,🚀 rocket ship 火箭,💯 hundred 100 满分,✅ white_check_mark done check 完成,\
✔️ check_mark 对,❌ x cross no 错,⚠️ warning 警告,🚨 rotating_light alert 警报,⛔ no_entry stop 禁止,❓ question 问号,❗ exclamation 感叹,\
💡 bulb idea 主意 灯,🐛 bug 虫,🔧 wrench fix 修,🔨 hammer build 锤,⚙️ gear settings 设置,📦 package release 包,🔒 lock 锁,🔑 key 钥匙,\
📌 pushpin pin 钉,📎 paperclip 回形针,📝 memo note 备忘 笔记,📅 calendar date 日历,📈 chart_up 上涨,📉 chart_down 下跌,🔗 link 链接,\
🔍 mag search 搜索,💬 speech_balloon comment 评论,📣 mega announce 喇叭,⏰ alarm_clock time 闹钟,⏳ hourglass wait 等,💻 computer laptop 电脑,\
📱 phone 手机,🖥️ desktop 显示器,🐳 whale docker 鲸,🦀 crab rust 蟹,🐍 snake python 蛇,🐢 turtle slow 龟,☕ coffee 咖啡,🍵 tea 茶,🍺 beer 啤酒,\
🍻 cheers beers 干杯,🍕 pizza 披萨,🍜 noodles ramen 面,☀️ sunny sun 太阳,🌧️ rain 雨,🌈 rainbow 彩虹,💤 zzz sleep 睡觉,💩 poop 便便,👻 ghost 鬼,\
🤖 robot bot 机器人,🫡 salute 敬礼,🫶 heart_hands 比心,➕ plus 加,➡️ arrow_right 右";

#[cfg(test)]
mod tests {
    use super::*;

    fn at_end(text: &str) -> Option<(Token, usize)> {
        token(text, text.len())
    }

    #[test]
    fn what_is_being_written_is_found() {
        for (text, expected) in [
            ("hi @Ma", Some((Token::Person("ma".into()), 3))),
            ("@Maya Ok", Some((Token::Person("maya ok".into()), 0))),
            ("你好@林", Some((Token::Person("林".into()), 6))),
            ("one\n@", Some((Token::Person(String::new()), 4))),
            ("a@b", None),
            ("@Maya  ", None),
            ("@ ", None),
            (":ro", Some((Token::Emoji("ro".into()), 0))),
            ("x :笑", Some((Token::Emoji("笑".into()), 2))),
            (":D", None),
            ("at 10:30", None),
            ("https://a", None),
            ("/to", Some((Token::Command("to".into()), 0))),
            ("/", Some((Token::Command(String::new()), 0))),
            ("/topic x", None),
            ("x /to", None),
        ] {
            assert_eq!(at_end(text), expected, "{text:?}");
        }
        assert_eq!(token("@Maya and more", 3), Some((Token::Person("ma".into()), 0)));
        assert_eq!(token("é", 1), None);
    }

    #[test]
    fn emoji_are_found_in_both_languages_and_are_emoji() {
        let first = |query: &str| emoji(query).first().map(|offer| offer.text.clone());
        assert_eq!(first("rock").as_deref(), Some("🚀"));
        assert_eq!(first("庆祝").as_deref(), Some("🥳"));
        assert_eq!(first("nothing"), None);
        for entry in EMOJI.split(',') {
            let (emoji, names) = entry.split_once(' ').unwrap();
            assert_eq!(common::text::Emoji::new(emoji).unwrap().as_str(), emoji, "{names}");
        }
    }

    #[test]
    fn a_word_of_a_name_is_enough() {
        assert!(fits("Maya Okafor", "oka") && fits("Maya Okafor", "maya o") && fits("林一凡", "林"));
        assert!(!fits("Maya Okafor", "for"));
    }
}
