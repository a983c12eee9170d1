//! Two network namespaces, our program in them, and what is asked of its answers.
//!
//! ```text
//!  a 10.77.1.1 ──net1── 10.77.1.2 b
//! ```

use needs::{Ended, Failed, Net, Program, Running};

pub(crate) const OURS: &str = env!("CARGO_BIN_EXE_tcp-echo");

pub(crate) fn ours(args: &str) -> Program {
    Program::new(OURS).words(args)
}

pub(crate) fn python(script: &str, args: &[&str]) -> Program {
    Program::new("python3").args(["-c", script]).args(args.iter().copied())
}

pub(crate) fn pair() -> Result<Net, String> {
    Net::row(&["a", "b"]).build()
}

/// Our server at `b`, once its port is open.
pub(crate) fn serve(net: &Net, args: &str) -> Result<Running, String> {
    let mut server = net.at("b", ours(&format!("serve {args}"))).start()?;
    server.wait_for("TCP ECHO at")?;
    Ok(server)
}

/// Ends a program as Ctrl-C does.
pub(crate) fn interrupt(running: Running) -> Result<Ended, String> {
    running.signal("INT")?;
    running.end()
}

pub(crate) fn exits(ended: &Ended, code: i32) -> Result<(), Failed> {
    if ended.code == code { Ok(()) } else { Err(format!("{ended}where exit {code} was expected").into()) }
}

pub(crate) fn has(text: &str, part: &str) -> Result<(), Failed> {
    if text.contains(part) { Ok(()) } else { Err(format!("no '{part}' in:\n{text}").into()) }
}
