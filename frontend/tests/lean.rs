//! The drawing without Yew: the document becomes like the tree, by few changes, and tells what happens in it.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use frontend::lean::dom::{Element, Node, el, with_class};
use frontend::lean::draw::Root;
use support::{count, find, place, text};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Event, EventInit, HtmlInputElement};

wasm_bindgen_test_configure!(run_in_browser);

#[derive(Debug, Clone, PartialEq)]
enum Msg {
    Clicked(&'static str),
    Wrote(String),
}

type Told = Rc<RefCell<Vec<Msg>>>;

fn stage() -> (Root<Msg>, web_sys::Element, Told) {
    let (place, told) = (place(), Told::default());
    let page = web_sys::window().unwrap().document().unwrap();
    let tell = {
        let told = Rc::clone(&told);
        Rc::new(move |msg| told.borrow_mut().push(msg))
    };
    (Root::new(place.clone(), page, tell), place, told)
}

fn list(keys: &[u64]) -> Node<Msg> {
    let item = |key: &u64| el("li").key(*key).text(key.to_string()).into();
    el("ul").children(keys.iter().map(item)).into()
}

fn item(place: &web_sys::Element, number: u32) -> web_sys::Node {
    place.query_selector("ul").unwrap().unwrap().child_nodes().get(number).unwrap()
}

#[wasm_bindgen_test]
fn siblings_with_keys_stay_what_they_are_wherever_they_go() {
    let (mut root, place, _) = stage();
    root.draw(list(&[1, 2, 3, 4]));
    let (second, fourth) = (item(&place, 1), item(&place, 3));
    root.draw(list(&[4, 9, 2, 1]));
    assert_eq!(text(&place, "ul").split_whitespace().collect::<Vec<_>>(), ["4", "9", "2", "1"]);
    assert!(item(&place, 0).is_same_node(Some(&fourth)) && item(&place, 2).is_same_node(Some(&second)));
    root.draw(list(&[]));
    assert_eq!(count(&place, "li"), 0);
}

#[wasm_bindgen_test]
fn a_window_that_slides_keeps_what_stays_in_it() {
    let (mut root, place, _) = stage();
    let window = |from: u64| (from..from + 50).collect::<Vec<_>>();
    root.draw(list(&window(0)));
    let thirtieth = item(&place, 30);
    root.draw(list(&window(20)));
    assert!(item(&place, 10).is_same_node(Some(&thirtieth)));
    assert_eq!((count(&place, "li"), text(&place, "li:last-child").as_str()), (50, "69"));
}

#[wasm_bindgen_test]
fn what_is_not_there_keeps_its_place() {
    let (mut root, place, _) = stage();
    let form = |warned: bool| -> Node<Msg> {
        let warning = warned.then(|| el("p").text("no"));
        el("div").child(Node::from(warning)).child(el("input")).child(el("b").text("end")).into()
    };
    root.draw(form(false));
    let input = find(&place, "input").unwrap();
    root.draw(form(true));
    assert!(find(&place, "input").unwrap().is_same_node(Some(&input)), "a field keeps its cursor");
    assert_eq!(text(&place, "p"), "no");
    root.draw(form(false));
    assert_eq!((count(&place, "p"), text(&place, "b").as_str()), (0, "end"));
}

#[wasm_bindgen_test]
fn attributes_come_and_go() {
    let (mut root, place, _) = stage();
    let button = |on: bool| -> Element<Msg> {
        let button = el("button").flag("disabled", on).aria("aria-pressed", on);
        if on { button.class("is-on").attr("--h", "40%") } else { button }
    };
    root.draw(button(true).into());
    let drawn = find(&place, "button").unwrap();
    assert!(drawn.has_attribute("disabled") && drawn.class_name() == "is-on");
    assert_eq!(drawn.style().get_property_value("--h").unwrap(), "40%");
    root.draw(button(false).into());
    assert!(!drawn.has_attribute("disabled") && !drawn.has_attribute("class"));
    assert_eq!(drawn.get_attribute("aria-pressed").as_deref(), Some("false"));
}

#[wasm_bindgen_test]
fn a_field_shows_the_state_and_tells_what_is_written() {
    let (mut root, place, told) = stage();
    let field = |value: &str| el("input").attr("value", value.to_owned()).on_input(Msg::Wrote).into();
    root.draw(field("one"));
    let input: HtmlInputElement = find(&place, "input").unwrap().unchecked_into();
    assert_eq!(input.value(), "one");
    input.set_value("two");
    let bubbles = EventInit::new();
    bubbles.set_bubbles(true);
    input.dispatch_event(&Event::new_with_event_init_dict("input", &bubbles).unwrap()).unwrap();
    assert_eq!(*told.borrow(), [Msg::Wrote("two".into())]);
    // The state has not taken it: the field shows the state.
    root.draw(field("one"));
    assert_eq!(input.value(), "one");
}

#[wasm_bindgen_test]
fn the_innermost_listener_has_the_event() {
    let (mut root, place, told) = stage();
    let row = |inner: bool| -> Node<Msg> {
        let button = el("button").text("x");
        let button = if inner { button.on("click", Msg::Clicked("button")) } else { button };
        with_class("div", "row").on("click", Msg::Clicked("row")).child(button).into()
    };
    root.draw(row(true));
    find(&place, "button").unwrap().click();
    find(&place, ".row").unwrap().click();
    root.draw(row(false));
    find(&place, "button").unwrap().click();
    let clicked = |what| Msg::Clicked(what);
    assert_eq!(*told.borrow(), [clicked("button"), clicked("row"), clicked("row")]);
}

#[wasm_bindgen_test]
fn drawings_of_svg_are_svg() {
    let (mut root, place, _) = stage();
    root.draw(el("svg").child(el("polyline").attr("points", "0,0 1,1")).into());
    let line = place.query_selector("polyline").unwrap().unwrap();
    assert_eq!(line.namespace_uri().as_deref(), Some("http://www.w3.org/2000/svg"));
}
