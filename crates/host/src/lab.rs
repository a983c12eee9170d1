//! What a learner's program is made of: its errors, and questions about its functions with their answers.
//!
//! A lab's program does two things. Run on a host, it is a tool; asked by the checker, it answers questions about its functions,
//! one by one: a [`Question`] names the function and holds the arguments, the answer is a [`Value`]. The checker knows what
//! should come out; the program never does. [`main`] tells the two apart.

use crate::Error;
use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

/// What the functions of a lab return.
pub type Lab<T> = Result<T, LabError>;

/// Why a learner's function has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabError {
    /// It is not written yet: what all of them say at first.
    NotYet,
    /// The bytes it was given are not what they should be.
    Malformed,
    /// The host says so.
    Host(Error),
}

impl fmt::Display for LabError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotYet => f.write_str("not written yet"),
            Self::Malformed => f.write_str("malformed"),
            Self::Host(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LabError {}

impl From<Error> for LabError {
    fn from(error: Error) -> Self {
        Self::Host(error)
    }
}

/// What goes into a function, or comes out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing: `None`, or `()`.
    Nothing,
    /// Yes or no.
    Flag(bool),
    /// A number that people read in decimal.
    Number(u64),
    /// A number of 16 bits that people read in hexadecimal.
    Word(u16),
    /// A time span.
    Time(Duration),
    /// An IPv4 address.
    Address(Ipv4Addr),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A text.
    Text(String),
    /// Several.
    List(Vec<Value>),
    /// A struct or a variant by its name, with its fields.
    Record(String, Vec<(String, Value)>),
}

impl Value {
    /// A struct or a variant with its fields.
    #[must_use]
    pub fn record<const N: usize>(name: &str, fields: [(&str, Value); N]) -> Self {
        Self::Record(name.into(), fields.map(|(name, value)| (name.to_string(), value)).into())
    }
}

macro_rules! from {
    ($($type:ty => $how:expr),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                $how(value)
            }
        }
    )*};
}

from! {
    bool => Value::Flag,
    u8 => |number| Value::Number(u64::from(number)),
    u16 => |number| Value::Number(u64::from(number)),
    u32 => |number| Value::Number(u64::from(number)),
    u64 => Value::Number,
    usize => |number| Value::Number(u64::try_from(number).unwrap_or(u64::MAX)),
    Duration => Value::Time,
    Ipv4Addr => Value::Address,
    Vec<u8> => Value::Bytes,
    &[u8] => |bytes: &[u8]| Value::Bytes(bytes.to_vec()),
    &str => |text: &str| Value::Text(text.to_string()),
    Vec<Value> => Value::List,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Nothing, Into::into)
    }
}

/// A question about one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its name.
    pub function: String,
    /// What it is given, in order.
    pub arguments: Vec<Value>,
}

macro_rules! arguments {
    ($($(#[$doc:meta])* $method:ident: $type:ty = $variant:ident($value:ident) $how:expr;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// When that argument is missing or something else.
        pub fn $method(&self, at: usize) -> Lab<$type> {
            match self.arguments.get(at) {
                Some(Value::$variant($value)) => Ok($how),
                _ => Err(self.odd(at)),
            }
        }
    )*};
}

impl Question {
    arguments! {
        /// The argument number `at`, which is bytes.
        bytes: &[u8] = Bytes(bytes) bytes;
        /// The argument number `at`, which is a number of 16 bits.
        word: u16 = Word(word) *word;
        /// The argument number `at`, which is an address.
        address: Ipv4Addr = Address(address) *address;
        /// The argument number `at`, which is a list.
        list: &[Value] = List(values) values;
    }

    /// The argument number `at`, which is a number that fits.
    ///
    /// # Errors
    /// When that argument is missing or something else.
    pub fn number<T: TryFrom<u64>>(&self, at: usize) -> Lab<T> {
        match self.arguments.get(at) {
            Some(Value::Number(number)) => T::try_from(*number).map_err(|_| self.odd(at)),
            _ => Err(self.odd(at)),
        }
    }

    /// The argument number `at`, which is a list of time spans.
    ///
    /// # Errors
    /// When that argument is missing or something else.
    pub fn times(&self, at: usize) -> Lab<Vec<Duration>> {
        let time = |value: &Value| match value {
            Value::Time(time) => Ok(*time),
            _ => Err(self.odd(at)),
        };
        self.list(at)?.iter().map(time).collect()
    }

    fn odd(&self, at: usize) -> LabError {
        LabError::Host(Error::Other(format!("{}: argument {at} is not what it should be", self.function)))
    }
}

#[cfg(unix)]
pub use program::main;

#[cfg(unix)]
mod program {
    use super::{Lab, LabError, Question, Value};
    use crate::lent::{Lent, Role, on_standard_input};
    use crate::{Error, Guest, Host};
    use std::io::{self, Write};
    use std::process::ExitCode;

    /// The `main` of a lab's program: answers questions with `answer`, or is the tool `run` with the command line's arguments.
    ///
    /// Exit 0 when that went well, and 2 when not, with a line about it on standard error.
    #[must_use]
    pub fn main(
        answer: impl FnMut(&Question) -> Lab<Value>,
        run: impl FnOnce(&mut dyn Host, &[String]) -> Lab<()>,
    ) -> ExitCode {
        let ended = match on_standard_input() {
            Some(Ok(lent)) if lent.role() == Role::Functions => answer_all(lent, answer),
            Some(Ok(lent)) => {
                let arguments: Vec<String> = std::env::args().skip(1).collect();
                run(&mut Guest::new(lent), &arguments)
            }
            Some(Err(error)) => Err(error.into()),
            None => Err(Error::Other("this program is lent its host by `cargo lab run`".into()).into()),
        };
        match ended {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                // Where nobody reads standard error, the exit code says it.
                let _ = writeln!(io::stderr(), "error: {error}");
                ExitCode::from(2)
            }
        }
    }

    fn answer_all(mut lent: Lent, mut answer: impl FnMut(&Question) -> Lab<Value>) -> Lab<()> {
        while let Some(question) = lent.question()? {
            lent.answer(answer(&question))?;
        }
        drop(Guest::new(lent)); // takes leave
        Ok::<(), LabError>(())
    }
}
