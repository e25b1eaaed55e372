//! What the command line can be, in words.

/// The licence that most know by heart.
const LICENSE: &str = include_str!("../../../../LICENSE-MIT");

/// How it is called.
const USAGE: &str = "\
Usage:
  {name} [flags] COMMAND [arguments]     a program of its own for each client
  {name} [flags] --dir=FOLDER            the programs of a folder, chosen by the path
  {name} --help                          everything
";

const FLAGS: &str = "
Any program that reads lines and writes lines becomes a WebSocket endpoint: what the client sends is its standard
input, what it writes is what the client gets. Flags stand before the program. -x, --x, --x=value and --x value are
all understood; what is on or off may be set with =true and =false.

Where it listens
  --port=N                 port; 80, or 443 with --ssl. 0 takes a free one, which the log names
  --address=ADDRESS        address or name; may be repeated. All addresses, where none is named
  --unixsocket=PATH        Unix socket. Alone, no port is opened
  --ssl                    speak TLS, 1.2 at least, with
  --sslcert=FILE             this certificate (PEM)
  --sslkey=FILE              and its key (PEM)
  --sslca=FILE             only clients with a certificate of this authority (PEM)
  --redirport=N            port whose every request is sent to the main one, with its path

Who may connect
  --sameorigin             only pages of the host and port that is asked
  --origin=LIST            only pages of these: [scheme://]host[:port],…  No scheme stands for http and https,
                           no port for any
  --maxforks=N             programs at once, 1024 where nothing is said, 0 for no bound. Others are closed with 1013
  --maxframesize=BYTES     longest message that is taken, 1048576 where nothing is said, 0 for no bound

The program
  --dir=FOLDER             run the file of this folder that the path names
  --passenv=NAMES          variables of this environment that programs get, besides those of CGI: PATH and
                           LD_LIBRARY_PATH where nothing is said
  --reverselookup          look up the client's name for REMOTE_HOST
  --closems=MS             added to each wait between closed input, SIGINT, SIGTERM and SIGKILL: 100, 250, 500 ms
  --pty                    the program sees a terminal, and writes at once what it would keep in a buffer
  --share                  one process for all clients
  --history=N              messages that a late client of a shared process gets, 100 where nothing is said
  --restart                start a shared process again that has ended; its clients stay
  --pool=N                 processes that wait, started, for clients
  --limitcpu=SECONDS       time of the processor that each process may use
  --limitmemory=MIB        memory that each process may use
  --limitoutput=KIB        output that each process may write in a second

Messages
  --binary                 bytes as they come, in place of lines
  --frame=KIND             how messages are told apart: lines, json, length or binary
  --passstderr             standard error too, both as {\"stream\":\"stdout\"|\"stderr\",\"data\":…}
  --eof=TEXT               a message of this text ends the program's input, not the connection
  --protocol=NAMES         subprotocols that are agreed on, in this order; the client's first where nothing is said
  --deflate=false          messages are never compressed
  --pingms=MS              ping clients this often, and drop who is silent for twice as long
  --writems=MS             drop clients that take nothing for as long, 30000 where nothing is said

HTTP
  --staticdir=FOLDER       files
  --cgidir=FOLDER          CGI scripts
  --devconsole             the Workbench on every other path; not with --staticdir or --cgidir
  --status=PATH            a status page, and below it PATH/metrics and PATH/status.json
  --header=HEADER          a header for every answer, \"Name: value\"; may be repeated
  --header-ws=HEADER       for those that open a WebSocket
  --header-http=HEADER     for all others

  --loglevel=LEVEL         debug, trace, access (where nothing is said), info, error, fatal or none
  --help  --version  --license

It ends with 1 if the flags do not go together, 2 if one is not known, 3 if it cannot listen, 4 if --devconsole is not
alone. SIGTERM and SIGINT close every connection with 1001 and end every program.
";

/// Everything.
pub(super) fn long(name: &str) -> String {
    format!("{}{FLAGS}", short(name))
}

/// How it is called.
pub(super) fn short(name: &str) -> String {
    USAGE.replace("{name}", name)
}

/// What it is.
pub(super) fn version(name: &str) -> String {
    format!("{name} {}\n", env!("CARGO_PKG_VERSION"))
}

/// Under which terms it may be used.
pub(super) fn license(name: &str) -> String {
    format!("{}Licensed under MIT or Apache-2.0, as you like.\n\n{LICENSE}", version(name))
}
