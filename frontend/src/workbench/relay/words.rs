//! The words of the relay, in every language, checked by the compiler.

use crate::i18n::Lang;

type Text = &'static str;

pub(super) struct Words {
    pub route: Text,
    pub direct: Text,
    pub relayed: Text,
    pub compress: Text,
    pub silent: Text,
    pub ping: Text,
    pub pong: Text,
    pub headers: Text,
    pub name: Text,
    pub value: Text,
    pub add: Text,
    pub remove: Text,
    pub fingerprint: Text,
    pub trust: Text,
    pub accept: Text,
    pub to: Text,
    pub by: Text,
}

const EN: Words = Words {
    route: "Route",
    direct: "browser directly",
    relayed: "through the server",
    compress: "Offer permessage-deflate",
    silent: "Answer pings by hand",
    ping: "Send ping",
    pong: "Send pong",
    headers: "Headers and certificate",
    name: "Name of the header",
    value: "Value",
    add: "Add a header",
    remove: "Remove the header",
    fingerprint: "SHA-256 of the one certificate to accept",
    trust: "empty: what the server's machine trusts",
    accept: "Accept this certificate",
    to: "connecting to ",
    by: ", signed by ",
};

const ZH: Words = Words {
    route: "线路",
    direct: "浏览器直连",
    relayed: "经服务器中继",
    compress: "提议 permessage-deflate",
    silent: "手动回应 ping",
    ping: "发送 ping",
    pong: "发送 pong",
    headers: "请求头与证书",
    name: "请求头名称",
    value: "值",
    add: "添加请求头",
    remove: "删除请求头",
    fingerprint: "唯一接受的证书的 SHA-256",
    trust: "留空：按服务器所信任的来判断",
    accept: "接受此证书",
    to: "正在连接 ",
    by: "，签发者 ",
};

pub(super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}

type Said = [(Text, Text, Text)];

/// Why there is no connection: what the relay calls it, and what that means.
const CAUSES: &Said = &[
    ("bad_url", "The address is not one of a WebSocket", "地址不是 WebSocket 地址"),
    ("bad_protocol", "A subprotocol may not be written like this", "子协议名写法不合规定"),
    ("bad_header", "A header may not be set like this", "不能这样设置请求头"),
    ("bad_fingerprint", "The fingerprint is no SHA-256", "指纹不是 SHA-256"),
    ("not_allowed", "The relay is for members: guests may not use it", "中继仅供成员使用，访客不能使用"),
    ("too_many", "There are too many relays: close one", "中继过多，请先关闭一个"),
    (
        "private",
        "Not a public address; whoever runs the server can list it",
        "不是公网地址；服务器管理者可将其列入允许名单",
    ),
    ("bad_port", "The port belongs to another protocol", "该端口属于其他协议"),
    ("not_found", "There is no such name", "找不到这个主机名"),
    ("refused", "Nobody listens there", "目标端口无人监听"),
    ("timed_out", "No answer in time: a firewall, or nobody there", "等待超时：可能被防火墙阻挡，或无人应答"),
    ("unreachable", "There is no way there", "无法到达目标"),
    ("expired", "The certificate has run out or is not valid yet", "证书已过期或尚未生效"),
    ("unknown_issuer", "Nobody who is trusted has signed the certificate", "证书并非由受信任的机构签发"),
    ("wrong_name", "The certificate is for another name", "证书属于另一个主机名"),
    ("other_certificate", "Not the certificate that was named", "不是指定的那张证书"),
    ("tls", "TLS failed: perhaps it is ws://", "TLS 失败：也许应使用 ws://"),
    ("ended", "It ended before an answer: perhaps it is wss://", "未收到回应就断开了：也许应使用 wss://"),
    ("not_http", "The answer is no HTTP", "回应不是 HTTP"),
    ("redirect", "A redirect, which WebSockets do not follow", "服务器要求重定向，而 WebSocket 不会跟随"),
    ("status", "An answer other than 101", "回应不是 101"),
    (
        "no_upgrade",
        "101 without Upgrade or Connection: perhaps a proxy",
        "101 回应缺少 Upgrade 或 Connection：可能是代理所致",
    ),
    ("wrong_accept", "Sec-WebSocket-Accept is wrong", "Sec-WebSocket-Accept 不正确"),
    ("wrong_protocol", "A subprotocol that was not offered", "选择了未提议的子协议"),
    ("wrong_extension", "An extension that was not offered", "使用了未提议的扩展"),
    (
        "lost",
        "The relay cannot be reached: sign in, or look whether the server runs",
        "无法使用中继：请登录，或检查服务器是否在运行",
    ),
];

/// What has ended a connection.
const ENDS: &Said = &[
    ("close", "Closed by both", "双方均已关闭"),
    ("eof", "The server ended it without Close", "服务器未发送 Close 就结束了连接"),
    ("reset", "The connection broke", "连接中断"),
    ("violation", "The server broke the protocol", "服务器违反了协议"),
    ("unanswered", "Our Close was not answered", "我方的 Close 没有得到回应"),
    ("stalled", "Nothing was taken any more", "对方不再接收数据"),
    ("hour", "A relay lasts an hour", "中继最长一小时"),
    ("signed_out", "Your session has ended", "你的会话已结束"),
    ("stopping", "The relay's server is being stopped", "中继服务器正在停止"),
    ("bad_order", "The relay did not accept what was sent", "中继无法接受所发送的内容"),
];

fn find(list: &'static Said, word: &str, lang: Lang) -> Text {
    list.iter().find(|(name, ..)| *name == word).map_or("?", |(_, en, zh)| match lang {
        Lang::En => en,
        Lang::Zh => zh,
    })
}

pub(super) fn cause(word: &str, lang: Lang) -> Text {
    find(CAUSES, word, lang)
}

pub(super) fn end(word: &str, lang: Lang) -> Text {
    find(ENDS, word, lang)
}

#[cfg(test)]
mod tests {
    use common::relay::{Cause, End};

    use super::*;

    #[test]
    fn every_word_of_the_relay_has_a_meaning() {
        let causes = [
            Cause::BadUrl,
            Cause::BadProtocol,
            Cause::BadHeader,
            Cause::BadFingerprint,
            Cause::NotAllowed,
            Cause::TooMany,
            Cause::Private,
            Cause::BadPort,
            Cause::NotFound,
            Cause::Refused,
            Cause::TimedOut,
            Cause::Unreachable,
            Cause::Expired,
            Cause::UnknownIssuer,
            Cause::WrongName,
            Cause::OtherCertificate,
            Cause::Tls,
            Cause::Ended,
            Cause::NotHttp,
            Cause::Redirect,
            Cause::Status,
            Cause::NoUpgrade,
            Cause::WrongAccept,
            Cause::WrongProtocol,
            Cause::WrongExtension,
        ];
        for one in causes {
            let word = serde_json::to_value(one).unwrap();
            assert_ne!(cause(word.as_str().unwrap(), Lang::En), "?", "{word}");
        }
        let ends = [
            End::Close,
            End::Eof,
            End::Reset,
            End::Violation,
            End::Unanswered,
            End::Stalled,
            End::Hour,
            End::SignedOut,
            End::Stopping,
            End::BadOrder,
        ];
        for one in ends {
            let word = serde_json::to_value(one).unwrap();
            assert_ne!(end(word.as_str().unwrap(), Lang::Zh), "?", "{word}");
        }
    }
}
