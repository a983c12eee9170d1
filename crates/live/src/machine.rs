//! [`Live`]: what a program may ask, answered by the machine.

use crate::endpoint::no_ipv6;
use crate::kernel::Kernel;
use crate::{Stop, interfaces, ping, route, tcp, udp};
use host::{Error, Host, Interest, Interface, Listener, Opt, Packets, Result, Route, Stream, Time};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::rc::Rc;

/// The machine that the program runs on.
///
/// Its time begins when it is made. All its waits end with [`Error::Interrupted`] once its [`Stop`] says so.
pub struct Live(Rc<Kernel>);

impl Live {
    /// The machine, from now on. It may have as many sockets open as the system allows this user, and not only as many as old
    /// programs can bear to see (`ulimit -n`).
    #[must_use]
    pub fn new(stop: Stop) -> Self {
        raise_descriptors();
        Live(Rc::new(Kernel::new(stop)))
    }
}

impl Host for Live {
    fn now(&self) -> Time {
        self.0.clock.now()
    }

    fn random(&mut self, bytes: &mut [u8]) {
        random(bytes);
    }

    fn interfaces(&mut self) -> Result<Vec<Interface>> {
        interfaces::list()
    }

    fn route(&mut self, to: IpAddr) -> Result<Route> {
        route::route(to)
    }

    /// What the system's resolver says, which may ask other machines and takes the time that it takes; Ctrl-C is noticed
    /// afterwards.
    fn resolve(&mut self, name: &str) -> Result<Vec<IpAddr>> {
        let found = match name.parse() {
            Ok(literal) => vec![literal],
            Err(_) => look_up(name)?,
        };
        let v4: Vec<IpAddr> = found.iter().copied().filter(IpAddr::is_ipv4).collect();
        if v4.is_empty() && !found.is_empty() { no_ipv6() } else { Ok(v4) }
    }

    /// Those of `/etc/resolv.conf`, which may be a stub of this machine.
    fn name_servers(&mut self) -> Result<Vec<IpAddr>> {
        crate::resolv_conf::name_servers()
    }

    #[cfg(target_os = "linux")]
    fn neighbours(&mut self) -> Result<Vec<host::Neighbour>> {
        crate::neighbours::neighbours()
    }

    #[cfg(target_os = "linux")]
    fn open_link(&mut self, interface: &str) -> Result<Box<dyn Packets>> {
        Ok(Box::new(crate::link::open(&self.0, interface)?))
    }

    #[cfg(not(target_os = "linux"))]
    fn open_link(&mut self, _interface: &str) -> Result<Box<dyn Packets>> {
        host::unsupported("packet sockets, which are Linux's: no frames without", "this machine's system")
    }

    #[cfg(target_os = "linux")]
    fn open_frames(&mut self, at: host::Cable<'_>) -> Result<Box<dyn host::Frames>> {
        Ok(Box::new(crate::frames::open(&self.0, at)?))
    }

    #[cfg(target_os = "linux")]
    fn open_raw(&mut self, protocol: u8) -> Result<Box<dyn Packets>> {
        Ok(Box::new(crate::raw::open(&self.0, protocol)?))
    }

    #[cfg(not(target_os = "linux"))]
    fn open_raw(&mut self, _protocol: u8) -> Result<Box<dyn Packets>> {
        host::unsupported("raw sockets that leave an IP header as it is", "this machine's system")
    }

    fn open_ping(&mut self, options: &[Opt]) -> Result<Box<dyn Packets>> {
        Ok(Box::new(ping::open(&self.0, options)?))
    }

    fn bind_udp(&mut self, at: SocketAddr, options: &[Opt]) -> Result<Box<dyn Packets>> {
        Ok(Box::new(udp::bind(&self.0, at, options)?))
    }

    fn connect_tcp(&mut self, to: SocketAddr, options: &[Opt], until: Time) -> Result<Box<dyn Stream>> {
        Ok(Box::new(tcp::connect(&self.0, to, options, until)?))
    }

    fn listen_tcp(&mut self, at: SocketAddr, options: &[Opt]) -> Result<Box<dyn Listener>> {
        Ok(Box::new(tcp::listen(&self.0, at, options)?))
    }

    #[cfg(target_os = "linux")]
    fn tcp_sockets(&mut self, port: u16) -> Result<Vec<host::TcpSocket>> {
        tcp::table::at(port)
    }

    fn another(&mut self) -> Result<host::Another> {
        let stop = self.0.stop.share().map_err(|error| Error::Other(format!("cannot begin a thread: {error}")))?;
        Ok(Box::new(move || Box::new(Live::new(stop))))
    }

    /// A socket may be said to be ready for a packet that is not for it, so that a `recv` finds nothing.
    fn wait(&mut self, on: &[Interest], until: Time) -> Result<Vec<usize>> {
        if self.0.stop.is_raised() {
            return Err(Error::Interrupted);
        }
        self.0.wait(on, until)
    }
}

/// Raises the limit of open descriptors to what is allowed. If that fails, it stays as it is.
fn raise_descriptors() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
}

/// Fills `bytes` at random. A system without randomness leaves them as they are; none that runs is known.
pub(crate) fn random(bytes: &mut [u8]) {
    let _ = getrandom::fill(bytes);
}

/// The addresses of `name` by the system's resolver.
fn look_up(name: &str) -> Result<Vec<IpAddr>> {
    match (name, 0).to_socket_addrs() {
        Ok(found) => Ok(found.map(|address| address.ip()).collect()),
        // The resolver's own text is the only trace of "nobody could be asked" as opposed to "there is no such name".
        Err(error) if error.to_string().contains("Temporary failure") => {
            Err(Error::Other(format!("cannot look up '{}': no name server answers", name.escape_debug())))
        }
        Err(_) => Err(Error::UnknownName { name: name.into(), known: Vec::new() }),
    }
}
