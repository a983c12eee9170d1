//! Ctrl-C and SIGTERM end waits.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level::pipe};
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user wants the program to end, and something to poll for it.
///
/// The signal raises a flag and then writes into a socket that nobody empties. So a signal that comes between a look at the
/// flag and the wait ends this wait and all later ones.
pub struct Stop {
    flag: Arc<AtomicBool>,
    wake: Option<UnixStream>,
}

impl Stop {
    /// Ctrl-C and SIGTERM end waits with [`host::Error::Interrupted`], so that a program can finish with what it knows; a
    /// second one kills it, as if the first had.
    ///
    /// To be called once in a program, before anything is waited for.
    ///
    /// # Errors
    /// When the system has no file descriptor left, or does not let the signals be caught.
    pub fn on_signals() -> io::Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        let (wake, tell) = UnixStream::pair()?;
        for signal in [SIGINT, SIGTERM] {
            // The order counts: the first action looks at what the second sets.
            flag::register_conditional_default(signal, Arc::clone(&flag))?;
            flag::register(signal, Arc::clone(&flag))?;
            pipe::register(signal, tell.try_clone()?)?;
        }
        Ok(Self { flag, wake: Some(wake) })
    }

    /// Nothing ends waits but their deadlines.
    #[must_use]
    pub fn never() -> Self {
        Self { flag: Arc::new(AtomicBool::new(false)), wake: None }
    }

    /// The same for another host of this program, whose waits end with these.
    ///
    /// # Errors
    /// When the system has no file descriptor left.
    pub(crate) fn share(&self) -> io::Result<Self> {
        let wake = self.wake.as_ref().map(UnixStream::try_clone).transpose()?;
        Ok(Self { flag: Arc::clone(&self.flag), wake })
    }

    /// Raised once the user wants the program to end; for simulated worlds, and for loops that do not wait.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.flag)
    }

    /// Whether the user wants the program to end.
    pub(crate) fn is_raised(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// Readable from the first signal on; `None`: there will be none.
    pub(crate) fn wake(&self) -> Option<&UnixStream> {
        self.wake.as_ref()
    }
}
