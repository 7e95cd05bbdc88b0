//! What does the whole add up to? What an audit sees of it, at one instant.

/// The tables that have invariants of their own, added up in one snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Number of accounts.
    pub count: u64,
    /// Sum of all balances.
    pub total: i128,
    /// Sum of all versions: how many writes the accounts have seen since they were seeded.
    pub versions: i128,
    /// The smallest balance, 0 where there are no accounts.
    pub lowest: i64,
    /// The customers whose two accounts are below zero together, where there are any.
    pub overdrawn: Option<Overdrawn>,
}

/// Customers who owe money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdrawn {
    /// How many they are.
    pub customers: u64,
    /// The one with the smallest number.
    pub first: i64,
    /// What that one has on both accounts together.
    pub both: i128,
}

/// Writes of accounts whose COMMIT was sent, so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// All of them. Counted before COMMIT is sent.
    pub sent: u64,
    /// Those that were acknowledged.
    pub acknowledged: u64,
    /// Those that the server has certainly refused.
    pub refused: u64,
}
