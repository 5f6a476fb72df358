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
use crate::service::EmulatorService;
use crate::shared::Shared;
use crate::sync::lock;

/// Limits of a connection.
const MAX_HEAD_SIZE: usize = 64 << 10;
const MAX_STREAMS: u32 = 200;
const PING: Duration = Duration::from_secs(20);

/// The delay before the next accept when the system has no sockets left.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(20);

/// The protocol of a listener.
#[derive(Clone)]
pub(crate) enum Protocol {
    Plain,
    #[cfg(feature = "tls")]
    Tls(tokio_rustls::TlsAcceptor),
}

/// Everything that a listener needs to serve connections.
#[derive(Clone)]
pub(crate) struct ListenerContext {
    pub(crate) shared: Arc<Shared>,
    pub(crate) origin: Arc<str>,
    pub(crate) protocol: Protocol,
}

/// Accepts connections until the future is dropped, which closes them all.
pub(crate) async fn serve(listener: TcpListener, context: ListenerContext) -> Infallible {
    let mut tasks = JoinSet::new();
    let open = OpenConnections::default();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let limit = context.shared.settings().connection_limit.max(1);
            let connection = Connection::default();
            open.add(connection.clone(), limit);
            tasks.spawn(serve_until_ended(stream, context.clone(), connection));
        } else {
            // Most likely the system has no sockets left: close idle connections.
            open.close_idle(16);
            tokio::time::sleep(ACCEPT_BACKOFF).await;
        }
        while tasks.try_join_next().is_some() {}
    }
}

/// The open connections, and some that have ended since.
#[derive(Default)]
struct OpenConnections(Mutex<Vec<Connection>>);

impl OpenConnections {
    /// Adds a connection. Beyond the limit, closes the connections that have been idle longest, several at a time, since each
    /// search takes time.
    fn add(&self, connection: Connection, limit: usize) {
        let mut open = lock(&self.0);
        if open.len() >= limit {
            open.retain(Connection::is_open);
        }
        if open.len() >= limit {
            close_longest_idle(&open, open.len() + 1 - limit + limit / 64);
        }
        open.push(connection);
    }

    fn close_idle(&self, count: usize) {
        let mut open = lock(&self.0);
        open.retain(Connection::is_open);
        close_longest_idle(&open, count);
    }
}

fn close_longest_idle(open: &[Connection], count: usize) {
    if count == 0 {
        return;
    }
    let mut idle: Vec<_> = open.iter().filter_map(|connection| Some((connection.idle_since()?, connection))).collect();
    idle.sort_by_key(|(since, _)| *since);
    idle.into_iter().take(count).for_each(|(_, connection)| connection.close());
}

/// Serves a connection until it ends.
async fn serve_until_ended(stream: TcpStream, context: ListenerContext, connection: Connection) {
    drop(stream.set_nodelay(true));
    let head_timeout = context.shared.settings().head_timeout;
    tokio::select! {
        () = serve_protocol(stream, context, connection.clone(), head_timeout) => {}
        () = connection.ended() => {}
        () = first_request_timeout(&connection, head_timeout) => {}
    }
    connection.set_ended();
}

/// Completes when the time for the first request is over and no request was received, whatever else was sent.
async fn first_request_timeout(connection: &Connection, head_timeout: Duration) {
    tokio::time::sleep(head_timeout).await;
    if connection.has_begun() {
        std::future::pending::<()>().await;
    }
}

async fn serve_protocol(stream: TcpStream, context: ListenerContext, connection: Connection, head_timeout: Duration) {
    // Nothing is set up for a client that connects and sends nothing.
    if stream.readable().await.is_err() {
        return;
    }
    let socket = Socket { stream, connection: connection.clone() };
    match context.protocol {
        Protocol::Plain => serve_http(socket, context.shared, context.origin, connection, head_timeout).await,
        #[cfg(feature = "tls")]
        Protocol::Tls(ref acceptor) => {
            if let Ok(stream) = acceptor.accept(socket).await {
                serve_http(stream, context.shared, context.origin, connection, head_timeout).await;
            }
        }
    }
}

async fn serve_http<S>(stream: S, shared: Arc<Shared>, origin: Arc<str>, connection: Connection, head_timeout: Duration)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = EmulatorService::new(shared, origin, connection);
    let handle = service_fn(move |request| {
        let service = service.clone();
        async move { service.handle(request).await }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head_timeout).max_buf_size(MAX_HEAD_SIZE);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    // Errors here are caused by the client or by an injected fault.
    drop(builder.serve_connection(TokioIo::new(stream), handle).await);
}

/// A socket that can be reset.
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
        if self.connection.is_reset() {
            drop(self.stream.set_zero_linger());
        }
    }
}

/// Returns the origin of a listener.
pub(crate) fn origin(scheme: &str, address: SocketAddr) -> String {
    format!("{scheme}://{address}")
}
