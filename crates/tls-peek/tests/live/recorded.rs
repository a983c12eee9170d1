//! A connection that tcpdump recorded, read with the key log of the client: tshark with the same two files is the judge.

use crate::lab::{BELIEVED, GOOD, Lab, TLS_PEEK};
use needs::{Failed, Program, transcript};

/// What makes each kind of connection: the server's words, and the client's.
const KINDS: [(&str, &str); 8] = [
    ("-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256", ""),
    ("-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384", ""),
    ("-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256 -max_send_frag 512", ""),
    ("-tls1_3", "--resume"),
    ("-tls1_3 -groups P-384", ""),
    ("-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256", ""),
    ("-tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305", ""),
    ("-tls1_2", "--resume"),
];

pub(crate) fn as_tshark() -> Result<(), Failed> {
    let lab = Lab::new()?;
    let mut messages = 0;
    for (server, client) in KINDS {
        let running = lab.serve(&format!("{GOOD} {server}"))?;
        let recorder = Program::new("tcpdump").words("--immediate-mode -U -i net1 -w capture tcp port 443");
        let mut recorder = lab.net.at("a", recorder.directory(lab.path())).start()?;
        recorder.wait_for("listening on")?;
        let ended = lab.peek(&format!("{BELIEVED} --keylog keys --get / {client}"))?;
        // The goodbyes of TCP are recorded too, but nothing waits for them.
        lab.net.at("a", Program::new("sleep").words("0.2")).succeed()?;
        recorder.signal("INT")?;
        recorder.end()?;
        drop(running);
        if ended.code != 0 {
            return Err(format!("{server}: {ended}").into());
        }
        // Both connections of a resumption are in it: each is compared.
        for stream in 0..=usize::from(client == "--resume") {
            let ours = Program::new(TLS_PEEK)
                .words(&format!("read capture --keylog keys --json --stream {stream}"))
                .directory(lab.path())
                .succeed()?;
            let ours: Vec<String> = ours.lines().filter(|line| line.contains("\"message\"")).map(kind).collect();
            let theirs = Program::new("tshark")
                .words("-n -o tls.keylog_file:keys -T fields -e tls.handshake.type -r capture")
                .args(["-Y", &format!("tcp.stream == {stream}")])
                .directory(lab.path())
                .succeed()?;
            let words = theirs.split([',', '\n', '\t']).filter(|word| !word.is_empty());
            let theirs: Vec<String> = words.map(str::to_string).collect();
            if ours.is_empty() {
                return Err(format!("{server}: no message in connection {stream}").into());
            }
            transcript::equal(&ours, &theirs)?;
            messages += ours.len();
        }
    }
    println!("{messages} messages compared with tshark");
    Ok(())
}

/// The number of a message's kind; a `HelloRetryRequest` has that of a `ServerHello`.
fn kind(line: &str) -> String {
    let event: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    let number = match event.get("name").and_then(serde_json::Value::as_str).unwrap_or_default() {
        "ClientHello" => 1,
        "ServerHello" | "HelloRetryRequest" => 2,
        "NewSessionTicket" => 4,
        "EncryptedExtensions" => 8,
        "Certificate" => 11,
        "ServerKeyExchange" => 12,
        "ServerHelloDone" => 14,
        "CertificateVerify" => 15,
        "ClientKeyExchange" => 16,
        "Finished" => 20,
        _ => return line.to_string(),
    };
    number.to_string()
}
