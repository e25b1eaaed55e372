//! Two-factor sign-in: set up with an authenticator's code, asked for when signing in, replaced by a recovery code, and
//! what is wrong is said beside the field.

use anyhow::Context;
use journeys::browser::{Driver, Page, WIDE};
use journeys::server::Server;

type Outcome = anyhow::Result<()>;

const PASSWORD: &str = "seven wet stones";

/// The key that an authenticator would show for a secret in Base32 (RFC 6238: HMAC-SHA-1, 30 s, six digits), in the
/// browser's own cryptography.
async fn code(page: &Page, secret: &str) -> anyhow::Result<String> {
    let digits = format!(
        "(async () => {{
            const bits = [...'{secret}'.replace(/[^A-Z2-7]/g, '')]
                .map(c => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
            const bytes = Uint8Array.from(bits.match(/.{{8}}/g).map(byte => parseInt(byte, 2)));
            const name = {{ name: 'HMAC', hash: 'SHA-1' }};
            const key = await crypto.subtle.importKey('raw', bytes, name, false, ['sign']);
            const counter = new DataView(new ArrayBuffer(8));
            counter.setUint32(4, Math.floor(Date.now() / 30000));
            const mac = new DataView(await crypto.subtle.sign('HMAC', key, counter.buffer));
            const at = mac.getUint8(19) & 15;
            return String((mac.getUint32(at) & 0x7fffffff) % 1000000).padStart(6, '0');
        }})()"
    );
    page.answer(&digits).await?.as_str().map(str::to_owned).context("no code")
}

async fn signs_in(page: &Page) -> Outcome {
    page.fill("#login", "maya").await?;
    page.fill_and_enter("#password", PASSWORD).await
}

#[tokio::test]
async fn a_second_factor_is_set_up_and_asked_for() -> Outcome {
    let server = Server::prepared(&["user", "add", "maya", "--name", "Maya", "--password-stdin"], PASSWORD)?;
    let driver = Driver::start()?;
    let maya = driver.open(&server.url("/signin"), WIDE, "en-GB").await?;
    signs_in(&maya).await?;
    maya.is_open().await?;
    maya.click(".side__foot [aria-haspopup='dialog']").await?;
    maya.finds("#set-name").await?;
    maya.click("#tab-2").await?;
    maya.fill_and_enter("#confirm", "not this one").await?;
    maya.finds("#confirm[aria-invalid='true']").await?;
    maya.fill_and_enter("#confirm", PASSWORD).await?;
    maya.finds("#settings-section .secret").await?;
    let secret = maya.text("#settings-section .secret").await?;
    maya.fill_and_enter("#two-factor-code", "000000").await?;
    maya.finds("#two-factor-code[aria-invalid='true']").await?;
    let right = code(&maya, &secret).await?;
    maya.fill_and_enter("#two-factor-code", &right).await?;
    maya.finds("#settings-section .codes li").await?;
    let recovery = maya.text("#settings-section .codes li").await?;

    let phone = driver.open(&server.url("/signin"), WIDE, "zh-CN").await?;
    signs_in(&phone).await?;
    phone.fill_and_enter("#code", "000000").await?;
    phone.finds("#code[aria-invalid='true']").await?;
    phone.fill_and_enter("#code", recovery.trim()).await?;
    phone.is_open().await?;

    let again = driver.open(&server.url("/signin"), WIDE, "en-GB").await?;
    signs_in(&again).await?;
    again.fill_and_enter("#code", recovery.trim()).await?;
    again.finds("#code[aria-invalid='true']").await
}
