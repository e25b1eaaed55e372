//! The command line, read as websocketd reads it (Go's `flag`): `-port 80`, `--port 80`, `--port=80`; a switch may have
//! `=true` or `=false`; flags end at the first word that is none, or at `--`.
//!
//! [`scan`] finds the flags and what they are set to, [`check`] makes [`Settings`] of them, [`help`] has the words.
//! Deliberately absent: anything that listens or runs.

mod check;
mod help;
mod scan;

use std::ffi::OsString;

use super::settings::Settings;
use scan::Scanned;

/// What ends the program with the status 1: a configuration that cannot be.
const CONFIGURATION: u8 = 1;

/// What ends the program with the status 2: a flag that is not known, or whose value is none.
const UNKNOWN: u8 = 2;

/// What ends the program with the status 3: nothing can listen on such a port.
const LISTEN: u8 = 3;

/// What ends the program with the status 4: the console together with files or CGI scripts.
const CONSOLE: u8 = 4;

/// What the command line asks for.
#[derive(Debug)]
pub enum Wish {
    /// To serve.
    Serve(Box<Settings>),
    /// To show this on standard output, and to end with this status.
    Say(String, u8),
    /// To show this on standard error, and to end with this status.
    Complain(String, u8),
}

/// Reads the command line. `name` is how the program was called.
#[must_use]
pub fn read(name: &str, args: &[OsString]) -> Wish {
    let given = match scan::scan(args) {
        Ok(Scanned::Given(given)) => given,
        Ok(Scanned::Help) => return Wish::Say(help::long(name), 0),
        Err(why) => return complain(name, &why, UNKNOWN),
    };
    if args.is_empty() {
        return complain(
            name,
            "a COMMAND, or a folder with --dir, --staticdir or --cgidir, is expected",
            CONFIGURATION,
        );
    }
    if given.switch("version") {
        return Wish::Say(help::version(name), 0);
    }
    if given.switch("license") {
        return Wish::Say(help::license(name), 0);
    }
    match check::settings(&given) {
        Ok(settings) => Wish::Serve(Box::new(settings)),
        Err(refused) => complain(name, &refused.why, refused.code),
    }
}

fn complain(name: &str, why: &str, code: u8) -> Wish {
    Wish::Complain(format!("{name}: {why}\n\n{}", help::short(name)), code)
}

#[cfg(test)]
mod tests {
    use super::super::settings::Source;
    use super::*;
    use crate::pipe::log::Level;
    use crate::program::frame::Framing;

    fn wish(args: &[&str]) -> Wish {
        read("readyroom pipe", &args.iter().map(OsString::from).collect::<Vec<_>>())
    }

    fn settings(args: &[&str]) -> Settings {
        match wish(args) {
            Wish::Serve(settings) => *settings,
            other @ (Wish::Say(..) | Wish::Complain(..)) => panic!("{args:?}: {other:?}"),
        }
    }

    /// The complaint about these, and the status it ends with.
    fn complaint(args: &[&str]) -> (String, u8) {
        match wish(args) {
            Wish::Complain(text, code) => (text, code),
            other @ (Wish::Say(..) | Wish::Serve(_)) => panic!("{args:?}: {other:?}"),
        }
    }

    #[test]
    fn defaults_are_websocketds() {
        let found = settings(&["cat"]);
        assert_eq!(found.addresses, [":80"]);
        assert_eq!((found.maxforks, found.maxframesize), (Some(1024), 1024 * 1024));
        assert_eq!((found.loglevel, found.framing), (Level::Access, Framing::Lines));
        assert!(found.deflate && !found.sameorigin && found.origins.is_none() && found.pingms.is_none());
        let Source::Command(program) = found.source else { panic!("a program") };
        assert!(program.path.is_absolute() && program.args.is_empty() && program.env.is_empty());
    }

    #[test]
    fn every_way_to_write_a_flag_is_read() {
        for args in
            [&["-port", "81", "cat"][..], &["--port", "81", "cat"], &["--port=81", "cat"], &["-port=0x51", "cat"]]
        {
            assert_eq!(settings(args).addresses, [":81"], "{args:?}");
        }
        for on in ["--binary", "-binary", "--binary=true", "--binary=1", "--binary=t", "--binary=T", "-binary=TRUE"] {
            assert_eq!(settings(&[on, "cat"]).framing, Framing::Binary, "{on}");
        }
        for off in ["--deflate=false", "--deflate=0", "-deflate=F"] {
            assert!(!settings(&[off, "cat"]).deflate, "{off}");
        }
        assert_eq!(settings(&["--port=1", "--port=2", "cat"]).addresses, [":2"]);
    }

    #[test]
    fn flags_end_at_the_program() {
        for args in [&["cat", "--port=81", "-x"][..], &["--", "cat", "--port=81", "-x"]] {
            let found = settings(args);
            assert_eq!(found.addresses, [":80"]);
            let Source::Command(program) = found.source else { panic!("a program") };
            assert_eq!(program.args, ["--port=81", "-x"]);
        }
    }

    #[test]
    fn what_is_no_flag_ends_with_two_and_is_named() {
        for (args, named) in [
            (&["--nonsense", "cat"][..], "nonsense"),
            (&["--port"], "--port"),
            (&["--port=x", "cat"], "--port"),
            (&["--port="], "--port"),
            (&["--binary=maybe", "cat"], "--binary"),
            (&["---port=1", "cat"], "---port=1"),
            (&["--=1", "cat"], "--=1"),
            (&["--closems=-1", "cat"], "--closems"),
        ] {
            let (text, code) = complaint(args);
            assert_eq!(code, 2, "{args:?}");
            assert!(text.contains(named) && text.contains("Usage"), "{args:?}: {text}");
        }
    }

    #[test]
    fn what_cannot_be_ends_with_one_and_says_what_can() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, file) = (folder.path().to_str().unwrap(), folder.path().join("file"));
        std::fs::write(&file, "").unwrap();
        let dir = format!("--dir={dir}");
        let file = file.to_str().unwrap();
        for (args, named) in [
            (&[][..], "COMMAND"),
            (&["--port=80"], "COMMAND"),
            (&["--devconsole"], "COMMAND"),
            (&["--loglevel=loud", "cat"], "--loglevel"),
            (&["--ssl", "cat"], "--sslcert"),
            (&["--ssl", "--sslcert=a", "cat"], "--sslkey"),
            (&["--sslcert=a", "cat"], "--ssl"),
            (&["--sslca=a", "cat"], "--ssl"),
            (&["--binary", "--passstderr", "cat"], "--passstderr"),
            (&["--frame=binary", "--passstderr", "cat"], "--passstderr"),
            (&["--binary", "--frame=lines", "cat"], "--frame"),
            (&["--frame=words", "cat"], "--frame"),
            (&["--pool=2", "--share", "cat"], "--pool"),
            (&["--share", &dir], "--share"),
            (&["--history=3", "cat"], "--share"),
            (&["--restart", "cat"], "--share"),
            (&["--share", "--eof=x", "cat"], "--eof"),
            (&[&dir, "cat"], "--dir"),
            (&["--dir=/there/is/none"], "--dir"),
            (&["--staticdir=/there/is/none"], "--staticdir"),
            (&["--cgidir=/there/is/none"], "--cgidir"),
            (&["/there/is/none"], "/there/is/none"),
            (&[file], "not executable"),
            (&["/tmp"], "not a file"),
            (&["there-is-no-such-program"], "there-is-no-such-program"),
            (&["--header=a b: c", "cat"], "--header"),
            (&["--header-ws=Sec-WebSocket-Accept: c", "cat"], "--header-ws"),
            (&["--status=x", "cat"], "--status"),
            (&["--protocol=a b", "cat"], "--protocol"),
            (&["--eof=", "cat"], "--eof"),
            (&["--writems=0", "cat"], "--writems"),
        ] {
            let (text, code) = complaint(args);
            assert_eq!(code, 1, "{args:?}: {text}");
            assert!(text.contains(named), "{args:?}: {text}");
        }
    }

    #[test]
    fn a_port_that_is_none_cannot_be_listened_on() {
        for (args, named) in [
            (&["--port=65536", "cat"][..], "--port"),
            (&["--port=-1", "cat"], "--port"),
            (&["--redirport=-1", "cat"], "--redirport"),
        ] {
            let (text, code) = complaint(args);
            assert_eq!(code, 3, "{args:?}");
            assert!(text.contains(named) && text.contains("65535"), "{text}");
        }
    }

    #[test]
    fn the_console_stands_alone() {
        for flag in ["--staticdir=/tmp", "--cgidir=/tmp"] {
            let (text, code) = complaint(&["--devconsole", flag, "cat"]);
            assert_eq!(code, 4);
            assert!(text.contains("--devconsole"), "{text}");
        }
    }

    #[test]
    fn who_asks_for_help_gets_it() {
        for args in [&["--help"][..], &["-help"], &["-h"], &["--port=1", "--help", "cat"], &["--help=x"]] {
            let Wish::Say(text, 0) = wish(args) else { panic!("{args:?}") };
            for flag in scan::names() {
                assert!(text.contains(&format!("--{flag}")), "{flag} is not explained");
            }
        }
        let Wish::Say(text, 0) = wish(&["--version"]) else { panic!("a version") };
        assert_eq!(text, format!("readyroom pipe {}\n", env!("CARGO_PKG_VERSION")));
        let Wish::Say(text, 0) = wish(&["--license"]) else { panic!("a licence") };
        assert!(text.contains("MIT"));
    }

    #[test]
    fn addresses_have_the_port() {
        let found = settings(&["--address=127.0.0.1", "--address", "[::1]", "--address=::1", "--port=8080", "cat"]);
        assert_eq!(found.addresses, ["127.0.0.1:8080", "[::1]:8080", "[::1]:8080"]);
        assert_eq!(settings(&["--port=0", "cat"]).addresses, [":0"]);
        assert_eq!(settings(&["--ssl", "--sslcert=a", "--sslkey=b", "cat"]).addresses, [":443"]);
    }

    #[test]
    fn a_unix_socket_alone_is_alone() {
        assert!(settings(&["--unixsocket=/x", "cat"]).addresses.is_empty());
        assert_eq!(settings(&["--unixsocket=/x", "--port=1", "cat"]).addresses, [":1"]);
        assert_eq!(settings(&["--unixsocket=/x", "--address=::1", "cat"]).addresses, ["[::1]:80"]);
    }

    #[test]
    fn limits_have_their_units() {
        let found = settings(&["--limitcpu=5", "--limitmemory=2", "--limitoutput=3", "--pty", "cat"]);
        let Source::Command(program) = found.source else { panic!("a program") };
        assert_eq!(program.limits, found.limits);
        assert!(program.terminal);
        let limits = found.limits;
        assert_eq!(limits.cpu_seconds, Some(5));
        assert_eq!((limits.memory, limits.output_per_second), (Some(2 * 1024 * 1024), Some(3 * 1024)));
        assert_eq!(settings(&["--maxforks=0", "cat"]).maxforks, None);
        assert_eq!(settings(&["--maxframesize=0", "cat"]).maxframesize, usize::MAX);
    }

    #[test]
    fn one_for_all_has_a_history() {
        assert_eq!(settings(&["--share", "cat"]).share, Some(100));
        assert_eq!(settings(&["--share", "--history=0", "cat"]).share, Some(0));
    }
}
