//! Every page shows what the tools print. A trial for each page, named after it.

#![allow(clippy::indexing_slicing, reason = "a test ends at its first surprise")]

mod pages;

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use std::sync::Arc;
use transcripts::{Machine, Tools};

fn main() -> ExitCode {
    let tools = match Tools::build(&pages::root()) {
        Ok(tools) => Arc::new(tools),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let trial = |name: &str, test: fn(&Tools) -> Result<(), Failed>| {
        let tools = tools.clone();
        Trial::test(name, move || test(&tools))
    };
    let mut trials = vec![
        trial("changed_byte_is_told_with_its_line_and_blessing_mends_it", changed_byte),
        trial("both_streams_and_the_exit_code_are_shown_as_a_terminal_shows_them", both_streams),
        trial("command_that_does_not_work_is_told_where_no_output_is_shown", tried_command),
        trial("file_that_a_command_writes_is_there_for_the_next", written_file),
        trial("what_is_no_tool_of_the_workspace_is_not_run", foreign_program),
    ];
    for page in pages::pages() {
        let tools = tools.clone();
        trials.push(Trial::test(page.clone(), move || pages::hold(&page, &tools, Machine::Simulated).map(drop)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

const RIGHT: &str = "Text.\n\n```console\n$ cargo arping --net lan -c 1 -q host5\nARPING 10.0.0.5 from 10.0.0.2 lan\nSent 1 \
                     probes (1 broadcast(s))\nReceived 1 response(s)\n```\n";

fn changed_byte(tools: &Tools) -> Result<(), Failed> {
    let right = pages::check(RIGHT, tools, Machine::Simulated)?;
    let wrong_text = RIGHT.replace("Received 1", "Received 2");
    let wrong = pages::check(&wrong_text, tools, Machine::Simulated)?;
    same(&wrong.blessed, &right.blessed)?;
    let again = pages::check(&right.blessed, tools, Machine::Simulated)?;
    same(&again.faults, &vec![])?;
    same(&wrong.faults.len(), &1)?;
    same(&wrong.faults[0].line, &4)?;
    let told = "  - Received 2 response(s)\n  + Received 1 response(s)\n";
    if wrong.faults[0].what.contains(told) { Ok(()) } else { Err(wrong.faults[0].what.clone().into()) }
}

fn both_streams(tools: &Tools) -> Result<(), Failed> {
    let page = "```console\n$ cargo myping --net routers -c 1 192.168.66.1\n\n$ cargo myping --net nowhere host\n```\n";
    let checked = pages::check(page, tools, Machine::Simulated)?;
    same(&checked.commands, &2)?;
    let lines: Vec<&str> = checked.blessed.lines().collect();
    let exits: Vec<&&str> = lines.iter().filter(|line| line.starts_with("[exit")).collect();
    same(&exits, &vec![&"[exit 1]", &"[exit 2]"])?;
    let at = |start: &str| lines.iter().position(|line| line.starts_with(start));
    // Standard output first, then the error of the second command, which only standard error has.
    if at("PING") < at("error: ") && at("error: ") < at("hint: ") && at("hint: ").is_some() {
        return Ok(());
    }
    Err(checked.blessed.into())
}

fn tried_command(tools: &Tools) -> Result<(), Failed> {
    let page = "```console try\n$ cargo myping --net routers -c 1 192.168.99.1   # exit 1 is an answer\n$ cargo myping \
                --net routers --no-such-flag\n```\n";
    let checked = pages::check(page, tools, Machine::Simulated)?;
    same(&checked.blessed.as_str(), &page)?;
    same(&checked.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), &vec![3])
}

fn written_file(tools: &Tools) -> Result<(), Failed> {
    let page = "```toml file=my.toml\ntitle = \"Mine\"\nlike = \"lan\"\n```\n\n```console try\n$ cargo myping --net my.toml -c 1 \
                --trace not-a-net.toml host5\n```\n\nThen:\n\n```console\n$ cargo myping --net not-a-net.toml host\n```\n";
    let checked = pages::check(page, tools, Machine::Simulated)?;
    // The first command worked; the second found the file of the first, and no network in it.
    same(&checked.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), &vec![13])?;
    if checked.blessed.contains("not-a-net.toml:1:") { Ok(()) } else { Err(checked.blessed.into()) }
}

fn foreign_program(tools: &Tools) -> Result<(), Failed> {
    let page = "```console\n$ rm -rf testdata\n$ cargo clean\n$ cargo myping --help | head\n```\n";
    let checked = pages::check(page, tools, Machine::Simulated)?;
    same(&checked.blessed.as_str(), &page)?;
    same(&checked.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), &vec![2, 3, 4])
}

fn same<T: PartialEq + std::fmt::Debug>(is: &T, expected: &T) -> Result<(), Failed> {
    if is == expected { Ok(()) } else { Err(format!("this came: {is:#?}\nexpected was {expected:#?}").into()) }
}
