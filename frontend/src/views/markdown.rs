//! A message's text as the reader sees it: Markdown as elements, addresses as links, names as mentions.
//!
//! The text is read once and drawn again only when it changes. Nothing in it becomes markup: each piece is put into the
//! page as text, and of addresses only those that [`common::markdown`] lets through. Neighbours: `message` has the row
//! around it.

use common::id::{RoomId, Seq};
use common::markdown::highlight::highlight;
use common::markdown::{self, Align, Block, Inline, Item};
use common::text;
use web_sys::MouseEvent;
use yew::{Callback, Html, Properties, classes, component, html, use_state_eq};

use super::parts::icon_sm;
use crate::browser_text;
use crate::effects::browser;
use crate::i18n::{Lang, Writing};
use crate::state::timeline::Message;
use crate::state::{Action, Touch};

/// The text of a message.
pub(super) fn body(lang: Lang, message: &Message, act: &Callback<Action>) -> Html {
    html! {
        <Text {lang} text={message.body.clone()} calls={message.calls.clone()} name={message.name.clone()} act={act.clone()} />
    }
}

/// A text that a message had before. Whom it mentions is no longer known.
pub(super) fn earlier(lang: Lang, text: &str, act: &Callback<Action>) -> Html {
    html! { <Text {lang} text={text.to_owned()} calls={Vec::new()} name="" act={act.clone()} /> }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct TextProps {
    lang: Lang,
    text: String,
    /// The names that it may mention, in lower case, and whether they mean the reader.
    calls: Vec<(String, bool)>,
    /// Who says it.
    name: String,
    act: Callback<Action>,
}

#[component]
fn Text(props: &TextProps) -> Html {
    if text::is_emoji_alone(&props.text) {
        return html! { <p class="msg__text msg__text--emoji">{ &props.text }</p> };
    }
    let names: Vec<String> = props.calls.iter().map(|(name, _)| name.clone()).collect();
    let document = markdown::parse(&props.text, &names);
    let drawing = Drawing { words: &props.lang.words().writing, calls: &props.calls, act: &props.act };
    let mut blocks = document.blocks.iter();
    let mut drawn = Vec::with_capacity(document.blocks.len());
    if document.action {
        let words = match blocks.as_slice().first() {
            Some(Block::Paragraph(words)) => words.as_slice(),
            _ => &[],
        };
        blocks.next().filter(|_| words.is_empty()).into_iter().for_each(|block| drawn.push(drawing.block(block)));
        let name = html! { <b>{ &props.name }{ " " }</b> };
        drawn.insert(
            0,
            element("p", "msg__text msg__text--action", std::iter::once(name).chain(drawing.inlines(words)).collect()),
        );
    }
    drawn.extend(blocks.map(|block| drawing.block(block)));
    html! { <>{ for drawn }</> }
}

/// What everything in a text is drawn with.
struct Drawing<'a> {
    words: &'static Writing,
    calls: &'a [(String, bool)],
    act: &'a Callback<Action>,
}

/// An element whose text runs as its own first strong letter does, so that nothing in it turns what stands beside it.
fn element(tag: &'static str, class: &'static str, inner: Vec<Html>) -> Html {
    html! { <@{tag} class={(!class.is_empty()).then_some(class)} dir="auto">{ for inner }</@> }
}

impl Drawing<'_> {
    fn blocks(&self, all: &[Block]) -> Vec<Html> {
        all.iter().map(|block| self.block(block)).collect()
    }

    fn block(&self, block: &Block) -> Html {
        match block {
            Block::Paragraph(words) => element("p", "msg__text", self.inlines(words)),
            Block::Heading(_, words) => element("p", "msg__text msg__text--head", self.inlines(words)),
            Block::Quote(inner) => element("blockquote", "msg__text", self.blocks(inner)),
            Block::List { start, items } => self.list(*start, items),
            Block::Code { lang, text } => {
                html! { <Code lang={lang.clone()} text={text.clone()} words={[self.words.copy_code, self.words.copied]} act={self.act.clone()} /> }
            }
            Block::Table { columns, rows } => self.table(columns, rows),
            Block::Rule => html! { <hr class="msg__rule" /> },
        }
    }

    fn list(&self, start: Option<u32>, items: &[Item]) -> Html {
        let items = items.iter().map(|item| {
            let task = item.done.map(|done| {
                let label = if done { self.words.done } else { self.words.to_do };
                html! { <span class="msg__task" role="img" aria-label={label}>{ if done { "☑" } else { "☐" } }</span> }
            });
            let inner = match item.blocks.as_slice() {
                [Block::Paragraph(words), rest @ ..] => {
                    let mut inner = self.inlines(words);
                    inner.extend(self.blocks(rest));
                    inner
                }
                blocks => self.blocks(blocks),
            };
            let class = if task.is_some() { "is-task" } else { "" };
            element("li", class, task.into_iter().chain(inner).collect())
        });
        match start {
            Some(start) => html! { <ol class="msg__text" start={start.to_string()}>{ for items }</ol> },
            None => html! { <ul class="msg__text">{ for items }</ul> },
        }
    }

    fn table(&self, columns: &[Align], rows: &[Vec<Vec<Inline>>]) -> Html {
        let row = |(at, row): (usize, &Vec<Vec<Inline>>)| {
            let cell = |(words, align): (&Vec<Inline>, &Align)| {
                let class = match align {
                    Align::None | Align::Left => "",
                    Align::Center => "is-center",
                    Align::Right => "is-right",
                };
                element(if at == 0 { "th" } else { "td" }, class, self.inlines(words))
            };
            html! { <tr>{ for row.iter().zip(columns).map(cell) }</tr> }
        };
        html! { <div class="msg__table" tabindex="0"><table><tbody>{ for rows.iter().enumerate().map(row) }</tbody></table></div> }
    }

    fn inlines(&self, all: &[Inline]) -> Vec<Html> {
        all.iter().map(|inline| self.inline(inline)).collect()
    }

    fn inline(&self, inline: &Inline) -> Html {
        let around = |tag: &'static str, inner: &[Inline]| {
            html! { <@{tag}>{ for self.inlines(inner) }</@> }
        };
        match inline {
            Inline::Text(text) => Html::from(text),
            Inline::Strong(inner) => around("strong", inner),
            Inline::Emphasis(inner) => around("em", inner),
            Inline::Strike(inner) => around("del", inner),
            Inline::Code(text) => html! { <code dir="auto">{ text }</code> },
            Inline::Link { href, text } => self.link(href, text),
            Inline::Mention(text) => {
                let name = browser_text::lower(text.trim_start_matches('@'));
                let me = self.calls.iter().any(|(called, me)| *me && *called == name);
                html! { <bdi class={classes!("mention", me.then_some("mention--me"))}>{ text }</bdi> }
            }
            // The style sheet keeps line breaks.
            Inline::Break => Html::from("\n"),
        }
    }

    /// A link to a message or a room of this server opens here, any other beside the page.
    fn link(&self, href: &str, text: &[Inline]) -> Html {
        let words = self.inlines(text);
        if let Some((room, seq)) = browser::origin().and_then(|origin| place(href.strip_prefix(&origin)?)) {
            let act = self.act.clone();
            let onclick = Callback::from(move |event: MouseEvent| {
                if event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                    event.prevent_default();
                    act.emit(Action::Visit(room));
                    seq.into_iter().for_each(|seq| act.emit(Action::Touch(Touch::GoTo(seq))));
                }
            });
            return html! { <a href={href.to_owned()} {onclick}>{ for words }</a> };
        }
        html! { <a href={href.to_owned()} title={href.to_owned()} target="_blank" rel="noopener noreferrer">{ for words }</a> }
    }
}

/// The room and the message that a path names: `/r/7#1204`.
fn place(path: &str) -> Option<(RoomId, Option<Seq>)> {
    let path = path.strip_prefix("/r/")?;
    let (room, seq) = path.split_once('#').map_or((path, None), |(room, seq)| (room, Some(seq)));
    let seq = match seq {
        Some(seq) => Some(Seq(seq.parse().ok()?)),
        None => None,
    };
    Some((RoomId(room.trim_end_matches('/').parse().ok()?), seq))
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct CodeProps {
    lang: String,
    text: String,
    /// What the button says, before and after.
    words: [&'static str; 2],
    act: Callback<Action>,
}

/// A block of code, with the name of its language and a button that copies it.
#[component]
fn Code(props: &CodeProps) -> Html {
    let copied = use_state_eq(|| false);
    let [copy, done] = props.words;
    let label = if *copied { done } else { copy };
    let onclick = {
        let (act, text, copied) = (props.act.clone(), props.text.clone(), copied.clone());
        Callback::from(move |_: MouseEvent| {
            act.emit(Action::Copy(text.clone()));
            copied.set(true);
        })
    };
    let piece = |(class, text): (Option<markdown::highlight::Class>, &str)| match class {
        Some(class) => html! { <span class={class.name()}>{ text }</span> },
        None => Html::from(text),
    };
    html! {
        <figure class="code">
            <figcaption class="code__head">
                <span>{ &props.lang }</span>
                <button type="button" class="icon-btn icon-btn--sm" aria-label={label} title={label} {onclick}>{ icon_sm(if *copied { "check" } else { "copy" }) }</button>
            </figcaption>
            <pre tabindex="0" dir="ltr"><code>{ for highlight(&props.lang, &props.text).into_iter().map(piece) }</code></pre>
        </figure>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permalink_names_a_room_and_a_message() {
        assert_eq!(place("/r/7#1204"), Some((RoomId(7), Some(Seq(1204)))));
        assert_eq!(place("/r/7/"), Some((RoomId(7), None)));
        for other in ["/r/x", "/r/7#x", "/api/v1/me", "", ".evil.example/r/7"] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
