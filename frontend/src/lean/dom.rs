//! What is drawn: a tree of elements, as plain data.
//!
//! Views build a [`Node`] of the program's messages, with calls that are never inlined, for views are most of a program; [`super::draw`] makes the document like it. Deliberately absent: state.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use web_sys::Event;

/// A text that is drawn.
pub type Str = Cow<'static, str>;

/// A piece of the page.
#[derive(Debug)]
pub enum Node<M> {
    /// Nothing, which keeps its place: what comes after it stays what it is.
    Nothing,
    /// A text.
    Text(Str),
    /// An element.
    Element(Element<M>),
    /// Several, drawn in the place of one.
    Many(Vec<Node<M>>),
}

/// An element. It is one pointer: handing it on from call to call while it is built costs as few bytes of program as can be.
#[derive(Debug)]
pub struct Element<M>(pub(super) Box<Parts<M>>);

/// What an element is made of.
#[derive(Debug)]
pub(super) struct Parts<M> {
    pub(super) tag: &'static str,
    pub(super) key: Option<u64>,
    pub(super) attrs: Vec<(&'static str, Attr)>,
    pub(super) on: Vec<(&'static str, On<M>)>,
    pub(super) children: Vec<Node<M>>,
}

/// What an attribute is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attr {
    /// A text. The name decides what becomes of it: `value` is the element's property, `--name` a variable of its style,
    /// anything else an attribute.
    Text(Str),
    /// There or not; `checked` is the element's property.
    Flag(bool),
}

/// What an event of the browser means.
pub struct On<M>(pub(super) Listener<M>);

type Listener<M> = Rc<dyn Fn(&Event) -> Option<M>>;

impl<M> Clone for On<M> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<M> fmt::Debug for On<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("On")
    }
}

/// Begins an element. Elements of SVG are known by their names, and must not be mixed with those of HTML.
#[inline(never)]
#[must_use]
pub fn el<M>(tag: &'static str) -> Element<M> {
    Element(Box::new(Parts { tag, key: None, attrs: Vec::new(), on: Vec::new(), children: Vec::new() }))
}

/// Begins an element with a class.
#[inline(never)]
#[must_use]
pub fn with_class<M>(tag: &'static str, class: impl Into<Str>) -> Element<M> {
    el(tag).class(class)
}

/// An icon of the design, hidden from readers of the screen.
#[inline(never)]
#[must_use]
pub fn icon<M>(name: &str) -> Node<M> {
    with_class("i", format!("i i-{name}")).attr("aria-hidden", "true").into()
}

/// A small icon.
#[inline(never)]
#[must_use]
pub fn icon_sm<M>(name: &str) -> Node<M> {
    with_class("i", format!("i i-{name} i--sm")).attr("aria-hidden", "true").into()
}

impl<M> Element<M> {
    /// The class.
    #[inline(never)]
    #[must_use]
    pub fn class(self, class: impl Into<Str>) -> Self {
        self.attr("class", class)
    }

    /// An attribute, a property or a variable of the style; see [`Attr::Text`].
    #[inline(never)]
    #[must_use]
    pub fn attr(mut self, name: &'static str, value: impl Into<Str>) -> Self {
        self.0.attrs.push((name, Attr::Text(value.into())));
        self
    }

    /// An attribute that is there or not.
    #[inline(never)]
    #[must_use]
    pub fn flag(mut self, name: &'static str, there: bool) -> Self {
        self.0.attrs.push((name, Attr::Flag(there)));
        self
    }

    /// An `aria-…` state that is said either way.
    #[inline(never)]
    #[must_use]
    pub fn aria(self, name: &'static str, is: bool) -> Self {
        self.attr(name, if is { "true" } else { "false" })
    }

    /// Tells it from its siblings wherever it moves. Of siblings either all have a key or none.
    #[inline(never)]
    #[must_use]
    pub fn key(mut self, key: u64) -> Self {
        self.0.key = Some(key);
        self
    }

    /// Sends a message at an event, and keeps the browser from doing what it does then by itself.
    #[inline(never)]
    #[must_use]
    pub fn on(self, event: &'static str, msg: M) -> Self
    where
        M: Clone + 'static,
    {
        self.on_event(event, move |event| {
            event.prevent_default();
            Some(msg.clone())
        })
    }

    /// Sends what the listener makes of an event. The innermost listener that makes a message of it is the last one.
    #[inline(never)]
    #[must_use]
    pub fn on_event(mut self, event: &'static str, listener: impl Fn(&Event) -> Option<M> + 'static) -> Self {
        self.0.on.push((event, On(Rc::new(listener))));
        self
    }

    /// Sends what is in a field, whenever that has changed.
    #[inline(never)]
    #[must_use]
    pub fn on_input(self, msg: fn(String) -> M) -> Self
    where
        M: 'static,
    {
        self.on_event("input", move |event| Some(msg(value_of(event))))
    }

    /// Sends what was chosen or entered in a field.
    #[inline(never)]
    #[must_use]
    pub fn on_change(self, msg: fn(String) -> M) -> Self
    where
        M: 'static,
    {
        self.on_event("change", move |event| Some(msg(value_of(event))))
    }

    /// A text within it.
    #[inline(never)]
    #[must_use]
    pub fn text(mut self, text: impl Into<Str>) -> Self {
        self.0.children.push(Node::Text(text.into()));
        self
    }

    /// Something within it.
    #[inline(never)]
    #[must_use]
    pub fn child(mut self, child: impl Into<Node<M>>) -> Self {
        self.0.children.push(child.into());
        self
    }

    /// Several things within it.
    #[inline(never)]
    #[must_use]
    pub fn children(self, children: impl IntoIterator<Item = Node<M>>) -> Self {
        self.extended(&mut children.into_iter())
    }

    /// Once for all sorts of iterators.
    #[inline(never)]
    fn extended(mut self, children: &mut dyn Iterator<Item = Node<M>>) -> Self {
        self.0.children.extend(children);
        self
    }
}

impl<M> From<Element<M>> for Node<M> {
    fn from(element: Element<M>) -> Self {
        Self::Element(element)
    }
}

impl<M, N: Into<Self>> From<Option<N>> for Node<M> {
    fn from(node: Option<N>) -> Self {
        node.map_or(Self::Nothing, Into::into)
    }
}

impl<M> From<Vec<Self>> for Node<M> {
    fn from(nodes: Vec<Self>) -> Self {
        Self::Many(nodes)
    }
}

impl<M> From<&'static str> for Node<M> {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl<M> From<String> for Node<M> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

/// What is in the field that an event happened to.
#[must_use]
pub fn value_of(event: &Event) -> String {
    let value = event.target().and_then(|target| js_sys::Reflect::get(&target, &"value".into()).ok());
    value.and_then(|value| value.as_string()).unwrap_or_default()
}
