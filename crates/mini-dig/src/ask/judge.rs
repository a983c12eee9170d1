//! Which message is the answer to a query.

use std::fmt;
use std::net::SocketAddr;
use wire::WireError;
use wire::dns::{Header, Message, Question, Rcode};

/// Why a message is not the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    /// It comes from somebody who was not asked.
    Address(SocketAddr),
    /// It has another number.
    Number {
        /// The query's.
        asked: u16,
        /// Its own.
        found: u16,
    },
    /// It is a query itself.
    Query,
    /// It answers another question.
    Question(Option<Question>),
    /// It does not spell the question as it was spelled, in capitals and small letters at random.
    Case(Question),
    /// No question with its number is on its way.
    Unasked(u16),
    /// It is shorter than a header.
    Short(usize),
    /// It is no message, although address and number are right.
    Malformed(WireError),
}

/// The answer in `bytes`, which came from `from`, and how many bytes stand behind it.
///
/// RFC 5452 section 9.1: a resolver "MUST match responses to all of the following attributes of the query": addresses,
/// ports, ID, and the question's name, class and type.
///
/// # Errors
/// Which of them does not match.
pub fn judge(
    query: &Message,
    to: SocketAddr,
    from: Option<SocketAddr>,
    bytes: &[u8],
) -> Result<(Message, usize), Foreign> {
    if let Some(from) = from.filter(|from| *from != to) {
        return Err(Foreign::Address(from));
    }
    judge_message(query.header.id, &query.questions, bytes)
}

/// The same for who knows already that it comes from whom was asked.
pub(crate) fn judge_message(id: u16, questions: &[Question], bytes: &[u8]) -> Result<(Message, usize), Foreign> {
    let (header, _) = Header::take(bytes).map_err(|_| Foreign::Short(bytes.len()))?;
    if header.id != id {
        return Err(Foreign::Number { asked: id, found: header.id });
    }
    if !header.qr {
        return Err(Foreign::Query);
    }
    let (message, behind) = Message::parse(bytes).map_err(Foreign::Malformed)?;
    // Who could not read the question sends none back: RFC 1035 section 4.1.1, "format error".
    let is_bare = message.questions.is_empty() && message.rcode() != Rcode::NOERROR;
    if message.questions != questions && !is_bare {
        return Err(Foreign::Question(message.questions.into_iter().next()));
    }
    Ok((message, behind.len()))
}

/// Whether an answer spells the name as its question does.
///
/// draft-vixie-dnsext-dns0x20: servers copy the question bit by bit, so that each letter's case is a bit that a
/// forger who does not see the question must guess.
///
/// # Errors
/// [`Foreign::Case`].
pub fn judge_case(questions: &[Question], answer: &Message) -> Result<(), Foreign> {
    let pairs = questions.iter().zip(&answer.questions);
    match pairs.into_iter().find(|(asked, answered)| !asked.qname.is_spelled_like(&answered.qname)) {
        Some((_, answered)) => Err(Foreign::Case(answered.clone())),
        None => Ok(()),
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(from) => write!(f, "it comes from {}#{}, who was not asked", from.ip(), from.port()),
            Self::Number { asked, found } => write!(f, "its number is {found}, and the question's is {asked}"),
            Self::Query => f.write_str("it is a question itself (qr is not set)"),
            Self::Question(Some(question)) => write!(f, "it answers another question: {question}"),
            Self::Question(None) => f.write_str("it does not say which question it answers"),
            Self::Case(question) => {
                write!(
                    f,
                    "it spells the name {}, and the question did not (0x20): a guess, or a server that changes case",
                    question.qname
                )
            }
            Self::Unasked(id) => {
                write!(f, "its number is {id}, and no question with it is on its way: late, or a guess")
            }
            Self::Short(len) => write!(f, "it has {len} bytes, and a message has 12 at least"),
            Self::Malformed(error) => write!(f, "it is no message: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::dns::{Name, Rdata, Record, Type};

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn query() -> Message {
        Message::query(0x1234, true, Question::new(name("www.example.com"), Type::A))
    }

    /// What becomes of an answer that `change` was done to.
    fn judged(from: &str, change: impl FnOnce(&mut Message)) -> Result<usize, Foreign> {
        let query = query();
        let mut answer = Message { questions: query.questions.clone(), ..Message::new(query.header.answer()) };
        answer.answers.push(Record::new(name("www.example.com"), 300, Rdata::of_address([203, 0, 113, 10].into())));
        change(&mut answer);
        let to = "192.0.2.53:53".parse().unwrap();
        judge(&query, to, from.parse().ok(), &answer.sealed().bytes()).map(|(message, _)| message.answers.len())
    }

    #[test]
    fn answer_has_the_address_number_and_question_of_the_query() {
        let server = "192.0.2.53:53";
        assert_eq!(judged(server, |_| {}), Ok(1));
        assert_eq!(
            judged(server, |answer| answer.questions[0].qname = name("WWW.example.COM")),
            Ok(1),
            "case is no difference"
        );
        for from in ["192.0.2.54:53", "192.0.2.53:54"] {
            assert_eq!(judged(from, |_| {}), Err(Foreign::Address(from.parse().unwrap())));
        }
        let number = Foreign::Number { asked: 0x1234, found: 0x1235 };
        assert_eq!(judged(server, |answer| answer.header.id += 1), Err(number));
        assert_eq!(judged(server, |answer| answer.header.qr = false), Err(Foreign::Query));
        let other = Question::new(name("www.example.org"), Type::A);
        assert_eq!(
            judged(server, |answer| answer.questions = vec![other.clone()]),
            Err(Foreign::Question(Some(other)))
        );
        assert_eq!(
            judged(server, |answer| answer.questions[0].qtype = Type::AAAA).unwrap_err().to_string(),
            "it answers another question: www.example.com. IN AAAA"
        );
        assert_eq!(judged(server, |answer| answer.questions.clear()), Err(Foreign::Question(None)));
        assert_eq!(
            judged(server, |answer| (answer.questions, answer.header.rcode) = (vec![], 1)),
            Ok(1),
            "who could not read it"
        );
    }

    #[test]
    fn question_of_random_case_is_echoed_letter_by_letter() {
        let query = Message { questions: vec![Question::new(name("wWw.eXAMple.com"), Type::A)], ..query() };
        let echoing = |text: &str| Message { questions: vec![Question::new(name(text), Type::A)], ..query.clone() };
        assert_eq!(judge_case(&query.questions, &echoing("wWw.eXAMple.com")), Ok(()));
        assert_eq!(
            judge_case(&query.questions, &echoing("wWw.eXAMple.Com")).unwrap_err().to_string(),
            "it spells the name wWw.eXAMple.Com., and the question did not (0x20): a guess, or a server that changes case"
        );
    }

    #[test]
    fn bytes_that_are_no_message_are_told_by_their_fault() {
        let to = "192.0.2.53:53".parse().unwrap();
        let judged = |bytes: &[u8]| judge(&query(), to, Some(to), bytes).unwrap_err().to_string();
        assert_eq!(judged(b"\x12\x34\x80"), "it has 3 bytes, and a message has 12 at least");
        let cut = [b"\x12\x34\x80\0\0\x01\0\0\0\0\0\0".as_slice(), b"\x03ww"].concat();
        assert!(judged(&cut).starts_with("it is no message: DNS, byte 13: label needs 3 bytes"), "{}", judged(&cut));
    }
}
