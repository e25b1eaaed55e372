//! What the command line says.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

/// What `readyroom bot` is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct BotArgs {
    /// The server, such as <http://127.0.0.1:3000>
    #[arg(long, env = "READYROOM_SERVER", value_name = "URL")]
    pub server: String,
    /// The token that the bot signs in with
    #[arg(long, env = "READYROOM_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: String,
    /// Rooms by their names, separated by commas; those that are public are joined
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "lobby")]
    pub room: Vec<String>,
    /// Lines are the bare texts, both ways, instead of JSON
    #[arg(long)]
    pub plain: bool,
    /// File that keeps how far the bot has read [default: one in the state folder of the user, for this server and bot]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Messages per minute that the bot may say, sustained
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub rate: u32,
    /// SHA-256 of the one certificate to accept, for a server that nobody vouches for
    #[arg(long, value_name = "SHA256")]
    pub fingerprint: Option<String>,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}
