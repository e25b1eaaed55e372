//! Days, moments and places, in the reader's language and zone, as the browser knows them.

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::i18n::Lang;

fn date(at: u64) -> Date {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
    Date::new(&JsValue::from_f64(at as f64))
}

fn options(pairs: &[(&str, &str)]) -> JsValue {
    let options = Object::new();
    for (name, value) in pairs {
        drop(Reflect::set(&options, &(*name).into(), &(*value).into()));
    }
    options.into()
}

/// A day: 25 November 2026.
pub(super) fn day(lang: Lang, at: u64) -> String {
    date(at).to_locale_date_string(lang.tag(), &options(&[("dateStyle", "long")])).into()
}

/// A moment: 25 Nov 2026, 14:05.
pub(super) fn moment(lang: Lang, at: u64) -> String {
    date(at).to_locale_string(lang.tag(), &options(&[("dateStyle", "medium"), ("timeStyle", "short")])).into()
}

/// The place of this device, such as `Pacific/Auckland`; empty where the browser does not tell.
pub(super) fn own_zone() -> String {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    let zone = Reflect::get(&format.resolved_options(), &"timeZone".into());
    zone.ok().and_then(|zone| zone.as_string()).unwrap_or_default()
}

/// Every place that the browser knows; none where it does not tell.
pub(super) fn zones() -> Vec<String> {
    let known = || {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let list: Function = Reflect::get(&intl, &"supportedValuesOf".into()).ok()?.dyn_into().ok()?;
        let found: Array = list.call1(&intl, &"timeZone".into()).ok()?.dyn_into().ok()?;
        Some(found.iter().filter_map(|zone| zone.as_string()).collect())
    };
    known().unwrap_or_default()
}
