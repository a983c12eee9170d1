//! The table that a type's data are declared by, and what a row can be.

use super::words::Words;
use crate::dns::cursor::{Cursor, Wrong};
use crate::dns::emit::Emitter;
use crate::fields::Field;
use std::fmt;

/// The data of a type.
pub(in crate::dns) trait Data: Sized + fmt::Display {
    /// From what is left of the cursor, which is as much as RDLENGTH says.
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Wrong>;
    fn emit(&self, to: &mut Emitter);
    /// From the words of a master file.
    fn of_text(words: &mut Words<'_>) -> Result<Self, String>;
}

/// What a row can be: a number, an address, a name, …
pub(in crate::dns) trait RowType: Sized {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong>;
    fn emit(&self, to: &mut Emitter, names: Names);
    /// Its text in a master file; nothing at all for a list that is empty.
    fn text(&self) -> String;
    /// From the next words of a master file, or from all that are left; or what is wrong with them.
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String>;
}

/// Whether names in the data may be told by pointers.
///
/// RFC 3597 section 4: "servers MUST NOT compress domain names embedded in the RDATA of types that are class-specific or not
/// well-known", and well-known are those of RFC 1035.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dns) enum Names {
    Compressed,
    Whole,
}

/// Declares the data of a type: `Name, names compressed or whole;` and then one row a field, `name: type, "Label", how it is shown;`.
macro_rules! table {
    ($(#[$meta:meta])* $Table:ident, $names:ident; $( $field:ident: $type:ty, $label:literal, $show:expr; )*) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $Table {
            $( #[doc = concat!($label, ".")] pub $field: $type, )*
        }

        impl $Table {
            $(
                #[allow(non_upper_case_globals, reason = "a row has the name of its field")]
                const $field: &'static $crate::fields::Field =
                    &$crate::fields::row(stringify!($field), $label, $show);
            )*
        }

        impl $crate::dns::rdata::table::Data for $Table {
            fn read(cursor: &mut $crate::dns::cursor::Cursor<'_>) -> Result<Self, $crate::dns::cursor::Wrong> {
                Ok(Self { $( $field: $crate::dns::rdata::table::RowType::read(cursor, Self::$field)? ),* })
            }

            fn of_text(words: &mut $crate::dns::rdata::words::Words<'_>) -> Result<Self, String> {
                Ok(Self { $( $field: $crate::dns::rdata::table::RowType::of_text(words, Self::$field)? ),* })
            }

            fn emit(&self, to: &mut $crate::dns::emit::Emitter) {
                let names = $crate::dns::rdata::table::Names::$names;
                $( $crate::dns::rdata::table::RowType::emit(&self.$field, to, names); )*
            }
        }

        impl std::fmt::Display for $Table {
            /// As in a master file.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let texts = [$( $crate::dns::rdata::table::RowType::text(&self.$field) ),*];
                let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
                f.write_str(&texts.join(" "))
            }
        }
    };
}
