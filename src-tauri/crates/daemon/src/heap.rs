//! The C library's heap. Must not know what is kept in it.

/// Gives the system back what has been freed. The C library keeps it for the next time, which after a burst is more than
/// all that the daemon needs.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim(3) may be called at any time and from any thread; it touches nothing but free memory.
    #[expect(unsafe_code, reason = "no safe function asks the C library for it")]
    unsafe {
        libc::malloc_trim(0);
    }
}
