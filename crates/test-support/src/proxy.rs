//! A proxy on loopback.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

/// A proxy that opens no tunnel and forwards nothing, but records what it receives. It has a thread of its own, so that a test
/// may block while it runs a program.
#[derive(Clone, Debug)]
pub struct Proxy {
    url: String,
    received: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts it.
    #[expect(clippy::new_without_default, reason = "it starts a thread")]
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::default();
        let proxy = Self { url, received: Arc::clone(&received) };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                received.lock().unwrap().push(reject(stream.unwrap()));
            }
        });
        proxy
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The heads of the requests that it received.
    pub fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }

    /// Makes it the proxy for everything in a program's environment.
    pub fn set_for(&self, program: &mut Command) {
        for name in ["http_proxy", "https_proxy", "all_proxy"] {
            program.env(name, &self.url).env(name.to_uppercase(), &self.url);
        }
        // The first excludes hosts from proxies; the last marks a script on a web server.
        for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
            program.env_remove(name);
        }
    }
}

/// Reads the head of a request and rejects it; returns everything that was received.
fn reject(mut stream: TcpStream) -> String {
    let mut received = Vec::new();
    let mut piece = [0; 4096];
    while !received.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(length) if length > 0 => received.extend_from_slice(&piece[..length]),
            _ => break,
        }
    }
    drop(stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
    String::from_utf8_lossy(&received).into_owned()
}
