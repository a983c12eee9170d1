//! A learner's program that misbehaves is ended, and the report says how; what misbehaves is the lab's own solution with one
//! thing done to it.

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    lab::enter_if_asked().unwrap_or_else(judge::all)
}

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
#[allow(clippy::expect_used, reason = "a test ends at its first surprise")]
mod judge {
    use lab::{Checkout, NotBuilt, Outcome, Report, Workshop};
    use libtest_mimic::{Arguments, Failed, Trial};
    use std::path::Path;
    use std::process::ExitCode;

    /// The first line of `sum`.
    const IN_SUM: &str = "    let mut total: u32 = 0;\n";
    /// The first line of `ping`.
    const IN_PING: &str = "    let payload = vec![0; o.size];\n";

    pub(crate) fn all() -> ExitCode {
        let sum = |name, line, verdict| of_function(name, "03", "words", IN_SUM, line, verdict);
        let ping = |name, line, verdict| of_function(name, "05", "reply", IN_PING, line, verdict);
        let trials = vec![
            sum(
                "function_that_hangs",
                "loop { std::thread::park(); }",
                "the program said nothing for 2s after request 1",
            ),
            sum(
                "function_that_spins",
                "loop { std::hint::spin_loop(); }",
                "the program said nothing for 2s after request 1",
            ),
            sum(
                "function_that_panics",
                "panic!(\"I cannot\");",
                "the program panicked at labs/03-checksum/src/checksum.rs:",
            ),
            sum("function_that_aborts", "std::process::abort();", "the program was ended by signal 6"),
            sum(
                "function_that_ends_the_program",
                "println!(\"100 of 100\"); std::process::exit(0);",
                "the program ended with exit code 0 without taking leave of its host",
            ),
            sum(
                "function_that_takes_all_memory",
                "let mut all = vec![]; loop { all.push(vec![1_u8; 1 << 24]); }",
                "the program ran out of memory",
            ),
            sum(
                "function_that_prints_for_ever",
                "loop { println!(\"all work and no play\"); }",
                "the program printed more than 1048576 bytes",
            ),
            sum("function_that_calls_itself", "return Ok(sum(data)? + 1);", "the program called itself too deep"),
            ping("ping_that_floods", "loop { socket.send(&[8; 64])?; }", "the program sent more than 10000 packets"),
            ping(
                "ping_that_asks_for_ever",
                "loop { socket.recv(start)?; }",
                "the program asked its host more than 50000 things",
            ),
            ping(
                "ping_that_waits_for_ever",
                "socket.recv(host::Time::NEVER)?;",
                "the program would wait beyond 3600s of the network's time",
            ),
            ping(
                "ping_that_opens_what_the_lab_does_not_allow",
                "host.open_ping(&[])?;",
                "error: this lab has no ping sockets",
            ),
            Trial::test("ping_that_tells_of_what_never_came_has_no_points", made_up),
            Trial::test("program_that_does_not_compile_shows_the_file_and_the_line", not_compiled),
            Trial::test("unsafe_code_does_not_compile", unsafe_code),
            Trial::test("reports_of_several_runs_at_once_are_the_same", at_once),
        ];
        libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
    }

    fn checkout() -> Checkout {
        Checkout::at(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace is there"),
        )
    }

    /// The report on a lab's solution with `line` put before `place`.
    fn report_on(lab: &str, place: &str, line: &str) -> Result<Report, String> {
        let checkout = checkout();
        let lab = checkout.lab(lab).map_err(|failure| format!("{failure:?}"))?;
        let folder = lab.file().parent().and_then(Path::parent).ok_or("no folder")?.join("solution");
        let solution = folder.join(lab.file().file_name().ok_or("no name")?);
        let source = std::fs::read_to_string(&solution).map_err(|error| error.to_string())?;
        if source.matches(place).count() != 1 {
            return Err(format!("'{place}' is not once in the solution"));
        }
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        let file = directory.path().join("wrong.rs");
        std::fs::write(&file, source.replace(place, &format!("    {line}\n{place}")))
            .map_err(|error| error.to_string())?;
        let workshop = Workshop::open(&checkout, &lab).map_err(|failure| format!("{failure:?}"))?;
        let program = workshop.build_with(&lab, &file, "wrong").map_err(|not_built| match not_built {
            NotBuilt::Source(words) => words,
            NotBuilt::Failure(failure) => format!("{failure:?}"),
        })?;
        lab::judge(&lab, &program).map_err(|failure| format!("{failure:?}"))
    }

    /// That this check fails with this verdict, and what needs it is not judged.
    fn of_function(
        name: &'static str,
        lab: &'static str,
        check: &'static str,
        place: &'static str,
        line: &'static str,
        verdict: &'static str,
    ) -> Trial {
        Trial::test(name, move || {
            let place = if line.contains("start") { "    for seq in 1..=o.count {\n" } else { place };
            let report = report_on(lab, place, line)?;
            let failed = report
                .checks()
                .iter()
                .any(|judged| judged.name == check && matches!(judged.outcome, Outcome::Failed(_)));
            let says_so = report.to_string().contains(verdict);
            if failed && says_so { Ok(()) } else { Err(format!("not '{verdict}' but\n{report}").into()) }
        })
    }

    fn made_up() -> Result<(), Failed> {
        let line = "return Ok({ (1..=3).for_each(|seq| tell(Event::Reply { seq, ttl: 96, bytes: 64, rtt: Duration::from_millis(72) })); \
                    Stats { sent: 3, received: 3, duplicates: 0 } });";
        let report = report_on("05", IN_PING, line)?;
        let [.., late, unreachable, _] = report.checks() else { return Err("checks are missing".into()) };
        assert!(matches!(late.outcome, Outcome::Skipped(_)) && matches!(unreachable.outcome, Outcome::Failed(_)));
        let text = report.to_string();
        assert!(text.contains("so many requests left\n          expected  3\n          got       0\n"), "{text}");
        Ok(())
    }

    fn not_compiled() -> Result<(), Failed> {
        let Err(words) = report_on("03", IN_SUM, "let x: u8 = \"one\";") else { return Err("it compiles".into()) };
        assert!(words.starts_with("error[E0308]: mismatched types\n"), "{words}");
        assert!(words.contains("--> labs/03-checksum/src/checksum.rs:"), "{words}");
        assert!(!words.contains("could not compile") && !words.contains("aborting due to"), "{words}");
        Ok(())
    }

    fn unsafe_code() -> Result<(), Failed> {
        let line = "let x = unsafe { *data.as_ptr() };";
        match report_on("03", IN_SUM, line) {
            Err(words) if words.contains("unsafe") => Ok(()),
            other => Err(format!("{other:?}").into()),
        }
    }

    fn at_once() -> Result<(), Failed> {
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(|| report_on("05", IN_PING, "let _ = 1;"))).collect();
        let mut reports = std::collections::BTreeSet::new();
        for thread in threads {
            reports.insert(thread.join().map_err(|_| "a thread panicked")??.to_string());
        }
        assert!(reports.len() == 1 && reports.iter().all(|report| report.ends_with("100 of 100 points in lab 05")));
        Ok(())
    }
}
