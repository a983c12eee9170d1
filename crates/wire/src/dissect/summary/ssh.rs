//! What SSH says in a segment.

use crate::dissect::{Dissection, Protocol};
use std::fmt::{self, Formatter};

/// ` SSH SSH-2.0-OpenSSH_9.2`, ` SSH KEXINIT`, ` SSH KEX_ECDH_REPLY ssh-ed25519, NEWKEYS, encrypted (104 bytes)`.
pub(super) fn ssh(f: &mut Formatter<'_>, dissection: &Dissection<'_>) -> fmt::Result {
    let mut before = " SSH ";
    for layer in dissection.layers().filter(|layer| layer.protocol() == Protocol::Ssh && !layer.is_quoted()) {
        f.write_str(before)?;
        before = ", ";
        if let Some(line) = layer.field("identification") {
            f.write_str(&line.shown())?;
        } else if let Some(number) = layer.field("message_number") {
            let name = number.value_name().and_then(|name| name.strip_prefix("SSH_MSG_"));
            f.write_str(name.unwrap_or("message"))?;
            let key = layer.field("kex_reply").and_then(|reply| reply.inside("host_key"));
            if let Some((name, _)) = key.as_deref().and_then(|key| key.split_once(',')) {
                write!(f, " {name}")?;
            }
        } else if let Some(sealed) = layer.field("encrypted") {
            write!(f, "encrypted ({} bytes)", sealed.bytes().len())?;
        } else {
            f.write_str("beginning of a line")?;
        }
    }
    Ok(())
}
