//! Frames many at a time: packet sockets with `recvmmsg` and `sendmmsg`, and taps.
//!
//! Both have the note in front of each frame ([`host::frames`](host::Frame)): `PACKET_VNET_HDR` of packet(7), `IFF_VNET_HDR` of the
//! kernel's `networking/tuntap.rst`. A tap is read and written frame by frame: it has no call for many.

use crate::endpoint::reason;
use crate::kernel::Kernel;
use crate::{interfaces, message, permission};
use host::{Cable, Error, Frame, Mac, Opt, Result, SocketId};
use rustix::io::Errno;
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, sendmmsg};
use socket2::{Domain, SockFilter, Socket, Type};
use std::io::{self, ErrorKind, IoSlice};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::rc::Rc;

/// Of packet(7); libc has no name for it.
const PACKET_VNET_HDR: libc::c_int = 15;

/// Bytes that may wait at an interface: two full batches of long frames.
const QUEUE: libc::c_int = 8 << 20;

/// No more is read of a tap at once, bytes, but for what the last frame has beyond: so it is written again while it lies in the
/// cache of the core that read it.
const AT_ONCE: usize = 256 * 1024;

/// How much a program that passes frames on is preferred to others: what setpriority(2) calls nice.
const PREFERENCE: i32 = -5;

/// What a tap has, until somebody at its other end changes it.
const TAP_MTU: usize = 1500;

/// The longest name of an interface, bytes.
const LONGEST_NAME: usize = libc::IFNAMSIZ - 1;

/// One end of a cable.
pub(crate) struct Port {
    kernel: Rc<Kernel>,
    socket: Rc<Socket>,
    id: SocketId,
    name: String,
    /// `None`: a tap.
    mac: Option<Mac>,
    mtu: usize,
}

impl Drop for Port {
    fn drop(&mut self) {
        self.kernel.forget(self.id);
    }
}

/// Opens an interface, or makes a tap. Who has one goes before other programs, where that is allowed.
///
/// # Errors
/// `NoSuchInterface`, `NoPermission`, or a sentence.
pub(crate) fn open(kernel: &Rc<Kernel>, at: Cable<'_>) -> Result<Port> {
    let (name, (socket, mac, mtu)) = match at {
        Cable::Interface(name) => (name, interface(name)?),
        Cable::Tap { name, offload } => (name, (tap(name, offload)?, None, TAP_MTU)),
    };
    let socket = Rc::new(socket);
    let id = kernel.register(&socket);
    come_first();
    Ok(Port { kernel: Rc::clone(kernel), socket, id, name: name.into(), mac, mtu })
}

/// Has the scheduler prefer this thread to others, if that is allowed and nobody has said how it is to be.
///
/// Each frame that is given on wakes who waits for it, and who was woken goes before who has worked longer. Where they share a core, a
/// router would be put aside after every frame or two, whose senders meanwhile make more of them than it is given time for. A kernel's
/// own router has no such trouble: it works in a softirq, before all programs.
fn come_first() {
    if rustix::process::getpriority_process(None) == Ok(0) {
        let _ = rustix::process::setpriority_process(None, PREFERENCE);
    }
}

fn interface(name: &str) -> Result<(Socket, Option<Mac>, usize)> {
    let known = interfaces::named(name)?;
    let Some(mac) = known.interface.mac else {
        return Err(Error::Other(format!("interface \"{name}\" has no Ethernet address, and so no Ethernet frames")));
    };
    if !known.switched_on {
        return Err(Error::Other(format!("interface \"{name}\" is down")));
    }
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::PermissionDenied => permission::open_link(),
        _ => Error::Other(format!("cannot open a link socket on \"{name}\": {error}")),
    };
    let socket = Socket::new(Domain::PACKET, Type::RAW, None).map_err(failed)?;
    message::set(&socket, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1).map_err(failed)?;
    message::set(&socket, libc::SOL_PACKET, PACKET_VNET_HDR, 1).map_err(failed)?;
    // What is allowed to all, where more is not allowed.
    if message::set(&socket, libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, QUEUE).is_err() {
        let _ = message::set(&socket, libc::SOL_SOCKET, libc::SO_RCVBUF, QUEUE);
    }
    if message::set(&socket, libc::SOL_SOCKET, libc::SO_SNDBUFFORCE, QUEUE).is_err() {
        let _ = message::set(&socket, libc::SOL_SOCKET, libc::SO_SNDBUF, QUEUE);
    }
    socket.attach_filter(&for_this_station()).map_err(failed)?;
    message::bind_to_interface(&socket, known.index.cast_signed()).map_err(failed)?;
    Ok((socket, Some(mac), usize::try_from(known.interface.mtu).unwrap_or(usize::MAX)))
}

/// Lets pass what is for this station or for all, and has no 802.1Q tag: the kernel takes tags out, and beside a frame without one
/// nothing would tell them apart.
#[expect(clippy::cast_possible_truncation, reason = "the classes and codes of BPF are 16 bits")]
fn for_this_station() -> [SockFilter; 6] {
    const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    let about = |what: libc::c_int| SockFilter::new(LOAD, 0, 0, (libc::SKF_AD_OFF + what).cast_unsigned());
    [
        about(libc::SKF_AD_PKTTYPE),
        SockFilter::new(EQUAL, 3, 0, u32::from(libc::PACKET_OTHERHOST)),
        about(libc::SKF_AD_VLAN_TAG_PRESENT),
        SockFilter::new(EQUAL, 0, 1, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
        SockFilter::new(RETURN, 0, 0, 0),
    ]
}

fn tap(name: &str, offload: bool) -> Result<Socket> {
    let said = |text: &str| Err(Error::Other(format!("cannot make a tap \"{}\": {text}", name.escape_debug())));
    // '%' would have the kernel make up a name.
    let is_name = |byte: u8| byte.is_ascii_graphic() && !b"/:%".contains(&byte);
    if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_name) || [".", ".."].contains(&name) {
        return said("an interface's name has 1 to 15 letters and digits");
    }
    let mut options = std::fs::OpenOptions::new();
    let file = match options.read(true).write(true).custom_flags(libc::O_NONBLOCK).open("/dev/net/tun") {
        Ok(file) => Socket::from(OwnedFd::from(file)),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(permission::make_tap()),
        Err(error) => return said(&format!("/dev/net/tun: {}, which `modprobe tun` may change", reason(&error))),
    };
    if let Err(error) = message::make_tap(&file, name.as_bytes()) {
        return match error.kind() {
            ErrorKind::PermissionDenied => Err(permission::make_tap()),
            ErrorKind::ResourceBusy => said("there is an interface of this name already"),
            _ => said(&reason(&error)),
        };
    }
    // Oldest kernels last: UDP's segments are of 6.2.
    let tcp = libc::TUN_F_CSUM | libc::TUN_F_TSO4 | libc::TUN_F_TSO_ECN;
    let wanted = if offload { [tcp | libc::TUN_F_USO4 | libc::TUN_F_USO6, tcp, 0] } else { [0; 3] };
    if wanted.iter().all(|flags| message::set_tap_offload(&file, *flags).is_err()) {
        return said("it does not take frames with notes");
    }
    Ok(file)
}

impl host::Socket for Port {
    fn id(&self) -> SocketId {
        self.id
    }

    fn local(&self) -> SocketAddr {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    }

    fn set(&mut self, option: Opt) -> Result<()> {
        host::unsupported(format!("option {}", option.name()), "a cable's end of this machine")
    }
}

impl host::Frames for Port {
    fn mac(&self) -> Option<Mac> {
        self.mac
    }

    fn mtu(&self) -> usize {
        self.mtu
    }

    fn take(&mut self, frames: &mut [Frame]) -> Result<usize> {
        if self.mac.is_none() {
            return self.take_from_tap(frames);
        }
        match message::receive_many(&self.socket, frames) {
            Ok(came) => Ok(came),
            Err(error) => self.survived(&error).map(|()| 0),
        }
    }

    fn give(&mut self, frames: &[&[u8]]) -> Result<usize> {
        if self.mac.is_none() {
            return self.give_to_tap(frames);
        }
        let parts: Vec<[IoSlice<'_>; 1]> = frames.iter().map(|frame| [IoSlice::new(frame)]).collect();
        let mut controls: Vec<_> = parts.iter().map(|_| SendAncillaryBuffer::default()).collect();
        let mut messages: Vec<_> =
            parts.iter().zip(&mut controls).map(|(part, none)| MMsgHdr::new(part, none)).collect();
        let (mut at, mut went) = (0, 0);
        while let Some(rest @ [_, ..]) = messages.get_mut(at..) {
            match sendmmsg(&self.socket, rest, SendFlags::DONTWAIT) {
                Ok(count) => (at, went) = (at + count.max(1), went + count),
                Err(Errno::INTR) => {}
                // It is the first that did not go; the others may.
                Err(error) => {
                    self.survived(&error.into())?;
                    at += 1;
                }
            }
        }
        Ok(went)
    }
}

impl Port {
    fn take_from_tap(&self, frames: &mut [Frame]) -> Result<usize> {
        let mut bytes = 0;
        for (came, frame) in frames.iter_mut().enumerate() {
            if bytes >= AT_ONCE {
                return Ok(came);
            }
            match rustix::io::read(&self.socket, frame.room()) {
                Ok(len) => {
                    frame.filled(len);
                    bytes += len;
                }
                Err(Errno::AGAIN) => return Ok(came),
                Err(error) => {
                    self.survived(&error.into())?;
                    return Ok(came);
                }
            }
        }
        Ok(frames.len())
    }

    fn give_to_tap(&self, frames: &[&[u8]]) -> Result<usize> {
        let mut went = 0;
        for frame in frames {
            match rustix::io::write(&self.socket, frame) {
                Ok(_) => went += 1,
                Err(error) => self.survived(&error.into())?,
            }
        }
        Ok(went)
    }

    /// Whether the end of a cable is still there after an error.
    fn survived(&self, error: &io::Error) -> Result<()> {
        match Errno::from_io_error(error) {
            Some(Errno::NODEV | Errno::NXIO | Errno::BADFD | Errno::BADF | Errno::FAULT) => {
                Err(Error::Other(format!("interface \"{}\" is gone", self.name)))
            }
            // It is down, or full, or such a frame cannot go there; the next one may.
            _ => Ok(()),
        }
    }
}
