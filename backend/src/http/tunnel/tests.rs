//! What a tunnel carries, and when it ends.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use super::*;

/// Far longer than any test takes.
const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(50);

const PATIENT: Patience = Patience { stall: LONG, linger: LONG };

struct Ends {
    client: DuplexStream,
    server: UnixStream,
    tunnel: JoinHandle<io::Result<()>>,
}

/// A tunnel to a client that lets `room` bytes wait.
fn dig(room: usize, patience: Patience) -> Ends {
    let (client, outside) = duplex(room);
    let (server, inside) = UnixStream::pair().unwrap();
    let tunnel = TaskTracker::new().spawn(carry(outside, inside, patience));
    Ends { client, server, tunnel }
}

async fn all<R: AsyncRead + Unpin>(mut from: R) -> Vec<u8> {
    let mut all = Vec::new();
    from.read_to_end(&mut all).await.unwrap();
    all
}

#[tokio::test]
async fn each_side_may_end_while_the_other_speaks_on() {
    let Ends { mut client, mut server, tunnel } = dig(1024, PATIENT);
    client.write_all(b"last words").await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(all(&mut server).await, b"last words");
    server.write_all(b"an answer").await.unwrap();
    server.shutdown().await.unwrap();
    assert_eq!(all(&mut client).await, b"an answer");
    tunnel.await.unwrap().unwrap();
}

#[tokio::test]
async fn everything_arrives_in_order_through_the_narrowest_place() {
    let Ends { client, server, tunnel } = dig(7, PATIENT);
    let long = |seed| {
        let mut bytes = vec![0; 300_000];
        fastrand::Rng::with_seed(seed).fill(&mut bytes);
        bytes
    };
    let (mut hears_client, mut tells_client) = tokio::io::split(client);
    let (hears_server, mut tells_server) = server.into_split();
    let telling = async {
        let to_client = async {
            tells_server.write_all(&long(1)).await.unwrap();
            drop(tells_server);
        };
        let to_server = async {
            tells_client.write_all(&long(2)).await.unwrap();
            tells_client.shutdown().await.unwrap();
        };
        tokio::join!(to_client, to_server);
    };
    let (heard, said, ()) = tokio::join!(all(&mut hears_client), all(hears_server), telling);
    assert!(heard == long(1) && said == long(2));
    tunnel.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_last_word_of_a_server_that_no_longer_listens_is_carried() {
    let Ends { mut client, mut server, tunnel } = dig(64 * 1024, PATIENT);
    client.write_all(b"the first that is not read").await.unwrap();
    server.readable().await.unwrap();
    server.write_all(b"go away").await.unwrap();
    drop(server);
    // It may well say more before it hears that.
    client.write_all(&[b'x'; 10_000]).await.unwrap();
    let mut heard = [0; 7];
    client.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"go away");
    drop(client);
    // Whether the pair was broken or ended is no matter.
    drop(tunnel.await.unwrap());
}

#[tokio::test]
async fn a_client_that_vanishes_is_an_end_inside() {
    let Ends { client, mut server, tunnel } = dig(1024, PATIENT);
    drop(client);
    assert_eq!(all(&mut server).await, b"");
    drop(server);
    drop(tunnel.await.unwrap());
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_given_up() {
    let Ends { client, mut server, tunnel } = dig(64, Patience { stall: SHORT, linger: LONG });
    server.write_all(&[b'x'; 100_000]).await.unwrap();
    assert_eq!(tunnel.await.unwrap().err().map(|error| error.kind()), Some(io::ErrorKind::TimedOut));
    drop(client);
    // Inside it looks like any connection that broke.
    assert_eq!(server.read_u8().await.err().map(|error| error.kind()), Some(io::ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_client_that_takes_little_is_not() {
    let Ends { mut client, mut server, tunnel } = dig(64, Patience { stall: SHORT, linger: LONG });
    server.write_all(&[b'x'; 20_000]).await.unwrap();
    drop(server);
    let mut pace = tokio::time::interval(SHORT / 10);
    let mut taken = 0;
    // Longer than it would wait for nothing at all.
    for _ in 0..30 {
        pace.tick().await;
        let mut some = [0; 16];
        taken += client.read(&mut some).await.unwrap();
    }
    taken += all(&mut client).await.len();
    assert_eq!(taken, 20_000);
    drop(client);
    tunnel.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_end_is_left_behind() {
    let Ends { mut client, server, tunnel } = dig(1024, Patience { stall: LONG, linger: SHORT });
    drop(server);
    assert_eq!(all(&mut client).await, b"");
    tunnel.await.unwrap().unwrap();
}
