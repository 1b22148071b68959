//! Waits for a descriptor of another library to be ready. Must not know what for.

use std::os::fd::OwnedFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A descriptor whose readiness can be waited for.
///
/// # Errors
/// When the kernel tells nobody about the readiness of such a thing: a plain file, for one.
pub fn watched(fd: OwnedFd, interest: Interest) -> std::io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the function is unsafe because the descriptor must stay the same one and open for as long as it is
    // registered; an `OwnedFd` that the registration owns does.
    #[expect(unsafe_code, reason = "tokio has no safe way to wait for a descriptor of another library")]
    unsafe {
        Ok(AsyncFd::register_with_interest(fd, interest)?)
    }
}
