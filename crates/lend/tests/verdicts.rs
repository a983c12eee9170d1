//! Each way to misbehave on a lent host, and the verdict on it.
//!
//! This is its own victim: started with a host that is lent to it, it is the program that misbehaves.

#[cfg(unix)]
mod program;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    match host::lent::on_standard_input() {
        Some(line) => program::misbehave(line),
        None => judge::all(),
    }
}

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
mod judge {
    use host::lab::{LabError, Question, Value};
    use host::{Error, Time};
    use lend::{Budget, End, Ended, Examiner, Limit, Start, Stream, Work, serve};
    use libtest_mimic::{Arguments, Failed, Trial};
    use std::cell::RefCell;
    use std::process::ExitCode;
    use std::rc::Rc;
    use std::time::Duration;

    /// Small, so that the tests are quick; `silence` leaves room for a busy machine where silence is not the matter.
    const BUDGET: Budget = Budget {
        silence: Duration::from_secs(20),
        wall_clock: Duration::from_secs(60),
        requests: 2_000,
        packets: 500,
        bytes: 1 << 20,
        virtual_time: Time(3_600_000_000_000),
        output: 100_000,
    };
    const SHORT: Duration = Duration::from_millis(300);

    pub(crate) fn all() -> ExitCode {
        let trials = vec![
            verdict("program_that_sleeps_is_silent", "hang", short(), End::Silent(SHORT, 1)),
            verdict("program_that_spins_is_silent", "spin", short(), End::Silent(SHORT, 1)),
            verdict("half_a_message_is_silence", "half", short(), End::Silent(SHORT, 0)),
            verdict(
                "asking_on_and_on_ends_by_the_clock",
                "busy",
                Budget { wall_clock: SHORT, requests: u64::MAX, ..BUDGET },
                End::TooMuch(Limit::WallClock(SHORT)),
            ),
            verdict("panic_is_told_as_such", "panic", BUDGET, End::Panicked),
            verdict("abort_is_a_signal", "abort", BUDGET, End::Signal(6)),
            verdict("endless_recursion_overflows_the_stack", "recurse", BUDGET, End::StackOverflow),
            verdict("sending_for_ever_is_too_many_packets", "flood", BUDGET, End::TooMuch(Limit::Packets(500))),
            verdict("asking_for_ever_is_too_many_requests", "ask", BUDGET, End::TooMuch(Limit::Requests(2_000))),
            verdict(
                "talking_for_ever_is_too_many_bytes",
                "talk",
                Budget { packets: u64::MAX, ..BUDGET },
                End::TooMuch(Limit::Bytes(1 << 20)),
            ),
            verdict("waiting_a_year_is_too_much_virtual_time", "year", BUDGET, virtual_time()),
            verdict("waiting_for_ever_is_too_much_virtual_time", "ever", BUDGET, virtual_time()),
            verdict("printing_for_ever_is_too_much_output", "print", BUDGET, End::TooMuch(Limit::Output(100_000))),
            verdict("random_bytes_are_nonsense", "garbage", BUDGET, nonsense("a message of 4294967295 bytes")),
            verdict("unknown_call_is_nonsense", "unknown", BUDGET, nonsense("call 99, which there is not")),
            verdict(
                "answers_that_nobody_asked_for_are_nonsense",
                "answer",
                BUDGET,
                nonsense("talk of questions that nobody asked"),
            ),
            verdict(
                "answers_that_are_not_taken_block_nobody",
                "deaf",
                Budget { requests: u64::MAX, ..BUDGET },
                End::Deaf,
            ),
            verdict("exit_without_leave_is_told", "exit", BUDGET, End::NoLeave(0)),
            verdict("program_that_gives_its_host_up_and_runs_on_is_ended", "close", short(), End::Silent(SHORT, 1)),
            verdict("program_that_takes_leave_and_runs_on_is_ended", "linger", BUDGET, End::RanOn),
            verdict("program_that_fails_says_so_by_its_exit_code", "fail", BUDGET, End::Left(2)),
            verdict("good_program_leaves", "good", BUDGET, End::Left(0)),
            Trial::test("what_is_printed_is_heard_before_what_is_sent", order),
            Trial::test("questions_are_answered_one_by_one", questions),
            Trial::test("program_that_cannot_be_started_is_an_error", absent),
        ];
        libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
    }

    fn short() -> Budget {
        Budget { silence: SHORT, ..BUDGET }
    }

    fn virtual_time() -> End {
        End::TooMuch(Limit::VirtualTime(Duration::from_secs(3600)))
    }

    fn nonsense(what: &str) -> End {
        End::Nonsense(what.into())
    }

    fn start(way: &str) -> Result<Start, Failed> {
        Ok(Start::new(std::env::current_exe()?, [way]).clean())
    }

    fn run(way: &str, budget: &Budget, hear: &mut dyn FnMut(Stream, &[u8])) -> Result<Ended, Failed> {
        let net = sim::Net::load("routers")?;
        let world = Rc::new(RefCell::new(sim::World::new(&net, 1)));
        let mut client = sim::driver(&world, "client").ok_or("there is no client")?;
        Ok(serve(&start(way)?, Work::Program(&mut client), budget, hear)?)
    }

    fn verdict(name: &'static str, way: &'static str, budget: Budget, expected: End) -> Trial {
        Trial::test(name, move || {
            let ended = run(way, &budget, &mut |_, _| ())?;
            if ended.end == expected { Ok(()) } else { Err(format!("{ended:?}, and not {expected:?}").into()) }
        })
    }

    fn order() -> Result<(), Failed> {
        let net = sim::Net::load("routers")?;
        let world = Rc::new(RefCell::new(sim::World::new(&net, 1)));
        let mut client = sim::driver(&world, "client").ok_or("there is no client")?;
        let log = Rc::new(RefCell::new(String::new()));
        let mut logged = Logged(&mut client, Rc::clone(&log));
        let mut hear = |_, bytes: &[u8]| log.borrow_mut().push_str(&String::from_utf8_lossy(bytes));
        let ended = serve(&start("chat")?, Work::Program(&mut logged), &BUDGET, &mut hear)?;
        assert_eq!(ended.end, End::Left(0));
        let expected: String = (0..50).map(|n| format!("line {n}\nWait\n")).collect();
        assert_eq!(log.take(), format!("Interfaces\n{expected}Exit\n"));
        Ok(())
    }

    /// Notes each call.
    struct Logged<'a>(&'a mut dyn host::Carrier, Rc<RefCell<String>>);

    impl host::Carrier for Logged<'_> {
        fn call(&mut self, call: host::Call) -> (Time, Result<host::Reply, Error>) {
            let name = format!("{call:?}");
            *self.1.borrow_mut() += name.split('(').next().unwrap_or_default();
            self.1.borrow_mut().push('\n');
            self.0.call(call)
        }
    }

    /// Asks for the doubles of 0 to 9 and notes what comes.
    #[derive(Default)]
    struct Doubles {
        asked: u64,
        heard: Vec<Result<Value, LabError>>,
    }

    impl Examiner for Doubles {
        fn question(&mut self) -> Option<Question> {
            let number = self.asked;
            self.asked += 1;
            (number < 10).then(|| Question { function: "double".into(), arguments: vec![number.into()] })
        }

        fn hear(&mut self, answer: Result<Value, LabError>) {
            self.heard.push(answer);
        }
    }

    fn questions() -> Result<(), Failed> {
        let mut doubles = Doubles::default();
        let ended = serve(&start("double")?, Work::Functions(&mut doubles), &BUDGET, &mut |_, _| ())?;
        assert_eq!(ended.end, End::Left(0), "{}", ended.complaint);
        let double = |number: u64| if number == 7 { Err(LabError::NotYet) } else { Ok(Value::from(2 * number)) };
        let expected: Vec<Result<Value, LabError>> = (0..10).map(double).collect();
        assert_eq!(doubles.heard, expected);

        let ended = serve(&start("flood")?, Work::Functions(&mut doubles), &BUDGET, &mut |_, _| ())?;
        assert!(matches!(ended.end, End::Nonsense(_)), "{ended:?}");
        Ok(())
    }

    fn absent() -> Result<(), Failed> {
        let start = Start::new("/no/such/program", [""]);
        let served = serve(&start, Work::Functions(&mut Doubles::default()), &BUDGET, &mut |_, _| ());
        if served.is_err() { Ok(()) } else { Err("it started".into()) }
    }
}
