//! What is an audit? A transaction that reads several accounts, one statement each, and writes none.

use rand::Rng;

use super::{KeyChooser, Step};
use crate::history::{Access, Key};

/// How many accounts it reads, where there are as many.
const ACCOUNTS: usize = 4;

/// Read these accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audit {
    accounts: [i64; ACCOUNTS],
    count: usize,
}

impl Audit {
    /// Draws the accounts: at least two, all different.
    pub(super) fn draw(keys: &KeyChooser, random: &mut impl Rng) -> Self {
        let (first, second) = keys.pair(random);
        let mut audit = Self { accounts: [first, second, 0, 0], count: 2 };
        // A skewed choice may draw the same ones again; then it reads fewer.
        for _ in audit.count..ACCOUNTS {
            let account = keys.one(random);
            if !audit.accounts[..audit.count].contains(&account) {
                audit.accounts[audit.count] = account;
                audit.count += 1;
            }
        }
        audit
    }

    pub(super) fn step(&self, statements: &mut Vec<Access>) -> Step {
        let accounts = &self.accounts[..self.count];
        statements.extend(accounts.iter().map(|account| Access::Read { key: Key::account(*account) }));
        Step::Commit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Keys;
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    #[test]
    fn an_audit_reads_different_accounts_and_writes_none() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        for (accounts, most) in [(2, 2), (50, 4)] {
            let keys = KeyChooser::new(Keys::Uniform, accounts);
            let mut longest = 0;
            for _ in 0..100 {
                let mut statements = Vec::new();
                assert_eq!(Audit::draw(&keys, &mut random).step(&mut statements), Step::Commit);
                let distinct: std::collections::HashSet<String> =
                    statements.iter().map(|access| format!("{access:?}")).collect();
                assert_eq!(distinct.len(), statements.len());
                assert!(statements.iter().all(|access| matches!(access, Access::Read { .. })));
                longest = longest.max(statements.len());
            }
            assert_eq!(longest, most);
        }
    }
}
