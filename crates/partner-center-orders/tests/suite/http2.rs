//! Failing connections over TLS and HTTP/2: requests share one, so that all are affected.

use std::net::Shutdown;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use h2::Reason;
use h2::server::SendResponse;
use partner_center_orders::{PartnerCenter, PartnerCenterBuilder, RetryPolicy, RetryWrites, StaticToken};
use test_support::tls::Identity;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use crate::support::{CUSTOMER, order_json};

/// The reaction of the service to a request.
#[derive(Clone)]
pub enum Reaction {
    Responds,
    /// Never responds to this request.
    Ignores,
    /// Stops sending over this connection, pings included; goes on with the response after the notification.
    FallsSilent(Arc<Notify>),
    /// Resets this request.
    Resets(Reason),
    /// Announces that it takes no more requests over this connection, this one included.
    GoesAway,
    /// Responds, and announces that it takes no further requests over this connection.
    RespondsAndGoesAway,
    /// Ends its side of the connection, and keeps reading.
    Hangs,
}

/// Chooses the reaction by the number of the connection and the path.
type React = Arc<dyn Fn(usize, &str) -> Reaction + Send + Sync>;

/// A service on loopback that speaks HTTP/2 over TLS.
pub struct FakeService {
    origin: String,
    authority: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<usize>>>,
    /// Notified of each request.
    came: Arc<Notify>,
}

impl FakeService {
    pub async fn start(react: impl Fn(usize, &str) -> Reaction + Send + Sync + 'static) -> Self {
        let identity = Identity::new(&["localhost"]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self {
            origin: format!("https://localhost:{}", listener.local_addr().unwrap().port()),
            authority: identity.pem,
            connections: Arc::default(),
            requests: Arc::default(),
            came: Arc::default(),
        };
        let (acceptor, react): (_, React) = (identity.acceptor, Arc::new(react));
        let (connections, requests, came) =
            (Arc::clone(&service.connections), Arc::clone(&service.requests), Arc::clone(&service.came));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, react, connections) = (acceptor.clone(), Arc::clone(&react), Arc::clone(&connections));
                let (requests, came) = (Arc::clone(&requests), Arc::clone(&came));
                tokio::spawn(async move {
                    let number = connections.fetch_add(1, Ordering::SeqCst) + 1;
                    serve(stream, acceptor, move |path| {
                        requests.lock().unwrap().push(number);
                        came.notify_one();
                        react(number, path)
                    })
                    .await;
                });
            }
        });
        service
    }

    /// The number of connections so far.
    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The connection of each request.
    fn requests(&self) -> Vec<usize> {
        self.requests.lock().unwrap().clone()
    }

    pub fn client(&self) -> PartnerCenterBuilder {
        PartnerCenter::builder()
            .base_url(format!("{}/v1", self.origin))
            .add_root_certificates(self.authority.clone())
            .configure_http(reqwest::ClientBuilder::no_proxy)
            .credential(StaticToken::new("token-1"))
            .deadline(Duration::from_secs(100))
    }
}

/// Serves one connection, until it breaks.
async fn serve(stream: TcpStream, acceptor: TlsAcceptor, react: impl Fn(&str) -> Reaction) {
    let stream = stream.into_std().unwrap();
    let socket = stream.try_clone().unwrap();
    let Ok(stream) = acceptor.accept(TcpStream::from_std(stream).unwrap()).await else { return };
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    let mut ignored = Vec::new();
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        match react(request.uri().path()) {
            Reaction::Responds => send_order(&mut respond),
            Reaction::Ignores => ignored.push(respond),
            Reaction::FallsSilent(until) => {
                until.notified().await;
                send_order(&mut respond);
            }
            Reaction::Resets(reason) => respond.send_reset(reason),
            Reaction::GoesAway => connection.abrupt_shutdown(Reason::NO_ERROR),
            Reaction::RespondsAndGoesAway => {
                send_order(&mut respond);
                connection.graceful_shutdown();
            }
            Reaction::Hangs => socket.shutdown(Shutdown::Write).unwrap(),
        }
    }
}

fn send_order(respond: &mut SendResponse<Bytes>) {
    let head = http::Response::builder().header("content-type", "application/json").body(()).unwrap();
    if let Ok(mut body) = respond.send_response(head, false) {
        drop(body.send_data(order_json("o-1").into(), true));
    }
}

async fn read(partner: &PartnerCenter, order: &str) -> Result<(), partner_center_orders::Error> {
    partner.customer(CUSTOMER).orders().get(order).await.map(drop)
}

/// Silence without end.
fn silence() -> Reaction {
    Reaction::FallsSilent(Arc::new(Notify::new()))
}

/// Makes a call in a task of its own.
fn start(
    partner: &PartnerCenter,
    order: &'static str,
) -> tokio::task::JoinHandle<Result<(), partner_center_orders::Error>> {
    let partner = partner.clone();
    tokio::spawn(async move { read(&partner, order).await })
}

/// Advances the timers by so many seconds.
async fn skip(seconds: u64) {
    tokio::time::pause();
    for _ in 0..seconds {
        tokio::time::advance(Duration::from_secs(1)).await;
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    tokio::time::resume();
}

#[tokio::test]
async fn an_attempt_that_timed_out_does_not_share_its_connection_with_the_next() {
    let service = FakeService::start(|connection, path| match (connection, path.ends_with("silent")) {
        (1, true) => silence(),
        _ => Reaction::Responds,
    })
    .await;
    // A third attempt could come after the connection's end.
    let twice = service.client().attempt_timeout(Duration::from_secs(20)).retry(RetryPolicy::default().max_attempts(2));
    let partner = twice.build().unwrap();
    read(&partner, "o-1").await.unwrap();
    service.came.notified().await;
    let call = start(&partner, "silent");
    service.came.notified().await;

    skip(21).await;
    call.await.unwrap().unwrap();
    read(&partner, "o-1").await.unwrap();

    assert_eq!(service.requests(), [1, 1, 2, 2]);
}

#[tokio::test]
async fn other_connections_take_over_once_in_a_while_only() {
    let service = FakeService::start(|_, _| silence()).await;
    let once_more = RetryPolicy::default().max_attempts(3).initial_backoff(Duration::ZERO);
    let partner = service.client().attempt_timeout(Duration::from_secs(9)).retry(once_more).build().unwrap();
    let call = start(&partner, "o-1");

    for attempts in 1..=3 {
        // The third is sent over a connection that is silent already.
        if attempts < 3 {
            service.came.notified().await;
        }
        skip(10).await;
    }

    assert!(call.await.unwrap().unwrap_err().is_timeout());
    assert_eq!(service.connections(), 2);
}

#[tokio::test]
async fn running_calls_keep_their_connection() {
    let released = Arc::new(Notify::new());
    let until = Arc::clone(&released);
    let service = FakeService::start(move |connection, _| match connection {
        1 => Reaction::FallsSilent(Arc::clone(&until)),
        _ => Reaction::Responds,
    })
    .await;
    let partner = service.client().attempt_timeout(Duration::from_secs(24)).build().unwrap();
    let slow = start(&partner, "slow");
    service.came.notified().await;

    let hasty = partner.customer(CUSTOMER).orders().get("hasty").deadline(Duration::from_secs(4));
    let hasty = tokio::spawn(hasty.send());
    skip(5).await;
    assert!(hasty.await.unwrap().unwrap_err().is_timeout());
    read(&partner, "next").await.unwrap();
    released.notify_one();
    slow.await.unwrap().unwrap();

    assert_eq!(service.connections(), 2);
}

#[tokio::test]
async fn one_slow_response_is_no_reason_for_another_connection() {
    let service =
        FakeService::start(|_, path| if path.ends_with("slow") { Reaction::Ignores } else { Reaction::Responds }).await;
    let once = service.client().attempt_timeout(Duration::from_secs(20)).retry(RetryPolicy::none());
    let partner = once.build().unwrap();
    let slow = start(&partner, "slow");
    service.came.notified().await;
    read(&partner, "quick").await.unwrap();

    skip(21).await;
    assert!(slow.await.unwrap().unwrap_err().is_timeout());
    read(&partner, "quick").await.unwrap();

    assert_eq!(service.requests(), [1, 1, 1]);
}

#[tokio::test]
async fn a_connection_that_died_is_found_by_pings_while_a_request_waits() {
    let service =
        FakeService::start(|connection, _| if connection == 1 { silence() } else { Reaction::Responds }).await;
    let once = service.client().attempt_timeout(Duration::from_secs(60)).retry(RetryPolicy::none());
    let partner = once.build().unwrap();
    let begun = tokio::time::Instant::now();
    let silent = partner.clone();
    let call = tokio::spawn(async move { (read(&silent, "o-1").await, begun.elapsed()) });
    service.came.notified().await;

    skip(61).await;
    let (outcome, time) = call.await.unwrap();
    read(&partner, "o-1").await.unwrap();

    // The connection's end ended the attempt, and not its own time.
    assert!(outcome.is_err() && time < Duration::from_secs(60), "{time:?}");
    assert_eq!(service.requests(), [1, 2]);
}

#[tokio::test]
async fn a_connection_that_died_is_found_by_pings_while_nothing_is_sent() {
    let until = Arc::new(Notify::new());
    let service = FakeService::start(move |connection, path| match (connection, path.ends_with("last")) {
        (1, true) => Reaction::FallsSilent(Arc::clone(&until)),
        _ => Reaction::Responds,
    })
    .await;
    let partner = service.client().retry(RetryPolicy::none()).build().unwrap();
    read(&partner, "o-1").await.unwrap();
    let given_up = partner.customer(CUSTOMER).orders().get("last");
    let given_up = tokio::spawn(given_up.send());
    service.came.notified().await;
    service.came.notified().await;
    given_up.abort();
    given_up.await.unwrap_err();

    // Pings begin after the last that was read, which may be read some of these seconds later than it came.
    skip(60).await;
    read(&partner, "o-1").await.unwrap();

    assert_eq!(service.requests(), [1, 1, 2]);
}

#[tokio::test]
async fn a_connection_that_goes_away_is_followed_by_another() {
    for first in [Reaction::GoesAway, Reaction::RespondsAndGoesAway, Reaction::Hangs] {
        let responds = matches!(first, Reaction::RespondsAndGoesAway);
        let service = FakeService::start(move |connection, _| match connection {
            1 => first.clone(),
            _ => Reaction::Responds,
        })
        .await;
        let partner = service.client().build().unwrap();

        read(&partner, "o-1").await.unwrap();
        read(&partner, "o-2").await.unwrap();

        // If the first request gets a response, either of the two can come before the connection's end.
        assert!(responds || service.requests() == [1, 2, 2], "{:?}", service.requests());
    }
}

#[tokio::test]
async fn a_request_that_is_reset_is_repeated_over_the_same_connection() {
    for reason in [Reason::INTERNAL_ERROR, Reason::CANCEL, Reason::REFUSED_STREAM] {
        let resets = AtomicUsize::new(0);
        let service = FakeService::start(move |_, _| match resets.fetch_add(1, Ordering::SeqCst) {
            0 => Reaction::Resets(reason),
            _ => Reaction::Responds,
        })
        .await;
        let partner = service.client().build().unwrap();

        read(&partner, "o-1").await.unwrap();

        assert_eq!(service.requests(), [1, 1], "{reason}");
    }
}

#[tokio::test]
async fn a_write_whose_connection_went_wrong_is_outcome_unknown() {
    for reaction in [Reaction::Resets(Reason::INTERNAL_ERROR), Reaction::Hangs] {
        let service = FakeService::start(move |_, _| reaction.clone()).await;
        let partner = service.client().retry(RetryPolicy::default().writes(RetryWrites::Never)).build().unwrap();

        let call = partner.customer(CUSTOMER).subscriptions().activate_in_sandbox("s-1");
        let error = call.await.unwrap_err();

        assert!(error.is_outcome_unknown(), "{error}");
        assert_eq!(service.requests(), [1]);
    }
}
