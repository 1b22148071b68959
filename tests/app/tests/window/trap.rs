//! A local listener that nothing may ever reach.

use std::net::Ipv4Addr;
use tidegate_testkit::{DEADLINE, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Listens from [`Trap::set`] on.
pub(crate) struct Trap(TcpListener);

impl Trap {
    pub(crate) async fn set() -> Self {
        Self(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap())
    }

    /// An address that leads into it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.0.local_addr().unwrap())
    }

    /// Panics if anything came before this very call: our own knock must be the first in the queue.
    pub(crate) async fn assert_untouched(&self) {
        let ours = TcpStream::connect(self.0.local_addr().unwrap()).await.unwrap();
        let (mut first, from) = within(DEADLINE, "our own knock", self.0.accept()).await.unwrap();
        if from != ours.local_addr().unwrap() {
            let mut said = [0; 512];
            let length = within(DEADLINE, "what came in", first.read(&mut said)).await.unwrap();
            panic!("something got out: {}", String::from_utf8_lossy(&said[..length]));
        }
    }
}

#[tokio::test]
#[should_panic(expected = "something got out: GET /leak")]
async fn a_trap_notices_a_visit() {
    let trap = Trap::set().await;
    let mut visitor = TcpStream::connect(trap.0.local_addr().unwrap()).await.unwrap();
    visitor.write_all(b"GET /leak").await.unwrap();
    trap.assert_untouched().await;
}
