//! Which number has a name? Each new name gets the next one.

use std::collections::HashMap;

/// Names and their numbers.
#[derive(Default)]
pub(super) struct Numbered {
    numbers: HashMap<String, u32>,
}

impl Numbered {
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        // A text with 2^32 names would not fit into memory.
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.to_owned(), number);
        number
    }

    pub(super) fn into_names(self) -> Vec<String> {
        let mut names: Vec<(u32, String)> = self.numbers.into_iter().map(|(name, number)| (number, name)).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }
}
