//! Three calls of the system that nobody wraps safely. All that is `unsafe` in this crate is here.
#![expect(unsafe_code, reason = "namespaces, mounts and files that were inherited have no safe interface")]

use rustix::thread::UnshareFlags;
use std::ffi::CStr;
use std::io;

/// Leaves the namespaces of the others.
pub(super) fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: The table of open files stays shared, which is all that could be unsound.
    unsafe { rustix::thread::unshare_unsafe(flags - UnshareFlags::FILES) }?;
    Ok(())
}

/// Makes what is mounted at `path`, and beneath, read-only.
pub(super) fn read_only(path: &CStr) -> io::Result<()> {
    let wanted = libc::mount_attr {
        attr_set: libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: `path` ends with a zero byte, and `wanted` is as long as is said; the kernel writes to neither.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const wanted,
            size_of_val(&wanted),
        )
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Lets all files but the three standard ones be closed when this process becomes another program.
pub(super) fn close_on_exec() -> io::Result<()> {
    const FIRST: libc::c_uint = 3;
    // SAFETY: Nothing is closed now; so each file that this process still uses stays what it is.
    let done = unsafe { libc::syscall(libc::SYS_close_range, FIRST, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
