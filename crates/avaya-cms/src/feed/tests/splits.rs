//! However a stream is cut into reads, its events are the same; and arbitrary bytes do no harm.

use super::*;
use crate::feed::fuzz;
use proptest::prelude::*;

fn stream(seed: &[(u8, u8)], profile: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, (login, code)) in seed.iter().enumerate() {
        let code = [10, 20, 32, 50, 80, 220, 99][usize::from(*code) % 7];
        let login = 1 + u32::from(*login) % 9;
        match (profile, number % 11) {
            (_, 10) => bytes.extend_from_slice(b"garbage \x1b[1m \xff\r\n\n"),
            ("cisco-49", _) => bytes.extend_from_slice(cisco(login, code, 3, 0).as_bytes()),
            ("rta-codes-delimited", _) => {
                bytes.extend_from_slice(format!("1|{login}|{code}|||1|{number}\r\n").as_bytes())
            }
            ("delta-events", _) => {
                bytes.extend_from_slice(format!("x;1;{login};{code};\r").as_bytes())
            }
            _ => bytes
                .extend_from_slice(format!("{login},\"Ü, {login}\",ACD,,1,{number}\n").as_bytes()),
        }
        if number % 5 == 4 && profile == "csv-names" {
            bytes.extend_from_slice(b"\nLogin,Name,State\n");
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn reads_do_not_matter(
        seed in prop::collection::vec((any::<u8>(), any::<u8>()), 1..60),
        cuts in prop::collection::vec(1_usize..40, 1..40),
        which in 0_usize..5,
    ) {
        let name = crate::feed::SHIPPED[which].name;
        let bytes = stream(&seed, name);
        let mut whole = Desk::new(name);
        whole.send(&bytes);
        let mut pieces = Desk::new(name);
        let mut rest = bytes.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, tail) = rest.split_at((*cut).min(rest.len()));
            pieces.send(piece);
            rest = tail;
        }
        let now = whole.now;
        whole.feed.disconnected(now, &mut whole.events);
        pieces.feed.disconnected(now, &mut pieces.events);
        prop_assert_eq!(&whole.events, &pieces.events);
        prop_assert_eq!(whole.feed.health(), pieces.feed.health());
    }
}

/// Mutates what lies in the corpus, a bounded number of times, always the same.
#[test]
fn mutated_bytes_do_no_harm() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/feed");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    assert!(names.len() >= 5);
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random >> 11).unwrap() % below.max(1)
    };
    for name in names {
        let seed = std::fs::read(name).unwrap();
        fuzz(&seed);
        for _ in 0..150 {
            let mut data = seed.clone();
            for _ in 0..=next(6) {
                let at = next(data.len());
                let byte = [0, b'\n', b'\r', b'|', b'"', 0x1b, 0xfd, 0xfe, 0xff, b'9'][next(10)];
                match next(4) {
                    0 => data[at] = byte,
                    1 => data.insert(at, byte),
                    2 => data.truncate(at.max(3)),
                    _ => {
                        let end = (at + next(80)).min(data.len());
                        let piece = data[at..end].to_vec();
                        let to = next(data.len());
                        data.splice(to..to, piece);
                    }
                }
            }
            fuzz(&data);
        }
    }
}
