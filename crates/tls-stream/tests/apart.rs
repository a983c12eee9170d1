//! Keys that others can foresee never get where packets leave the machine.

use std::collections::BTreeSet;
use std::path::Path;

/// The crates of this workspace that `name` is built of, itself included; not those of its tests.
fn built_of(name: &str) -> BTreeSet<String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut known = BTreeSet::new();
    let mut to_see = vec![name.to_string()];
    while let Some(name) = to_see.pop() {
        let Ok(manifest) = std::fs::read_to_string(crates.join(&name).join("Cargo.toml")) else { continue };
        let mut counts = false;
        for line in manifest.lines() {
            if line.starts_with('[') {
                counts = line.ends_with("dependencies]") && !line.contains("dev-dependencies");
            } else if let Some((dependency, _)) = line.split_once(['.', ' ']).filter(|_| counts) {
                to_see.push(dependency.to_string());
            }
        }
        if !known.insert(name) {
            to_see.sort();
            to_see.dedup();
            to_see.retain(|name| !known.contains(name));
        }
    }
    known
}

#[test]
fn what_carries_packets_of_the_machine_is_not_built_of_it() {
    let names = |name: &str| built_of(name).into_iter().collect::<Vec<_>>().join(" ");
    for name in ["live", "host", "wire"] {
        assert!(!built_of(name).contains("seeded-tls"), "{name} is built of {}", names(name));
    }
    assert!(built_of("tls-stream").contains("wire"), "what stands below is found at all: {}", names("tls-stream"));
    assert!(!built_of("seeded-tls").contains("live"), "nor does it know of the machine");
}

#[cfg(unix)]
#[test]
fn real_machine_has_no_seed_and_its_keys_come_from_the_system() {
    use host::Host;
    use tls_stream::{Config, Trust, server_name};

    let mut machine = live::Live::new(live::Stop::on_signals().unwrap());
    assert_eq!(machine.seed(), None);
    let anybody = Trust { anybody: true, ..Trust::default() };
    let config = anybody.client_config(&mut machine).unwrap();
    let Config::Live(config) = config else { unreachable!("{config:?}") };
    let hello = || {
        let name = server_name("www.example.com").unwrap();
        let mut client = rustls::ClientConnection::new(std::sync::Arc::clone(&config), name).unwrap();
        let mut bytes = vec![];
        client.write_tls(&mut bytes).unwrap();
        bytes
    };
    assert!(hello().len() > 100 && hello() != hello(), "drawn although nothing is lent, and anew each time");
}

#[cfg(unix)]
#[test]
fn provider_of_the_simulated_network_fails_on_the_machine_instead_of_drawing() {
    let config = std::sync::Arc::new(seeded_tls::client_config().unwrap());
    let failed = rustls::ClientConnection::new(config, "www.example.com".try_into().unwrap()).err();
    assert_eq!(failed, Some(rustls::Error::FailedToGetRandomBytes));
}
