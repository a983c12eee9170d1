//! What a node serves over TLS, and under which certificate: `tls.853 = { service = "names", certificate = "resolver" }`.

use super::reader::{Table, Value};
use super::{NetError, Node, Serve, known};
use std::collections::BTreeMap;
use std::fmt;

/// What is behind a port with TLS before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secured {
    /// What it does.
    pub(crate) serve: Serve,
    /// One of [`seeded_tls::IDENTITIES`].
    pub(crate) certificate: &'static str,
}

impl fmt::Display for Secured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with the certificate {}", self.serve, self.certificate)
    }
}

/// The key `tls`; to be taken when it is known whether the node answers about names.
pub(super) fn take(node: &mut Node, table: &mut Table<'_>) -> Result<(), NetError> {
    let Some(value) = table.take("tls") else { return Ok(()) };
    let mut ports = BTreeMap::new();
    for (port, value) in value.table()?.all() {
        let number = port.parse().ok().filter(|&number: &u16| number > 0);
        let number = number.ok_or_else(|| {
            value.error(&format!("'{}' is no port", port.escape_debug()), "ports are numbers from 1 to 65535")
        })?;
        if node.tcp.contains_key(&number) {
            return Err(value.error(&format!("port {number} of TCP has a service already"), "TLS is over TCP"));
        }
        ports.insert(number, secured(node, &value)?);
    }
    node.tls = ports;
    Ok(())
}

fn secured(node: &Node, value: &Value<'_>) -> Result<Secured, NetError> {
    let mut table = value.table()?;
    let service = table.need("service", "\"http\"")?;
    let serve = match service.text("service", "\"http\"")? {
        "echo" => Serve::Echo,
        "http" => Serve::Http,
        "pages" => Serve::Pages,
        "names" if node.names.is_some() => Serve::Names,
        "names" => return Err(service.error("this node answers nothing about names", "`dns` says what it answers")),
        word => {
            let hint = format!("services over TLS are {}", known(word, ["echo", "http", "names", "pages"].into_iter()));
            return Err(service.error(&format!("unknown service '{}'", word.escape_debug()), hint));
        }
    };
    let certificate = table.need("certificate", "\"web\"")?;
    let name = certificate.text("name of a certificate", "\"web\"")?;
    let known_one = seeded_tls::IDENTITIES.into_iter().find(|identity| *identity == name);
    let identity = known_one.ok_or_else(|| {
        let hint = format!("certificates are {}", known(name, seeded_tls::IDENTITIES.into_iter()));
        certificate.error(&format!("no certificate named '{}'", name.escape_debug()), hint)
    })?;
    table.done()?;
    Ok(Secured { serve, certificate: identity })
}
