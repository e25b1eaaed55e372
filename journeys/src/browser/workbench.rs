//! The Workbench, as somebody uses it who tries a server.

use std::path::Path;

use fantoccini::Locator;
use serde_json::json;

use super::{Driver, Page, WIDE};
use crate::server::Server;

impl Driver {
    /// Opens the Workbench. Certificates that nobody has signed are taken.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn workbench(&self, server: &Server) -> anyhow::Result<Page> {
        let trusting = ["--ignore-certificate-errors".to_owned()];
        let page = self.open_with(&server.url("/workbench"), WIDE, "en-GB", &trusting).await?;
        page.finds(".url__input").await?;
        Ok(page)
    }
}

impl Page {
    /// Connects to an address, and waits until the track shows OPEN.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn connects_to(&self, url: &str) -> anyhow::Result<()> {
        self.begins_to_connect_to(url).await?;
        self.is_at("1 OPEN").await
    }

    /// Begins to connect to an address.
    ///
    /// # Errors
    /// When there is nowhere to write it.
    pub async fn begins_to_connect_to(&self, url: &str) -> anyhow::Result<()> {
        self.fill(".url__input", url).await?;
        self.click(".connect__main .btn").await
    }

    /// Waits until the track shows a state, such as `3 CLOSED`.
    ///
    /// # Errors
    /// As [`Page::until`].
    pub async fn is_at(&self, state: &str) -> anyhow::Result<()> {
        self.finds(&format!(".wb-top ol.track[aria-label='readyState: {state}']")).await
    }

    /// Sends what is written on one of the sender's tabs (Text, JSON, Hex, Base64).
    ///
    /// # Errors
    /// When it cannot be sent.
    pub async fn sends(&self, tab: &str, message: &str) -> anyhow::Result<()> {
        self.turns_to_tab(tab).await?;
        self.fill(".sender__input", message).await?;
        self.click(".sender__end .btn--primary:not([disabled]):not([aria-disabled='true'])").await
    }

    /// Turns to one of the sender's tabs.
    ///
    /// # Errors
    /// When there is no such tab.
    pub async fn turns_to_tab(&self, tab: &str) -> anyhow::Result<()> {
        let find = format!(
            "[...document.querySelectorAll('.sender__tabs [role=tab]')].find(e => e.textContent.trim() === {})",
            json!(tab)
        );
        self.until(&format!("the tab {tab}"), &find).await?;
        self.ask(&format!("({find}).click()")).await?;
        self.until(&format!("the tab {tab}"), &format!("({find})?.getAttribute('aria-selected') === 'true'")).await
    }

    /// Waits until the log has a row of this sort (`out`, `in`, `life`) with this text.
    ///
    /// # Errors
    /// As [`Page::until`].
    pub async fn logs(&self, sort: &str, text: &str) -> anyhow::Result<()> {
        self.sees(&format!(".events .ev--{sort}"), text).await
    }

    /// Chooses a file in a field.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn chooses(&self, selector: &str, file: &Path) -> anyhow::Result<()> {
        self.finds(selector).await?;
        Ok(self.client.find(Locator::Css(selector)).await?.send_keys(&file.to_string_lossy()).await?)
    }
}
