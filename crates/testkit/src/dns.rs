//! A DNS server over UDP and TCP whose answers a test sets, also such that change from query to query.

mod message;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use message::{Query, encode};

/// Longest time a TCP client may take between two queries.
const IDLE: Duration = Duration::from_secs(10);
/// How often a free port is sought that both UDP and TCP can have.
const PORT_TRIES: usize = 20;

/// One resource record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// An address: `A` or `AAAA`.
    Address(IpAddr),
    /// Text: `TXT`, split into strings of 255 bytes.
    Text(String),
    /// Text: `TXT`, of exactly these strings, each of 255 bytes at most.
    Strings(Vec<String>),
    /// Another name for the one asked: `CNAME`; its own records are added if they are set.
    Alias(String),
    /// Another name for the one asked: `CNAME`; its own records must be asked for.
    BareAlias(String),
}

/// What a query gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// These records, those of the asked type; may be none.
    Records(Vec<Record>),
    /// The name does not exist (NXDOMAIN).
    NoSuchName,
    /// The server fails (SERVFAIL).
    ServerFailure,
    /// Nothing, ever.
    Silence,
}

impl Answer {
    /// Makes an answer of addresses.
    pub fn addresses(addresses: &[IpAddr]) -> Self {
        Self::Records(addresses.iter().copied().map(Record::Address).collect())
    }
}

#[derive(Debug, Default)]
struct Zone {
    names: HashMap<String, Name>,
    queries: Vec<(String, u16)>,
    tcp_queries: usize,
    ttl_seconds: u32,
}

#[derive(Debug)]
struct Name {
    answers: Vec<Answer>,
    /// How many queries of each type were answered, so that `A` and `AAAA` see the same sequence.
    asked: HashMap<u16, usize>,
}

/// A running DNS server; it stops when it is dropped.
#[derive(Debug)]
pub struct TestDns {
    zone: Arc<Mutex<Zone>>,
    address: SocketAddr,
    _stop: DropGuard,
}

impl TestDns {
    /// Starts a server on the present runtime, on a free port of the loopback; every name is NXDOMAIN at first.
    ///
    /// # Errors
    /// When no port is free in both UDP and TCP.
    pub async fn start() -> Result<Self> {
        let (udp, tcp) = bind().await?;
        let address = udp.local_addr().context("read the server's address")?;
        let zone = Arc::new(Mutex::new(Zone::default()));
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let serve_udp = stop.clone().run_until_cancelled_owned(serve_udp(zone.clone(), udp));
        let serve_tcp =
            stop.clone().run_until_cancelled_owned(serve_tcp(zone.clone(), tcp, tasks.clone(), stop.clone()));
        tasks.spawn(serve_udp);
        tasks.spawn(serve_tcp);
        Ok(Self { zone, address, _stop: stop.drop_guard() })
    }

    /// Returns the address of the server, the same for UDP and TCP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets what every query for `name` gets.
    pub fn set(&self, name: &str, answer: Answer) {
        self.set_sequence(name, vec![answer]);
    }

    /// Sets what the first, second, … query for `name` gets; the last answer stays. Each record type counts by itself.
    pub fn set_sequence(&self, name: &str, answers: Vec<Answer>) {
        self.zone.lock().names.insert(normal(name), Name { answers, asked: HashMap::new() });
    }

    /// Sets how long resolvers may keep answers, also those that there is nothing (by a `SOA` record); at first
    /// they may keep none.
    pub fn set_ttl_seconds(&self, seconds: u32) {
        self.zone.lock().ttl_seconds = seconds;
    }

    /// Returns how many queries came over TCP.
    pub fn tcp_queries(&self) -> usize {
        self.zone.lock().tcp_queries
    }

    /// Returns how many queries came for `name`, of every type.
    pub fn queries(&self, name: &str) -> usize {
        let name = normal(name);
        self.zone.lock().queries.iter().filter(|(asked, _)| *asked == name).count()
    }

    /// Returns every query in order: name in lower case without a final dot, and record type (1 is `A`, 28 `AAAA`).
    pub fn all_queries(&self) -> Vec<(String, u16)> {
        self.zone.lock().queries.clone()
    }
}

fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

async fn bind() -> Result<(UdpSocket, TcpListener)> {
    for _ in 0..PORT_TRIES {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("listen on TCP")?;
        let address = tcp.local_addr().context("read the TCP address")?;
        if let Ok(udp) = UdpSocket::bind(address).await {
            return Ok((udp, tcp));
        }
    }
    bail!("no port is free in both UDP and TCP after {PORT_TRIES} tries")
}

impl Zone {
    /// Answers a query; `None` is silence.
    fn answer(&mut self, query: &Query) -> Option<Answer> {
        let name = normal(&query.name);
        self.queries.push((name.clone(), query.kind));
        let Some(entry) = self.names.get_mut(&name) else { return Some(Answer::NoSuchName) };
        let turn = entry.asked.entry(query.kind).or_default();
        let answer = entry.answers.get(*turn).or(entry.answers.last()).cloned();
        *turn += 1;
        match answer {
            Some(Answer::Silence) => None,
            Some(answer) => Some(answer),
            None => Some(Answer::NoSuchName),
        }
    }

    /// Returns the answer's records with their owners, aliases followed; the depth is bounded.
    fn records(&self, query: &Query, answer: &Answer) -> Vec<(String, Record)> {
        let Answer::Records(records) = answer else { return Vec::new() };
        let mut found: Vec<(String, Record)> =
            records.iter().map(|record| (query.name.clone(), record.clone())).collect();
        for _ in 0..8 {
            let Some((_, Record::Alias(target))) = found.last().cloned() else { break };
            let Some(Answer::Records(more)) =
                self.names.get(&normal(&target)).and_then(|entry| entry.answers.first())
            else {
                break;
            };
            found.extend(more.iter().map(|record| (target.clone(), record.clone())));
        }
        found
    }

    /// Returns the reply to the bytes of a query; `most` is the longest that fits.
    fn reply(&mut self, bytes: &[u8], most: usize) -> Option<Vec<u8>> {
        let query = Query::parse(bytes)?;
        let answer = self.answer(&query)?;
        let code = match answer {
            Answer::NoSuchName => message::NO_SUCH_NAME,
            Answer::ServerFailure => message::SERVER_FAILURE,
            Answer::Records(_) | Answer::Silence => message::NO_ERROR,
        };
        let records = self.records(&query, &answer);
        Some(encode(&query, code, &records, self.ttl_seconds, most))
    }
}

async fn serve_udp(zone: Arc<Mutex<Zone>>, socket: UdpSocket) {
    let mut buffer = vec![0; 4096];
    loop {
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else { continue };
        let reply = zone.lock().reply(buffer.get(..length).unwrap_or_default(), message::LONGEST_UDP);
        if let Some(reply) = reply {
            // A client that is gone asks again or not.
            drop(socket.send_to(&reply, peer).await);
        }
    }
}

async fn serve_tcp(
    zone: Arc<Mutex<Zone>>,
    listener: TcpListener,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let task = serve_stream(zone.clone(), stream);
        let stop = stop.clone();
        tasks.spawn(async move { stop.run_until_cancelled(task).await });
    }
}

async fn serve_stream(zone: Arc<Mutex<Zone>>, mut stream: TcpStream) -> std::io::Result<()> {
    loop {
        let length = tokio::time::timeout(IDLE, stream.read_u16()).await??;
        let mut query = vec![0; usize::from(length)];
        stream.read_exact(&mut query).await?;
        let reply = {
            let mut zone = zone.lock();
            zone.tcp_queries += 1;
            zone.reply(&query, usize::from(u16::MAX))
        };
        if let Some(reply) = reply {
            stream.write_u16(u16::try_from(reply.len()).unwrap_or(u16::MAX)).await?;
            stream.write_all(&reply).await?;
        }
    }
}
