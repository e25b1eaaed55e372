//! The way to the other server: the name, the address, TLS, the handshake. Each step tells what it saw, and a step that
//! fails says why.
//!
//! The name is looked up once, each address is judged, and what was judged is connected to. A redirect is told and not
//! followed. Deliberately absent: proxies, and what comes after the handshake.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use common::labs::Head;
use common::relay::{Cause, Failure, MOST_ANSWER, MOST_BODY, Stage, Told};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Host;
use wire::deflate::{Offer, Params};
use wire::handshake::{self, Refused, Request};

use super::allow::AllowList;
use super::target::Target;
use super::{failed, tls};

/// How long each step may take.
const STEP: Duration = Duration::from_secs(10);
/// How long the body of a refusal is waited for.
const BODY: Duration = Duration::from_secs(2);

/// What is offered on request: what browsers offer.
const OFFER: Offer = Offer {
    server_no_context_takeover: false,
    client_no_context_takeover: false,
    server_max_window_bits: 15,
    client_max_window_bits: Some(15),
};

/// A stream, encrypted or not.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection that is open.
pub struct Opened {
    /// What carries it.
    pub stream: Box<dyn Stream>,
    /// What has come behind the answer.
    pub first: Vec<u8>,
    /// Whether and how messages may be compressed.
    pub deflate: Option<Params>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("deflate", &self.deflate).finish_non_exhaustive()
    }
}

/// Where a relay may connect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy<'a> {
    pub(crate) allow: &'a AllowList,
    /// The names and addresses of this server.
    pub(crate) own: &'a [String],
}

/// Connects, and shakes hands. `told` hears of every step; no policy is for whoever connects with their own rights.
pub(crate) async fn open(
    target: &Target,
    policy: Option<Policy<'_>>,
    told: &mut (dyn FnMut(Told) + Send),
) -> Result<Opened, Box<Failure>> {
    let stream = connect(target, policy, told).await?;
    shake_hands(target, stream, told).await
}

/// Connects.
pub(crate) async fn connect(
    target: &Target,
    policy: Option<Policy<'_>>,
    told: &mut (dyn FnMut(Told) + Send),
) -> Result<Box<dyn Stream>, Box<Failure>> {
    let addresses = resolve(target, policy).await?;
    let stream = call(&addresses, told).await?;
    Ok(if target.secure {
        let late = || failed(Stage::Tls, Cause::TimedOut, "the server does not answer to TLS", "");
        let secured = timeout(STEP, Box::pin(tls::begin(target, stream))).await.map_err(|_elapsed| late())??;
        let tls::Secured { stream, version, cipher, certificate } = secured;
        told(Told::Tls { version, cipher, certificate });
        Box::new(stream)
    } else {
        Box::new(stream)
    })
}

/// Looks the name up, and judges what it stands for: all of it, so that none can be slipped in.
async fn resolve(target: &Target, policy: Option<Policy<'_>>) -> Result<Vec<SocketAddr>, Box<Failure>> {
    let port = target.port;
    let (name, addresses) = match &target.host {
        Host::Ipv4(address) => (address.to_string(), vec![SocketAddr::from((*address, port))]),
        Host::Ipv6(address) => (address.to_string(), vec![SocketAddr::from((*address, port))]),
        Host::Domain(name) => {
            if policy.is_some_and(|policy| policy.own.contains(name) && !policy.allow.names(name, port)) {
                return Err(private(&format!("{name} is this server itself")));
            }
            (name.clone(), look_up(name, port).await?)
        }
    };
    let Some(policy) = policy.filter(|policy| !policy.allow.names(&name, port)) else { return Ok(addresses) };
    for address in &addresses {
        let ip = address.ip();
        if !policy.allow.admits(ip, port) {
            let of = if name == ip.to_string() { String::new() } else { format!(" (of {name})") };
            return Err(private(&format!("{ip}{of} is not a public address")));
        }
        if !policy.allow.holds(ip, port) && is_own(*address, policy.own) {
            return Err(private(&format!("{ip} is this server itself")));
        }
    }
    Ok(addresses)
}

async fn look_up(name: &str, port: u16) -> Result<Vec<SocketAddr>, Box<Failure>> {
    let not_found = |why: &str| failed(Stage::Dns, Cause::NotFound, why, "look at how the name is written");
    let found = timeout(STEP, tokio::net::lookup_host((name, port))).await;
    let found = found.map_err(|_elapsed| failed(Stage::Dns, Cause::TimedOut, "no name server answers", ""))?;
    let found: Vec<_> = found.map_err(|error| not_found(&format!("{name}: {error}")))?.collect();
    if found.is_empty() { Err(not_found(&format!("{name} has no address"))) } else { Ok(found) }
}

fn private(why: &str) -> Box<Failure> {
    failed(Stage::Policy, Cause::Private, why, "whoever runs this server can list it with --relay-allow")
}

/// Whether an address is one of this machine's: the system would go there from itself. Nothing is sent to find that out.
fn is_own(address: SocketAddr, own: &[String]) -> bool {
    let any: IpAddr = if address.is_ipv4() { [0; 4].into() } else { [0; 16].into() };
    let route = UdpSocket::bind((any, 0)).and_then(|socket| socket.connect(address).and_then(|()| socket.local_addr()));
    own.contains(&address.ip().to_string()) || route.is_ok_and(|from| from.ip() == address.ip())
}

/// Calls one address after the other until one answers.
async fn call(addresses: &[SocketAddr], told: &mut (dyn FnMut(Told) + Send)) -> Result<TcpStream, Box<Failure>> {
    let deadline = tokio::time::Instant::now() + STEP;
    let mut last = None;
    for address in addresses {
        told(Told::Resolved { address: address.to_string() });
        match tokio::time::timeout_at(deadline, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY cannot be set");
                }
                return Ok(stream);
            }
            Ok(Err(error)) => last = Some(unreachable(*address, &error)),
            Err(_elapsed) => {
                let why = format!("{address} did not answer in {} s", STEP.as_secs());
                return Err(failed(
                    Stage::Tcp,
                    Cause::TimedOut,
                    &why,
                    "a firewall may be in between, or nobody is there",
                ));
            }
        }
    }
    Err(last.unwrap_or_else(|| failed(Stage::Dns, Cause::NotFound, "there is no address", "")))
}

fn unreachable(address: SocketAddr, error: &io::Error) -> Box<Failure> {
    let kind = error.kind();
    if kind == ErrorKind::ConnectionRefused {
        let hint = "look whether the server runs, and at which port";
        failed(Stage::Tcp, Cause::Refused, &format!("nobody listens at {address}"), hint)
    } else if kind == ErrorKind::TimedOut {
        failed(Stage::Tcp, Cause::TimedOut, &format!("{address} did not answer"), "")
    } else {
        failed(Stage::Tcp, Cause::Unreachable, &format!("{address}: {error}"), "")
    }
}

async fn shake_hands(
    target: &Target,
    mut stream: Box<dyn Stream>,
    told: &mut (dyn FnMut(Told) + Send),
) -> Result<Opened, Box<Failure>> {
    let mut random = [0; 16];
    crate::random::fill(&mut random);
    let key = handshake::key(random);
    let subprotocols: Vec<&str> = target.protocols.iter().map(String::as_str).collect();
    let headers: Vec<(&str, &str)> =
        target.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = Request {
        host: &target.authority,
        target: &target.path,
        key: &key,
        subprotocols: &subprotocols,
        deflate: target.deflate.then_some(OFFER),
        headers: &headers,
    };
    let text = request.text();
    let text = text.ok_or_else(|| failed(Stage::Url, Cause::BadHeader, "headers: Host has a blank", ""))?;
    let asked = head_of_request(&text);
    let answer = timeout(STEP, async {
        stream.write_all(text.as_bytes()).await?;
        stream.flush().await?;
        read_head(&mut stream).await
    });
    let (bytes, size) = match answer.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(no_answer(&error)),
        Err(_elapsed) => {
            let why = format!("no answer to the handshake in {} s", STEP.as_secs());
            return Err(failed(Stage::Http, Cause::TimedOut, &why, "perhaps another protocol is spoken on this port"));
        }
    };
    let Some(response) = head_of_answer(&bytes) else {
        let hint = "perhaps another protocol is spoken on this port, or TLS: try wss://";
        return Err(failed(Stage::Http, Cause::NotHttp, "what the server answers is no HTTP/1.1", hint));
    };
    told(Told::Handshake { request: asked, response: response.clone() });
    match request.judge(&bytes) {
        Ok(Some(accepted)) => {
            let extensions = value(&response, "sec-websocket-extensions");
            told(Told::Open { protocol: accepted.subprotocol.unwrap_or_default(), extensions });
            let first = bytes.get(accepted.size..).unwrap_or_default().to_vec();
            Ok(Opened { stream, first, deflate: accepted.deflate })
        }
        Ok(None) => Err(failed(Stage::Http, Cause::NotHttp, "the answer is too long", "")),
        Err(refused) => {
            let body = match refused {
                Refused::Status(_) => Some(body(stream, bytes.get(size..).unwrap_or_default()).await),
                Refused::NotHttp | Refused::Header(_) | Refused::Extensions => None,
            };
            Err(Box::new(Failure { body, ..*refusal(refused, &request, response) }))
        }
    }
}

fn no_answer(error: &io::Error) -> Box<Failure> {
    let kind = error.kind();
    if kind == ErrorKind::FileTooLarge {
        let why = format!("the answer's head is longer than {MOST_ANSWER} bytes");
        failed(Stage::Http, Cause::NotHttp, &why, "")
    } else if matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) {
        let why = "the server ended the connection instead of answering the handshake";
        failed(Stage::Http, Cause::Ended, why, "perhaps TLS is spoken on this port: try wss://")
    } else {
        failed(Stage::Http, Cause::Ended, &error.to_string(), "")
    }
}

/// Reads up to the end of the answer's head, and what came with it. Returns where the head ends.
async fn read_head(stream: &mut Box<dyn Stream>) -> io::Result<(Vec<u8>, usize)> {
    const END: &[u8] = b"\r\n\r\n";
    let mut bytes: Vec<u8> = Vec::new();
    // No end begins before here.
    let mut looked = 0;
    loop {
        let rest = bytes.get(looked..).unwrap_or_default();
        if let Some(at) = rest.windows(END.len()).position(|four| four == END) {
            return Ok((bytes, looked + at + END.len()));
        }
        looked = bytes.len().saturating_sub(END.len() - 1);
        // What does not begin like HTTP will not end like it.
        if !bytes.is_empty() && !bytes.starts_with(b"H") {
            return Ok((bytes, 0));
        }
        if bytes.len() >= MOST_ANSWER {
            return Err(ErrorKind::FileTooLarge.into());
        }
        bytes.reserve(4096);
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}

/// The beginning of what the server says instead of connecting.
async fn body(mut stream: Box<dyn Stream>, first: &[u8]) -> String {
    let mut body = first.to_vec();
    let missing = MOST_BODY.saturating_sub(body.len()) as u64;
    // Who keeps the connection open is not waited for.
    drop(timeout(BODY, (&mut stream).take(missing).read_to_end(&mut body)).await);
    body.truncate(MOST_BODY);
    String::from_utf8_lossy(&body).into_owned()
}

fn refusal(refused: Refused, request: &Request<'_>, response: Head) -> Box<Failure> {
    let (stage, cause, hint) = match refused {
        Refused::Status(300..=399) => {
            (Stage::Http, Cause::Redirect, "WebSockets do not follow: connect to its Location")
        }
        Refused::Status(401 | 403) => (Stage::Http, Cause::Status, "it may want a cookie, a token or another Origin"),
        Refused::Status(404) => (Stage::Http, Cause::Status, "look at the path"),
        Refused::Status(_) => (Stage::Http, Cause::Status, "perhaps this path is none of a WebSocket"),
        Refused::NotHttp => (Stage::Http, Cause::NotHttp, ""),
        Refused::Header("sec-websocket-accept") => {
            (Stage::Handshake, Cause::WrongAccept, "something answers that is no WebSocket server, or a cache")
        }
        Refused::Header("sec-websocket-protocol") => {
            (Stage::Handshake, Cause::WrongProtocol, "offer the one that it names")
        }
        Refused::Header(_) => (Stage::Handshake, Cause::NoUpgrade, "a proxy may have taken the header away"),
        Refused::Extensions => (Stage::Handshake, Cause::WrongExtension, ""),
    };
    let why = match refused {
        Refused::Status(_) => format!("the server answered {}", response.line),
        Refused::Header("sec-websocket-accept") => {
            let found = value(&response, "sec-websocket-accept");
            format!("Sec-WebSocket-Accept is {found:?}, and {:?} was expected", handshake::accept_key(request.key))
        }
        Refused::Header("sec-websocket-protocol") => {
            format!("the server chose {:?}, which was not offered", value(&response, "sec-websocket-protocol"))
        }
        Refused::NotHttp | Refused::Header(_) | Refused::Extensions => refused.to_string(),
    };
    Box::new(Failure { response: Some(response), ..*failed(stage, cause, &why, hint) })
}

fn value(head: &Head, name: &str) -> String {
    let named = head.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(", ")
}

/// The request that was written, taken apart.
fn head_of_request(text: &str) -> Head {
    let mut lines = text.trim_end().split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned()));
    Head { line, headers: headers.collect() }
}

/// The answer that was read, taken apart; none where it is no HTTP.
fn head_of_answer(bytes: &[u8]) -> Option<Head> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut response = httparse::Response::new(&mut headers);
    response.parse(bytes).ok().filter(httparse::Status::is_complete)?;
    let line = format!("HTTP/1.{} {} {}", response.version?, response.code?, response.reason.unwrap_or_default());
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = response.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect();
    Some(Head { line: line.trim_end().to_owned(), headers })
}
