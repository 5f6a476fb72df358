//! The emulator on a socket.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::core::Core;
use crate::service::EmulatorService;
use crate::shared::lock;

/// Bounds on what a connection may take up.
const LARGEST_HEAD: usize = 64 << 10;
const MOST_STREAMS: u32 = 200;
const PING: Duration = Duration::from_secs(20);

/// How long accepting rests when the system has no more sockets to give.
const REST: Duration = Duration::from_millis(20);

/// How a listener speaks.
#[derive(Clone)]
pub(crate) enum Speech {
    Plain,
    #[cfg(feature = "tls")]
    Tls(tokio_rustls::TlsAcceptor),
}

/// What a listener serves.
#[derive(Clone)]
pub(crate) struct Offer {
    pub(crate) core: Arc<Core>,
    pub(crate) origin: Arc<str>,
    pub(crate) speech: Speech,
}

/// Accepts connections until the future is dropped, which closes them all.
pub(crate) async fn serve(listener: TcpListener, offer: Offer) -> Infallible {
    let mut tasks = JoinSet::new();
    let open = Open::default();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let limit = offer.core.settings().connection_limit.max(1);
            let connection = Connection::default();
            open.add(connection.clone(), limit);
            tasks.spawn(attend(stream, offer.clone(), connection));
        } else {
            // Most likely there are no more sockets to be had: make room.
            open.close_idle(16);
            tokio::time::sleep(REST).await;
        }
        while tasks.try_join_next().is_some() {}
    }
}

/// The connections that are open, as far as is known.
#[derive(Default)]
struct Open(Mutex<Vec<Connection>>);

impl Open {
    /// Adds a connection and closes those that have been idle longest if there are too many: some at once, since looking for
    /// them takes time, which a crowd must not take from others.
    fn add(&self, connection: Connection, limit: usize) {
        let mut open = lock(&self.0);
        if open.len() >= limit {
            open.retain(Connection::is_open);
        }
        if open.len() >= limit {
            close_idlest(&open, open.len() + 1 - limit + limit / 64);
        }
        open.push(connection);
    }

    fn close_idle(&self, count: usize) {
        let mut open = lock(&self.0);
        open.retain(Connection::is_open);
        close_idlest(&open, count);
    }
}

fn close_idlest(open: &[Connection], count: usize) {
    if count == 0 {
        return;
    }
    let mut idle: Vec<_> = open.iter().filter_map(|connection| Some((connection.idle_since()?, connection))).collect();
    idle.sort_by_key(|(since, _)| *since);
    idle.into_iter().take(count).for_each(|(_, connection)| connection.close());
}

/// Serves one connection to its end.
async fn attend(stream: TcpStream, offer: Offer, connection: Connection) {
    drop(stream.set_nodelay(true));
    let patience = offer.core.settings().head_timeout;
    tokio::select! {
        () = speak(stream, offer, connection.clone(), patience) => {}
        () = connection.ended() => {}
        () = no_request_comes(&connection, patience) => {}
    }
    connection.ended_for_good();
}

/// Ends when the time for the first request is over and none has come, whatever else was sent so far.
async fn no_request_comes(connection: &Connection, patience: Duration) {
    tokio::time::sleep(patience).await;
    if connection.has_begun() {
        std::future::pending::<()>().await;
    }
}

async fn speak(stream: TcpStream, offer: Offer, connection: Connection, patience: Duration) {
    // Nothing is set up for whoever connects and stays silent.
    if stream.readable().await.is_err() {
        return;
    }
    let socket = Socket { stream, connection: connection.clone() };
    match offer.speech {
        Speech::Plain => exchange(socket, offer.core, offer.origin, connection, patience).await,
        #[cfg(feature = "tls")]
        Speech::Tls(ref acceptor) => {
            if let Ok(stream) = acceptor.accept(socket).await {
                exchange(stream, offer.core, offer.origin, connection, patience).await;
            }
        }
    }
}

async fn exchange<S>(stream: S, core: Arc<Core>, origin: Arc<str>, connection: Connection, patience: Duration)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = EmulatorService::new(core, origin, connection);
    let handle = service_fn(move |request| {
        let service = service.clone();
        async move { service.answer(request).await }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(LARGEST_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    // An error here is the client's doing, or a fault's.
    drop(builder.serve_connection(TokioIo::new(stream), handle).await);
}

/// A socket that can end with a reset.
struct Socket {
    stream: TcpStream,
    connection: Connection,
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.connection.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.connection.is_broken() {
            drop(self.stream.set_zero_linger());
        }
    }
}

/// The origin of a listener.
pub(crate) fn origin(scheme: &str, address: SocketAddr) -> String {
    format!("{scheme}://{address}")
}
