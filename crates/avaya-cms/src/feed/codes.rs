//! What a site's words and numbers for states, directions and reasons mean.
//!
//! Three vocabularies are known, and their numbers clash (10 is *unstaffed* in two of them for different reasons), so a profile names
//! one; nothing is guessed from a record. Customers rename texts, so every entry can be replaced. Texts are compared trimmed and
//! without regard to case: exact entries first, then, where the profile says so, an entry followed by a direction (`AUXOUT`).

use floorwire_model::agents::{CallDirection, WorkState};
use std::collections::HashMap;

/// Longest text that is looked up, bytes; longer ones are unknown.
const MAX_CODE_BYTES: usize = 48;
/// Numbers below are found without hashing.
const DIRECT: usize = 1024;

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The state.
    pub state: WorkState,
    /// Direction, where it is part of the code.
    pub direction: Option<CallDirection>,
    /// A call is on hold.
    pub hold: bool,
    /// AUX reason, where it is part of the code.
    pub reason: Option<i32>,
}

impl Meaning {
    /// A state and nothing else.
    pub const fn of(state: WorkState) -> Self {
        Self {
            state,
            direction: None,
            hold: false,
            reason: None,
        }
    }

    const fn towards(state: WorkState, direction: CallDirection) -> Self {
        Self {
            direction: Some(direction),
            ..Self::of(state)
        }
    }
}

/// A vocabulary that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateTable {
    /// Two-digit codes with the direction as their last digit: 20 available, 32 on an incoming skill call, 51 AUX with an outgoing call.
    RtaCodes,
    /// The numbers of the CMS database: 1 available to 4 AUX; above 4 by the order of the names.
    DatabaseNumbers,
    /// The texts of the dictionary as shipped with release 21, and older spellings.
    R21Texts,
    /// Nothing but the profile's own entries.
    Custom,
}

impl StateTable {
    /// All, with the names that profiles use.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("rta_codes", Self::RtaCodes),
        ("database_numbers", Self::DatabaseNumbers),
        ("r21_texts", Self::R21Texts),
        ("custom", Self::Custom),
    ];

    /// The entries.
    pub fn entries(self) -> Vec<(&'static str, Meaning)> {
        use CallDirection::{In, Out};
        use WorkState as S;
        let plain = |code, state| (code, Meaning::of(state));
        let both = |none, out, into, state| {
            [
                (none, Meaning::of(state)),
                (out, Meaning::towards(state, Out)),
                (into, Meaning::towards(state, In)),
            ]
        };
        match self {
            Self::RtaCodes => {
                let mut all = vec![
                    plain("10", S::Unstaffed),
                    plain("20", S::Available),
                    plain("80", S::Ringing),
                    plain("100", S::LogOn),
                    plain("110", S::LogOff),
                    plain("220", S::Other),
                ];
                all.extend(both("30", "31", "32", S::Acd));
                all.extend(both("40", "41", "42", S::AfterCall));
                all.extend(both("50", "51", "52", S::Aux));
                all.extend(both("60", "61", "62", S::DirectAcd));
                all.extend(both("70", "71", "72", S::DirectAfterCall));
                all.push((
                    "600",
                    Meaning {
                        hold: true,
                        ..Meaning::towards(S::Aux, Out)
                    },
                ));
                all
            }
            Self::DatabaseNumbers => vec![
                plain("1", S::Available),
                plain("2", S::Acd),
                plain("3", S::AfterCall),
                plain("4", S::Aux),
                plain("5", S::DirectAcd),
                plain("6", S::DirectAfterCall),
                plain("7", S::Ringing),
                plain("8", S::Unknown),
                plain("9", S::Other),
                plain("10", S::Unstaffed),
            ],
            Self::R21Texts => vec![
                plain("AVAIL", S::Available),
                plain("AVAILABLE", S::Available),
                plain("ACD", S::Acd),
                plain("ACW", S::AfterCall),
                plain("AUX", S::Aux),
                plain("DACD", S::DirectAcd),
                plain("DACW", S::DirectAfterCall),
                plain("RING", S::Ringing),
                plain("RINGING", S::Ringing),
                plain("OTHER", S::Other),
                plain("UNKNOWN", S::Unknown),
                plain("UNSTAFF", S::Unstaffed),
                plain("UNSTAFFED", S::Unstaffed),
                plain("LOGON", S::LogOn),
                plain("LOGOFF", S::LogOff),
            ],
            Self::Custom => Vec::new(),
        }
    }

    /// Whether every code is a number, so that a text in its place is no record.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::RtaCodes | Self::DatabaseNumbers)
    }
}

/// A table from trimmed text to a value, without regard to case.
#[derive(Clone, Debug)]
pub struct Codes<V> {
    direct: Vec<Option<V>>,
    by_text: HashMap<Box<[u8]>, V>,
}

impl<V: Copy> Default for Codes<V> {
    fn default() -> Self {
        Self {
            direct: Vec::new(),
            by_text: HashMap::new(),
        }
    }
}

impl<V: Copy> Codes<V> {
    /// Adds or replaces an entry.
    pub fn insert(&mut self, text: &str, value: V) {
        let text = text.trim();
        match small_number(text.as_bytes()) {
            Some(number) => {
                if self.direct.len() <= number {
                    self.direct.resize(number + 1, None);
                }
                if let Some(slot) = self.direct.get_mut(number) {
                    *slot = Some(value);
                }
            }
            None => {
                self.by_text.insert(folded(text).into_boxed_slice(), value);
            }
        }
    }

    /// The value of a trimmed text.
    pub fn get(&self, text: &str) -> Option<V> {
        if let Some(number) = small_number(text.as_bytes()) {
            return self.direct.get(number).copied().flatten();
        }
        if self.by_text.is_empty() || text.len() > MAX_CODE_BYTES {
            return None;
        }
        if text.is_ascii() {
            let mut upper = [0_u8; MAX_CODE_BYTES];
            let upper = upper.get_mut(..text.len())?;
            upper.copy_from_slice(text.as_bytes());
            upper.make_ascii_uppercase();
            return self.by_text.get(&*upper).copied();
        }
        self.by_text.get(folded(text).as_slice()).copied()
    }

    /// True without entries.
    pub fn is_empty(&self) -> bool {
        self.direct.is_empty() && self.by_text.is_empty()
    }
}

fn folded(text: &str) -> Vec<u8> {
    match text.is_ascii() {
        true => text.to_ascii_uppercase().into_bytes(),
        false => text.to_uppercase().into_bytes(),
    }
}

/// The number of up to four digits that a text is, leading zeros ignored.
fn small_number(text: &[u8]) -> Option<usize> {
    if text.is_empty() || text.len() > 4 {
        return None;
    }
    let mut number = 0;
    for byte in text {
        match byte {
            b'0'..=b'9' => number = number * 10 + usize::from(byte - b'0'),
            _ => return None,
        }
    }
    (number < DIRECT).then_some(number)
}

/// States, directions and reasons of a profile.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// States.
    pub states: Codes<Meaning>,
    /// Whether every state is a number.
    pub numeric_states: bool,
    /// Directions; `None` for words that mean *no direction*.
    pub directions: Codes<Option<CallDirection>>,
    /// Names of AUX reasons.
    pub reasons: Codes<i32>,
    /// Texts of directions that may follow a state without a space.
    pub suffixes: Vec<(String, CallDirection)>,
}

impl Vocabulary {
    /// What a state says; `None` when no entry fits.
    pub fn state(&self, text: &str) -> Option<Meaning> {
        if let Some(meaning) = self.states.get(text) {
            return Some(meaning);
        }
        self.suffixes.iter().find_map(|(suffix, direction)| {
            let cut = text.len().checked_sub(suffix.len())?;
            let (state, end) = (text.get(..cut)?, text.get(cut..)?);
            if cut == 0 || !end.eq_ignore_ascii_case(suffix) {
                return None;
            }
            let meaning = self.states.get(state.trim_end())?;
            meaning.direction.is_none().then_some(Meaning {
                direction: Some(*direction),
                ..meaning
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(table: StateTable) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for (text, meaning) in table.entries() {
            vocabulary.states.insert(text, meaning);
        }
        vocabulary
    }

    #[test]
    fn the_last_digit_of_an_rta_code_is_the_direction_but_for_600() {
        let codes = vocabulary(StateTable::RtaCodes);
        for (state, code) in [
            (WorkState::Acd, 30),
            (WorkState::AfterCall, 40),
            (WorkState::Aux, 50),
            (WorkState::DirectAcd, 60),
            (WorkState::DirectAfterCall, 70),
        ] {
            let directions = [None, Some(CallDirection::Out), Some(CallDirection::In)];
            for (digit, direction) in directions.into_iter().enumerate() {
                let meaning = codes.state(&(code + digit).to_string()).unwrap();
                assert_eq!((meaning.state, meaning.direction), (state, direction));
            }
        }
        let held = codes.state("600").unwrap();
        assert!(held.hold && held.state == WorkState::Aux);
        assert_eq!(held.direction, Some(CallDirection::Out));
        assert!(codes.state("81").is_none() && codes.state("90").is_none());
    }

    #[test]
    fn texts_are_found_in_any_case_and_with_a_direction_glued_on() {
        let mut texts = vocabulary(StateTable::R21Texts);
        texts.suffixes = vec![
            ("IN".into(), CallDirection::In),
            ("OUT".into(), CallDirection::Out),
        ];
        assert_eq!(texts.state("avail").unwrap().state, WorkState::Available);
        let out = texts.state("AUXOUT").unwrap();
        assert_eq!(
            (out.state, out.direction),
            (WorkState::Aux, Some(CallDirection::Out))
        );
        assert!(texts.state("IN").is_none() && texts.state("PAUSE").is_none());
        texts
            .states
            .insert("Bereit für Anruf", Meaning::of(WorkState::Available));
        assert!(texts.state("BEREIT FÜR ANRUF").is_some());
        let long = "x".repeat(4_000);
        assert!(texts.state(&long).is_none());
    }
}
