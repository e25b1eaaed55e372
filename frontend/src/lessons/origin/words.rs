//! The words of the lesson about origins, in every language, checked by the compiler.

use super::super::course::Prose;
use crate::i18n::Lang;

type Text = &'static str;

pub(in super::super) struct Words {
    pub prose: Prose,
    pub open: Text,
    pub heads: [Text; 3],
    pub headers: [Text; 5],
    pub forge: Text,
    pub refused: Text,
}

const EN: Words = Words {
    prose: Prose {
        title: "The same-origin question",
        lead: "A page may open a WebSocket to any site; the same-origin policy does not stop it, and there is no CORS. \
               The server has to look at `Origin` itself. Here is what it was told.",
        notice: &[
            "The browser writes `Origin`, and no script can change it. The server decides by it; this one refuses pages \
             of other sites with 403.",
            "Cookies go along with the handshake. A server that looks only at the cookie lets any page speak in the \
             reader's name: cross-site WebSocket hijacking.",
            "`SameSite=Lax` or `Strict` keeps a cookie at home. Check `Origin` all the same: a sister domain is the same \
             site.",
            "A program that is no browser sends what it likes. `Origin` protects people's browsers, not the server: who \
             may do what must still be asked.",
            "The page that was refused is told 1006 and nothing else.",
        ],
        tasks: &[
            (
                "Run the command in a terminal. What does this server answer, and what with your own address as `Origin`?",
                "403 for a foreign origin. 101 for its own: the check protects browsers, and anybody else can say anything.",
            ),
            (
                "What should a server do with `Origin: null`?",
                "Refuse it where anything is worth protecting. Files and sandboxed frames of any site send it.",
            ),
            (
                "Can the page's own policy forbid foreign sockets?",
                "Yes: `connect-src` of the Content-Security-Policy. It restrains this page, not others.",
            ),
        ],
    },
    open: "Ask the server what it sees",
    heads: ["Header", "What the server saw", "What it is good for"],
    headers: [
        "The site that is asked. Compare it with Origin.",
        "The page that asks: scheme, host, port.",
        "Sent by itself, whichever page asks, unless SameSite forbids it.",
        "The browser's own opinion. Not every browser sends it with a handshake.",
        "Proves nothing.",
    ],
    forge: "A page cannot forge its origin. A program can:",
    refused: "How a page sees a refusal:",
};

const ZH: Words = Words {
    prose: Prose {
        title: "同源问题",
        lead: "页面可以向任何站点打开 WebSocket：同源策略并不阻止，也没有 CORS。服务器必须自己检查 `Origin`。以下是它得知的内容。",
        notice: &[
            "`Origin` 由浏览器填写，脚本无法更改。服务器据此决定；本服务器以 403 拒绝其他站点的页面。",
            "Cookie 会随握手一同发送。只看 cookie 的服务器，会让任何页面以读者的名义说话：跨站 WebSocket 劫持。",
            "`SameSite=Lax` 或 `Strict` 会把 cookie 留在本站。但仍要检查 `Origin`：兄弟域名属于同一站点。",
            "不是浏览器的程序想发什么就发什么。`Origin` 保护的是人们的浏览器，而不是服务器：谁可以做什么，仍须询问。",
            "被拒绝的页面只得知 1006，别无其他。",
        ],
        tasks: &[
            (
                "在终端运行这条命令。本服务器如何回应？把 `Origin` 换成自己的地址又如何？",
                "外来的源得到 403，自己的源得到 101：这项检查保护浏览器，其他程序可以任意填写。",
            ),
            (
                "服务器应如何对待 `Origin: null`？",
                "只要有值得保护的内容，就应拒绝。任何站点的沙盒框架以及本地文件都会发送它。",
            ),
            (
                "页面自己的策略能禁止外来套接字吗？",
                "能：Content-Security-Policy 的 `connect-src`。它约束的是本页面，而不是其他页面。",
            ),
        ],
    },
    open: "询问服务器看到了什么",
    heads: ["标头", "服务器看到的", "有何用处"],
    headers: [
        "被请求的站点。请与 Origin 比较。",
        "发出请求的页面：协议、主机、端口。",
        "无论哪个页面请求都会自动发送，除非 SameSite 禁止。",
        "浏览器自己的判断。并非每个浏览器都会在握手时发送。",
        "证明不了什么。",
    ],
    forge: "页面无法伪造自己的源，程序却可以：",
    refused: "页面如何看待拒绝：",
};

pub(in super::super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
