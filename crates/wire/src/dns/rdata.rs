//! What records know, by their types.
//!
//! Each type is a table with a row per field (`dns/rdata/types.rs` and `dns/rdata/dnssec.rs`); reading, writing and the text of a
//! master file come from it. What fields are made of is in `dns/rdata/field.rs` and the files beside it.
//!
//! Obeys RFC 3597: a type that this crate does not know has bytes, which are written `\# 4 0A000001`.

#[macro_use]
mod table;
mod bitmap;
mod dnssec;
mod field;
mod service;
mod text;
mod types;

pub use bitmap::TypeBitMaps;
pub use dnssec::{Dnskey, Ds, Nsec, Nsec3, Rrsig};
pub use field::{Base64, HashedName, Hex, Salt, Time};
pub use service::{SvcParam, SvcParams, Svcb};
pub use text::{CharacterString, CharacterStrings, Property, PropertyTag};
pub use types::{A, Aaaa, Caa, Cname, Mx, Ns, Ptr, Soa, Srv, Txt};

use super::cursor::{Cursor, Wrong};
use super::edns::EdnsOptions;
use super::emit::Emitter;
use super::name::Name;
use super::numbers::Type;
use crate::fields::Field;
use crate::fields::Show::Bytes;
use crate::fields::row;
pub(super) use field::hex_of;
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
