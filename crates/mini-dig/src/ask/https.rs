//! A question by HTTPS: RFC 8484, over HTTP/2 (RFC 9113).
//!
//! The crate `h2` knows no sockets, and asks to be polled: it reads and writes through [`Pipe`], and where it can do
//! nothing, [`drive`] waits for the host. So there is no thread and no runtime, and a deadline holds as everywhere.

use super::secure::hurry;
use super::stream::{Attempt, carried};
use super::{Carried, Event, Options, Outcome, Reply, Tell, Transport, judge};
use host::{Error, Host, Interest, SocketId, Time};
use http::{Request, header};
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tls_stream::Tls;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wire::dns::Message;

/// What a message is called: RFC 8484 section 6.
const MEDIA_TYPE: &str = "application/dns-message";

/// The longest message, bytes: RFC 8484 section 6.
const MOST_MESSAGE: usize = 65_535;

/// Asks over a connection of its own, at `path`.
pub(super) fn once<E: From<Error>>(
    host: &mut dyn Host,
    to: SocketAddr,
    query: &Message,
    options: &Options,
    path: &str,
    attempt: u32,
    tell: &mut Tell<'_, E>,
) -> Result<Outcome, E> {
    let transport = Transport::Https;
    let attempt = Attempt { transport, number: attempt, waits: options.timeout };
    let Some(secured) = &options.secured else { return Ok(Outcome::NoChannel) };
    let begun = host.now();
    let until = begun + options.timeout;
    // RFC 8484 section 4.1: clients "SHOULD use a DNS ID of 0 in every DNS request", so that equal questions are equal
    // requests to a cache. Which answer is whose, HTTP says.
    let mut query = query.clone();
    query.header.id = 0;
    let bytes = query.bytes();

    let connected = host.connect_tcp(to, &[], until).map_err(Into::into).and_then(|mut stream| {
        stream.set_deadline(until);
        secured.connect(host, stream, to.ip())
    });
    let (mut tls, established) = match connected {
        Ok(connected) => connected,
        Err(error) => return attempt.given_up(error, tell),
    };
    tell(&Event::Established(&established))?;
    // RFC 9113 section 3.4: a client may send requests behind its preface, without waiting for the server's. So the settings
    // of both sides travel beside the question, and cost no time.
    let round_trips = 1 + tls.round_trips() + 1;
    let port = tls.stream().local().port();
    tell(&Event::Sent { transport, attempt: attempt.number, port, at: host.now(), bytes: &bytes })?;
    let authority = authority(&secured.name_of(to.ip()), to.port());
    let came = exchange(host, &mut tls, until, &format!("https://{authority}{path}"), &bytes);
    let message = match came {
        Ok(message) => message,
        Err(Broken::Tls(error)) => return attempt.given_up(error, tell),
        Err(Broken::Http(words)) => {
            tell(&Event::NoChannel { transport, words: &words, hint: None })?;
            return Ok(Outcome::NoChannel);
        }
    };
    let at = host.now();
    let _ = tls.close(host);
    tell(&Event::Carried(&Carried { round_trips, ..carried(&mut tls, transport) }))?;
    match judge(&query, to, Some(to), &message) {
        Ok((answer, behind)) => {
            let reply = Reply { message: answer, behind, transport, from: to, rtt: at - begun, at, bytes: message };
            Ok(Outcome::Reply(Box::new(reply)))
        }
        Err(foreign) => {
            tell(&Event::Foreign { from: Some(to), at, bytes: &message, foreign: &foreign })?;
            Ok(match foreign {
                super::Foreign::Malformed(error) => Outcome::Malformed(error),
                _ => Outcome::Silence,
            })
        }
    }
}

/// Who is asked, as a URL has it: RFC 9110 section 4.2.2.
fn authority(name: &str, port: u16) -> String {
    let name = match name.parse() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => name.trim_end_matches('.').to_string(),
    };
    if port == super::HTTPS_PORT { name } else { format!("{name}:{port}") }
}

/// Why there is no message.
enum Broken {
    Tls(tls_stream::Error),
    Http(String),
}

impl From<h2::Error> for Broken {
    fn from(error: h2::Error) -> Self {
        if error.is_io()
            && let Some(error) = error.into_io()
        {
            return match error.downcast::<tls_stream::Error>() {
                Ok(error) => Self::Tls(error),
                Err(error) => Self::Http(format!("the server broke HTTP/2 off: {error}")),
            };
        }
        Self::Http("the server broke HTTP/2 off".into())
    }
}

/// Sends the question in a request, and gives the body of the response.
fn exchange(host: &mut dyn Host, tls: &mut Tls, until: Time, url: &str, question: &[u8]) -> Result<Vec<u8>, Broken> {
    if tls.connection().alpn_protocol() != Some(b"h2") {
        return Err(Broken::Http("the server does not speak HTTP/2 here".into()));
    }
    let socket = tls.stream().id();
    let host = RefCell::new(host);
    let pipe = Pipe { tls: RefCell::new(tls), host: &host, until };
    drive(&host, socket, until, ask(pipe, url, question))
}

async fn ask(pipe: Pipe<'_, '_>, url: &str, question: &[u8]) -> Result<Vec<u8>, Broken> {
    let request = Request::post(url)
        .header(header::CONTENT_TYPE, MEDIA_TYPE)
        .header(header::ACCEPT, MEDIA_TYPE)
        .header(header::CONTENT_LENGTH, question.len())
        .body(())
        .map_err(|error| Broken::Http(format!("'{}' is no address of the web: {error}", cli::escape(url))))?;
    let (mut client, connection) = h2::client::handshake(pipe).await?;
    let mut connection = pin!(connection);
    let mut response = pin!(async {
        let (response, mut body) = client.send_request(request, false)?;
        body.send_data(question.to_vec().into(), true)?;
        let response = response.await?;
        let status = response.status();
        let media_type = response.headers().get(header::CONTENT_TYPE).cloned();
        let mut body = response.into_body();
        let mut message = vec![];
        while let Some(piece) = body.data().await {
            let piece = piece?;
            let _ = body.flow_control().release_capacity(piece.len());
            if message.len() + piece.len() > MOST_MESSAGE {
                return Err(Broken::Http(format!("the body of the response is longer than {MOST_MESSAGE} bytes")));
            }
            message.extend_from_slice(&piece);
        }
        if !status.is_success() {
            return Err(Broken::Http(format!("the server answers HTTP {status}")));
        }
        match media_type {
            Some(found) if found == MEDIA_TYPE => Ok(message),
            found => {
                let found = found.as_ref().map_or("nothing".into(), |found| String::from_utf8_lossy(found.as_bytes()));
                Err(Broken::Http(format!("the response is {found}, and not {MEDIA_TYPE}")))
            }
        }
    });
    // The connection has to be polled too, for it is what reads and writes.
    poll_fn(|context| {
        if let Poll::Ready(done) = response.as_mut().poll(context) {
            return Poll::Ready(done);
        }
        match connection.as_mut().poll(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
            Poll::Ready(Ok(())) => match response.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(done),
                Poll::Pending => Poll::Ready(Err(Broken::Http("the server closed the connection".into()))),
            },
            Poll::Pending => response.as_mut().poll(context),
        }
    })
    .await
}

/// Polls `future` until it is done; where it waits, the host waits for something to read.
fn drive<T>(
    host: &RefCell<&mut dyn Host>,
    socket: SocketId,
    until: Time,
    future: impl Future<Output = Result<T, Broken>>,
) -> Result<T, Broken> {
    let awake = Arc::new(Awake::default());
    let waker = Waker::from(Arc::clone(&awake));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
        // One part of it has woken another.
        if awake.0.swap(false, Ordering::Relaxed) {
            continue;
        }
        let ready = host.borrow_mut().wait(&[Interest::read(socket)], until);
        match ready {
            Ok(ready) if ready.is_empty() => return Err(Broken::Tls(Error::TimedOut.into())),
            Ok(_) => {}
            Err(error) => return Err(Broken::Tls(error.into())),
        }
    }
}

/// Whether somebody wants to be polled.
#[derive(Default)]
struct Awake(AtomicBool);

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// TLS as `h2` wants it: a read that would wait says so instead.
struct Pipe<'a, 'h> {
    tls: RefCell<&'a mut Tls>,
    host: &'a RefCell<&'h mut dyn Host>,
    until: Time,
}

impl AsyncRead for Pipe<'_, '_> {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut tls = self.tls.borrow_mut();
        tls.stream().set_deadline(Time::START);
        let read = tls.read(&**self.host.borrow(), into.initialize_unfilled());
        tls.stream().set_deadline(self.until);
        match read {
            Ok(count) => {
                into.advance(count);
                Poll::Ready(Ok(()))
            }
            Err(tls_stream::Error::Host(Error::TimedOut)) => Poll::Pending,
            Err(error) => Poll::Ready(Err(io::Error::other(error))),
        }
    }
}

impl AsyncWrite for Pipe<'_, '_> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut tls = self.tls.borrow_mut();
        let written = tls.write_all(&**self.host.borrow(), bytes);
        hurry(tls.stream());
        Poll::Ready(written.map(|()| bytes.len()).map_err(io::Error::other))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
