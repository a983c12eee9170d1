//! `OpenSSL`'s server, over TCP between two network namespaces: what it says is opened to the last record, and what is wrong with it is
//! told in a sentence.
//!
//! Needs network namespaces and the programs `openssl` and `python3`; see the crate `needs`.

use needs::{Failed, Net, Program, test};
use std::path::Path;
use std::process::ExitCode;

const TLS_PEEK: &str = env!("CARGO_BIN_EXE_tls-peek");

fn main() -> ExitCode {
    needs::live(&["openssl", "python3"]).run([
        test("server_of_openssl_is_opened_to_the_last_record", opened),
        test("pages_of_pythons_server_are_asked_for_on_one_connection", asked),
        test("resumption_and_retry_of_openssl_are_opened", resumed),
        test("what_is_wrong_with_a_server_is_a_sentence", wrong),
    ])
}

/// A server at `b`, and who connects at `a`.
struct Lab {
    net: Net,
    directory: tempfile::TempDir,
}

const AUTHORITY: &str = "\
[ca]
default_ca = lab
[lab]
database = list
serial = serial
new_certs_dir = .
default_md = sha256
policy = names
[names]
commonName = supplied
";

impl Lab {
    fn new() -> Result<Self, Failed> {
        let lab = Self { net: Net::row(&["a", "b"]).build()?, directory: tempfile::tempdir()? };
        // An authority, and a server that it vouches for; then one that vouches for itself, and one whose time is over.
        lab.openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 -subj /CN=lab")?;
        lab.openssl("req -newkey rsa:2048 -nodes -keyout b.key -out b.csr -subj /CN=b.test")?;
        std::fs::write(lab.path().join("names"), "subjectAltName=DNS:b.test\n")?;
        let signed = "x509 -req -in b.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names";
        lab.openssl(&format!("{signed} -days 365 -out b.pem"))?;
        // OpenSSL 3.0 chooses both dates freely only where it keeps a list of what it signed.
        std::fs::write(lab.path().join("list"), "")?;
        std::fs::write(lab.path().join("ca.conf"), AUTHORITY)?;
        lab.openssl(
            "ca -batch -config ca.conf -in b.csr -cert ca.pem -keyfile ca.key -create_serial -notext \
             -startdate 20250101000000Z -enddate 20250201000000Z -extfile names -out expired.pem",
        )?;
        lab.openssl("req -x509 -newkey rsa:2048 -nodes -keyout own.key -out own.pem -days 365 -subj /CN=b.test -addext subjectAltName=DNS:b.test")?;
        Ok(lab)
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn openssl(&self, words: &str) -> Result<(), Failed> {
        Program::new("openssl").words(words).directory(self.path()).succeed()?;
        Ok(())
    }

    /// What tls-peek says of a server that was started with these words. Without `-www` it would end with its standard input.
    fn peek(&self, server: &str, args: &str) -> Result<needs::Ended, Failed> {
        let server = Program::new("openssl").words("s_server -www -accept 443").args(server.split_whitespace());
        let mut running = self.net.at("b", server.directory(self.path())).start()?;
        running.wait_for("ACCEPT")?;
        let client = Program::new(TLS_PEEK).words("10.77.1.2").args(args.split_whitespace()).directory(self.path());
        Ok(self.net.at("a", client).run()?)
    }
}

/// All events of a run, of which each record was opened and each Finished is right.
fn events(ended: &needs::Ended) -> Result<Vec<serde_json::Value>, Failed> {
    if ended.code != 0 {
        return Err(format!("{ended}").into());
    }
    let events: Vec<serde_json::Value> = ended.stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let closed = events.iter().find(|it| it["event"] == "record" && !it["closed"].is_null());
    if let Some(closed) = closed {
        return Err(format!("stays closed: {closed}\n{ended}").into());
    }
    let finished: Vec<_> =
        events.iter().filter(|it| it["name"] == "Finished").map(|it| it["is_right"].clone()).collect();
    if finished != [true, true] {
        return Err(format!("Finished of both ends: {finished:?}\n{ended}").into());
    }
    Ok(events)
}

const GOOD: &str = "-cert b.pem -key b.key";
const BELIEVED: &str = "--ca ca.pem --name b.test --json";

fn opened() -> Result<(), Failed> {
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
        let events = events(&lab.peek(&format!("{GOOD} {server}"), &format!("{BELIEVED} --get /"))?)?;
        let summary = events.last().ok_or("no event")?;
        if summary["version"] != version || summary["server_bytes"].as_u64() < Some(2000) {
            return Err(format!("{server}: {summary}").into());
        }
        records += events.iter().filter(|it| it["event"] == "record").count();
    }
    println!("{records} records of openssl opened");
    Ok(())
}

/// Python's own server, on one connection and without TLS.
fn asked() -> Result<(), Failed> {
    let lab = Lab::new()?;
    std::fs::write(lab.path().join("page.txt"), "a page\n")?;
    let server = Program::new("python3").words("-u -m http.server --protocol HTTP/1.1 80");
    let mut running = lab.net.at("b", server.directory(lab.path())).start()?;
    running.wait_for("Serving")?;
    for how in ["", "--pipeline"] {
        let words = format!("10.77.1.2 --plain --json --get /page.txt --get /page.txt --get /missing {how}");
        let ended = lab.net.at("a", Program::new(TLS_PEEK).words(&words)).run()?;
        let events: Vec<serde_json::Value> =
            ended.stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let answers = events.iter().filter(|it| it["event"] == "answer");
        let statuses: Vec<_> = answers.map(|it| it["status"].as_u64()).collect();
        if ended.code != 0 || statuses != [Some(200), Some(200), Some(404)] || events[0]["content_bytes"] != 7 {
            return Err(format!("{how}: {ended}").into());
        }
    }
    println!("6 answers of Python's http.server read");
    Ok(())
}

fn resumed() -> Result<(), Failed> {
    let lab = Lab::new()?;
    for (server, args, resumed, retried) in [
        ("-tls1_3", "--resume", true, false),
        ("-tls1_2", "--resume", true, false),
        ("-tls1_3 -groups P-384", "", false, true),
    ] {
        let events = events(&lab.peek(&format!("{GOOD} {server}"), &format!("{BELIEVED} --get / {args}"))?);
        let events = events.map_err(|error| format!("{server}: {error:?}"))?;
        let summary = events.last().ok_or("no event")?;
        if (&summary["resumed"], &summary["retried"]) != (&resumed.into(), &retried.into()) {
            return Err(format!("{server}: {summary}").into());
        }
    }
    Ok(())
}

fn wrong() -> Result<(), Failed> {
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
        let ended = lab.peek(server, args)?;
        if ended.code != 1 || !ended.stdout.contains(sentence) {
            return Err(format!("{args}: not '{sentence}', but {ended}").into());
        }
    }
    let ended = lab.peek("-cert own.pem -key own.key", "--insecure --name other.test")?;
    if ended.code != 0 || !ended.stderr.contains("any certificate is believed") {
        return Err(format!("{ended}").into());
    }
    Ok(())
}
