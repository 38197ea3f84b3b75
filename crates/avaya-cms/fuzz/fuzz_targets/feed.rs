//! Arbitrary bytes through parser and engine of a feed.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| floorwire_avaya_cms::feed::fuzz(data));
