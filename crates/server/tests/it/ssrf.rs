//! No call reaches an address that is not public, with a listener on each of them to prove it.
//!
//! The test runs itself again in a network of its own, where every address of IPv4 and IPv6 is this machine.
//! There, fixed ports and special addresses are free to use; it takes the right to make such a network.

mod corpus;
mod listeners;

use std::net::{IpAddr, SocketAddr};
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use gatehouse_testkit::dns::Answer;
use gatehouse_testkit::{DoubleOptions, TestDns};
use tokio::process::Command;

use crate::support::{Call, House, refusal};
use corpus::{Corpus, Expected, Line};
use listeners::{LOCATION, Listeners};

/// Set for the run inside the network.
const INSIDE: &str = "GATEHOUSE_TEST_INSIDE_NETWORK";
/// The end of the line in which the run inside says what it counted.
const COUNTED: &str = "and 0 connections to them";
/// The fewest targets that are worth the name of a corpus.
const FEWEST_TARGETS: usize = 140;
/// How long the run inside may take on a busy machine.
const INSIDE_DEADLINE: Duration = Duration::from_secs(240);

#[tokio::test]
async fn no_target_reaches_an_address_that_is_not_public() -> Result<()> {
    if is_inside() {
        let counted = inside().await?;
        println!("{counted}");
        return Ok(());
    }
    let output = run_inside("ssrf::no_target_reaches_an_address_that_is_not_public").await?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{}\nstdout:\n{stdout}\nstderr:\n{stderr}", output.status);
    let counted = stdout.lines().find(|line| line.ends_with(COUNTED));
    let counted = counted.with_context(|| format!("nothing was counted:\n{stdout}"))?;
    let targets = counted.split_whitespace().next().and_then(|word| word.parse::<usize>().ok());
    ensure!(targets.is_some_and(|targets| targets >= FEWEST_TARGETS), "{counted}");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "how the test tells the run inside from the one outside")]
fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Runs this test in a network of its own.
async fn run_inside(test: &str) -> Result<Output> {
    let mut unshare = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        unshare.arg("--map-root-user");
    }
    unshare.arg("--net").arg("--");
    let probe = duplicate(&unshare).arg("true").output().await.context("run `unshare` (of util-linux)")?;
    ensure!(
        probe.status.success(),
        "this test needs the right to make a network namespace, which `unshare --net` was refused: run it as \
         root, or let users make namespaces\n{}",
        String::from_utf8_lossy(&probe.stderr)
    );
    let me = std::env::current_exe().context("find the test program")?;
    unshare.arg(me).args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
    let running = unshare.stdin(Stdio::null()).kill_on_drop(true).output();
    tokio::time::timeout(INSIDE_DEADLINE, running)
        .await
        .context("the run inside did not end")?
        .context(test.to_owned())
}

fn duplicate(command: &Command) -> Command {
    let mut copy = Command::new(command.as_std().get_program());
    copy.args(command.as_std().get_args());
    copy
}

/// Makes every address one of this machine, in the network that the process is in.
async fn own_every_address() -> Result<()> {
    for arguments in ["link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"]
    {
        let output = Command::new("ip").args(arguments.split(' ')).output().await;
        let output = output.context("run `ip` (Debian's package iproute2)")?;
        ensure!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Does everything that needs the network, and returns a line that says so.
async fn inside() -> Result<String> {
    own_every_address().await?;
    let corpus = Corpus::read()?;
    let listeners = Listeners::start().await?;
    for address in &corpus.listened {
        listeners.expect_reached(*address).await?;
    }
    for address in &corpus.unreachable {
        listeners.expect_unreachable(*address).await?;
    }
    every_target_of_the_corpus(&corpus, &listeners).await.context("the corpus")?;
    what_the_operator_allows(&listeners).await.context("what the operator allows")?;
    names_that_change(&listeners).await.context("names that change")?;
    redirects_are_passed_on(&listeners).await.context("redirects")?;
    let (targets, addresses) = (corpus.lines.len(), corpus.listened.len());
    Ok(format!("{targets} targets, {addresses} forbidden addresses with a listener, {COUNTED}"))
}

/// Starts a gatehouse with a name server and with `upstream` in its configuration.
async fn start(upstream: &str) -> Result<(House, TestDns)> {
    let dns = TestDns::start().await?;
    let toml = format!(
        "[domains]\nmode = \"open\"\n[upstream]\nallow_http = true\ndns_server = \"{}\"\n{upstream}\n",
        dns.address()
    );
    Ok((House::with_double(DoubleOptions::default(), &toml).await?, dns))
}

/// Makes a call to `target` and fails unless it ends as expected, with the connections that belong to that.
async fn check(house: &House, listeners: &Listeners, target: &str, expected: &Expected) -> Result<()> {
    let call = Call::new("GET", "/v1/models").replace("Helicone-Target-Url", target);
    let answer = house.exchange(&call).await?;
    let connections: Vec<SocketAddr> = match expected {
        Expected::Reached(address) => vec![*address],
        Expected::Refused { .. } => Vec::new(),
    };
    listeners.expect_connections(&connections).await?;
    // A listener answers without TLS, and hangs up on it.
    let (status, code) = match expected {
        Expected::Reached(_) if answer.head.status == 200 => return Ok(()),
        Expected::Reached(_) => (502, "tls_failure"),
        Expected::Refused { status, code } => (*status, code.as_str()),
    };
    let (found_status, found_code, body) = refusal(&answer)?;
    ensure!((found_status, found_code.as_str()) == (status, code), "answered with {found_status}: {body}");
    Ok(())
}

async fn every_target_of_the_corpus(corpus: &Corpus, listeners: &Listeners) -> Result<()> {
    let (house, dns) = start("").await?;
    for (name, addresses) in &corpus.names {
        dns.set(name, Answer::addresses(addresses));
    }
    let mut wrong = Vec::new();
    for Line { number, target, expected } in &corpus.lines {
        if let Err(error) = check(&house, listeners, target, expected).await {
            wrong.push(format!("targets.txt:{number}: {target:?}: {error:#}"));
        }
    }
    ensure!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), corpus.lines.len(), wrong.join("\n"));
    house.expect_alive().await
}

/// The listeners can be reached: what the operator allows is, in each of its forms, and the rest is not.
async fn what_the_operator_allows(listeners: &Listeners) -> Result<()> {
    let allowed = "allow_private = [\"10.0.0.0/24\", \"::ffff:192.168.1.0/120\", \"fd00:ec2::/32\"]";
    let (house, dns) = start(allowed).await?;
    let ten: IpAddr = "10.0.0.1".parse()?;
    dns.set("ten.test", Answer::addresses(&[ten]));
    dns.set("mixed.test", Answer::addresses(&["127.0.0.1".parse()?, ten]));
    let reached = |address: &str| address.parse().map(Expected::Reached);
    for (target, address) in [
        ("https://10.0.0.1", "10.0.0.1:443"),
        ("http://10.0.0.1", "10.0.0.1:80"),
        ("https://012.1:8443", "10.0.0.1:8443"),
        ("https://[::ffff:10.0.0.1]", "10.0.0.1:443"),
        ("https://192.168.1.1", "192.168.1.1:443"),
        ("https://[::ffff:192.168.1.1]", "192.168.1.1:443"),
        ("https://[fd00:ec2::254]", "[fd00:ec2::254]:443"),
        ("https://ten.test", "10.0.0.1:443"),
        ("https://mixed.test", "10.0.0.1:443"),
    ] {
        check(&house, listeners, target, &reached(address)?).await.with_context(|| target.to_owned())?;
    }
    for target in
        ["https://10.0.1.1", "https://127.0.0.1", "http://169.254.169.254", "https://[64:ff9b::a00:1]"]
    {
        check(&house, listeners, target, &forbidden()).await.with_context(|| target.to_owned())?;
    }
    Ok(())
}

fn forbidden() -> Expected {
    Expected::Refused { status: 403, code: "forbidden_target".to_owned() }
}

/// A name that is public when it is checked is connected to at that address, whatever it says a moment later.
async fn names_that_change(listeners: &Listeners) -> Result<()> {
    /// How often each name is called.
    const CALLS: usize = 12;
    let (house, dns) = start("").await?;
    let (public, private): (IpAddr, IpAddr) = ("1.1.1.1".parse()?, "10.0.0.1".parse()?);
    let answers = |address: IpAddr| Answer::addresses(&[address]);
    let public_then_private: Vec<Answer> =
        (0..CALLS).flat_map(|_| [answers(public), answers(private)]).collect();
    for (name, scheme, port) in [("tls.test", "https", 443), ("plain.test", "http", 80)] {
        dns.set_sequence(name, public_then_private.clone());
        let target = format!("{scheme}://{name}");
        let reached = Expected::Reached(SocketAddr::new(public, port));
        for call in 0..CALLS {
            let expected = if call % 2 == 0 { &reached } else { &forbidden() };
            check(&house, listeners, &target, expected)
                .await
                .with_context(|| format!("call {call} to {name}"))?;
        }
        let questions = dns.all_queries().into_iter().filter(|query| *query == (name.to_owned(), 1)).count();
        ensure!(questions == CALLS, "{name} was resolved {questions} times for {CALLS} calls");
    }
    Ok(())
}

/// What a provider answers is the client's, also where it leads to a forbidden address.
async fn redirects_are_passed_on(listeners: &Listeners) -> Result<()> {
    let (house, _dns) = start("").await?;
    for (path, status) in
        [("/301", 301), ("/302", 302), ("/303", 303), ("/307", 307), ("/308", 308), ("/300", 300)]
    {
        for method in ["GET", "POST"] {
            let call = Call::new(method, path).replace("Helicone-Target-Url", "http://1.1.1.1");
            let answer = house.exchange(&call).await?;
            ensure!(answer.head.status == status, "{method} {path}: {answer:?}");
            let location = answer.head.headers.text("location");
            ensure!(location.as_deref() == Some(LOCATION), "{method} {path}: {location:?}");
            listeners.expect_connections(&["1.1.1.1:80".parse()?]).await?;
        }
    }
    Ok(())
}
