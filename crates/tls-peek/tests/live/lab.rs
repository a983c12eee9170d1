//! Two nodes, certificates, and a server at one of them.

use needs::{Ended, Failed, Net, Program, Running};
use std::path::Path;

pub(crate) const TLS_PEEK: &str = env!("CARGO_BIN_EXE_tls-peek");

/// What a server of `OpenSSL` is started with.
pub(crate) const GOOD: &str = "-cert b.pem -key b.key";
/// Whom a client believes.
pub(crate) const BELIEVED: &str = "--ca ca.pem --name b.test";

/// A server at `b`, and who connects at `a`.
pub(crate) struct Lab {
    pub(crate) net: Net,
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
    pub(crate) fn new() -> Result<Self, Failed> {
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

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn openssl(&self, words: &str) -> Result<(), Failed> {
        Program::new("openssl").words(words).directory(self.path()).succeed()?;
        Ok(())
    }

    /// A server of `OpenSSL` that was started with these words. Without `-www` it would end with its standard input.
    pub(crate) fn serve(&self, words: &str) -> Result<Running, Failed> {
        let server = Program::new("openssl").words("s_server -www -accept 443").args(words.split_whitespace());
        let mut running = self.net.at("b", server.directory(self.path())).start()?;
        running.wait_for("ACCEPT")?;
        Ok(running)
    }

    /// What tls-peek says of the server at `b`.
    pub(crate) fn peek(&self, args: &str) -> Result<Ended, Failed> {
        let client = Program::new(TLS_PEEK).words("10.77.1.2").args(args.split_whitespace()).directory(self.path());
        Ok(self.net.at("a", client).run()?)
    }
}

/// All events of a run, of which each record was opened and each Finished is right.
pub(crate) fn events(ended: &Ended) -> Result<Vec<serde_json::Value>, Failed> {
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
