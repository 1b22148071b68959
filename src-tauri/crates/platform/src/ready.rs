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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Longer than anything here may take.
    const LIMIT: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_descriptor_is_ready_once_there_is_something_to_read() {
        let (near, mut far) = std::os::unix::net::UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        let near = watched(near.into(), Interest::READABLE).unwrap();
        std::io::Write::write_all(&mut far, b"x").unwrap();
        drop(tokio::time::timeout(LIMIT, near.readable()).await.unwrap().unwrap());
    }
}
