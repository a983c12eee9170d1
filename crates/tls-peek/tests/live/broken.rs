//! Servers that are none, or stop in the middle.

use crate::lab::{BELIEVED, Lab};
use needs::{Failed, Program};

pub(crate) fn told() -> Result<(), Failed> {
    let lab = Lab::new()?;
    for (says, sentence) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), "what came is not TLS: it begins with 'HTTP/1.1 400 Bad'"),
        (b"", "the server closed the connection in the TLS handshake, without a word"),
        (b"\x16\x03\x03\0\x7a\x02\0", "the server closed the connection in the TLS handshake, after 7 bytes"),
        (b"\x15\x03\x03\0\x02\x02\x28", "the server ended the TLS handshake with the alert handshake_failure (40)"),
        (b"\x17\x03\x03\0\x03abc", "TLS failed: "),
    ] {
        std::fs::write(lab.path().join("says"), says)?;
        // The ClientHello is read as a whole, so that the connection ends without a reset.
        serve_and_tell(&lab, "dd bs=65536 count=1 of=/dev/null status=none; cat says", sentence)?;
    }
    serve_and_tell(&lab, "sleep 3", "no answer in time")
}

/// A server that does what these commands do, and what tls-peek says of it.
fn serve_and_tell(lab: &Lab, commands: &str, sentence: &str) -> Result<(), Failed> {
    let socat = Program::new("socat").words("-d -d TCP-LISTEN:443,reuseaddr").args([format!("SYSTEM:\"{commands}\"")]);
    let mut running = lab.net.at("b", socat.directory(lab.path())).start()?;
    running.wait_for("listening on")?;
    let ended = lab.peek(&format!("{BELIEVED} --timeout 1"))?;
    drop(running);
    match ended.code == 1 && ended.stdout.contains(sentence) {
        true => Ok(()),
        false => Err(format!("not '{sentence}', but {ended}").into()),
    }
}
