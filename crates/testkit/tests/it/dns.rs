//! The DNS server answers a real resolver over UDP and TCP.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::Result;
use gatehouse_testkit::TestDns;
use gatehouse_testkit::dns::{Answer, Record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

const A: u16 = 1;
const TXT: u16 = 16;
const AAAA: u16 = 28;

fn query(name: &str, kind: u16) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        bytes.extend(u8::try_from(label.len()));
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes.extend([kind.to_be_bytes(), 1_u16.to_be_bytes()].concat());
    bytes
}

/// Asks over UDP; returns flags, number of answers, and the whole reply.
async fn ask(dns: &TestDns, name: &str, kind: u16) -> Result<(u16, u16, Vec<u8>)> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.send_to(&query(name, kind), dns.address()).await?;
    let mut reply = vec![0; 1024];
    let length = tokio::time::timeout(Duration::from_secs(5), socket.recv(&mut reply)).await??;
    reply.truncate(length);
    read(reply)
}

fn read(reply: Vec<u8>) -> Result<(u16, u16, Vec<u8>)> {
    let word = |at: usize| reply.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes);
    let (Some(flags), Some(answers)) = (word(2), word(6)) else { anyhow::bail!("short reply") };
    Ok((flags, answers, reply))
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED))
}

#[tokio::test]
async fn answers_by_type_and_counts() -> Result<()> {
    let dns = TestDns::start().await?;
    let addresses = [ip("10.0.0.1"), ip("192.0.2.7"), ip("2001:db8::1")];
    dns.set("Api.Example.com.", Answer::addresses(&addresses));
    let (flags, answers, reply) = ask(&dns, "api.example.COM", A).await?;
    assert_eq!((flags & 15, answers), (0, 2));
    assert!(reply.ends_with(&[192, 0, 2, 7]));
    assert_eq!(ask(&dns, "api.example.com", AAAA).await?.1, 1);
    assert_eq!(ask(&dns, "api.example.com", TXT).await?.1, 0);
    assert_eq!(ask(&dns, "other.example.com", A).await?.0 & 15, 3);
    assert_eq!(dns.queries("api.example.com"), 3);
    assert_eq!(dns.all_queries()[1], ("api.example.com".to_owned(), AAAA));
    Ok(())
}

#[tokio::test]
async fn sequences_change_with_each_query_and_stay_at_the_last() -> Result<()> {
    let dns = TestDns::start().await?;
    let answers = vec![
        Answer::addresses(&[ip("203.0.113.1")]),
        Answer::ServerFailure,
        Answer::NoSuchName,
        Answer::addresses(&[ip("127.0.0.1")]),
    ];
    dns.set_sequence("turn.test", answers);
    let mut seen = Vec::new();
    for _ in 0..5 {
        let (flags, count, _) = ask(&dns, "turn.test", A).await?;
        seen.push((flags & 15, count));
    }
    assert_eq!(seen, [(0, 1), (2, 0), (3, 0), (0, 1), (0, 1)]);
    assert_eq!(ask(&dns, "turn.test", AAAA).await?.0 & 15, 0);
    Ok(())
}

#[tokio::test]
async fn aliases_are_followed() -> Result<()> {
    let dns = TestDns::start().await?;
    dns.set("a.test", Answer::Records(vec![Record::Alias("b.test".to_owned())]));
    dns.set("b.test", Answer::addresses(&[ip("192.0.2.9")]));
    let (_, answers, reply) = ask(&dns, "a.test", A).await?;
    assert_eq!(answers, 2);
    assert!(reply.ends_with(&[192, 0, 2, 9]));
    Ok(())
}

#[tokio::test]
async fn long_answers_are_cut_over_udp_and_whole_over_tcp() -> Result<()> {
    let dns = TestDns::start().await?;
    dns.set("long.test", Answer::Records(vec![Record::Text("x".repeat(700))]));
    let (flags, answers, _) = ask(&dns, "long.test", TXT).await?;
    assert_eq!((flags & 0x0200, answers), (0x0200, 0));
    let mut stream = TcpStream::connect(dns.address()).await?;
    let query = query("long.test", TXT);
    stream.write_u16(u16::try_from(query.len())?).await?;
    stream.write_all(&query).await?;
    let mut reply = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut reply).await?;
    let (flags, answers, reply) = read(reply)?;
    assert_eq!((flags & 0x0200, answers), (0, 1));
    assert!(reply.len() > 700);
    Ok(())
}

#[tokio::test]
async fn silence_is_silent_and_still_counted() -> Result<()> {
    let dns = TestDns::start().await?;
    dns.set("mute.test", Answer::Silence);
    dns.set("loud.test", Answer::addresses(&[ip("192.0.2.1")]));
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.send_to(&query("mute.test", A), dns.address()).await?;
    socket.send_to(&query("loud.test", A), dns.address()).await?;
    let mut reply = vec![0; 512];
    let length = tokio::time::timeout(Duration::from_secs(5), socket.recv(&mut reply)).await??;
    assert!(reply[..length].ends_with(&[192, 0, 2, 1]));
    assert_eq!(dns.queries("mute.test"), 1);
    Ok(())
}

#[tokio::test]
async fn a_real_resolver_understands_it() -> Result<()> {
    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
    let dns = TestDns::start().await?;
    dns.set("api.example.com", Answer::addresses(&[ip("192.0.2.7"), ip("2001:db8::1")]));
    let mut connection = ConnectionConfig::udp();
    connection.port = dns.address().port();
    let server = NameServerConfig::new(dns.address().ip(), true, vec![connection]);
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    let provider = hickory_resolver::net::runtime::TokioRuntimeProvider::default();
    let resolver = hickory_resolver::Resolver::builder_with_config(config, provider).build()?;
    let found: Vec<IpAddr> = resolver.lookup_ip("api.example.com.").await?.iter().collect();
    assert!(found.contains(&ip("192.0.2.7")), "{found:?}");
    assert!(resolver.lookup_ip("none.example.com.").await.is_err());
    Ok(())
}
