//! What records know, by their types.
//!
//! Each type is a table with a row per field (`dns/rdata/types.rs` and `dns/rdata/dnssec.rs`); reading, writing and the text of a
//! master file, both ways, come from it. What fields are made of is in `dns/rdata/field.rs` and the files beside it.
//!
//! Obeys RFC 3597: a type that this crate does not know has bytes, which are written `\# 4 0A000001`.

#[macro_use]
mod table;
mod bitmap;
mod digits;
mod dnssec;
mod field;
mod service;
mod text;
mod types;
mod words;

pub use bitmap::TypeBitMaps;
pub use dnssec::{Dnskey, Ds, Nsec, Nsec3, Rrsig};
pub use field::{Base64, HashedName, Hex, Salt, Time};
pub use service::{SvcParam, SvcParams, Svcb};
pub use text::{CharacterString, CharacterStrings, Property, PropertyTag};
pub use types::{A, Aaaa, Caa, Cname, Mx, Ns, Ptr, Soa, Srv, Txt};
pub use words::{Word, Words, seconds};

use super::cursor::{Cursor, Wrong};
use super::edns::EdnsOptions;
use super::emit::Emitter;
use super::name::Name;
use super::numbers::Type;
use crate::fields::Field;
use crate::fields::Show::Bytes;
use crate::fields::row;
use crate::{Problem, WireError};
pub(super) use digits::hex_of;
pub(super) use service::param;
use std::fmt;
use std::net::IpAddr;
pub(super) use table::{Data, RowType};

static UNKNOWN: Field = row("rdata", "RDATA", Bytes);

/// The data of a record.
macro_rules! rdata {
    ($( $TYPE:ident $Variant:ident($Table:ty) $row:literal, )*) => {
        /// The data of a record, by its type.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Rdata {
            $( #[doc = concat!("Of type `", stringify!($TYPE), "`.")] $Variant($Table), )*
            /// Of a type that this crate does not know: bytes. Also data of any type that are left out in an update.
            Unknown(Type, Vec<u8>),
        }

        impl Rdata {
            /// The type that records with these data have.
            #[must_use]
            pub fn rrtype(&self) -> Type {
                match self {
                    $( Self::$Variant(_) => Type::$TYPE, )*
                    Self::Unknown(rrtype, _) => *rrtype,
                }
            }

            pub(super) fn read(rrtype: Type, cursor: &mut Cursor<'_>) -> Result<Self, Wrong> {
                match rrtype {
                    $( Type::$TYPE => {
                        static ROW: Field = row($row, "RDATA", Bytes);
                        cursor.group(&ROW, <$Table>::read).map(Self::$Variant)
                    } )*
                    _ => Ok(Self::Unknown(rrtype, cursor.rest(&UNKNOWN)?.to_vec())),
                }
            }

            /// As [`Rdata::of_words`], but not in the general form.
            fn of_text(rrtype: Type, words: &mut Words<'_>) -> Result<Self, String> {
                match rrtype {
                    $( Type::$TYPE => <$Table>::of_text(words).map(Self::$Variant), )*
                    _ => Err(format!(
                        "data of type {rrtype} are written in the general form here, as in \\# 4 0A000001 (RFC 3597 section 5)"
                    )),
                }
            }

            pub(super) fn emit(&self, to: &mut Emitter) {
                match self {
                    $( Self::$Variant(data) => data.emit(to), )*
                    Self::Unknown(_, data) => to.put(data),
                }
            }
        }

        impl fmt::Display for Rdata {
            /// As in a master file.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $( Self::$Variant(data) => fmt::Display::fmt(data, f), )*
                    Self::Unknown(_, data) => field::generic(f, data),
                }
            }
        }
    };
}

rdata! {
    A A(A) "rdata_a",
    NS Ns(Ns) "rdata_ns",
    CNAME Cname(Cname) "rdata_cname",
    SOA Soa(Soa) "rdata_soa",
    PTR Ptr(Ptr) "rdata_ptr",
    MX Mx(Mx) "rdata_mx",
    TXT Txt(Txt) "rdata_txt",
    AAAA Aaaa(Aaaa) "rdata_aaaa",
    SRV Srv(Srv) "rdata_srv",
    OPT Opt(EdnsOptions) "rdata_opt",
    DS Ds(Ds) "rdata_ds",
    RRSIG Rrsig(Rrsig) "rdata_rrsig",
    NSEC Nsec(Nsec) "rdata_nsec",
    DNSKEY Dnskey(Dnskey) "rdata_dnskey",
    NSEC3 Nsec3(Nsec3) "rdata_nsec3",
    SVCB Svcb(Svcb) "rdata_svcb",
    HTTPS Https(Svcb) "rdata_https",
    CAA Caa(Caa) "rdata_caa",
}

impl Rdata {
    /// The data of a record from the words behind its type in a master file, all of them.
    ///
    /// RFC 3597 section 5 has a form for data of every type, also of those that are known: `\# 4 0A000001`.
    ///
    /// # Errors
    /// What is wrong, as a sentence without a place.
    pub fn of_words(rrtype: Type, words: &mut Words<'_>) -> Result<Self, String> {
        let data = match words.take_if("\\#") {
            true => Self::of_bytes(rrtype, &words.general()?)
                .map_err(|error| format!("no data of type {rrtype}: {error}"))?,
            false => Self::of_text(rrtype, words)?,
        };
        words.end()?;
        // What the bytes of a message would not say is not said here either.
        match Self::of_bytes(rrtype, &data.bytes()) {
            Ok(again) if again == data => Ok(data),
            Ok(_) => Err(format!("longer than data of type {rrtype} can be")),
            Err(error) => Err(format!("no data of type {rrtype}: {error}")),
        }
    }

    /// The data of a record from their bytes, in which no name points elsewhere.
    ///
    /// # Errors
    /// The field that is wrong, its place counted from the first of these bytes.
    pub fn of_bytes(rrtype: Type, bytes: &[u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::new(bytes);
        let data = Self::read(rrtype, &mut cursor)?;
        match cursor.left() {
            0 => Ok(data),
            left => {
                let problem = Problem::Unexpected { value: bytes.len() as u64, expected: (bytes.len() - left) as u64 };
                Err(Cursor::error(&UNKNOWN, 0, problem).into())
            }
        }
    }

    /// Their bytes, names whole.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut emitter = Emitter::default();
        self.emit(&mut emitter);
        emitter.finish()
    }

    /// An address, of the type that goes with it.
    #[must_use]
    pub fn of_address(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::A(A { address }),
            IpAddr::V6(address) => Self::Aaaa(Aaaa { address }),
        }
    }

    /// The address, if these data are one.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::A(a) => Some(a.address.into()),
            Self::Aaaa(aaaa) => Some(aaaa.address.into()),
            _ => None,
        }
    }

    /// The name to which these data lead, if they are of a type that leads to one: the next to be asked for.
    #[must_use]
    pub fn target(&self) -> Option<&Name> {
        match self {
            Self::Ns(ns) => Some(&ns.nsdname),
            Self::Cname(cname) => Some(&cname.cname),
            Self::Ptr(ptr) => Some(&ptr.ptrdname),
            Self::Mx(mx) => Some(&mx.exchange),
            Self::Srv(srv) => Some(&srv.target),
            Self::Svcb(svcb) | Self::Https(svcb) => Some(&svcb.target_name),
            _ => None,
        }
    }
}
