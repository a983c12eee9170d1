//! Requests and answers, and when they passed.

use crate::http::{Answer, Framing, Request, Talk};
use cli::{Failure, Output, style};
use host::Time;

/// No more characters of a content's line are shown, and no more lines of a content.
const MOST: usize = 72;
const MOST_LINES: usize = 8;

/// A line for each request with what came of it; times are since `begun`, and without it there are none.
pub(crate) fn print(talk: &Talk, begun: Option<Time>, out: &mut Output) -> Result<(), Failure> {
    let requests = counted(talk.wanted.requests.len(), "request");
    let how = match (talk.wanted.requests.len(), talk.wanted.pipelined) {
        (0 | 1, _) => "",
        (_, true) => ", all sent at once",
        (_, false) => ", each sent when the answer before is whole",
    };
    out.line(&format!("\nHTTP         {requests} on one connection{how}"))?;
    let names: Vec<String> = talk.wanted.requests.iter().map(name).collect();
    let width = names.iter().map(String::len).max().unwrap_or(0).max("request".len());
    let time = |at: Time| begun.map_or_else(String::new, |begun| format!(" {:>11} ms", cli::milliseconds(at - begun)));
    if begun.is_some() {
        let [sent, first, whole] = ["sent", "first byte", "last byte"].map(|title| format!(" {title:>14}"));
        out.line(&format!("{:>3}  {:width$}{sent}{first}{whole}  answer", "", "request"))?;
    }
    for (number, request) in names.iter().enumerate() {
        let sent = talk.sent.get(number);
        let what = match (sent, talk.answers.get(number)) {
            (Some(sent), Some(answer)) => {
                format!("{}{}{}  {}", time(*sent), time(answer.begun), time(answer.whole), says(answer))
            }
            (Some(sent), None) => format!("{}  no answer, or no whole one", time(*sent)),
            (None, _) => "  not sent".into(),
        };
        let request = out.paint(style::TITLE, &format!("{request:width$}"));
        out.line(&format!("{:>3}  {request}{what}", number + 1))?;
    }
    if begun.is_some() && talk.overtaken() > 0 {
        out.line("no answer says whose it is: the first is for the first request, RFC 9112 section 9.3.2,")?;
        out.line("and so none can begin before the one in front of it is whole")?;
    }
    Ok(())
}

/// All that was said, as text: each answer behind its request, or behind all of them if they were sent at once.
pub(crate) fn spoken(talk: &Talk, out: &mut Output) -> Result<(), Failure> {
    let mut answers = talk.answers.iter();
    for (number, request) in talk.wanted.requests.iter().enumerate().take(talk.sent.len()) {
        let is_last = number + 1 == talk.wanted.requests.len();
        let bytes = request.bytes(talk.host(), is_last);
        let content = request.content.as_deref().unwrap_or_default();
        let head = bytes.get(..bytes.len() - content.len()).unwrap_or_default();
        message('>', head, content, out)?;
        let behind = if talk.wanted.pipelined { None } else { answers.next() };
        if let Some(answer) = behind {
            message('<', &answer.head, &answer.content, out)?;
        }
    }
    answers.try_for_each(|answer| message('<', &answer.head, &answer.content, out))
}

fn message(mark: char, head: &[u8], content: &[u8], out: &mut Output) -> Result<(), Failure> {
    let head = head.strip_suffix(b"\n").unwrap_or(head);
    let lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    for line in lines {
        out.line(format!("{mark} {}", cli::escape_bytes(line)).trim_end())?;
    }
    let content = content.strip_suffix(b"\n").unwrap_or(content);
    let mut lines = content.split(|byte| *byte == b'\n').filter(|_| !content.is_empty());
    for line in lines.by_ref().take(MOST_LINES) {
        let shown = line.get(..MOST).unwrap_or(line);
        let more = if shown.len() < line.len() { " ..." } else { "" };
        out.line(format!("{mark} {}{more}", cli::escape_bytes(shown)).trim_end())?;
    }
    match lines.count() {
        0 => Ok(()),
        more => out.line(&format!("{mark} ... and {} more", counted(more, "line"))),
    }
}

/// `GET /`, `POST /form (7 bytes)`.
fn name(request: &Request) -> String {
    let brought = request.content.as_ref().map_or_else(String::new, |it| format!(" ({})", counted(it.len(), "byte")));
    format!("{} {}{brought}", request.method(), request.path)
}

/// `200 OK, 15 bytes by Content-Length, the last of this connection`.
fn says(answer: &Answer) -> String {
    let bytes = counted(answer.content.len(), "byte");
    let content = match answer.framing {
        Framing::Nothing => "no content".into(),
        Framing::Length(_) => format!("{bytes} by Content-Length"),
        Framing::Chunked => {
            let sizes: Vec<String> = answer.chunks.iter().take(4).map(ToString::to_string).collect();
            let more = if answer.chunks.len() > sizes.len() { " + ..." } else { "" };
            format!("{bytes} in {} ({}{more})", counted(answer.chunks.len(), "chunk"), sizes.join(" + "))
        }
        Framing::Close => format!("{bytes} up to the end of the connection"),
    };
    let last = if answer.closes { "; close" } else { "" };
    format!("{} {}, {content}{last}", answer.status, answer.reason)
}

fn counted(number: usize, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}
