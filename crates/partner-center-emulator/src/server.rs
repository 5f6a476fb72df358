//! The emulator on a socket.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::core::Core;
use crate::service::EmulatorService;

/// Accepts connections until the future is dropped, which closes them all.
pub(crate) async fn serve(listener: TcpListener, core: Arc<Core>, origin: Arc<str>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let connection = Connection::default();
            let service = EmulatorService::new(Arc::clone(&core), Arc::clone(&origin), connection);
            connections.spawn(async move {
                let handle = service_fn(move |request| {
                    let service = service.clone();
                    async move { service.answer(request).await }
                });
                let builder = auto::Builder::new(TokioExecutor::new());
                drop(builder.serve_connection(TokioIo::new(stream), handle).await);
            });
        }
        while connections.try_join_next().is_some() {}
    }
}

/// The origin of a listener.
pub(crate) fn origin(scheme: &str, address: SocketAddr) -> String {
    format!("{scheme}://{address}")
}
