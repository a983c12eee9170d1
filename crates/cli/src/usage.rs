//! The command line read, and wrong calls answered in two lines.

use crate::explain::topics;
use crate::{Failure, NotANumber, Show, Tool, escape};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Arg, ArgAction, Command};
use std::error::Error as _;
use std::ffi::OsString;

/// What the command line asks for.
pub(crate) enum Call<T> {
    Run(T),
    /// Help, version or a topic.
    Print(String),
    /// `--net list`, which needs no target.
    ListNets {
        /// Whether `--ascii` was given.
        ascii: bool,
    },
}

/// One order for all tools: what it does, usage, examples, arguments, the rest.
const TEMPLATE: &str = "\
{about-with-newline}
{usage-heading} {usage}

{before-help}{all-args}{after-help}";

/// Reads `args`, the first of which is the program itself.
///
/// # Errors
/// A wrong call, as what is wrong and what to do.
pub(crate) fn parse<T: Tool>(args: &[OsString]) -> Result<Call<T>, Failure> {
    let colour = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    match command::<T>().try_get_matches_from(args).and_then(|matches| T::from_arg_matches(&matches)) {
        Ok(tool) if tool.world().asks_for_list() => Ok(Call::ListNets { ascii: tool.show().ascii }),
        Ok(tool) => match tool.show() {
            Show { json: true, explain: Some(_), .. } => Err(for_people()),
            show => match show.topic() {
                Some(topic) => topics::text(topic).map(Call::Print),
                None => Ok(Call::Run(tool)),
            },
        },
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(Call::Print(shown(&error.render(), colour))),
            ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand if asks_for_list(args) => {
                Ok(Call::ListNets { ascii: args.iter().any(|arg| arg == "--ascii") })
            }
            ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand if asked_topic(args).is_some() => {
                topics::text(&asked_topic(args).unwrap_or_default()).map(Call::Print)
            }
            _ => Err(failure::<T>(&error, args)),
        },
    }
}

const SHOWN: &str = "What is shown";
/// Behind a tool's own options.
const LAST: usize = 1000;

/// The tool's own options with the manners of all tools.
fn command<T: Tool>() -> Command {
    let command = T::command().name(T::NAME).version(concat!(env!("CARGO_PKG_VERSION"), " (First Hop)"));
    let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_string()).collect();
    let command = command.disable_help_subcommand(true).arg_required_else_help(false);
    let command = with_manners(command).arg(
        Arg::new("version")
            .short('V')
            .long("version")
            .action(ArgAction::Version)
            .help_heading(SHOWN)
            .display_order(LAST)
            .help("The version"),
    );
    names.iter().fold(command, |command, name| command.mut_subcommand(name, with_manners))
}

fn with_manners(command: Command) -> Command {
    command
        .help_template(TEMPLATE)
        .max_term_width(80)
        // As with the elders of these tools, of an option given twice the last counts.
        .args_override_self(true)
        // So that `-i -1` is answered with the range that is allowed, and not with "no option '-1'".
        .mut_args(|arg| {
            let takes_value = !arg.is_positional() && arg.get_action().takes_values();
            arg.allow_negative_numbers(takes_value)
        })
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .help_heading(SHOWN)
                .display_order(LAST)
                .help("This text"),
        )
}

/// Whether `--net list` stands in `args`, for calls in which the target is missing.
fn asks_for_list(args: &[OsString]) -> bool {
    let options = || args.iter().take_while(|arg| *arg != "--");
    options().any(|arg| arg == "--net=list")
        || options().zip(options().skip(1)).any(|(option, value)| option == "--net" && value == "list")
}

/// The topic of `--explain=TOPIC` in `args`, for calls in which the target is missing.
fn asked_topic(args: &[OsString]) -> Option<String> {
    let options = args.iter().take_while(|arg| *arg != "--").filter_map(|arg| arg.to_str());
    let topics = options.filter_map(|arg| ["--explain=", "-e="].iter().find_map(|option| arg.strip_prefix(option)));
    topics.filter(|topic| !topic.is_empty()).last().map(String::from)
}

fn for_people() -> Failure {
    Failure::said("--explain draws for people, and --json writes for programs: one of them at a time")
        .hint("leave one of them out; in a simulated network, `--pcap FILE` keeps all bytes beside --json")
}

fn shown(text: &StyledStr, colour: bool) -> String {
    if colour { text.ansi().to_string() } else { text.to_string() }
}

fn failure<T: Tool>(error: &Error, args: &[OsString]) -> Failure {
    let (sentence, hint) = sentence::<T>(error, args);
    Failure::said(sentence).hint(hint.unwrap_or_else(|| format!("`{} --help` has examples", T::NAME)))
}

/// What is wrong with the call, and what to do where that is not in the help.
fn sentence<T: Tool>(error: &Error, args: &[OsString]) -> (String, Option<String>) {
    let tool = T::NAME;
    let arg = text(error, ContextKind::InvalidArg);
    let option = || as_typed::<T>(&bare(&arg), args);
    let value = text(error, ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::MissingRequiredArgument => (format!("{tool} needs {}", bare(&arg)), None),
        ErrorKind::MissingSubcommand => (format!("{tool} needs a command: {}", commands::<T>().join(" or ")), None),
        ErrorKind::InvalidSubcommand => {
            let wrong = text(error, ContextKind::InvalidSubcommand);
            let suggested = text(error, ContextKind::SuggestedSubcommand);
            let hint = match suggested.as_str() {
                "" => format!("commands are {}", commands::<T>().join(", ")),
                suggested => format!("did you mean '{suggested}'?"),
            };
            (format!("{tool} has no command '{wrong}'"), Some(hint))
        }
        ErrorKind::UnknownArgument if arg.starts_with('-') => {
            let suggested = text(error, ContextKind::SuggestedArg);
            let hint = (!suggested.is_empty()).then(|| format!("did you mean '{suggested}'?"));
            (format!("{tool} has no option '{arg}'"), hint)
        }
        ErrorKind::UnknownArgument if takes_target::<T>(args) => {
            (format!("{tool} cannot use '{arg}': the target stands before it already"), None)
        }
        ErrorKind::UnknownArgument => {
            (format!("{tool} cannot use '{arg}': there is no target here, only options"), None)
        }
        ErrorKind::InvalidValue if value.is_empty() => (format!("{} needs a value", option()), None),
        ErrorKind::InvalidValue => {
            let known = texts(error, ContextKind::ValidValue);
            (format!("{} takes one of {}, and '{value}' is none of them", option(), known.join(", ")), None)
        }
        ErrorKind::ValueValidation => match error.source().and_then(|source| source.downcast_ref::<NotANumber>()) {
            Some(wrong) => (format!("{} {wrong}", option()), wrong.hint.clone()),
            None => {
                let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
                (format!("{} cannot be '{value}'{source}", option()), None)
            }
        },
        ErrorKind::ArgumentConflict => (
            format!(
                "{} does not go together with {}",
                option(),
                as_typed::<T>(&bare(&text(error, ContextKind::PriorArg)), args)
            ),
            None,
        ),
        ErrorKind::InvalidUtf8 => ("an argument is not UTF-8".into(), None),
        _ => {
            let rendered = error.render().to_string();
            let first = rendered.lines().next().unwrap_or("wrong call");
            (escape(first.strip_prefix("error: ").unwrap_or(first)), None)
        }
    }
}

/// Whether the tool, or the command of it that stands in `args`, takes more than options.
fn takes_target<T: Tool>(args: &[OsString]) -> bool {
    let command = T::command();
    let named = command.get_subcommands().find(|one| args.iter().any(|arg| arg == one.get_name()));
    named.unwrap_or(&command).get_positionals().next().is_some()
}

/// What a tool can be told to do, where that is several things.
fn commands<T: Tool>() -> Vec<String> {
    T::command().get_subcommands().map(|one| one.get_name().to_string()).collect()
}

/// An argument as one types it, without the placeholder of its value: `-c <COUNT>` is `-c`, `<TARGET>` is TARGET, `<FILE>...` FILE.
fn bare(arg: &str) -> String {
    let first = arg.split([' ', '=']).next().unwrap_or(arg);
    first.trim_matches(['<', '>', '[', ']', '.']).to_string()
}

/// The short form of `option` unless the long one was typed; clap itself always names the long one.
fn as_typed<T: Tool>(option: &str, args: &[OsString]) -> String {
    let typed = args.iter().any(|arg| arg.to_string_lossy().starts_with(option));
    let short = || {
        let command = T::command();
        let arguments = || command.get_arguments().chain(command.get_subcommands().flat_map(Command::get_arguments));
        let arg = arguments().find(|arg| arg.get_long().is_some() && arg.get_long() == option.strip_prefix("--"))?;
        Some(format!("-{}", arg.get_short()?))
    };
    if typed { option.to_string() } else { short().unwrap_or_else(|| option.to_string()) }
}

fn text(error: &Error, kind: ContextKind) -> String {
    texts(error, kind).into_iter().next().unwrap_or_default()
}

fn texts(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(one)) => vec![escape(one)],
        Some(ContextValue::Strings(many)) => many.iter().map(|one| escape(one)).collect(),
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Session, Verdict, World};
    use std::time::Duration;

    /// Knock at a door.
    #[derive(Debug, clap::Parser)]
    struct Knock {
        #[arg(short, long, value_parser = crate::whole(1..=u32::MAX))]
        count: Option<u32>,
        #[arg(short, value_parser = crate::seconds(0, 3600))]
        interval: Option<Duration>,
        #[arg(short = 'D', conflicts_with = "count")]
        detect: bool,
        target: String,
        #[command(flatten)]
        world: World,
        #[command(flatten)]
        show: Show,
    }

    impl Tool for Knock {
        const NAME: &'static str = "knock";

        fn world(&self) -> &World {
            &self.world
        }

        fn show(&self) -> &Show {
            &self.show
        }

        fn run(&self, _: &mut Session<'_>) -> Result<Verdict, Failure> {
            Ok(Verdict::Yes)
        }
    }

    fn call(args: &str) -> Result<Call<Knock>, Failure> {
        let args: Vec<OsString> = ["knock"].into_iter().chain(args.split_whitespace()).map(OsString::from).collect();
        parse(&args)
    }

    fn wrong(args: &str) -> String {
        match call(args) {
            Err(Failure::Said { error, hint }) => format!("{error} | {}", hint.unwrap_or_default()),
            Err(other) => format!("{other:?}"),
            Ok(_) => format!("{args} is accepted"),
        }
    }

    #[test]
    fn wrong_call_is_a_sentence_about_the_option_as_it_is_typed() {
        let examples = "`knock --help` has examples";
        for (args, sentence) in [
            ("", "knock needs TARGET"),
            ("-c 0 door", "-c takes a whole number from 1 to 4294967295, and '0' is not one"),
            ("--count=0 door", "--count takes a whole number from 1 to 4294967295, and '0' is not one"),
            ("-i -1 door", "-i takes seconds from 0 to 3600, as in 0.2, and '-1' is not that"),
            ("-i", "-i needs a value"),
            ("-z door", "knock has no option '-z'"),
            ("door window", "knock cannot use 'window': the target stands before it already"),
            ("-D -c 1 door", "-D does not go together with -c"),
            ("--color blue door", "--color takes one of auto, always, never, and 'blue' is none of them"),
            ("--json=yes door", "unexpected value 'yes' for '--json' found; no more were expected"),
        ] {
            assert_eq!(wrong(args), format!("{sentence} | {examples}"), "{args}");
        }
        assert_eq!(wrong("--cuont 1 door"), "knock has no option '--cuont' | did you mean '--count'?");
        let unit = wrong("-i 200ms door");
        assert!(unit.ends_with("'200ms' is not that | seconds need no unit: write 0.2"), "{unit}");
    }

    /// Open doors, or shut them.
    #[derive(Debug, clap::Parser)]
    #[command(mut_args(|arg| arg.global(true)))]
    struct Doors {
        #[command(subcommand)]
        _what: What,
        #[command(flatten)]
        world: World,
        #[command(flatten)]
        show: Show,
    }

    #[derive(Debug, clap::Subcommand)]
    enum What {
        /// Open one.
        Open {
            #[arg(short = 'w', long, value_parser = crate::whole(1..=9_u8))]
            _wide: Option<u8>,
            _door: String,
        },
        /// Shut all.
        Shut,
    }

    impl Tool for Doors {
        const NAME: &'static str = "doors";

        fn world(&self) -> &World {
            &self.world
        }

        fn show(&self) -> &Show {
            &self.show
        }

        fn run(&self, _: &mut Session<'_>) -> Result<Verdict, Failure> {
            Ok(Verdict::Yes)
        }
    }

    fn doors(args: &str) -> Result<Call<Doors>, Failure> {
        let args: Vec<OsString> = ["doors"].into_iter().chain(args.split_whitespace()).map(OsString::from).collect();
        parse(&args)
    }

    #[test]
    fn command_that_is_missing_or_wrong_is_told_with_those_there_are() {
        for (args, sentence) in [
            ("", "doors needs a command: open or shut | `doors --help` has examples"),
            ("--net lan", "doors needs a command: open or shut | `doors --help` has examples"),
            ("opne", "doors has no command 'opne' | did you mean 'open'?"),
            ("knock", "doors has no command 'knock' | commands are open, shut"),
            ("open", "doors needs DOOR | `doors --help` has examples"),
            ("open a b", "doors cannot use 'b': the target stands before it already | `doors --help` has examples"),
            ("shut a", "doors cannot use 'a': there is no target here, only options | `doors --help` has examples"),
            ("open -w 0 a", "-w takes a whole number from 1 to 9, and '0' is not one | `doors --help` has examples"),
        ] {
            match doors(args) {
                Err(Failure::Said { error, hint }) => {
                    assert_eq!(format!("{error} | {}", hint.unwrap_or_default()), sentence, "{args}");
                }
                Err(other) => panic!("{args}: {other:?}"),
                Ok(_) => panic!("{args} is accepted"),
            }
        }
    }

    #[test]
    fn options_of_all_tools_stand_before_the_command_or_behind_it() {
        for args in ["-v open a", "open -v a", "open a -v", "-e shut", "shut --explain"] {
            let Ok(Call::Run(doors)) = doors(args) else { panic!("{args} runs") };
            assert!(doors.show.verbose || doors.show.explains(), "{args}");
        }
        for args in ["--net list", "--net list open", "shut --net list"] {
            assert!(matches!(doors(args), Ok(Call::ListNets { ascii: false })), "{args}");
        }
        for args in ["--explain=ttl", "--explain=ttl open", "shut -e=ttl"] {
            assert!(matches!(doors(args), Ok(Call::Print(text)) if text.starts_with("Each router")), "{args}");
        }
        for args in ["--help", "open --help", "shut -h"] {
            let Ok(Call::Print(help)) = doors(args) else { panic!("{args} is help") };
            assert!(help.contains("--net <NAME|FILE>") && help.contains("This text"), "{args}: {help}");
        }
    }

    #[test]
    fn of_an_option_given_twice_the_last_counts() {
        let Ok(Call::Run(knock)) = call("-c 1 -c 2 door") else { panic!("it should parse") };
        assert_eq!(knock.count, Some(2));
    }

    #[test]
    fn list_of_networks_needs_no_target() {
        for args in ["--net list", "--net=list", "-c 2 --net list", "--net list door"] {
            assert!(matches!(call(args), Ok(Call::ListNets { ascii: false })), "{args}");
        }
        assert!(call("-- --net list").is_err());
    }

    #[test]
    fn topic_needs_no_target_and_is_no_run() {
        for args in ["--explain=ttl", "-e=ttl", "-c 2 --explain=ttl", "--explain=ttl door"] {
            assert!(matches!(call(args), Ok(Call::Print(text)) if text.starts_with("Each router")), "{args}");
        }
        assert_eq!(wrong("-e"), "knock needs TARGET | `knock --help` has examples");
        assert_eq!(wrong("-- --explain=ttl"), "-- --explain=ttl is accepted");
        assert!(wrong("--explain=tll").ends_with("did you mean 'ttl'?"));
    }

    #[test]
    fn explanation_does_not_take_the_target_for_a_topic() {
        for args in ["-e door", "--explain door", "-ve door", "door -e"] {
            let Ok(Call::Run(knock)) = call(args) else { panic!("{args} runs") };
            assert!(knock.show.explains() && knock.target == "door", "{args}");
        }
        let Ok(Call::Run(knock)) = call("door") else { panic!("it runs") };
        assert!(!knock.show.explains());
    }

    #[test]
    fn explanation_and_json_are_told_to_choose() {
        for args in ["-e --json door", "--json --explain=ttl door"] {
            assert!(wrong(args).starts_with("--explain draws for people, and --json writes for programs"), "{args}");
        }
    }

    #[test]
    fn help_and_version_are_answers_and_not_failures() {
        for args in ["--help", "-h", "--version", "-V"] {
            assert!(matches!(call(args), Ok(Call::Print(_))), "{args}");
        }
    }

    #[test]
    fn help_fits_in_eighty_columns() {
        let Ok(Call::Print(help)) = call("--help") else { panic!("it should be help") };
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
