//! The system calls that neither socket2 nor rustix offers whole, and so the only `unsafe` of this crate.
//!
//! `recvmsg` with its control messages, `recvmmsg` without, `setsockopt` for options that are numbers, `getsockopt` for those that
//! are structs, `bind` to an interface, and the two `ioctl`s that make a tap. Nothing here looks at what was received: control
//! messages and structs are handed on as bytes, to be read in `received.rs` and `tcp/info.rs`.
#![expect(unsafe_code, reason = "control messages have no safe interface in std, socket2 or rustix")]
#![expect(
    clippy::cast_possible_truncation,
    reason = "sizes of structs and constants of the system, in the types it takes"
)]

use libc::c_int;
use socket2::{SockAddr, Socket};
use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::AsRawFd;

/// Room for control messages; of words, since a `cmsghdr` must be aligned like the largest of its fields.
type Control = [u64; 32];

/// The next message of `socket`: how many of its bytes are in `buffer`, and who sent it.
///
/// What the kernel says beside it goes to `note`, as level, type and value.
///
/// # Errors
/// As recvmsg(2); `WouldBlock` if there is none.
pub(crate) fn receive(
    socket: &Socket,
    flags: c_int,
    buffer: &mut [u8],
    note: impl FnMut(c_int, c_int, &[u8]),
) -> io::Result<(usize, SockAddr)> {
    let mut control: Control = [0; 32];
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // SAFETY: it holds pointers, lengths and flags; null and zero are values of all of them.
    let mut header: libc::msghdr = unsafe { zeroed() };
    header.msg_iov = &raw mut part;
    header.msg_iovlen = 1;
    header.msg_control = control.as_mut_ptr().cast();
    header.msg_controllen = size_of::<Control>() as _;
    // SAFETY: name, buffer and control point to memory that is mutably borrowed for the whole call, with the lengths that it
    // has; the kernel writes no more than these. On success the length of the name is set to what the kernel wrote.
    let (len, name) = unsafe {
        SockAddr::try_init(|name, name_len| {
            header.msg_name = name.cast();
            header.msg_namelen = *name_len;
            let len = libc::recvmsg(socket.as_raw_fd(), &raw mut header, flags);
            *name_len = header.msg_namelen;
            usize::try_from(len).map_err(|_| io::Error::last_os_error())
        })?
    };
    // SAFETY: `control` is what `header` was made with, and the kernel has set the length to what it wrote there.
    unsafe { each(&header, &control, note) };
    Ok((len.min(buffer.len()), name))
}

/// Calls `note` with each control message of `header`.
///
/// # Safety
/// `header` must describe `control`, wholly or its beginning, as filled in by `recvmsg`.
unsafe fn each(header: &libc::msghdr, control: &Control, mut note: impl FnMut(c_int, c_int, &[u8])) {
    let end = control.as_ptr_range().end as usize;
    // SAFETY: by this function's own condition. The macros give a null pointer instead of a message whose header does not lie
    // within the described bytes.
    let mut next = unsafe { libc::CMSG_FIRSTHDR(header) };
    // SAFETY: not null, so it points to an aligned message header within `control`.
    while let Some(message) = unsafe { next.as_ref() } {
        // SAFETY: the value begins behind the header that was just seen to lie within `control`, at most at its end.
        let (value, empty) = unsafe { (libc::CMSG_DATA(next), libc::CMSG_LEN(0)) };
        #[allow(clippy::unnecessary_cast, reason = "32 bits on some systems")]
        let len = (message.cmsg_len as usize).saturating_sub(empty as usize).min(end.saturating_sub(value as usize));
        // SAFETY: `len` bytes from `value` on lie within `control`, all of which is initialised.
        note(message.cmsg_level, message.cmsg_type, unsafe { std::slice::from_raw_parts(value, len) });
        // SAFETY: as for `CMSG_FIRSTHDR`; `next` came from it or from this macro.
        next = unsafe { libc::CMSG_NXTHDR(header, next) };
    }
}

/// Takes what has come into the first of `frames`, without waiting; how many.
///
/// # Errors
/// As recvmmsg(2); `WouldBlock` if there is nothing.
#[cfg(target_os = "linux")]
pub(crate) fn receive_many(socket: &Socket, frames: &mut [host::Frame]) -> io::Result<usize> {
    /// As many at a time.
    const MOST: usize = 64;
    // SAFETY: both structs hold pointers, lengths and flags; null and zero are values of all of them.
    let (mut parts, mut headers): ([libc::iovec; MOST], [libc::mmsghdr; MOST]) = unsafe { (zeroed(), zeroed()) };
    for ((frame, part), header) in frames.iter_mut().zip(&mut parts).zip(&mut headers) {
        let room = frame.room();
        (part.iov_base, part.iov_len) = (room.as_mut_ptr().cast(), room.len());
        (header.msg_hdr.msg_iov, header.msg_hdr.msg_iovlen) = (part, 1);
    }
    let (count, flags) = (frames.len().min(MOST) as libc::c_uint, libc::MSG_DONTWAIT);
    // SAFETY: the first `count` headers point to a part each, and these to the room of a frame that is mutably borrowed for the whole
    // call, with the length that it has; the kernel writes no more than that.
    let came =
        unsafe { libc::recvmmsg(socket.as_raw_fd(), headers.as_mut_ptr(), count, flags as _, std::ptr::null_mut()) };
    let came = usize::try_from(came).map_err(|_| io::Error::last_os_error())?;
    for (frame, header) in frames.iter_mut().zip(&headers).take(came) {
        frame.filled(header.msg_len as usize);
    }
    Ok(came)
}

/// Makes a tap of a file of `/dev/net/tun`, with a note in front of each frame.
///
/// # Errors
/// As the kernel's documentation (`networking/tuntap.rst`) says of `TUNSETIFF`; `ResourceBusy` if there is such an interface.
#[cfg(target_os = "linux")]
pub(crate) fn make_tap(file: &Socket, name: &[u8]) -> io::Result<()> {
    let flags = libc::IFF_TAP | libc::IFF_NO_PI | libc::IFF_VNET_HDR | libc::IFF_TUN_EXCL;
    // SAFETY: numbers and bytes, of which zero is a value.
    let mut request: libc::ifreq = unsafe { zeroed() };
    // The last byte stays zero: it ends the name.
    for (to, from) in request.ifr_name.iter_mut().zip(name).take(libc::IFNAMSIZ - 1) {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = flags as libc::c_short;
    // SAFETY: the request lives until the call returns, and is the struct that this call reads and writes.
    let result = unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF, &raw mut request) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What a tap's other end may leave undone: a sum of `TUN_F_…`.
///
/// # Errors
/// `InvalidInput` for what this kernel does not know.
#[cfg(target_os = "linux")]
pub(crate) fn set_tap_offload(tap: &Socket, flags: libc::c_uint) -> io::Result<()> {
    // SAFETY: this call takes a number and touches no memory.
    let result = unsafe { libc::ioctl(tap.as_raw_fd(), libc::TUNSETOFFLOAD, libc::c_ulong::from(flags)) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Sets an option that is a number.
///
/// # Errors
/// As setsockopt(2).
pub(crate) fn set(socket: &Socket, level: c_int, option: c_int, value: c_int) -> io::Result<()> {
    let (pointer, len) = (&raw const value, size_of::<c_int>() as libc::socklen_t);
    // SAFETY: the pointer is to a `c_int` that lives until the call returns, and the length is that of a `c_int`.
    let result = unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, pointer.cast(), len) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The bytes of an option that is a struct: as many as the kernel has of it, and no more than `buffer` holds.
///
/// The kernel's struct may be shorter than this program knows it, or longer: structs grow at their end.
///
/// # Errors
/// As getsockopt(2).
#[cfg(target_os = "linux")]
pub(crate) fn get<'a>(socket: &Socket, level: c_int, option: c_int, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let mut len = buffer.len() as libc::socklen_t;
    // SAFETY: the pointers are to memory that is mutably borrowed for the whole call, and `len` says how much of it there is;
    // the kernel writes no more than that, and sets `len` to what it wrote.
    let result =
        unsafe { libc::getsockopt(socket.as_raw_fd(), level, option, buffer.as_mut_ptr().cast(), &raw mut len) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(buffer.get(..len as usize).unwrap_or_default())
}

/// Binds a packet socket to one interface and all protocols.
///
/// # Errors
/// As packet(7) says of bind.
#[cfg(target_os = "linux")]
pub(crate) fn bind_to_interface(socket: &Socket, index: i32) -> io::Result<()> {
    // SAFETY: a `sockaddr_ll` is shorter than the storage and may begin where the storage does, whose bytes are all zero; the
    // length is set to its own.
    let ((), address) = unsafe {
        SockAddr::try_init(|storage, len| {
            let address = storage.cast::<libc::sockaddr_ll>();
            (*address).sll_family = libc::AF_PACKET as libc::sa_family_t;
            (*address).sll_protocol = (libc::ETH_P_ALL as u16).to_be();
            (*address).sll_ifindex = index;
            *len = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
            Ok(())
        })?
    };
    socket.bind(&address)
}
