//! The emulator responds to any request as the contract says, and never fails.

use super::emulated::{emulator, request, send};
use super::in_memory::run;
use super::nested::unfolded;

/// Sends the requests of the input one after another; a line `---` separates them.
pub fn check(mut rest: &[u8]) {
    run(async {
        let emulator = emulator();
        while !rest.is_empty() {
            let separator = b"\n---\n";
            let end = rest.windows(separator.len()).position(|window| window == separator).unwrap_or(rest.len());
            // A fold is within one request: thousands of them would take their time, without a fault.
            let Some(request) = request(&emulator, &unfolded(&rest[..end])) else { return };
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
