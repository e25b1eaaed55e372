//! The Workbench talks to servers that nobody here wrote: over `ws` and `wss`, in texts and bytes, closed by either side.

use journeys::browser::{Driver, Page};
use journeys::elsewhere::{Certificate, Peer};
use journeys::server::Server;

/// A certificate that nobody has signed, for 127.0.0.1.
fn certificate(folder: &tempfile::TempDir) -> anyhow::Result<Certificate> {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()])?;
    let files = Certificate { cert: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
    std::fs::write(&files.cert, made.cert.pem())?;
    std::fs::write(&files.key, made.signing_key.serialize_pem())?;
    Ok(files)
}

/// Exchanges texts and bytes with an echo, and closes from both sides.
async fn exchanges(page: &Page, url: &str) -> anyhow::Result<()> {
    page.connects_to(url).await?;
    page.sends("Text", "Hello, 世界 🚇").await?;
    page.logs("in", "Hello, 世界 🚇").await?;
    page.sends("Hex", "00 ff 7f 80 0a").await?;
    page.logs("in", "(5)").await?;
    page.sends("Text", "close 4001 bye").await?;
    page.is_at("3 CLOSED").await?;
    page.logs("life", "4001").await?;
    page.logs("life", "bye").await?;
    page.connects_to(url).await?;
    page.click(".connect__main .btn--danger").await?;
    page.is_at("3 CLOSED").await?;
    page.logs("life", "1000").await
}

/// The same over `ws` and over `wss`.
async fn both_ways(program: &str, path: &str) -> anyhow::Result<()> {
    let (server, driver, folder) = (Server::start()?, Driver::start()?, tempfile::tempdir()?);
    let page = driver.workbench(&server).await?;
    exchanges(&page, &Peer::start(program, None)?.url(path)).await?;
    exchanges(&page, &Peer::start(program, Some(&certificate(&folder)?))?.url(path)).await
}

#[tokio::test]
async fn ws_with_permessage_deflate() -> anyhow::Result<()> {
    both_ways("ws.js", "/").await
}

#[tokio::test]
async fn nodejs_websocket() -> anyhow::Result<()> {
    both_ways("nodejs-websocket.js", "/").await
}

#[tokio::test]
async fn express_ws() -> anyhow::Result<()> {
    both_ways("express-ws.js", "/").await
}

#[tokio::test]
async fn websockets_of_python() -> anyhow::Result<()> {
    both_ways("websockets_peer.py", "/").await
}

#[tokio::test]
async fn socket_io_by_its_raw_endpoint() -> anyhow::Result<()> {
    let (server, driver, folder) = (Server::start()?, Driver::start()?, tempfile::tempdir()?);
    let page = driver.workbench(&server).await?;
    for tls in [None, Some(certificate(&folder)?)] {
        let peer = Peer::start("socketio.js", tls.as_ref())?;
        page.connects_to(&peer.url("/socket.io/?EIO=4&transport=websocket")).await?;
        page.logs("in", "\"sid\"").await?;
        page.sends("Text", "40").await?;
        page.logs("in", "40{").await?;
        page.sends("Text", "42[\"say\",\"hello\"]").await?;
        page.logs("in", "42[\"heard\",\"hello\"]").await?;
        page.click(".connect__main .btn--danger").await?;
        page.is_at("3 CLOSED").await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_compressed_says_so() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let page = driver.workbench(&server).await?;
    let peer = Peer::start("ws.js", None)?;
    page.connects_to(&peer.url("/")).await?;
    page.sees(".props", "permessage-deflate").await
}

#[tokio::test]
async fn a_connection_that_is_cut_is_said_to_be_cut() -> anyhow::Result<()> {
    let (server, driver) = (Server::start()?, Driver::start()?);
    let page = driver.workbench(&server).await?;
    let peer = Peer::start("ws.js", None)?;
    page.connects_to(&peer.url("/")).await?;
    page.sends("Text", "cut").await?;
    page.is_at("3 CLOSED").await?;
    page.logs("life", "1006").await
}
