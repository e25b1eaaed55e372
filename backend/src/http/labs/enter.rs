//! A handshake of a lab, from the request to the connection.
//!
//! Neighbours: [`handshake`] decides whether it is one, [`upgrade`] has the stream. Deliberately absent: who asks.

use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use common::labs::TAP_NAME;
use hyper::upgrade::OnUpgrade;
use wire::deflate::Params;

use crate::http::handshake::{self, Accepted};
use crate::http::upgrade::{self, NotLetIn};
use crate::http::{Http, guard, proxy};
use crate::labs::gate::Place;
use crate::labs::race::Race;
use crate::labs::race::socket::Counted;
use crate::labs::{Lab, Opening, Stream};

/// Somebody who may come in.
pub(super) struct Entering {
    http: Http,
    request: Parts,
    accepted: Accepted,
    place: Place,
    deflate: Option<Params>,
    headers: HeaderMap,
    resets: bool,
    race: Option<Arc<Race>>,
}

impl Entering {
    /// Checks the handshake, and takes a place.
    pub(super) fn new(http: Http, request: Request) -> Result<Self, NotLetIn> {
        let (request, _empty) = request.into_parts();
        let accepted = handshake::check(&request)?;
        let place = http.labs.enter(proxy::of(&http, &request).address).ok_or(NotLetIn::Busy)?;
        Ok(Self { http, request, accepted, place, deflate: None, headers: HeaderMap::new(), resets: false, race: None })
    }

    /// Has messages compressed, if the client likes that.
    pub(super) fn compressed(mut self) -> Self {
        if let Some((params, answer)) = handshake::lab_deflate(&self.request.headers) {
            self.deflate = Some(params);
            self.headers.insert(header::SEC_WEBSOCKET_EXTENSIONS, answer);
        }
        self
    }

    /// Has the bytes of the connection counted for a race.
    pub(super) fn counted(self, race: Arc<Race>) -> Self {
        Self { race: Some(race), ..self }
    }

    /// Has this stand in the answer as well.
    pub(super) fn header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    /// Has TCP end by RST, not by FIN.
    pub(super) fn resetting(self) -> Self {
        Self { resets: true, ..self }
    }

    /// Answers, and has the connection served once the answer is out. The lab may look at both heads.
    pub(super) fn serve(self, lab: impl FnOnce(&Parts, &Response) -> Box<dyn Lab>) -> Result<Response, NotLetIn> {
        let Self { http, mut request, accepted, place, deflate, headers, resets, race } = self;
        let mut response = upgrade::accept(accepted, headers)?;
        // Now, so that whoever looks at the answer sees it as it goes out.
        guard::dress(&http, &request, response.headers_mut());
        if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(SystemTime::now())) {
            response.headers_mut().insert(header::DATE, date);
        }
        let tap = tap_name(&request).and_then(|name| http.labs.taps.begin(name, &request, &response));
        let lab = lab(&request, &response);
        let upgrading = request.extensions.remove::<OnUpgrade>().ok_or(NotLetIn::Fault)?;
        http.labs.serve(Opening { place, deflate, tap, lab }, async move {
            let stream: Box<dyn Stream> = upgrade::stream(upgrading, resets).await?;
            Ok(match race {
                Some(race) => Box::new(Counted::new(stream, race)),
                None => stream,
            })
        });
        Ok(response)
    }
}

/// The name behind `tap=`, if it is one.
pub(super) fn tap_name(request: &Parts) -> Option<&str> {
    let name = request.uri.query()?.split('&').find_map(|pair| pair.strip_prefix("tap="))?;
    let is_name = name.len() == TAP_NAME && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_name.then_some(name)
}
