//! tshark opens what `--pcap` writes, with the secrets inside, and finds the same messages and alerts in it.
//!
//! Needs the program `tshark`; see the crate `needs`.

use needs::{Failed, Program, test, transcript, tshark};
use std::path::Path;
use std::process::ExitCode;

const TLS_PEEK: &str = env!("CARGO_BIN_EXE_tls-peek");

/// What makes each kind of handshake.
const KINDS: [(&str, &str); 9] = [
    ("full", ""),
    ("resumed", "--resume"),
    ("early", "--early-data"),
    ("retry", "--groups x25519,secp384r1"),
    ("no_name", "--no-sni"),
    ("tls_1_2", "--tls 1.2"),
    ("tls_1_2_resumed", "--tls 1.2 --resume"),
    ("changed", "--flip 4:300"),
    ("changed_data", "--flip 7:20"),
];

/// The suites of TLS 1.3, and three of TLS 1.2.
const SUITES: [(&str, &str); 6] = [
    ("aes_256", "TLS_AES_256_GCM_SHA384"),
    ("aes_128", "TLS_AES_128_GCM_SHA256"),
    ("chacha20", "TLS_CHACHA20_POLY1305_SHA256"),
    ("aes_256_of_1_2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 --tls 1.2"),
    ("aes_128_of_1_2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 --tls 1.2"),
    ("chacha20_of_1_2", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 --tls 1.2"),
];

fn main() -> ExitCode {
    let kinds = KINDS.map(|(name, args)| (format!("messages_of_{name}"), args.to_string()));
    let suites = SUITES.map(|(name, suite)| (format!("messages_with_{name}"), format!("--suites {suite}")));
    let tests = kinds.into_iter().chain(suites).map(|(name, args)| test(name, move || compare(&args)));
    tshark::need_with(&["editcap"])
        .run(tests.chain([test("certificates_and_extensions_of_a_full_handshake", extensions)]))
}

/// A capture of the demo, and what tls-peek itself says of it.
fn recorded(directory: &Path, args: &str) -> Result<Vec<serde_json::Value>, Failed> {
    let ended = Program::new(TLS_PEEK)
        .words("--demo --json --pcap demo.pcapng --keylog keys")
        .args(args.split_whitespace())
        .directory(directory)
        .run()?;
    if ended.code == 2 {
        return Err(format!("{ended}").into());
    }
    Ok(ended.stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// What tshark has in these fields of the whole capture, in their order: message by message, alert by alert.
fn read(directory: &Path, field: &str) -> Result<Vec<String>, Failed> {
    let lines = tshark::fields(&directory.join("demo.pcapng"), &[field])?;
    Ok(lines.iter().flat_map(|line| line.split(',')).filter(|word| !word.is_empty()).map(str::to_string).collect())
}

fn compare(args: &str) -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let events = recorded(directory.path(), args)?;
    let of = |event: &str| events.iter().filter(|it| it["event"] == event).cloned().collect::<Vec<_>>();
    // `name`, for a HelloRetryRequest has the number of a ServerHello.
    let ours: Vec<String> = of("message").iter().filter_map(|it| number(it["name"].as_str()?)).collect();
    transcript::equal(&read(directory.path(), "tls.handshake.type")?, &ours)?;

    // The same without the secrets in it, and with them in a file beside it.
    let path = directory.path();
    Program::new("editcap").words("--discard-all-secrets demo.pcapng bare.pcapng").directory(path).succeed()?;
    let theirs = Program::new("tshark")
        .words("-n -o tls.keylog_file:keys -T fields -e tls.handshake.type -r bare.pcapng")
        .directory(path)
        .succeed()?;
    let theirs: Vec<&str> = theirs.split([',', '\n']).filter(|word| !word.is_empty()).collect();
    for call in ["read demo.pcapng --json", "read bare.pcapng --keylog keys --json"] {
        let read = Program::new(TLS_PEEK).words(call).directory(path).succeed()?;
        let read: Vec<serde_json::Value> = read.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let messages = read.iter().filter(|it| it["event"] == "message");
        let ours: Vec<String> = messages.filter_map(|it| number(it["name"].as_str()?)).collect();
        transcript::equal(&theirs, &ours)?;
    }

    let theirs = read(directory.path(), "tls.alert_message.desc")?;
    let ours: Vec<String> = of("alert").iter().filter_map(|it| alert(it["description"].as_str()?)).collect();
    transcript::equal(&theirs, &ours)?;
    println!("{} messages compared with tshark", of("message").len());
    Ok(())
}

fn number(name: &str) -> Option<String> {
    let number = match name {
        "ClientHello" => 1,
        "ServerHello" | "HelloRetryRequest" => 2,
        "NewSessionTicket" => 4,
        "EndOfEarlyData" => 5,
        "EncryptedExtensions" => 8,
        "Certificate" => 11,
        "ServerKeyExchange" => 12,
        "ServerHelloDone" => 14,
        "CertificateVerify" => 15,
        "ClientKeyExchange" => 16,
        "Finished" => 20,
        _ => return None,
    };
    Some(number.to_string())
}

fn alert(name: &str) -> Option<String> {
    let number = match name {
        "close_notify" => 0,
        "unexpected_message" => 10,
        "bad_record_mac" => 20,
        "decode_error" => 50,
        "decrypt_error" => 51,
        _ => return None,
    };
    Some(number.to_string())
}

fn extensions() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let events = recorded(directory.path(), "")?;
    // The order of a client's extensions is random on purpose: tshark and we read the same order.
    let names = |event: &serde_json::Value| {
        let all = event["extensions"].as_array().cloned().unwrap_or_default();
        all.iter().filter_map(|it| Some(it.as_str()?.split(' ').next()?.to_string())).collect::<Vec<_>>()
    };
    let ours: Vec<String> = events.iter().flat_map(names).collect();
    let types = read(directory.path(), "tls.handshake.extension.type")?;
    transcript::equal(&types.iter().map(|it| named(it)).collect::<Vec<_>>(), &ours)?;

    let subjects = read(directory.path(), "x509sat.uTF8String")?;
    if !subjects.iter().any(|it| it == "www.example.com") {
        return Err(format!("no certificate for www.example.com: {subjects:?}").into());
    }
    let request = read(directory.path(), "http.request.uri")?;
    transcript::equal(&request, &["/"])?;
    println!("{} extensions compared with tshark", ours.len());
    Ok(())
}

/// The name of an extension by its number.
fn named(number: &str) -> String {
    number.parse().map_or_else(|_| number.to_string(), |number| wire::tls::ExtensionType(number).to_string())
}
