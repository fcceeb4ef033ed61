//! Queries against a name server of a few lines, asked from runtimes that come and go.

use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::runtime::Builder;
use tokio::time::timeout;

use super::*;

/// Ends a test that hangs; far more than it needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers every question for an IPv4 address with 192.0.2.1, and any other with nothing.
async fn serve_names(socket: UdpSocket) {
    let mut packet = [0; 512];
    while let Ok((length, from)) = socket.recv_from(&mut packet).await {
        let question = name_end(&packet) + 4;
        let wants_ipv4 = packet[question - 4..question] == [0, 1, 0, 1];
        // An answer, with recursion; one question, at most one record, nothing after them.
        let counts = [0, 1, 0, u8::from(wants_ipv4), 0, 0, 0, 0];
        let mut answer = [&packet[..2], &[0x81, 0x80], &counts, &packet[12..question.min(length)]].concat();
        if wants_ipv4 {
            // The name of the question, type A, class IN, 60 seconds, four bytes.
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
        }
        socket.send_to(&answer, from).await.unwrap();
    }
}

fn name_end(packet: &[u8]) -> usize {
    let mut position = 12;
    while packet[position] != 0 {
        position += usize::from(packet[position]) + 1;
    }
    position + 1
}

#[test]
fn asks_on_when_the_worker_that_asked_runs_no_more() {
    let control = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let worker = || Builder::new_current_thread().enable_all().build().unwrap();
    let socket = control.block_on(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let guard = AddressGuard::new(vec!["192.0.2.0/24".parse().unwrap()]);
    let resolver = {
        let _control = control.enter();
        Resolver::new(guard, HashMap::new(), Some(socket.local_addr().unwrap())).unwrap()
    };
    let origin = Origin::parse("https://provider.test", false).unwrap();

    let stopped = worker();
    let mut first = Box::pin(resolver.resolve(&origin));
    let waits = stopped.block_on(poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_pending())));
    assert!(waits, "no answer without a query");
    let query = async { timeout(PATIENCE, socket.readable()).await };
    control.block_on(query).expect("a query without the worker's help").unwrap();

    control.spawn(serve_names(socket));
    let answer = async { timeout(PATIENCE, resolver.resolve(&origin)).await };
    let addresses = worker().block_on(answer).unwrap().unwrap();
    assert_eq!(addresses, ["192.0.2.1:443".parse().unwrap()]);
}

#[test]
fn needs_a_runtime_for_its_queries() {
    let server = SocketAddr::from((Ipv4Addr::LOCALHOST, 53));
    assert!(Resolver::new(AddressGuard::default(), HashMap::new(), Some(server)).is_err());
}
