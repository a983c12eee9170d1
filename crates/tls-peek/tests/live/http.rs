//! HTTP without TLS.

use crate::lab::{Lab, TLS_PEEK};
use needs::{Failed, Program};

/// Python's own server, on one connection and without TLS.
pub(crate) fn asked() -> Result<(), Failed> {
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
        if ended.code != 0
            || statuses != [Some(200), Some(200), Some(404)]
            || events.first().is_none_or(|it| it["content_bytes"] != 7)
        {
            return Err(format!("{how}: {ended}").into());
        }
    }
    println!("6 answers of Python's http.server read");
    Ok(())
}
