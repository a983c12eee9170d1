//! What the pages show of `cargo lab` is what a learner meets, in a copy of the course with its labs as they are handed out.

#![cfg_attr(not(unix), allow(unused, reason = "the copy is made of symbolic links"))]

mod pages;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};
use transcripts::{Machine, Page, Tools};

fn main() -> ExitCode {
    let trials = [
        Trial::test("labs_answer_as_their_pages_show", labs),
        Trial::test("router_reads_tls_with_what_was_written_in_lab_19", watched),
    ];
    let trials = trials.map(|trial| trial.with_ignored_flag(cfg!(not(unix))));
    // They share the copy.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    libtest_mimic::run(&arguments, trials.into()).exit_code()
}

fn labs() -> Result<(), Failed> {
    let tools = Tools::build(&pages::root())?.limit(std::time::Duration::from_secs(600)); // a lab is compiled
    let mut commands = 0;
    for page in pages::pages() {
        commands +=
            pages::hold(&page, |text| Ok(Page::new(text).check(&tools, Machine::Course, &copy_of_the_course()?)?))?;
    }
    println!("{commands} commands of labs compared");
    if commands == 0 { Err("no page shows a lab: nothing was compared".into()) } else { Ok(()) }
}

/// What the page of lab 19 promises of its `watch`, with the lab's solution: it needs a client beside it, which is another tool.
fn watched() -> Result<(), Failed> {
    let tools = Tools::build(&pages::root())?.limit(std::time::Duration::from_secs(600));
    let copy = copy_of_the_course()?;
    let lab = copy.join("labs/19-tls-records");
    fs::copy(lab.join("solution/tls_records.rs"), lab.join("src/tls_records.rs"))?;
    let checked = Page::new(WATCHED).check(&tools, Machine::Course, &copy)?;
    let told: Vec<String> = checked.faults.iter().map(|fault| fault.what.clone()).collect();
    if told.is_empty() && checked.commands == 5 { Ok(()) } else { Err(told.join("\n").into()) }
}

/// No name; an older version; with the secret of the same run, what was said; and a client that does not speak TLS.
const WATCHED: &str = r#"```console course only=client__&server__
$ cargo lab run 19 --net names --at core --also 'client: tls-peek www.example.com --no-sni' -- watch
client  ClientHello, 220 bytes
client    does not say whom it asks for
client    offers versions 0x0304, 0x0303
server  ServerHello, 118 bytes
server  change_cipher_spec
server  640 sealed bytes
client  change_cipher_spec
client  69 sealed bytes
server  179 sealed bytes
client  19 sealed bytes
server  19 sealed bytes
[…]
$ cargo lab run 19 --net names --at core --also 'client: tls-peek www.example.com --tls 1.2 --get /' -- watch
client  ClientHello, 162 bytes
client    asks for www.example.com
client    offers versions 0x0303
server  ServerHello, 100 bytes
server  Certificate, 471 bytes
server  ServerKeyExchange, 104 bytes
server  ServerHelloDone, 0 bytes
client  ClientKeyExchange, 33 bytes
client  change_cipher_spec
client  40 sealed bytes
server  change_cipher_spec
server  40 sealed bytes
client  84 sealed bytes
server  123 sealed bytes
server  26 sealed bytes
client  26 sealed bytes
[…]
$ cargo lab run 19 --net names --at core --also 'client: tls-peek www.example.com --get / --suites TLS_CHACHA20_POLY1305_SHA256' -- watch 58c171c091031a0bba46c6b046dbaeae767c5f30f95d111483a61592be28f8ea
client  ClientHello, 220 bytes
client    asks for www.example.com
client    offers versions 0x0304
server  ServerHello, 118 bytes
server  change_cipher_spec
server  628 sealed bytes
client  change_cipher_spec
client  53 sealed bytes
client  77 sealed bytes
server  opened: NewSessionTicket, 77 bytes
server  opened: NewSessionTicket, 77 bytes
server  opened: HTTP/1.1 200 OK
server  opened: Content-Type: text/plain
server  opened: Content-Length: 15
server  opened: Connection: close
server  opened:
server  opened: hello from web
server  opened: alert [1, 0]
client  19 sealed bytes
[…]
$ cargo lab run 19 --net names --at core --also 'client: tcp-echo send -c 1 web:443' -- watch
server  alert [2, 50]
[…]
```

```console course
$ cargo lab run 19 -- dh 5 23 6 15
one      keeps 6, and says 5^6 % 23 = 8
other    keeps 15, and says 5^15 % 23 = 19
one      has 19^6 % 23 = 2
other    has 8^15 % 23 = 2
listener tries 6 secrets, and has 2 too
```
"#;

/// The course in a directory that keeps what was compiled there, and nothing else.
fn copy_of_the_course() -> io::Result<PathBuf> {
    let course = pages::root().canonicalize()?;
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("course");
    fs::create_dir_all(&copy)?;
    for linked in [".cargo", "Cargo.toml", "book", "crates", "testdata"] {
        let _ = fs::remove_file(copy.join(linked));
        link(&course.join(linked), &copy.join(linked))?;
    }
    fs::copy(course.join("Cargo.lock"), copy.join("Cargo.lock"))?;
    let _ = fs::remove_file(copy.join("lab-progress.toml"));
    // What a page's commands make beside the course, they made for an earlier run, too.
    for made in ["labs", "../class"] {
        let _ = fs::remove_dir_all(copy.join(made));
    }
    for lab in fs::read_dir(course.join("labs"))? {
        let lab = lab?;
        // The cheats are for who grades.
        if !lab.path().join("stub").exists() {
            continue;
        }
        let to = copy.join("labs").join(lab.file_name());
        copy_all(&lab.path(), &to)?;
        // What was written in this very course is not what a learner begins with.
        for stub in fs::read_dir(to.join("stub"))? {
            let stub = stub?;
            fs::copy(stub.path(), to.join("src").join(stub.file_name()))?;
        }
    }
    Ok(copy)
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(unix)]
fn link(original: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
