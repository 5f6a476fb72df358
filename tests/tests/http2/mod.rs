//! The emulator's service over TLS and HTTP/2, with connections that fail.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use h2::Reason;
use h2::server::SendResponse;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::{BodyExt as _, Full};
use partner_center_emulator::EmulatorService;
use partner_center_orders::{BoxFuture, PartnerCenterBuilder, SendRequest, TransportError, TransportErrorKind};
use partner_center_testing::InMemory;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use test_support::tls::Identity;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;

/// The longest body that a client reads here.
pub(crate) const BODY_LIMIT: usize = 1 << 20;

/// The name that the API has.
const API: &str = "api.test";

/// A failure that happens once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// The API's name isn't resolved.
    Unresolved,
    /// The connection ends before the TLS handshake is complete.
    HandshakeEnds,
    /// The certificate is for another name.
    Untrusted,
    /// The service ends the request before processing it (`REFUSED_STREAM`).
    StreamRefused,
    /// The service ends the request with another reason (`RST_STREAM`).
    StreamReset { effect: bool },
    /// The service accepts no further requests over the connection (`GOAWAY`), this one included unless it had its effect.
    GoesAway { effect: bool },
    /// The connection ends without notice.
    Closes { effect: bool },
    /// The compressed body ends too early, in a complete message.
    GzipCut,
    /// The compressed body has a wrong checksum.
    GzipChecksum,
    /// The compressed body decompresses to more than the client's limit.
    GzipUnfolds,
}

impl Wrong {
    pub(crate) const AT_CONNECTING: [Self; 3] = [Self::Unresolved, Self::HandshakeEnds, Self::Untrusted];

    pub(crate) const AT_A_REQUEST: [Self; 10] = [
        Self::StreamRefused,
        Self::StreamReset { effect: true },
        Self::StreamReset { effect: false },
        Self::GoesAway { effect: true },
        Self::GoesAway { effect: false },
        Self::Closes { effect: true },
        Self::Closes { effect: false },
        Self::GzipCut,
        Self::GzipChecksum,
        Self::GzipUnfolds,
    ];

    fn is_at_connecting(self) -> bool {
        Self::AT_CONNECTING.contains(&self)
    }
}

/// A failure that is planned for a request.
#[derive(Debug)]
struct Planned {
    wrong: Wrong,
    operation: &'static str,
    is_over: AtomicBool,
}

impl Planned {
    fn new(wrong: Wrong, operation: &'static str) -> Arc<Self> {
        Arc::new(Self { wrong, operation, is_over: AtomicBool::new(false) })
    }

    /// The failure of a request, if it has one.
    fn meets(&self, method: &http::Method, path: &str) -> Option<Wrong> {
        let end = match self.operation {
            "create_cart" => "/carts",
            "checkout_cart" => "/checkout",
            "create_order" => "/orders",
            other => panic!("no failure is planned for {other}"),
        };
        let is_meant = method == http::Method::POST && path.ends_with(end);
        (is_meant && !self.is_over.swap(true, Ordering::SeqCst)).then_some(self.wrong)
    }

    /// The failure of a connection, if it has one.
    fn meets_connection(&self) -> Option<Wrong> {
        (self.wrong.is_at_connecting() && !self.is_over.swap(true, Ordering::SeqCst)).then_some(self.wrong)
    }
}

/// A certificate for both names.
fn identity() -> Identity {
    Identity::new(&["localhost", API])
}

/// The API and the identity platform, at addresses of their own.
pub(crate) struct Service {
    planned: Arc<Planned>,
    root: String,
    api: SocketAddr,
    authority: SocketAddr,
}

impl Service {
    pub(crate) async fn start(service: EmulatorService, wrong: Wrong, operation: &'static str) -> Self {
        let (planned, identity) = (Planned::new(wrong, operation), identity());
        let api = listen(service.clone(), identity.acceptor.clone(), Some(Arc::clone(&planned))).await;
        let authority = listen(service, identity.acceptor, None).await;
        Self { planned, root: identity.pem, api, authority }
    }

    pub(crate) fn authority(&self) -> String {
        format!("https://localhost:{}", self.authority.port())
    }

    pub(crate) fn reached_by(&self, client: PartnerCenterBuilder) -> PartnerCenterBuilder {
        let names = Arc::new(Names(Arc::clone(&self.planned)));
        client
            .base_url(format!("https://{API}:{}/v1", self.api.port()))
            .add_root_certificates(self.root.clone())
            .body_limit(BODY_LIMIT)
            .configure_http(move |http| http.no_proxy().dns_resolver(Arc::clone(&names)))
    }
}

/// Resolves every name to loopback.
struct Names(Arc<Planned>);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let fails = name.as_str() == API && self.0.wrong == Wrong::Unresolved && self.0.meets_connection().is_some();
        Box::pin(async move {
            if fails {
                return Err("the name is not known for now".into());
            }
            Ok(Box::new(std::iter::once(SocketAddr::from(([127, 0, 0, 1], 0)))) as Addrs)
        })
    }
}

async fn listen(service: EmulatorService, acceptor: TlsAcceptor, planned: Option<Arc<Planned>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = match planned.as_ref().and_then(|planned| planned.meets_connection()) {
                Some(Wrong::HandshakeEnds) => continue,
                Some(Wrong::Untrusted) => identity().acceptor,
                _ => acceptor.clone(),
            };
            tokio::spawn(serve(stream, acceptor, service.clone(), planned.clone()));
        }
    });
    address
}

/// The end of a connection.
enum End {
    GoesAway,
    Closes,
}

/// Serves one connection, until it ends.
async fn serve(stream: TcpStream, acceptor: TlsAcceptor, service: EmulatorService, planned: Option<Arc<Planned>>) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    let (end, mut ends) = unbounded_channel();
    loop {
        let (request, respond) = tokio::select! {
            end = ends.recv() => match end {
                Some(End::GoesAway) => {
                    connection.abrupt_shutdown(Reason::NO_ERROR);
                    continue;
                }
                _ => return,
            },
            accepted = connection.accept() => match accepted {
                Some(Ok(accepted)) => accepted,
                _ => return,
            },
        };
        let wrong = planned.as_ref().and_then(|planned| planned.meets(request.method(), request.uri().path()));
        // The connection has to be polled while the request's body arrives.
        tokio::spawn(respond_to(request, respond, service.clone(), wrong, end.clone()));
    }
}

async fn respond_to(
    request: http::Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    service: EmulatorService,
    wrong: Option<Wrong>,
    end: UnboundedSender<End>,
) {
    let (head, mut body) = request.into_parts();
    let mut came = Vec::new();
    while let Some(Ok(part)) = body.data().await {
        drop(body.flow_control().release_capacity(part.len()));
        came.extend_from_slice(&part);
    }
    let has_effect = !matches!(
        wrong,
        Some(
            Wrong::StreamRefused
                | Wrong::StreamReset { effect: false }
                | Wrong::GoesAway { effect: false }
                | Wrong::Closes { effect: false }
        )
    );
    let mut response = None;
    if has_effect {
        response = service.handle(http::Request::from_parts(head, Full::new(Bytes::from(came)))).await.ok();
    }
    match wrong {
        Some(Wrong::StreamRefused) => respond.send_reset(Reason::REFUSED_STREAM),
        Some(Wrong::StreamReset { .. }) => respond.send_reset(Reason::INTERNAL_ERROR),
        // The response is not sent, and the stream not ended, before the connection is.
        Some(Wrong::GoesAway { .. }) => {
            drop(end.send(End::GoesAway));
            std::future::pending::<()>().await;
        }
        Some(Wrong::Closes { .. }) => {
            drop(end.send(End::Closes));
            std::future::pending::<()>().await;
        }
        _ => {
            let (mut head, body) = response.unwrap().into_parts();
            let mut body = body.collect().await.unwrap().to_bytes().to_vec();
            if let Some(wrong) = wrong {
                assert_eq!(head.headers[CONTENT_ENCODING], "gzip");
                head.headers.remove(CONTENT_LENGTH);
                spoil(wrong, &mut body);
            }
            let mut send = respond.send_response(http::Response::from_parts(head, ()), false).unwrap();
            send.send_data(body.into(), true).unwrap();
        }
    }
}

/// Corrupts a compressed body as the failure requires.
fn spoil(wrong: Wrong, body: &mut Vec<u8>) {
    match wrong {
        Wrong::GzipCut => body.truncate(body.len() / 2),
        // CRC and length are the last eight bytes.
        Wrong::GzipChecksum => {
            let checksum = body.len() - 8;
            body[checksum] ^= 0xff;
        }
        _ => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&vec![b' '; 2 * BODY_LIMIT]).unwrap();
            *body = encoder.finish().unwrap();
            assert!(body.len() < BODY_LIMIT / 100);
        }
    }
}

/// The same in memory, as a client sees it.
#[derive(Debug)]
pub(crate) struct Imagined {
    service: InMemory,
    planned: Arc<Planned>,
}

impl Imagined {
    pub(crate) fn new(service: InMemory, wrong: Wrong, operation: &'static str) -> Self {
        Self { service, planned: Planned::new(wrong, operation) }
    }
}

impl SendRequest for Imagined {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let wrong = self.planned.meets(request.method(), request.url().path());
        Box::pin(async move {
            let response = |body: reqwest::Body| reqwest::Response::from(http::Response::new(body));
            match wrong {
                None => self.service.send(request).await,
                Some(Wrong::Unresolved | Wrong::HandshakeEnds | Wrong::Untrusted) => {
                    Err(TransportError::new(TransportErrorKind::Connect))
                }
                // The client doesn't see that it wasn't processed.
                Some(Wrong::StreamRefused) => Err(TransportError::new(TransportErrorKind::Interrupted)),
                Some(Wrong::StreamReset { effect } | Wrong::GoesAway { effect } | Wrong::Closes { effect }) => {
                    if effect {
                        self.service.send(request).await?;
                    }
                    Err(TransportError::new(TransportErrorKind::Interrupted))
                }
                Some(Wrong::GzipCut | Wrong::GzipChecksum) => {
                    self.service.send(request).await?;
                    let broken = std::io::Error::other("the body is broken");
                    Ok(response(reqwest::Body::wrap_stream(stream::iter([Err::<Bytes, _>(broken)]))))
                }
                Some(Wrong::GzipUnfolds) => {
                    self.service.send(request).await?;
                    Ok(response(vec![b' '; 2 * BODY_LIMIT].into()))
                }
            }
        })
    }
}
