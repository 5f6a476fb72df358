//! A server that accepts one connection, on a port that the system picks.

use std::future::Future;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Accepts one connection and handles it as the test does.
pub(crate) async fn serve<F, T>(handle: impl FnOnce(TcpStream) -> F + Send + 'static) -> (String, JoinHandle<T>)
where
    F: Future<Output = T> + Send,
    T: Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let connection = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        handle(stream).await
    });
    (base_url, connection)
}

/// Responds with these bytes and returns the request.
pub(crate) async fn responding(response: impl Into<Vec<u8>>) -> (String, JoinHandle<Request>) {
    let response = response.into();
    serve(move |mut stream| async move {
        let request = Request::read(&mut stream).await;
        stream.write_all(&response).await.unwrap();
        request
    })
    .await
}

/// A response with these header lines, this body and its length.
pub(crate) fn response(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut response = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        response.push_str(header);
        response.push_str("\r\n");
    }
    response.push_str("\r\n");
    let mut response = response.into_bytes();
    response.extend_from_slice(body);
    response
}

/// A request as received.
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl Request {
    /// Reads up to the empty line; the tests ignore the bodies of requests.
    pub(crate) async fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.push(stream.read_u8().await.unwrap());
        }
        let text = String::from_utf8(bytes).unwrap();
        let mut lines = text.trim_end().lines();
        let line = lines.next().unwrap().to_owned();
        let headers = lines
            .map(|header| {
                let (name, value) = header.split_once(": ").unwrap();
                (name.to_ascii_lowercase(), value.to_owned())
            })
            .collect();
        Self { line, headers }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn header_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}
