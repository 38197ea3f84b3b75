//! Texts that come again and again, each kept once.

use std::collections::HashMap;
use std::sync::Arc;

/// Most texts; further ones read as none.
const MAX_TEXTS: usize = 20_000;

/// A text by its number; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TextId(pub u32);

/// The store.
#[derive(Debug, Default)]
pub struct Texts {
    ids: HashMap<Arc<str>, TextId>,
    texts: Vec<Arc<str>>,
}

impl Texts {
    /// The number of a text.
    pub fn id(&mut self, text: Option<&str>) -> TextId {
        let Some(text) = text else { return TextId(0) };
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let (Ok(number), true) = (
            u32::try_from(self.texts.len() + 1),
            self.texts.len() < MAX_TEXTS,
        ) else {
            return TextId(0);
        };
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, TextId(number));
        TextId(number)
    }

    /// The text of a number.
    pub fn get(&self, id: TextId) -> Option<String> {
        let at = usize::try_from(id.0.checked_sub(1)?).ok()?;
        self.texts.get(at).map(|text| text.to_string())
    }
}
