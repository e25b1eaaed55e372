//! Makes the document like a tree of [`Node`]s, by the fewest changes, and tells what happens to it.
//!
//! One listener for each sort of event stands at the root and finds whose event it was. Neighbours: [`super::dom`] is the
//! tree, [`super::program`] calls. Deliberately absent: what the tree means.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AddEventListenerOptions, Document, Event, HtmlElement};

use super::dom::{Attr, Node, On, Parts, Str};

const SVG: &str = "http://www.w3.org/2000/svg";

/// The elements of SVG that are drawn.
const SVG_TAGS: [&str; 8] = ["svg", "polyline", "polygon", "path", "rect", "line", "circle", "g"];

/// The property of an element that says which listeners are its own.
const OWN: &str = "readyroomOwn";

/// A place in the document that looks as it was told.
pub struct Root<M> {
    place: web_sys::Element,
    live: Vec<Live>,
    desk: Desk<M>,
}

impl<M> std::fmt::Debug for Root<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Root").finish_non_exhaustive()
    }
}

/// What is drawn, and from what.
struct Live {
    dom: web_sys::Node,
    key: Option<u64>,
    /// None for a text.
    element: Option<Drawn>,
    text: Str,
}

struct Drawn {
    tag: &'static str,
    attrs: Vec<(&'static str, Attr)>,
    /// Its place among the listeners, where it has any.
    own: Option<usize>,
    children: Vec<Live>,
}

type Listeners<M> = Rc<RefCell<Vec<Vec<(&'static str, On<M>)>>>>;

/// What drawing needs besides the tree.
struct Desk<M> {
    page: Document,
    place: web_sys::Element,
    listeners: Listeners<M>,
    free: Vec<usize>,
    /// What was made just now and wants the focus: an element with `autofocus`.
    focus: Option<web_sys::Element>,
    /// The sorts of events that are listened to.
    sorts: Vec<&'static str>,
    tell: Rc<dyn Fn(M)>,
}

impl<M: 'static> Root<M> {
    /// An empty place. What happens in it is told.
    #[must_use]
    pub fn new(place: web_sys::Element, page: Document, tell: Rc<dyn Fn(M)>) -> Self {
        let desk = Desk {
            page,
            place: place.clone(),
            listeners: Rc::default(),
            free: Vec::new(),
            focus: None,
            sorts: Vec::new(),
            tell,
        };
        Self { place, live: Vec::new(), desk }
    }

    /// Makes the place look like this.
    pub fn draw(&mut self, node: Node<M>) {
        self.desk.children(&self.place, &mut self.live, vec![node]);
        if let Some(wants) = self.desk.focus.take() {
            drop(wants.unchecked_ref::<HtmlElement>().focus());
        }
    }
}

/// The nodes in their places: those of [`Node::Many`] among the others.
fn flatten<M>(nodes: Vec<Node<M>>, flat: &mut Vec<Node<M>>) {
    for node in nodes {
        match node {
            Node::Many(nodes) => flatten(nodes, flat),
            Node::Nothing | Node::Text(_) | Node::Element(_) => flat.push(node),
        }
    }
}

const fn key_of<M>(node: &Node<M>) -> Option<u64> {
    match node {
        Node::Element(element) => element.0.key,
        Node::Nothing | Node::Text(_) | Node::Many(_) => None,
    }
}

impl<M: 'static> Desk<M> {
    fn children(&mut self, parent: &web_sys::Node, live: &mut Vec<Live>, nodes: Vec<Node<M>>) {
        let mut flat = Vec::with_capacity(nodes.len());
        flatten(nodes, &mut flat);
        let mut old = std::mem::take(live);
        // What nobody will want: those whose key is gone, and those beyond the end.
        let keyed = old.iter().any(|one| one.key.is_some()) || flat.iter().any(|one| key_of(one).is_some());
        let mut at = 0;
        while at < old.len() {
            let wanted = match old.get(at).and_then(|one| one.key) {
                Some(key) => flat.iter().any(|node| key_of(node) == Some(key)),
                None => !keyed && at < flat.len(),
            };
            if wanted {
                at += 1;
            } else {
                let gone = old.remove(at);
                self.remove(parent, gone);
            }
        }
        let mut old = old.into_iter().collect::<std::collections::VecDeque<_>>();
        for node in flat {
            let key = key_of(&node);
            let found = match key {
                Some(_) => old.iter().position(|one| one.key == key),
                None => (!old.is_empty() && !keyed).then_some(0),
            };
            let in_place = found == Some(0);
            let same = found.and_then(|at| old.remove(at));
            let before = old.front().map(|one| one.dom.clone());
            let drawn = match same {
                Some(one) if is_alike(&one, &node) => {
                    let mut one = one;
                    self.update(&mut one, node);
                    if !in_place {
                        drop(parent.insert_before(&one.dom, before.as_ref()));
                    }
                    one
                }
                same => {
                    let drawn = self.make(node);
                    let stands = same.as_ref().map(|one| one.dom.clone()).or(before);
                    drop(parent.insert_before(&drawn.dom, stands.as_ref()));
                    if let Some(gone) = same {
                        self.remove(parent, gone);
                    }
                    drawn
                }
            };
            live.push(drawn);
        }
        for gone in old {
            self.remove(parent, gone);
        }
    }

    fn make(&mut self, node: Node<M>) -> Live {
        match node {
            Node::Element(element) => {
                let Parts { tag, key, attrs, on, children } = *element.0;
                let dom = if SVG_TAGS.contains(&tag) {
                    self.page.create_element_ns(Some(SVG), tag)
                } else {
                    self.page.create_element(tag)
                };
                let Ok(dom) = dom else { return self.make(Node::Nothing) };
                let mut drawn = Drawn { tag, attrs: Vec::new(), own: None, children: Vec::new() };
                self.children(&dom, &mut drawn.children, children);
                // After the children: a select has its value only then.
                if attrs.iter().any(|(name, _)| *name == "autofocus") {
                    self.focus = Some(dom.clone());
                }
                dress(&dom, &mut drawn.attrs, attrs);
                self.listen(&dom, &mut drawn.own, on);
                Live { dom: dom.into(), key, element: Some(drawn), text: Str::default() }
            }
            Node::Text(text) => self.text(text),
            Node::Nothing | Node::Many(_) => self.text(Str::default()),
        }
    }

    fn text(&self, text: Str) -> Live {
        Live { dom: self.page.create_text_node(&text).into(), key: None, element: None, text }
    }

    fn update(&mut self, live: &mut Live, node: Node<M>) {
        match (&mut live.element, node) {
            (Some(drawn), Node::Element(element)) => {
                let Parts { attrs, on, children, .. } = *element.0;
                self.children(&live.dom, &mut drawn.children, children);
                let dom: &web_sys::Element = live.dom.unchecked_ref();
                dress(dom, &mut drawn.attrs, attrs);
                self.listen(dom, &mut drawn.own, on);
            }
            (_, Node::Text(text)) => retext(live, text),
            (_, _) => retext(live, Str::default()),
        }
    }

    fn remove(&mut self, parent: &web_sys::Node, gone: Live) {
        drop(parent.remove_child(&gone.dom));
        self.forget(gone);
    }

    fn forget(&mut self, gone: Live) {
        let Some(drawn) = gone.element else { return };
        if let Some(own) = drawn.own {
            if let Some(listeners) = self.listeners.borrow_mut().get_mut(own) {
                listeners.clear();
            }
            self.free.push(own);
        }
        drawn.children.into_iter().for_each(|child| self.forget(child));
    }

    fn listen(&mut self, dom: &web_sys::Element, own: &mut Option<usize>, on: Vec<(&'static str, On<M>)>) {
        if on.is_empty() && own.is_none() {
            return;
        }
        for (sort, _) in &on {
            if !self.sorts.contains(sort) {
                self.sorts.push(sort);
                self.listen_to(sort);
            }
        }
        let at = own.unwrap_or_else(|| {
            let at = self.free.pop().unwrap_or_else(|| {
                self.listeners.borrow_mut().push(Vec::new());
                self.listeners.borrow().len() - 1
            });
            #[expect(clippy::cast_precision_loss, reason = "there are not that many elements")]
            drop(Reflect::set(dom, &OWN.into(), &JsValue::from_f64(at as f64)));
            at
        });
        *own = Some(at);
        if let Some(listeners) = self.listeners.borrow_mut().get_mut(at) {
            *listeners = on;
        }
    }

    /// Listens to a sort of event, on its way down: some do not come up again.
    fn listen_to(&self, sort: &'static str) {
        let (listeners, place, tell) = (Rc::clone(&self.listeners), self.place.clone(), Rc::clone(&self.tell));
        let heard = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            if let Some(msg) = meaning(&listeners, &place, sort, &event) {
                tell(msg);
            }
        });
        let options = AddEventListenerOptions::new();
        options.set_capture(true);
        // A wheel that zooms or a drop that is taken must be able to say so.
        options.set_passive(false);
        let heard = heard.into_js_value();
        drop(self.place.add_event_listener_with_callback_and_add_event_listener_options(
            sort,
            heard.unchecked_ref(),
            &options,
        ));
    }
}

/// What an event means to the innermost element that makes anything of it.
fn meaning<M>(listeners: &Listeners<M>, place: &web_sys::Element, sort: &str, event: &Event) -> Option<M> {
    let mut at = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    while let Some(node) = at {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "such a number was put there")]
        let own = Reflect::get(&node, &OWN.into()).ok().and_then(|own| own.as_f64()).map(|own| own as usize);
        let found: Vec<On<M>> = match own.and_then(|own| listeners.borrow().get(own).cloned()) {
            Some(listeners) => listeners.into_iter().filter(|(of, _)| *of == sort).map(|(_, on)| on).collect(),
            None => Vec::new(),
        };
        if let Some(msg) = found.iter().find_map(|on| (on.0)(event)) {
            return Some(msg);
        }
        at = (!node.is_same_node(Some(place))).then(|| node.parent_node()).flatten();
    }
    None
}

fn is_alike<M>(live: &Live, node: &Node<M>) -> bool {
    match (node, &live.element) {
        (Node::Element(element), Some(drawn)) => drawn.tag == element.0.tag,
        (Node::Text(_) | Node::Nothing | Node::Many(_), None) => true,
        (_, _) => false,
    }
}

fn retext(live: &mut Live, text: Str) {
    if live.text != text {
        live.dom.set_node_value(Some(&text));
        live.text = text;
    }
}

fn dress(dom: &web_sys::Element, old: &mut Vec<(&'static str, Attr)>, new: Vec<(&'static str, Attr)>) {
    for (name, _) in old.iter().filter(|(name, _)| !new.iter().any(|(kept, _)| kept == name)) {
        set(dom, name, &Attr::Flag(false));
    }
    for (name, value) in &new {
        // What somebody types changes these two without us.
        let may_differ = matches!(*name, "value" | "checked");
        if may_differ || !old.iter().any(|(known, was)| known == name && was == value) {
            set(dom, name, value);
        }
    }
    *old = new;
}

fn set(dom: &web_sys::Element, name: &str, value: &Attr) {
    match (name, value) {
        ("value", Attr::Text(text)) => {
            let is = Reflect::get(dom, &"value".into()).ok().and_then(|is| is.as_string());
            if is.as_deref() != Some(text) {
                drop(Reflect::set(dom, &"value".into(), &text.as_ref().into()));
            }
        }
        ("checked", Attr::Flag(on)) => drop(Reflect::set(dom, &"checked".into(), &(*on).into())),
        (_, Attr::Text(text)) if name.starts_with("--") => {
            drop(dom.unchecked_ref::<HtmlElement>().style().set_property(name, text));
        }
        (_, Attr::Text(text)) => drop(dom.set_attribute(name, text)),
        (_, Attr::Flag(true)) => drop(dom.set_attribute(name, "")),
        (_, Attr::Flag(false)) => drop(dom.remove_attribute(name)),
    }
}
