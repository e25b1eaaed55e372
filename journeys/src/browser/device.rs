//! What a device adds to a page: a profile that outlives its browser, more than one tab, a session on a second device.

use std::path::Path;

use anyhow::Context;
use fantoccini::Client;
use serde_json::json;

use super::{Driver, Page, WIDE};
use crate::server::Server;

/// A tab of a browser that has several.
#[derive(Debug)]
pub struct Tab(fantoccini::wd::WindowHandle);

impl Driver {
    /// Opens a browser on a profile that outlives it.
    ///
    /// # Errors
    /// As [`Driver::open`].
    pub async fn open_profile(&self, profile: &Path, url: &str) -> anyhow::Result<Page> {
        let profile = format!("--user-data-dir={}", profile.display());
        self.open_with(url, WIDE, "en-GB", &[profile]).await
    }

    /// Opens a second browser, signed in as the person of the first one.
    ///
    /// # Errors
    /// When the chat does not open.
    pub async fn second_device(&self, first: &Page, server: &Server) -> anyhow::Result<Page> {
        let page = self.open(&server.url("/readyz"), WIDE, "en-GB").await?;
        for cookie in first.client.get_all_cookies().await? {
            page.client.add_cookie(cookie).await?;
        }
        page.goes(&server.url("/")).await?;
        page.is_open().await?;
        Ok(page)
    }
}

impl Page {
    /// Opens an address.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn goes(&self, url: &str) -> anyhow::Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// The present tab.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn tab(&self) -> anyhow::Result<Tab> {
        Ok(Tab(self.client.window().await?))
    }

    /// Opens a further tab in a window of its own and goes there.
    ///
    /// # Errors
    /// When the browser opens none.
    pub async fn opens_tab(&self, url: &str) -> anyhow::Result<Tab> {
        let tab = self.client.new_window(false).await?.handle;
        self.client.switch_to_window(tab.clone()).await?;
        self.client.goto(url).await?;
        Ok(Tab(tab))
    }

    /// Goes to a tab.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn turns_to(&self, tab: &Tab) -> anyhow::Result<()> {
        Ok(self.client.switch_to_window(tab.0.clone()).await?)
    }

    /// Closes the present tab and goes to another one.
    ///
    /// # Errors
    /// When one of them is gone.
    pub async fn closes_tab_for(&self, other: &Tab) -> anyhow::Result<()> {
        self.client.close_window().await?;
        self.turns_to(other).await
    }

    /// Ends the browser, as a person does who closes its last window.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn quits(self) -> anyhow::Result<()> {
        Ok(Client::close(self.client).await?)
    }

    /// The session, as a client without a page would name it.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn cookie(&self) -> anyhow::Result<String> {
        let cookies = self.client.get_all_cookies().await?;
        let cookie = cookies.first().context("no cookie")?;
        Ok(format!("{}={}", cookie.name(), cookie.value()))
    }

    /// Forgets the session, as when it has ended elsewhere.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn loses_its_session(&self) -> anyhow::Result<()> {
        Ok(self.client.delete_all_cookies().await?)
    }

    /// Waits until the page would start without a server.
    ///
    /// # Errors
    /// As [`Page::until`].
    pub async fn can_start_offline(&self) -> anyhow::Result<()> {
        self.eventually(
            "a page that starts offline",
            "caches.open('readyroom-1').then(c => c.match('/')).then(page => page && navigator.serviceWorker.controller)",
        )
        .await
    }

    /// Waits until so many entries are in one of the person's stores on this device.
    ///
    /// # Errors
    /// As [`Page::until`].
    pub async fn remembers(&self, store: &str, entries: u32) -> anyhow::Result<()> {
        let count = format!(
            "indexedDB.databases().then(all => Promise.all(all.map(({{ name }}) => new Promise((resolve, reject) => {{
               const opening = indexedDB.open(name);
               opening.onerror = reject;
               opening.onsuccess = () => {{
                 const count = opening.result.transaction({store}).objectStore({store}).count();
                 count.onsuccess = () => {{ opening.result.close(); resolve(count.result); }};
               }};
             }})))).then(counts => counts.reduce((a, b) => a + b, 0) === {entries})",
            store = json!(store),
        );
        self.eventually(&format!("{entries} in {store}"), &count).await
    }

    /// Waits until a promise is kept with something that is true; it is asked for again until then.
    async fn eventually(&self, what: &str, promise: &str) -> anyhow::Result<()> {
        let asked = format!(
            "(window.asked ??= ({promise}).catch(() => false).then(a => {{ window.asked = a ? true : undefined; }})) === true"
        );
        self.ask("(window.asked = undefined)").await?;
        self.until(what, &asked).await
    }
}
