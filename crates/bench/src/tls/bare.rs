//! The peer: a client of rustls on the system's sockets, with nobody who looks.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "sockets and clock of a peer that has no host"
)]

use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// Makes handshakes, and prints the nanoseconds that they took.
pub(super) fn run(port: &str, ca: &str, count: &str, name: &'static str) -> Result<(), Box<dyn std::error::Error>> {
    let (port, count): (u16, u32) = (port.parse()?, count.parse()?);
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca)?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let config = Arc::new(config);
    let start = std::time::Instant::now();
    for _ in 0..count {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        let mut client = ClientConnection::new(Arc::clone(&config), ServerName::try_from(name)?)?;
        shake(&mut client, &mut stream)?;
    }
    println!("{}", start.elapsed().as_nanos());
    Ok(())
}

/// A handshake, and goodbye.
fn shake(client: &mut ClientConnection, stream: &mut TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    while client.is_handshaking() {
        client.complete_io(stream)?;
    }
    client.send_close_notify();
    while client.wants_write() {
        client.write_tls(stream)?;
    }
    Ok(())
}
