//! Servers on loopback that respond with the bytes that a test defines.

use std::future::Future;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// Accepts one connection and handles it as the test does. Returns the base URL, and later what `handle` returns.
///
/// ```
/// use test_support::http::{Request, serve};
/// use tokio::io::AsyncWriteExt as _;
///
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
/// runtime.block_on(async {
///     let (base_url, server) = serve(async |mut stream| Request::read(&mut stream).await.line).await;
///     let address = base_url.strip_prefix("http://").unwrap().strip_suffix("/v1").unwrap();
///     let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
///     client.write_all(b"GET /v1/customers HTTP/1.1\r\n\r\n").await.unwrap();
///     assert_eq!(server.await.unwrap(), "GET /v1/customers HTTP/1.1");
/// });
/// ```
pub async fn serve<F, T>(handle: impl FnOnce(TcpStream) -> F + Send + 'static) -> (String, JoinHandle<T>)
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

/// Responds to one request with these bytes and closes the connection. Returns the base URL, and later the request.
pub async fn responding(response: impl Into<Vec<u8>>) -> (String, JoinHandle<Request>) {
    let response = response.into();
    serve(move |mut stream| async move {
        let request = Request::read(&mut stream).await;
        stream.write_all(&response).await.unwrap();
        request
    })
    .await
}

/// A response with these header lines, this body and its length.
///
/// ```
/// let response = test_support::http::response("200 OK", &["MS-RequestId: r-1"], "{}");
/// assert_eq!(response, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nMS-RequestId: r-1\r\n\r\n{}");
/// ```
pub fn response(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
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

/// The head of a request as received.
#[derive(Debug)]
pub struct Request {
    /// Method, path and version.
    pub line: String,
    /// The headers in the order received, with names in small letters.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// Reads up to the empty line; a body stays in the stream.
    pub async fn read(stream: &mut TcpStream) -> Self {
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

    /// The value of a header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The names of the headers, sorted.
    pub fn header_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}

/// An address that rejects connections for as long as this exists: bound, so that no other test gets the port, but not
/// listening.
#[derive(Debug)]
pub struct Unreachable(TcpSocket);

impl Unreachable {
    /// Takes a port.
    #[expect(clippy::new_without_default, reason = "it takes something of the system")]
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self(socket)
    }

    /// The base URL at this address.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.0.local_addr().unwrap())
    }
}
