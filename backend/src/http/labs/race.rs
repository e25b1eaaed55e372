//! `/labs/race/{name}`: the same news in four ways, and what each has cost ([`crate::labs::race`]).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use bytes::Bytes;
use common::labs::{Race as Told, Way};
use tokio::time::{Instant, sleep_until};

use super::enter::Entering;
use super::stream;
use super::tap::named;
use crate::http::api::params::{Params, number};
use crate::http::error::AppError;
use crate::http::upgrade::NotLetIn;
use crate::http::{Http, guard};
use crate::labs::race::heads::{self, Body};
use crate::labs::race::news::Item;
use crate::labs::race::socket::News;
use crate::labs::race::{Race, Refused, Runner};

/// How long who asks is kept waiting for news. Proxies commonly allow 60 s.
const PATIENCE: Duration = Duration::from_secs(25);

pub(super) fn routes() -> Router<Http> {
    Router::new()
        .route("/labs/race/{name}", get(told))
        .route("/labs/race/{name}/poll", get(poll))
        .route("/labs/race/{name}/long-poll", get(long_poll))
        .route("/labs/race/{name}/events", get(events))
        .route("/labs/race/{name}/socket", any(socket))
}

/// `GET /labs/race/{name}`: what the ways have cost so far.
async fn told(State(http): State<Http>, Path(name): Path<String>) -> Result<Json<Told>, AppError> {
    Ok(Json(enter(&http, &name)?.told()))
}

/// `GET …/poll?after=n`: the news behind item `n`, at once.
async fn poll(
    State(http): State<Http>,
    Path(name): Path<String>,
    params: Params,
    request: Request,
) -> Result<Response, AppError> {
    let runner = enter(&http, &name)?;
    let items: Vec<Item> = runner.since(after(&params)?).collect();
    Ok(list(&http, &request.into_parts().0, (runner.race(), Way::Poll), &items))
}

/// `GET …/long-poll?after=n`: the same, once there are some.
async fn long_poll(
    State(http): State<Http>,
    Path(name): Path<String>,
    params: Params,
    request: Request,
) -> Result<Response, AppError> {
    let (runner, after) = (enter(&http, &name)?, after(&params)?);
    let at = runner.next_at(after).into_iter().chain([Instant::now() + PATIENCE]).min();
    if let Some(at) = at {
        tokio::select! {
            () = sleep_until(at) => {}
            () = http.labs.stopping() => {}
        }
    }
    let items: Vec<Item> = runner.since(after).collect();
    Ok(list(&http, &request.into_parts().0, (runner.race(), Way::LongPoll), &items))
}

/// `GET …/events?after=n`: the same as an answer that never ends. 204 ends it for good (HTML, section 9.2.3).
async fn events(
    State(http): State<Http>,
    Path(name): Path<String>,
    params: Params,
    request: Request,
) -> Result<Response, AppError> {
    let runner = enter(&http, &name)?;
    let request = request.into_parts().0;
    let last = match request.headers.get("last-event-id").and_then(|id| id.to_str().ok()) {
        Some(id) => number("last-event-id", id)?,
        None => after(&params)?,
    };
    let race = Arc::clone(runner.race());
    if runner.next_at(last).is_none() {
        return Ok(counted(
            &http,
            &request,
            (&race, Way::EventStream),
            StatusCode::NO_CONTENT.into_response(),
            Body::None,
        ));
    }
    let response = stream::answer((runner, last, http.labs.clone()), |(runner, mut last, labs)| async move {
        let piece = tokio::select! {
            piece = piece(&runner, &mut last) => piece,
            () = labs.stopping() => None,
        };
        let meter = runner.meter(Way::EventStream);
        let Some(piece) = piece else {
            meter.went(heads::LAST_CHUNK);
            return None;
        };
        meter.went(piece.len() as u64 + heads::around_chunk(piece.len()));
        Some((Ok(Bytes::from(piece)), (runner, last, labs)))
    });
    Ok(counted(&http, &request, (&race, Way::EventStream), response, Body::Chunks))
}

/// `…/socket?after=n`: the same as a socket, a text each.
async fn socket(
    State(http): State<Http>,
    Path(name): Path<String>,
    params: Params,
    request: Request,
) -> Result<Response, NotLetIn> {
    let (runner, after) = (enter(&http, &name)?, after(&params)?);
    let entering = Entering::new(http, request)?.counted(Arc::clone(runner.race()));
    entering.serve(|request, response| {
        let head = heads::of_answer(response.status(), response.headers());
        runner.meter(Way::WebSocket).asked(heads::of_request(request), head);
        Box::new(News::new(runner, after))
    })
}

fn enter(http: &Http, name: &str) -> Result<Runner, AppError> {
    http.labs.races.enter(named(name)?).map_err(|refused| match refused {
        Refused::Full => AppError::Busy,
        Refused::Busy => AppError::BadRequest("name: 8 requests of this race are open already".to_owned()),
    })
}

fn after(params: &Params) -> Result<u64, AppError> {
    Ok(params.number("after")?.unwrap_or(0))
}

/// Waits for the next events; `None` once there will be none.
async fn piece(race: &Race, last: &mut u64) -> Option<String> {
    sleep_until(race.next_at(*last)?).await;
    let mut piece = String::new();
    for item in race.since(*last) {
        piece += &format!("id: {}\ndata: {}\n\n", item.n, item.json());
        race.delivered(Way::EventStream, item);
        *last = item.n;
    }
    Some(piece)
}

/// An answer with these items.
fn list(http: &Http, request: &Parts, (race, way): (&Race, Way), items: &[Item]) -> Response {
    let body = format!("[{}]", items.iter().map(|item| item.json()).collect::<Vec<_>>().join(","));
    for item in items {
        race.delivered(way, *item);
    }
    race.meter(way).went(body.len() as u64);
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    let len = body.len();
    counted(http, request, (race, way), (headers, body).into_response(), Body::Known(len))
}

/// The answer with its head as it goes out, both heads counted.
fn counted(http: &Http, request: &Parts, (race, way): (&Race, Way), mut response: Response, body: Body) -> Response {
    guard::dress(http, request, response.headers_mut());
    heads::complete(request, response.headers_mut(), body);
    race.meter(way).asked(heads::of_request(request), heads::of_answer(response.status(), response.headers()));
    heads::fit(request.version, response.headers_mut());
    response
}
