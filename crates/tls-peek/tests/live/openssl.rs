//! `OpenSSL`'s server.

use crate::lab::{BELIEVED, GOOD, Lab, events};
use needs::Failed;

/// The events of a connection with a server that was started with these words.
fn opened_of(lab: &Lab, server: &str, args: &str) -> Result<Vec<serde_json::Value>, Failed> {
    let _running = lab.serve(&format!("{GOOD} {server}"))?;
    let events = events(&lab.peek(&format!("{BELIEVED} --json --get / {args}"))?);
    Ok(events.map_err(|error| format!("{server}: {error:?}"))?)
}

pub(crate) fn opened() -> Result<(), Failed> {
    let lab = Lab::new()?;
    let mut records = 0;
    for (server, version) in [
        ("-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256", "TLS 1.3"),
        ("-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384", "TLS 1.3"),
        ("-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256 -max_send_frag 512", "TLS 1.3"),
        ("-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256", "TLS 1.2"),
        ("-tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384", "TLS 1.2"),
        ("-tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305 -max_send_frag 512", "TLS 1.2"),
    ] {
        let events = opened_of(&lab, server, "")?;
        let summary = events.last().ok_or("no event")?;
        if summary["version"] != version || summary["server_bytes"].as_u64() < Some(2000) {
            return Err(format!("{server}: {summary}").into());
        }
        records += events.iter().filter(|it| it["event"] == "record").count();
    }
    println!("{records} records of openssl opened");
    Ok(())
}

pub(crate) fn resumed() -> Result<(), Failed> {
    let lab = Lab::new()?;
    for (server, args, resumed, retried) in [
        ("-tls1_3", "--resume", true, false),
        ("-tls1_2", "--resume", true, false),
        ("-tls1_3 -groups P-384", "", false, true),
    ] {
        let events = opened_of(&lab, server, args)?;
        let summary = events.last().ok_or("no event")?;
        if (&summary["resumed"], &summary["retried"]) != (&resumed.into(), &retried.into()) {
            return Err(format!("{server}: {summary}").into());
        }
    }
    Ok(())
}

pub(crate) fn wrong() -> Result<(), Failed> {
    let lab = Lab::new()?;
    for (server, args, sentence) in [
        (GOOD, "--ca ca.pem --name other.test", "the server's certificate is not for other.test: it is for b.test"),
        ("-cert expired.pem -key b.key", "--ca ca.pem --name b.test", "the server's certificate expired on"),
        (GOOD, "--ca own.pem --name b.test", "is signed by an authority that is not trusted here"),
        ("-cert own.pem -key own.key", "--ca ca.pem --name b.test", "not trusted here"),
        ("-cert b.pem -key b.key -tls1_1 -cipher ALL:@SECLEVEL=0", "--ca ca.pem --name b.test", "protocol_version"),
        ("-cert b.pem -key b.key -tls1_2", "--ca ca.pem --name b.test --tls 1.3", "protocol_version"),
        (
            "-cert b.pem -key b.key -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256",
            "--ca ca.pem --name b.test --tls 1.2 --suites TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "handshake_failure",
        ),
    ] {
        let running = lab.serve(server)?;
        let ended = lab.peek(args)?;
        drop(running);
        if ended.code != 1 || !ended.stdout.contains(sentence) {
            return Err(format!("{args}: not '{sentence}', but {ended}").into());
        }
    }
    let _running = lab.serve("-cert own.pem -key own.key")?;
    let ended = lab.peek("--insecure --name other.test")?;
    if ended.code != 0 || !ended.stderr.contains("any certificate is believed") {
        return Err(format!("{ended}").into());
    }
    Ok(())
}
