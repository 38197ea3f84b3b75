#![doc = include_str!("../README.md")]

mod admit;
mod driver;
mod parse;
mod seal;
mod secret;

pub use self::{
    admit::{Refusal, admit},
    driver::DriverKind,
    parse::{ConnectionString, ParseError},
    seal::{
        SEALED_PLACEHOLDER, SealedParts, Unbound, is_harmless_keyword, open_part_has_secret,
        reunite,
    },
    secret::{MASK, is_secret_keyword, redact_assignments},
};
