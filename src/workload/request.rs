//! Which transaction comes next? A request is drawn from the mix by its ticket, and its details from the worker's stream.

use rand::{Rng, RngExt};

use super::{Audit, Batch, Cap, Fresh, KeyChooser, Skew, Step, Transfer, cap};
use crate::history::{Access, Operation, Shape};
use crate::plan::{self, Mix, Plan, VerifyMode};

/// What one transaction intends. A retry runs the same request again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Transfer, absolute, peek.
    Transfer(Transfer),
    /// Take from one of a customer's two accounts.
    Skew(Skew),
    /// Read accounts.
    Audit(Audit),
    /// A receipt, the closing of a batch, or a report.
    Batch(Batch),
    /// Join a group that is not full.
    Cap(Cap),
    /// Insert mine, read yours.
    Fresh(Fresh),
}

impl Request {
    /// The kind of transaction.
    #[must_use]
    pub fn shape(&self) -> Shape {
        match self {
            Self::Transfer(transfer) => transfer.shape,
            Self::Skew(_) => Shape::Skew,
            Self::Audit(_) => Shape::Audit,
            Self::Batch(_) => Shape::Batch,
            Self::Cap(_) => Shape::Cap,
            Self::Fresh(_) => Shape::Fresh,
        }
    }

    /// The whole transaction body at once, where no statement of it depends on what the client has read; whether that is
    /// so. It is declined when a move in it moves nothing. Where it is not so, nothing is appended.
    pub fn at_once(&self, statements: &mut Vec<Access>) -> bool {
        match self {
            Self::Transfer(transfer) => transfer.at_once(statements),
            // Those of one step are one flight anyway.
            _ => false,
        }
    }

    /// The transaction body: what comes next, given everything read and written so far in this attempt.
    pub fn step(&self, seen: &[Operation], statements: &mut Vec<Access>) -> Step {
        match self {
            Self::Transfer(transfer) => transfer.step(seen, statements),
            Self::Skew(skew) => skew.step(seen, statements),
            Self::Audit(audit) => audit.step(statements),
            Self::Batch(batch) => batch.step(seen, statements),
            Self::Cap(cap) => cap.step(seen, statements),
            Self::Fresh(fresh) => fresh.step(statements),
        }
    }
}

/// Draws requests.
#[derive(Clone, Debug)]
pub struct Workload {
    mix: Mix,
    transfer: plan::Transfer,
    ledger: bool,
    accounts: KeyChooser,
    customers: KeyChooser,
    tills: u64,
    cap_span: u64,
    seed: u64,
}

impl Workload {
    /// The workload of a plan, whose bank has at least 2 accounts.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let (keys, accounts) = (plan.transfer.keys, plan.bank.accounts);
        Self {
            mix: plan.mix.clone(),
            transfer: plan.transfer,
            ledger: plan.verify.mode == VerifyMode::Ledger,
            accounts: KeyChooser::new(keys, accounts),
            customers: KeyChooser::new(keys, plan.bank.customers()),
            tills: plan.bank.tills(),
            cap_span: cap::span(&plan.mix),
            seed: plan.seed,
        }
    }

    /// The next request. The ticket is the transaction's run-wide number: neighbors in it are run at about the same time,
    /// which is what shapes need that meet in a row or group of their own.
    pub fn next(&self, ticket: u64, random: &mut impl Rng) -> Request {
        match self.shape(ticket) {
            shape @ (Shape::Transfer | Shape::Absolute | Shape::Peek) => {
                Request::Transfer(self.transfer(shape, ticket, random))
            }
            Shape::Skew => {
                let customer = self.customers.one(random);
                Request::Skew(Skew { customer, second: random.random() })
            }
            Shape::Audit => Request::Audit(Audit::draw(&self.accounts, random)),
            Shape::Batch => Request::Batch(Batch::draw(self.tills, random)),
            Shape::Cap => Request::Cap(Cap { group: (ticket / self.cap_span).cast_signed() }),
            Shape::Fresh => Request::Fresh(Fresh { ticket }),
        }
    }

    fn transfer(&self, shape: Shape, ticket: u64, random: &mut impl Rng) -> Transfer {
        let plan::Transfer { amount, lock_order, .. } = self.transfer;
        let (from, to) = self.accounts.pair(random);
        let amount = random.random_range(amount.low..=amount.high);
        let peek = (shape == Shape::Peek).then(|| self.accounts.one(random));
        // An account that it writes anyway is not looked at besides; a bank of two has no other.
        let peek = peek.filter(|peek| *peek != from && *peek != to);
        Transfer { shape, from, to, amount, lock_order, peek, post: self.ledger.then_some(ticket) }
    }

    /// The shape of a ticket: drawn for two neighbors together, since it takes two for fresh.
    fn shape(&self, ticket: u64) -> Shape {
        let mut left = scramble(self.seed.wrapping_add(ticket / 2)) % u64::from(self.mix.total());
        for (shape, weight) in self.mix.weights() {
            match left.checked_sub(u64::from(weight)) {
                Some(rest) => left = rest,
                None => return shape,
            }
        }
        // What is left is less than the sum of all weights.
        Shape::default()
    }
}

/// `SplitMix64`'s output function (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014): a
/// number that looks random for each of a row of numbers.
fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(mix: &str) -> Vec<(Shape, u32)> {
        let workload = workload(mix);
        let mut counts: Vec<(Shape, u32)> = workload.mix.weights().map(|(shape, _)| (shape, 0)).collect();
        for ticket in 0..20_000 {
            let shape = workload.shape(ticket);
            counts.iter_mut().filter(|(other, _)| *other == shape).for_each(|(_, count)| *count += 1);
        }
        counts
    }

    fn workload(mix: &str) -> Workload {
        Workload {
            mix: mix.parse().unwrap(),
            transfer: plan::Transfer {
                keys: plan::Keys::Uniform,
                amount: plan::Amount { low: 1, high: 10 },
                lock_order: plan::LockOrder::Random,
                think: std::time::Duration::ZERO,
            },
            ledger: false,
            accounts: KeyChooser::new(plan::Keys::Uniform, 50),
            customers: KeyChooser::new(plan::Keys::Uniform, 25),
            tills: 1,
            cap_span: 8,
            seed: 7,
        }
    }

    #[test]
    fn each_shape_gets_its_share() {
        for (shape, count) in shares("transfer=60,peek=15,skew=15,audit=10") {
            let weight = Mix::default().weights().find(|(other, _)| *other == shape).unwrap().1;
            let expected = 200 * weight;
            assert!(count.abs_diff(expected) < 600, "{shape}: {count} instead of about {expected}");
        }
        assert_eq!(shares("cap"), [(Shape::Cap, 20_000)]);
    }

    #[test]
    fn two_neighbors_are_of_one_shape() {
        let workload = workload("transfer=1,fresh=1");
        assert!((0..1000).all(|pair| workload.shape(2 * pair) == workload.shape(2 * pair + 1)));
    }
}
