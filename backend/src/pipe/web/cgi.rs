//! CGI scripts (RFC 3875), with the variables and the answers of Go's `net/http/cgi`, which websocketd runs them with.
//!
//! The body of the request goes to the script as it comes and the script's output to the client as it comes; what one
//! end does not take, the other does not give. [`head`] reads what the script says before its body, [`variables`] is what it
//! gets told, [`run`] moves what it reads and writes. A local `Location` is the client's to follow, as with websocketd.
//!
//! Deliberately absent: the path of a script's own behind its name, which websocketd has not either.

mod head;
mod run;
mod variables;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::mpsc;

use super::super::counts::Running;
use super::super::enter;
use super::super::log::Level;
use super::super::route::Site;
use super::place::Place;
use super::{HTTP, plain};
use crate::program::Program;
use head::Head;
use run::Run;

/// Runs a script, and answers with what it says.
pub(super) async fn answer(site: &Site, script: Place, request: Request) -> Response {
    let mut log = site.log.clone();
    log.associate("cgiscript", &script.path.display());
    if !has_known_length(&request) {
        log.line(Level::Access, HTTP, &"CGI was not run: the request does not say how long its body is");
        return plain(StatusCode::LENGTH_REQUIRED, "411 Length Required\n");
    }
    let Ok(permit) = site.place() else {
        site.counts.refused.add(1);
        log.line(Level::Error, HTTP, &"CGI was not run: as many programs run as --maxforks allows");
        return plain(StatusCode::TOO_MANY_REQUESTS, "429 Too Many Requests\n");
    };
    let is_head = request.method() == Method::HEAD;
    let (request, body) = request.into_parts();
    let remote = enter::remote(site, &request).await;
    let mut program = Program::new(script.path.clone());
    program.env = variables::of(&site.settings, &script.path, &request, &remote);
    program.folder = script.path.parent().map(std::path::Path::to_owned);
    program.limits = site.settings.limits;
    log.line(Level::Access, HTTP, &"CGI");
    let child = match site.runner.start(&program) {
        Ok(child) => child,
        Err(error) => {
            site.counts.unstarted.add(1);
            log.line(Level::Error, HTTP, &error);
            return plain(StatusCode::INTERNAL_SERVER_ERROR, "500 Internal Server Error\n");
        }
    };
    log.associate("pid", &child.pid());
    let (say, said) = mpsc::channel(1);
    let run = Run {
        runner: site.runner.clone(),
        running: Running::begin(&site.counts, None),
        stopping: site.connections.clone(),
        log: log.clone(),
        closems: site.settings.closems,
        permit,
    };
    site.connections.spawn(run.drive(child, body, say));
    match hear(said, is_head).await {
        Ok(response) => response,
        Err(fault) => {
            log.line(Level::Error, HTTP, &format_args!("CGI: {fault}"));
            plain(StatusCode::INTERNAL_SERVER_ERROR, "500 Internal Server Error\n")
        }
    }
}

/// A script is told before it reads how much there is.
fn has_known_length(request: &Request) -> bool {
    request.headers().contains_key(header::CONTENT_LENGTH) || request.body().is_end_stream()
}

/// What the script says, once its head is whole.
async fn hear(mut said: mpsc::Receiver<Bytes>, is_head: bool) -> Result<Response, head::Fault> {
    let mut reader = head::Reader::default();
    let (head, rest) = loop {
        match said.recv().await {
            None => return Err(head::Fault::Unended),
            Some(bytes) => {
                if let Some(read) = reader.read(&bytes)? {
                    break read;
                }
            }
        }
    };
    let Head { status, headers } = head;
    if is_head || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        // Nobody wants the body, but the script is not to be ended before it is done.
        while said.recv().await.is_some() {}
        return Ok((status, headers).into_response());
    }
    let rest = (!rest.is_empty()).then_some(rest);
    let body = stream::unfold((rest, said), |(rest, mut said)| async move {
        let bytes = match rest {
            Some(bytes) => bytes,
            None => said.recv().await?,
        };
        Some((Ok::<_, std::convert::Infallible>(bytes), (None, said)))
    });
    let mut response = Response::new(Body::from_stream(body));
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    Ok(response)
}
