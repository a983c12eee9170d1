//! The server of `GnuTLS`.

use crate::lab::{BELIEVED, Lab, events};
use needs::{Failed, Program, Running};

/// A server that was started with these words.
fn serve(lab: &Lab, words: &str) -> Result<Running, Failed> {
    let server = Program::new("gnutls-serv")
        .words("--port 443 --http --x509certfile b.pem --x509keyfile b.key")
        .args(words.split_whitespace())
        .directory(lab.path());
    let mut running = lab.net.at("b", server).start()?;
    running.wait_for("IPv4")?;
    Ok(running)
}

pub(crate) fn opened() -> Result<(), Failed> {
    let lab = Lab::new()?;
    let mut records = 0;
    for (server, args, wanted) in [
        ("--priority NORMAL:-CIPHER-ALL:+AES-128-GCM", "", "TLS_AES_128_GCM_SHA256"),
        ("--priority NORMAL:-CIPHER-ALL:+AES-256-GCM", "", "TLS_AES_256_GCM_SHA384"),
        ("--priority NORMAL:-CIPHER-ALL:+CHACHA20-POLY1305", "", "TLS_CHACHA20_POLY1305_SHA256"),
        ("--priority NORMAL", "--tls 1.2", "TLS 1.2"),
        ("--priority NORMAL", "--resume", "\"resumed\":true"),
        ("--priority NORMAL", "--tls 1.2 --resume", "\"resumed\":true"),
        ("--earlydata", "--early-data", "\"early_data\":true"),
        ("--priority NORMAL:-GROUP-ALL:+GROUP-SECP384R1", "", "\"retried\":true"),
    ] {
        let running = serve(&lab, server)?;
        let ended = lab.peek(&format!("{BELIEVED} --json --get / {args}"))?;
        drop(running);
        let events = events(&ended).map_err(|error| format!("{server}: {error:?}"))?;
        if !ended.stdout.lines().last().unwrap_or_default().contains(wanted) {
            return Err(format!("{server}: not '{wanted}', but {ended}").into());
        }
        records += events.iter().filter(|it| it["event"] == "record").count();
    }
    println!("{records} records of gnutls opened");
    Ok(())
}

pub(crate) fn wrong() -> Result<(), Failed> {
    let lab = Lab::new()?;
    let only_12 = "--priority NORMAL:-VERS-ALL:+VERS-TLS1.2";
    for (server, args, sentence) in [
        ("", "--ca ca.pem --name other.test", "the server's certificate is not for other.test: it is for b.test"),
        ("", "--ca own.pem --name b.test", "is signed by an authority that is not trusted here"),
        (only_12, "--ca ca.pem --name b.test --tls 1.3", "the server chose a version of TLS that was not offered"),
        (
            "--priority NORMAL:-CIPHER-ALL:+AES-256-GCM",
            "--ca ca.pem --name b.test --tls 1.3 --suites TLS_AES_128_GCM_SHA256",
            "the server ended the TLS handshake with the alert handshake_failure",
        ),
        ("--require-client-cert", BELIEVED, "the server ended the TLS handshake with the alert certificate_required"),
    ] {
        let running = serve(&lab, server)?;
        let ended = lab.peek(args)?;
        drop(running);
        if ended.code != 1 || !ended.stdout.contains(sentence) {
            return Err(format!("{server} {args}: not '{sentence}', but {ended}").into());
        }
    }
    Ok(())
}
