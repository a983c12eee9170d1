//! `serve`, and who comes.

use crate::lab::{Lab, TLS_PEEK};
use needs::{Failed, Program, Running};

/// Our server at `b`, for so many clients.
fn serve(lab: &Lab, words: &str) -> Result<Running, Failed> {
    let server = Program::new(TLS_PEEK)
        .words("serve --bind 10.77.1.2 --name b.test,10.77.1.2 --authority ours.pem --timeout 5")
        .args(words.split_whitespace())
        .directory(lab.path());
    let mut running = lab.net.at("b", server).start()?;
    running.wait_for("TLS server at 10.77.1.2:4433")?;
    Ok(running)
}

pub(crate) fn clients() -> Result<(), Failed> {
    let lab = Lab::new()?;
    let at = |words: &str| {
        let (program, words) = words.split_once(' ').unwrap_or((words, ""));
        Ok::<_, Failed>(lab.net.at("a", Program::new(program).words(words).directory(lab.path())).run()?)
    };
    let openssl =
        "openssl s_client -connect 10.77.1.2:4433 -servername b.test -CAfile ours.pem -verify_return_error -brief";
    let gnutls =
        "gnutls-cli --port 4433 --x509cafile ours.pem --sni-hostname b.test --verify-hostname b.test 10.77.1.2";
    let running = serve(&lab, "-c 6 --keylog keys")?;
    for (client, said) in [
        (format!("{openssl} -tls1_3"), "Verification: OK"),
        (format!("{openssl} -tls1_2"), "Verification: OK"),
        (format!("{gnutls} --priority NORMAL:-VERS-ALL:+VERS-TLS1.3"), "Handshake was completed"),
        (format!("{gnutls} --priority NORMAL:-VERS-ALL:+VERS-TLS1.2"), "Handshake was completed"),
        (
            "curl -sS --cacert ours.pem --resolve b.test:4433:10.77.1.2 https://b.test:4433/page".into(),
            "asked for     b.test",
        ),
        ("curl -sS --cacert ours.pem --tls-max 1.2 https://10.77.1.2:4433/".into(), "version       TLS 1.2"),
    ] {
        let ended = at(&client)?;
        if ended.code != 0 || !format!("{}{}", ended.stdout, ended.stderr).contains(said) {
            return Err(format!("{client}: not '{said}', but {ended}").into());
        }
    }
    let ended = running.end()?;
    let lines = |text: &str| ended.stdout.lines().filter(|line| line.contains(text)).count();
    let counted = (ended.code, lines("TLS 1.3, "), lines("TLS 1.2, "), lines("asked for b.test"), lines("\"GET /"));
    if counted != (0, 3, 3, 5, 2) || !ended.stdout.contains("6 clients, 6 shook hands") {
        return Err(format!("{counted:?}: {ended}").into());
    }
    let keys = std::fs::read_to_string(lab.path().join("keys"))?;
    if keys.lines().filter(|line| line.starts_with("CLIENT_RANDOM ")).count() != 3 {
        return Err(format!("secrets of three connections by TLS 1.2: {keys}").into());
    }
    Ok(())
}

pub(crate) fn wrong() -> Result<(), Failed> {
    let lab = Lab::new()?;
    let s_client = "openssl s_client -connect 10.77.1.2:4433";
    for (server, client, sentence) in [
        ("", "curl -s http://10.77.1.2:4433/", "what came is not TLS: it begins with \"GET / HTTP/1.1"),
        ("", "curl -s https://10.77.1.2:4433/", "it gave up with the alert unknown_ca"),
        ("--tls 1.3", &format!("{s_client} -tls1_2"), "it does not speak this version of TLS"),
        ("", &format!("{s_client} -alpn h3"), "it wants to speak something else inside: no ALPN in common"),
        (
            "--suites TLS_AES_256_GCM_SHA384",
            &format!("{s_client} -ciphersuites TLS_AES_128_GCM_SHA256"),
            "no cipher suite in common",
        ),
        ("--groups secp384r1", &format!("{s_client} -groups X25519"), "no group in common"),
        ("--timeout 1", "socat -u TCP:10.77.1.2:4433 -", "it said nothing"),
        ("", "socat -u EXEC:true TCP:10.77.1.2:4433", "it closed the connection without a word"),
    ] {
        let running = serve(&lab, &format!("{server} -c 1"))?;
        let (program, words) = client.split_once(' ').unwrap_or((client, ""));
        lab.net.at("a", Program::new(program).words(words).directory(lab.path())).run()?;
        let ended = running.end()?;
        if ended.code != 1 || !ended.stdout.contains(sentence) {
            return Err(format!("{client}: not '{sentence}', but {ended}").into());
        }
    }
    Ok(())
}
