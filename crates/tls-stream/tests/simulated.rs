//! TLS between two hosts of a simulated network: the same in every run, and the same TLS that anybody speaks.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where something is not as it must be")]

use host::{Host, Time};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::{ClientConfig, HandshakeKind, ProtocolVersion, SupportedProtocolVersion};
use seeded_tls::{PRIVATE_USE, X25519, identity, server_config};
use sim::{Net, World};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tls_stream::{Config, Error, Tls, Trust, server_name};

const PORT: u16 = 443;

static TLS12: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS12];

/// What one run shows.
#[derive(Debug, Clone, PartialEq)]
struct Run {
    /// The capture of the client's host.
    capture: Vec<u8>,
    /// When the answer was there.
    at: Time,
    /// What came of it.
    came: Result<Vec<u8>, Error>,
    /// What the client thinks of the connection.
    version: String,
}

/// Where a capture goes.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A server that sends back one message, and a client that asks it by `name`.
fn run(seed: u64, shown: &str, name: &str, trust: &Trust) -> Run {
    run_with(seed, name, trust, {
        let config = Arc::new(server_config(&identity(shown).unwrap()).unwrap());
        move |host, stream| {
            // What goes wrong is told by the client's side.
            let Ok(mut tls) = Tls::accept(host, stream, config) else { return };
            let mut question = [0; 100];
            let count = tls.read(host, &mut question).unwrap();
            tls.write_all(host, &question[..count]).unwrap();
            tls.close(host).unwrap();
        }
    })
}

fn run_with(
    seed: u64,
    name: &str,
    trust: &Trust,
    serve: impl FnOnce(&mut dyn Host, Box<dyn host::Stream>) + Send + 'static,
) -> Run {
    let net = Net::load("routers").unwrap();
    let world = Rc::new(RefCell::new(World::new(&net, seed)));
    let capture = Shared::default();
    world.borrow_mut().capture_host("client", Box::new(capture.clone())).unwrap();
    let server = sim::spawn(&world, "server", move |host| {
        let mut listener = host.listen_tcp(SocketAddr::from(([0, 0, 0, 0], PORT)), &[])?;
        let stream = listener.accept(Time::NEVER)?.unwrap();
        serve(host, stream);
        Ok(())
    });
    let mut client = sim::guest(&world, "client").unwrap();
    let host: &mut dyn Host = &mut client;
    let to = (host.resolve("server").unwrap()[0], PORT).into();
    let mut stream = host.connect_tcp(to, &[], Time::NEVER).unwrap();
    stream.set_deadline(host.now() + Duration::from_secs(60));
    let config = trust.client_config(host).unwrap();
    let mut version = String::new();
    let came = Tls::connect(host, stream, config, server_name(name).unwrap()).and_then(|mut tls| {
        version = format!("{:?}", tls.connection().protocol_version());
        tls.write_all(host, b"a question")?;
        let mut answer = vec![0; 100];
        let count = tls.read(host, &mut answer)?;
        answer.truncate(count);
        if tls.read(host, &mut [0; 1])? != 0 {
            answer.clear();
        }
        Ok(answer)
    });
    let at = host.now();
    drop(client);
    world.borrow_mut().finish().unwrap();
    drop(world);
    server.unwrap().join().unwrap().unwrap();
    let capture = capture.0.lock().unwrap().clone();
    Run { capture, at, came, version }
}

#[test]
fn fifty_runs_of_one_seed_are_the_same_byte_for_byte_and_another_seed_is_another_run() {
    let first = run(1, "web", "www.example.com", &Trust::default());
    assert_eq!(first.came.as_deref(), Ok(b"a question".as_slice()));
    assert_eq!(first.version, "Some(TLSv1_3)");
    assert!(first.capture.len() > 2000, "there is something to compare: {} bytes", first.capture.len());
    for _ in 1..50 {
        assert!(run(1, "web", "www.example.com", &Trust::default()) == first);
    }
    let other = run(2, "web", "www.example.com", &Trust::default());
    assert!(other.came == first.came && other.capture != first.capture);
}

#[test]
fn certificate_is_believed_only_for_its_name_in_its_time_and_from_whom_is_trusted() {
    let told = |shown: &str, name: &str, trust: &Trust| match run(1, shown, name, trust).came {
        Ok(_) => "believed".to_string(),
        Err(error) => error.to_string(),
    };
    let default = Trust::default();
    assert_eq!(told("web", "203.0.113.10", &default), "believed", "by its address");
    assert_eq!(told("web", "WWW.example.com.", &default), "believed", "case and the last dot are no difference");
    assert_eq!(
        told("resolver", "www.example.com", &default),
        "the server's certificate is not for www.example.com: it is for resolver, dns.example.com, 192.0.2.53"
    );
    assert_eq!(
        told("expired", "www.example.com", &default),
        "the server's certificate expired on 2025-01-01, and here it is 2026-01-01"
    );
    assert_eq!(
        told("stranger", "www.example.com", &default),
        "the server's certificate is signed by an authority that is not trusted here"
    );
    let file = |name: &str| {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/certs").join(name);
        Trust { file: Some(file), anybody: false }
    };
    assert_eq!(told("stranger", "www.example.com", &file("stranger-ca.pem")), "believed");
    assert_eq!(
        told("web", "www.example.com", &file("stranger-ca.pem")),
        "the server's certificate is signed by an authority that is not trusted here"
    );
    let anybody = Trust { anybody: true, ..Trust::default() };
    for shown in ["expired", "stranger", "resolver"] {
        assert_eq!(told(shown, "www.example.com", &anybody), "believed");
    }
}

#[test]
fn server_that_speaks_no_tls_or_goes_away_is_told_by_what_it_did() {
    let told = |serve: fn(&mut dyn Host, Box<dyn host::Stream>)| {
        run_with(1, "www.example.com", &Trust::default(), serve).came.unwrap_err().to_string()
    };
    assert_eq!(
        told(|_, mut stream| {
            let _ = stream.read(&mut [0; 100]);
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        }),
        "what came is not TLS: it begins with 'HTTP/1.1 400 Bad'"
    );
    assert_eq!(
        told(|_, mut stream| {
            let _ = stream.read(&mut [0; 1000]);
        }),
        "the server closed the connection in the TLS handshake, without a word"
    );
    assert_eq!(
        told(|host, stream| {
            // The handshake is done, and then the connection ends without a word of TLS.
            let config = Arc::new(server_config(&identity("web").unwrap()).unwrap());
            let mut tls = Tls::accept(host, stream, config).unwrap();
            let _ = tls.read(host, &mut [0; 100]);
        }),
        "the connection ended without TLS' close_notify: what came may have been cut by somebody on the way"
    );
}

#[test]
fn who_has_said_goodbye_reads_what_is_there_and_waits_for_nothing_more() {
    let heard = Arc::new(Mutex::new(vec![]));
    let told = Arc::clone(&heard);
    let config = Arc::new(server_config(&identity("web").unwrap()).unwrap());
    let run = run_with(1, "www.example.com", &Trust::default(), move |host, stream| {
        let mut tls = Tls::accept(host, stream, config).unwrap();
        tls.close(host).unwrap();
        // The question came with the end of the handshake. Nothing else will come, and nobody waits for it.
        let mut read = || tls.read(host, &mut [0; 100]);
        *told.lock().unwrap() = vec![read(), read()];
    });
    assert_eq!(run.came, Ok(vec![]));
    assert_eq!(*heard.lock().unwrap(), [Ok(10), Ok(0)]);
}

#[test]
fn handshake_with_a_second_hello_and_one_of_version_1_2_are_the_same_in_every_run_too() {
    let run = |groups: Vec<&'static dyn SupportedKxGroup>, versions: &'static [&'static SupportedProtocolVersion]| {
        let world = Rc::new(RefCell::new(World::new(&Net::load("names").unwrap(), 1)));
        let capture = Shared::default();
        world.borrow_mut().capture_host("client", Box::new(capture.clone())).unwrap();
        let mut client = sim::guest(&world, "client").unwrap();
        let host: &mut dyn Host = &mut client;
        let stream = host.connect_tcp("203.0.113.10:443".parse().unwrap(), &[], Time::NEVER).unwrap();
        let provider = CryptoProvider { kx_groups: groups, ..seeded_tls::provider() };
        let config = ClientConfig::builder_with_details(Arc::new(provider), Arc::new(seeded_tls::Clock))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(seeded_tls::roots())
            .with_no_client_auth();
        let config = Config::Seeded(Arc::new(config));
        let tls = Tls::connect(host, stream, config, server_name("www.example.com").unwrap()).unwrap();
        let connection = tls.connection();
        let told = (connection.handshake_kind(), connection.protocol_version(), tls.round_trips());
        drop(tls);
        drop(client);
        world.borrow_mut().finish().unwrap();
        let capture = capture.0.lock().unwrap().clone();
        (told, capture)
    };
    let retried = run(vec![PRIVATE_USE, X25519], rustls::ALL_VERSIONS);
    let (tls13, tls12) = (Some(ProtocolVersion::TLSv1_3), Some(ProtocolVersion::TLSv1_2));
    assert_eq!(retried.0, (Some(HandshakeKind::FullWithHelloRetryRequest), tls13, 2));
    assert!(retried == run(vec![PRIVATE_USE, X25519], rustls::ALL_VERSIONS));
    let older = run(vec![X25519], &TLS12);
    assert_eq!(older.0, (Some(HandshakeKind::Full), tls12, 2));
    assert!(older == run(vec![X25519], &TLS12));
}

#[test]
fn web_server_of_the_network_of_names_gives_its_page_over_tls_and_says_that_this_was_all() {
    let net = Net::load("names").unwrap();
    let world = Rc::new(RefCell::new(World::new(&net, 1)));
    let mut client = sim::guest(&world, "client").unwrap();
    let host: &mut dyn Host = &mut client;
    let stream = host.connect_tcp("203.0.113.10:443".parse().unwrap(), &[], Time::NEVER).unwrap();
    let config = Trust::default()
        .client_config_with(host, |config| config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()])
        .unwrap();
    let name = || server_name("www.example.com").unwrap();
    let mut tls = Tls::connect(host, stream, config.clone(), name()).unwrap();
    assert_eq!(tls.connection().alpn_protocol(), Some(b"http/1.1".as_slice()));
    assert_eq!(tls.connection().handshake_kind(), Some(HandshakeKind::Full));
    tls.write_all(host, b"GET / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = vec![];
    let mut piece = [0; 50];
    loop {
        match tls.read(host, &mut piece).unwrap() {
            0 => break,
            count => page.extend_from_slice(&piece[..count]),
        }
    }
    let page = String::from_utf8(page).unwrap();
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.ends_with("\r\n\r\nhello from web\n"), "{page}");

    // Its ticket came on the way, and is good for the next connection.
    let stream = host.connect_tcp("203.0.113.10:443".parse().unwrap(), &[], Time::NEVER).unwrap();
    let again = Tls::connect(host, stream, config, name()).unwrap();
    assert_eq!(again.connection().handshake_kind(), Some(HandshakeKind::Resumed));
}
