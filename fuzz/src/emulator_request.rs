//! Whatever is sent to the emulator, it answers within the contract and has no trouble of its own.

use super::emulated::{emulator, request, send};
use super::in_memory::run;
use super::nested::unfolded;

/// Sends the requests of the input one after another; a line `---` stands between them.
pub fn check(input: &[u8]) {
    let input = &*unfolded(input);
    run(async {
        let emulator = emulator();
        let mut rest = input;
        while !rest.is_empty() {
            let separator = b"\n---\n";
            let end = rest.windows(separator.len()).position(|window| window == separator).unwrap_or(rest.len());
            let Some(request) = request(&emulator, &rest[..end]) else { return };
            // What is planned there may be anything, failures included.
            let controls = request.uri().path().contains("control") || request.uri().path().contains('%');
            if controls {
                drop(emulator.service().handle(request).await);
                return;
            }
            send(&emulator, request).await;
            rest = rest.get(end + separator.len()..).unwrap_or_default();
        }
    });
}
