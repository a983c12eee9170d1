//! The kernel's NAT, asked by nat-box as it asks ours: `nftables`' masquerade between network namespaces.
//!
//! ```text
//!  a 10.77.1.1 ──net1── 10.77.1.2 r 10.77.2.1 ──net2── 10.77.2.2 b
//!    10.77.1.3                      masquerade           10.77.2.3
//! ```

use needs::{Failed, Net, Program, test};
use std::process::ExitCode;

const OURS: &str = env!("CARGO_BIN_EXE_nat-box");

fn main() -> ExitCode {
    needs::live(&["nft"]).run([
        test("kernels_masquerade_lets_two_hosts_share_a_port_and_lets_nothing_turn_back", masquerade),
        test("kernels_fully_random_masquerade_gives_each_flow_a_port_of_its_own", fully_random),
        test("way_without_a_nat_has_none", no_nat),
    ])
}

/// What was found, without the ports, which are drawn.
fn behave(masquerade: Option<&str>) -> Result<Vec<String>, Failed> {
    let net = Net::row(&["a", "r", "b"]).build()?;
    net.ip("a", "addr add 10.77.1.3/24 dev net1")?;
    net.ip("b", "addr add 10.77.2.3/24 dev net2")?;
    if let Some(how) = masquerade {
        let rules = format!(
            "add table ip t; add chain ip t post {{ type nat hook postrouting priority 100 ; }}; add rule ip t post \
             oifname net2 {how}"
        );
        net.at("r", Program::new("nft").args([rules])).succeed()?;
    }
    let mut server = net.at("b", Program::new(OURS).words("serve")).start()?;
    server.wait_for("STUN at")?;
    let asked = net.at("a", Program::new(OURS).words("behave --json -W 0.3 10.77.2.2")).run()?;
    let mut found = vec![];
    for line in asked.stdout.lines() {
        let event: serde_json::Value = serde_json::from_str(line)?;
        let text = |key: &str| event.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_string();
        let met = event.get("met").and_then(serde_json::Value::as_bool);
        match text("question").as_str() {
            // Of ports that are drawn, one may be kept by accident.
            "" | "what the server sees" | "port" => {}
            question @ "two hosts with one port" => found.push(format!("{question}: {met:?}")),
            question => found.push(format!("{question}: {}", text("finding"))),
        }
    }
    println!("{} findings about the kernel", found.len());
    Ok(found)
}

fn equal(found: &[String], expected: &[&str]) -> Result<(), Failed> {
    if found == expected { Ok(()) } else { Err(format!("{found:#?}").into()) }
}

fn masquerade() -> Result<(), Failed> {
    let expected = [
        "mapping: endpoint-independent",
        "two hosts with one port: Some(false)",
        "mapping of the second: address-dependent",
        "filtering: address-and-port-dependent",
        "hairpin: not delivered",
        "fragments: pass, both ways",
    ];
    equal(&behave(Some("masquerade"))?, &expected)
}

fn fully_random() -> Result<(), Failed> {
    let expected = [
        "mapping: address-and-port-dependent",
        "two hosts with one port: Some(true)",
        "mapping of the second: address-and-port-dependent",
        "filtering: address-and-port-dependent",
        "hairpin: not delivered",
        "fragments: pass, both ways",
    ];
    equal(&behave(Some("masquerade fully-random"))?, &expected)
}

fn no_nat() -> Result<(), Failed> {
    let expected = [
        "mapping: endpoint-independent",
        "two hosts with one port: Some(true)",
        "mapping of the second: endpoint-independent",
        "filtering: endpoint-independent",
        "hairpin: delivered, from the outside end of its sender",
        "fragments: pass, both ways",
    ];
    equal(&behave(None)?, &expected)
}
