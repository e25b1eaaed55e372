//! Browsers over WebDriver: a [`Driver`] process and its [`Page`]s, each in a profile of its own.
//!
//! [`Page`] speaks as a person would: it types, clicks, and looks until something is to be seen. What outlives a page
//! is in `device`, and `workbench` is what is done in the Workbench.

mod device;
mod workbench;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::server::Server;

pub use device::Tab;

/// How long something may take to appear before a journey has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Milliseconds for which an expression that throws is tried again: half of [`PATIENCE`], so that its error can be told.
const TRIED_FOR_MS: u32 = 30_000;

/// A window in which all three columns have their place.
pub const WIDE: (u32, u32) = (1280, 800);

/// A running chromedriver.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts the chromedriver that `CHROMEDRIVER` names, on a free port.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(crate::path_from("CHROMEDRIVER")?)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver does not start")?;
        let stdout = child.stdout.take().context("chromedriver has no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let port = lines.by_ref().find_map(|line| {
            let line = line.ok()?;
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        std::thread::spawn(move || lines.for_each(drop));
        let port = port.context("chromedriver did not say where it listens")?;
        Ok(Self { child, port })
    }

    /// Opens a browser of its own: no cookies, no storage, this window size and language.
    ///
    /// # Errors
    /// When the browser does not start or the address cannot be opened.
    pub async fn open(&self, url: &str, size: (u32, u32), language: &str) -> anyhow::Result<Page> {
        self.open_with(url, size, language, &[]).await
    }

    async fn open_with(&self, url: &str, size: (u32, u32), language: &str, more: &[String]) -> anyhow::Result<Page> {
        let mut options = json!({
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                format!("--window-size={},{}", size.0, size.1), format!("--lang={language}"),
                format!("--accept-lang={language}"),
            ],
            "prefs": { "intl.accept_languages": language },
        });
        if let Some(args) = options.get_mut("args").and_then(Value::as_array_mut) {
            args.extend(more.iter().map(|arg| json!(arg)));
        }
        if let (Some(binary), Some(map)) = (std::env::var_os("CHROMIUM"), options.as_object_mut()) {
            map.insert("binary".to_owned(), json!(binary.to_string_lossy()));
        }
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("browserName".to_owned(), json!("chrome"));
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{}", self.port)).await?;
        let patience = fantoccini::wd::TimeoutConfiguration::new(Some(PATIENCE), None, None);
        client.update_timeouts(patience).await?;
        client.goto(url).await?;
        Ok(Page { client })
    }
}

impl Driver {
    /// Opens a browser and goes into the chat as a guest of this name.
    ///
    /// # Errors
    /// When the chat does not open.
    pub async fn enter(&self, server: &Server, name: &str) -> anyhow::Result<Page> {
        let page = self.open(&server.url("/"), WIDE, "en-GB").await?;
        page.fill_and_enter("#name", name).await?;
        page.is_open().await?;
        Ok(page)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A killed driver would leave its browsers behind; one that is asked to shut down takes them along.
        if self.shut_down().is_err() {
            drop(self.child.kill());
        }
        drop(self.child.wait());
    }
}

impl Driver {
    fn shut_down(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(stream, "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", self.port)?;
        stream.read_to_end(&mut Vec::new()).map(|_| ())
    }
}

/// A window with the page in it.
#[derive(Debug)]
pub struct Page {
    client: Client,
}

impl Page {
    /// Waits until a JavaScript expression is true.
    ///
    /// # Errors
    /// When it has not become true in time: the error says what was waited for and what the page shows.
    pub async fn until(&self, what: &str, expression: &str) -> anyhow::Result<()> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const look = () => {{
               try {{ if ({expression}) return done(true); }} catch (error) {{ window.lookError = String(error); }}
               setTimeout(look, 10);
             }};
             look();"
        );
        if self.client.execute_async(&script, Vec::new()).await.is_err() {
            let shows = self.text("body").await.unwrap_or_default();
            bail!("{what} was not to be seen; the page shows:\n{shows}");
        }
        Ok(())
    }

    /// Waits until an element contains a text.
    ///
    /// # Errors
    /// As [`Page::until`].
    pub async fn sees(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        let found = format!(
            "[...document.querySelectorAll({})].some(e => e.textContent.includes({}))",
            json!(selector),
            json!(text)
        );
        self.until(&format!("{text:?} in {selector}"), &found).await
    }

    /// Waits until an element is there.
    ///
    /// # Errors
    /// As [`Page::until`].
    pub async fn finds(&self, selector: &str) -> anyhow::Result<()> {
        self.until(selector, &format!("document.querySelector({})", json!(selector))).await
    }

    /// Waits until an element is gone.
    ///
    /// # Errors
    /// As [`Page::until`].
    pub async fn misses(&self, selector: &str) -> anyhow::Result<()> {
        self.until(&format!("no {selector}"), &format!("!document.querySelector({})", json!(selector))).await
    }

    /// Clicks an element, as soon as it is there.
    ///
    /// # Errors
    /// When it does not appear or cannot be clicked.
    pub async fn click(&self, selector: &str) -> anyhow::Result<()> {
        self.finds(selector).await?;
        self.client.find(Locator::Css(selector)).await?.click().await?;
        Ok(())
    }

    /// Types into a field, key by key; what was in it is replaced.
    ///
    /// # Errors
    /// When the field does not appear.
    pub async fn fill(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        self.finds(selector).await?;
        let field = self.client.find(Locator::Css(selector)).await?;
        let select_all = format!("{}a{}", char::from(Key::Control), char::from(Key::Null));
        field.send_keys(&select_all).await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// Types into a field and presses Enter.
    ///
    /// # Errors
    /// As [`Page::fill`].
    pub async fn fill_and_enter(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        self.fill(selector, &format!("{text}{}", char::from(Key::Enter))).await
    }

    /// Says something in the present room.
    ///
    /// # Errors
    /// When there is no composer.
    pub async fn says(&self, text: &str) -> anyhow::Result<()> {
        self.fill_and_enter(".composer__input", text).await
    }

    /// Waits until the track shows OPEN and the room can be written in.
    ///
    /// # Errors
    /// As [`Page::until`].
    pub async fn is_open(&self) -> anyhow::Result<()> {
        self.finds("ol.track[aria-label='readyState: 1 OPEN']").await?;
        self.misses(".banner").await?;
        self.finds(".composer__input").await
    }

    /// The texts of all messages, in the order they are shown.
    ///
    /// # Errors
    /// When the page cannot be asked.
    pub async fn messages(&self) -> anyhow::Result<Vec<String>> {
        let texts = self.ask("[...document.querySelectorAll('.msg .msg__text')].map(e => e.textContent)").await?;
        Ok(serde_json::from_value(texts)?)
    }

    /// The visible text of an element.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn text(&self, selector: &str) -> anyhow::Result<String> {
        Ok(self.client.find(Locator::Css(selector)).await?.text().await?)
    }

    /// The value of a JavaScript expression. One that throws is tried again for a while: the element that it is about may
    /// not be drawn yet.
    ///
    /// # Errors
    /// When it does not stop throwing.
    pub async fn ask(&self, expression: &str) -> anyhow::Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1], until = performance.now() + {TRIED_FOR_MS};
             const attempt = () => {{
               let value;
               try {{ value = {expression}; }} catch (error) {{
                 return performance.now() < until ? setTimeout(attempt, 10) : done({{ error: String(error) }});
               }}
               done({{ value }});
             }};
             attempt();"
        );
        self.settled(&script, expression).await
    }

    /// The value that a JavaScript promise comes to.
    ///
    /// # Errors
    /// When it is rejected, or does not settle in time.
    pub async fn answer(&self, promise: &str) -> anyhow::Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             Promise.resolve({promise}).then(value => done({{ value }}), error => done({{ error: String(error) }}));"
        );
        self.settled(&script, promise).await
    }

    /// What a script calls back with: `value`, or `error` where `what` has failed.
    async fn settled(&self, script: &str, what: &str) -> anyhow::Result<Value> {
        let mut answer = self.client.execute_async(script, Vec::new()).await?;
        if let Some(error) = answer.get("error") {
            bail!("{what}: {error}");
        }
        Ok(answer.get_mut("value").map(Value::take).unwrap_or_default())
    }

    /// Presses keys where the focus is.
    ///
    /// # Errors
    /// When nothing can have the focus.
    pub async fn press(&self, keys: &str) -> anyhow::Result<()> {
        Ok(self.client.active_element().await?.send_keys(keys).await?)
    }

    /// Writes a picture of the window.
    ///
    /// # Errors
    /// When it cannot be taken or written.
    pub async fn picture(&self, file: &Path) -> anyhow::Result<()> {
        let png = self.client.screenshot().await?;
        std::fs::write(file, png).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Loads the page anew.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn reload(&self) -> anyhow::Result<()> {
        Ok(self.client.refresh().await?)
    }
}
