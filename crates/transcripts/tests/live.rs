//! Live blocks have the words that the machine answers with; numbers differ. Each runs in a network namespace of its own, which
//! has loopback and nothing else.

mod pages;

use needs::{Failed, test};
use std::process::ExitCode;
use std::time::Duration;
use transcripts::{Machine, Tools};

fn main() -> ExitCode {
    needs::live(&["unshare", "sh"]).run([
        test("live_blocks_have_the_shape_of_what_the_machine_prints", live_blocks),
        test("command_without_an_end_is_ended", endless_command),
    ])
}

fn live_blocks() -> Result<(), Failed> {
    let tools = Tools::build(&pages::root())?;
    let mut commands = 0;
    for page in pages::pages() {
        commands += pages::hold(&page, &tools, Machine::Itself)?;
    }
    println!("{commands} live commands compared");
    if commands == 0 { Err("the book has no live command: nothing was compared".into()) } else { Ok(()) }
}

fn endless_command() -> Result<(), Failed> {
    let tools = Tools::build(&pages::root())?.limit(Duration::from_secs(1));
    let checked = pages::check("```console live\n$ cargo myping 127.0.0.1\n```\n", &tools, Machine::Itself)?;
    match checked.faults.as_slice() {
        [fault] if fault.what.ends_with("it takes longer than 1 s") => Ok(()),
        faults => Err(format!("{faults:?}").into()),
    }
}
