//! What people say in a measurement: ordinary sentences of a team's chat, in English or in Chinese.
//!
//! One text that is repeated would be compressed to nothing, and letters at random not at all; neither is said by
//! anybody. Sentences are put together from parts, so that words come back as they do in a chat, and no two messages
//! are alike. A text begins with a *stamp*: `@`, the time in nanoseconds at which it is due, and a space.

use std::fmt::Write as _;

/// Bytes of a stamp: `@`, sixteen digits, a space.
pub(crate) const STAMP: usize = 18;

/// Texts that are made before a run and then used in turn, so that making them costs the run nothing.
const KINDS: usize = 4_096;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// One byte for each letter.
    English,
    /// Three bytes for each character.
    Chinese,
}

impl Language {
    /// Its name in results.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "Chinese",
        }
    }
}

/// Texts of one length, stamp included.
#[derive(Debug)]
pub(crate) struct Bodies {
    texts: Vec<String>,
}

impl Bodies {
    /// Texts of at most `bytes` bytes, and as near to that as whole characters allow. The same ones every time.
    pub(crate) fn new(language: Language, bytes: usize) -> Self {
        let mut rng = fastrand::Rng::with_seed(bytes as u64);
        let texts = (0..KINDS).map(|_| text(language, bytes.saturating_sub(STAMP), &mut rng)).collect();
        Self { texts }
    }

    /// Puts the text number `n` behind its stamp.
    #[inline]
    pub(crate) fn write(&self, out: &mut String, n: u64, due: u64) {
        // Writing to a string does not fail.
        write!(out, "@{due:016} ").ok();
        let turn = usize::try_from(n % KINDS as u64).unwrap_or_default();
        out.push_str(self.texts.get(turn).map_or("", String::as_str));
    }
}

/// The time on a stamp that `bytes` begin with.
#[inline]
pub(crate) fn due(bytes: &[u8]) -> Option<u64> {
    let (b'@', rest) = bytes.split_first()? else { return None };
    digits(rest.first_chunk::<16>()?)
}

/// A decimal number of digits alone.
#[inline]
pub(crate) fn digits(bytes: &[u8]) -> Option<u64> {
    let mut sum = 0_u64;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        sum = sum.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Some(sum)
}

fn text(language: Language, bytes: usize, rng: &mut fastrand::Rng) -> String {
    let mut text = String::new();
    while text.len() < bytes {
        sentence(language, &mut text, rng);
    }
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    // A text does not end in a space: the server would take it off.
    if text.ends_with(' ') {
        text.pop();
        text.push('.');
    }
    text
}

fn sentence(language: Language, out: &mut String, rng: &mut fastrand::Rng) {
    let (parts, end) = match language {
        Language::English => (ENGLISH, ". "),
        Language::Chinese => (CHINESE, "。"),
    };
    for part in parts {
        out.push_str(rng.choice(part.iter()).copied().unwrap_or_default());
    }
    out.push_str(end);
}

const ENGLISH: &[&[&str]] = &[
    &[
        "I think ",
        "It looks like ",
        "Just so you know, ",
        "Good morning, ",
        "As far as I can see ",
        "By the way, ",
        "Sorry, but ",
        "For what it's worth, ",
        "Looking at it again, ",
        "To be honest, ",
        "",
        "",
        "Maya says ",
        "Yes, ",
    ],
    &[
        "the build ",
        "our proxy ",
        "the new invoice form ",
        "the customer from Leipzig ",
        "the second worker ",
        "the migration ",
        "my laptop ",
        "the release ",
        "that query ",
        "the search page ",
        "the phone app ",
        "the login link ",
        "the printer upstairs ",
        "the backup ",
        "Jonas's branch ",
        "the nightly job ",
    ],
    &[
        "has been slow ",
        "needs another look ",
        "does not start ",
        "works fine ",
        "was rolled back ",
        "keeps losing its connection ",
        "came back on its own ",
        "fails one time in ten ",
        "is finally merged ",
        "should be moved ",
        "was never tested ",
        "runs out of memory ",
        "asks for a password ",
        "looks much better ",
    ],
    &[
        "since Tuesday",
        "after lunch",
        "on the staging server",
        "when two people save at once",
        "in the Berlin office",
        "before the call at ten",
        "with the old settings",
        "for about an hour",
        "whenever the cache is cold",
        "on Safari",
        "until we restart it",
        "behind the firewall",
        "with more than forty rows",
        "this week",
    ],
    &[
        "",
        "",
        ", can somebody check?",
        ", so let's wait",
        ", I'll write it down",
        ", which surprised me",
        " and nobody knows why",
        " but it is not urgent",
        ", thanks to Priya",
        ", see the ticket",
        " again",
    ],
];

const CHINESE: &[&[&str]] = &[
    &[
        "我觉得",
        "看起来",
        "顺便说一下，",
        "早上好，",
        "据我所知，",
        "不好意思，",
        "说实话，",
        "刚才发现",
        "",
        "",
        "小王说",
        "对，",
    ],
    &[
        "新的构建",
        "我们的代理",
        "发票页面",
        "上海的客户",
        "第二台服务器",
        "数据库迁移",
        "我的电脑",
        "这次发布",
        "那条查询",
        "搜索功能",
        "手机应用",
        "登录链接",
        "楼上的打印机",
        "昨晚的备份",
        "李娜的分支",
        "定时任务",
    ],
    &[
        "一直很慢",
        "还需要再看一下",
        "启动不了",
        "运行正常",
        "已经回滚了",
        "老是断线",
        "自己恢复了",
        "偶尔会失败",
        "终于合并了",
        "应该换个地方",
        "从来没有测试过",
        "内存不够用",
        "要求输入密码",
        "比以前好多了",
    ],
    &[
        "，从星期二开始",
        "，午饭以后",
        "，在测试环境里",
        "，两个人同时保存的时候",
        "，在北京办公室",
        "，十点开会之前",
        "，用旧的配置",
        "，大概一个小时",
        "，缓存没有热的时候",
        "，直到我们重启",
        "，在防火墙后面",
        "，这个星期",
    ],
    &[
        "",
        "",
        "，谁能看一下",
        "，先等等吧",
        "，我会记下来",
        "，有点意外",
        "，没人知道为什么",
        "，不过不着急",
        "，谢谢大家",
        "，请看工单",
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_length_and_their_stamp() {
        for (language, least) in [(Language::English, 200), (Language::Chinese, 198)] {
            let bodies = Bodies::new(language, 200);
            for n in 0..KINDS as u64 {
                let mut out = String::new();
                bodies.write(&mut out, n, 1_234_567_890 + n);
                assert!((least..=200).contains(&out.len()), "{} {out}", out.len());
                assert_eq!(due(out.as_bytes()), Some(1_234_567_890 + n));
                assert!(common::text::Body::new(&out).is_ok_and(|body| body.as_str() == out), "{out:?}");
            }
        }
    }

    #[test]
    fn texts_differ() {
        let bodies = Bodies::new(Language::English, 200);
        let different: std::collections::BTreeSet<_> = bodies.texts.iter().collect();
        assert!(different.len() > KINDS * 99 / 100, "{}", different.len());
    }

    #[test]
    fn what_is_no_stamp_has_no_time() {
        for bytes in [&b""[..], b"@", b"@00000000000000x6 ", b"00000000000000001", b"@123 "] {
            assert_eq!(due(bytes), None);
        }
    }
}
