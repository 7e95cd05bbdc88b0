//! What does a server promise at the level that it granted? Who promises less is not accused of more.
//!
//! | server, level | promised | order in time |
//! |---|---|---|
//! | CockroachDB SERIALIZABLE | serializable | no stale read of one key; causal reverse may be |
//! | PostgreSQL SERIALIZABLE, a simulation of it | serializable | as in real time |
//! | PostgreSQL REPEATABLE READ, a simulation of it, Aurora DSQL | snapshot | as in real time (strong snapshot isolation) |
//! | `CockroachDB`, `YugabyteDB` REPEATABLE READ | snapshot | |
//! | `YugabyteDB` SERIALIZABLE | serializable | only while clocks agree, which nobody here can see |
//! | READ COMMITTED of them all | read-committed | |
//!
//! Sources: Cockroach Labs, "CockroachDB's Consistency Model" (2019); PostgreSQL's manual, 13.2; the manuals of YugabyteDB
//! and Aurora DSQL on isolation.

use super::isolation::{Anomaly, Level, Name, Needs};
use crate::plan::Isolation;

/// What a server promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    product: String,
    /// In SQL's words; none where the product has only one level, or nobody knows which it is.
    granted: Option<Isolation>,
    level: Level,
    order: Order,
}

/// Which anomalies that need the order in time are ruled out, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// None.
    Nothing,
    /// A row is never read in a state older than one that had been confirmed before.
    StaleRead,
    /// Those whose phenomenon the level forbids.
    OfLevel,
    /// All.
    Everything,
}

impl Promise {
    /// The promise of a product, as [`crate::check`] is told its name, at the level that it granted.
    #[must_use]
    pub fn of(product: &str, granted: Option<Isolation>) -> Self {
        use Isolation::{ReadCommitted, RepeatableRead, Serializable};
        // DSQL has one level, and calls it REPEATABLE READ where it is asked.
        let granted = granted.filter(|_| product != "Aurora DSQL");
        let (level, order) = match (product, granted) {
            ("Aurora DSQL", _) | ("PostgreSQL" | "simulation", Some(RepeatableRead)) => {
                (Level::Snapshot, Order::OfLevel)
            }
            ("CockroachDB", Some(Serializable)) => (Level::Serializable, Order::StaleRead),
            ("PostgreSQL" | "simulation", Some(Serializable)) => (Level::Serializable, Order::Everything),
            (_, Some(Serializable)) => (Level::Serializable, Order::Nothing),
            // Whoever speaks PostgreSQL's protocol means snapshot isolation by it.
            (_, Some(RepeatableRead)) => (Level::Snapshot, Order::Nothing),
            // PostgreSQL answers "read uncommitted" where it was asked for, and gives READ COMMITTED.
            (_, Some(ReadCommitted) | None) => (Level::ReadCommitted, Order::Nothing),
        };
        let product = if product == "simulation" { "the simulation" } else { product };
        Self { product: product.to_owned(), granted, level, order }
    }

    /// The level that is promised, apart from the order in time.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Who promises.
    #[must_use]
    pub fn product(&self) -> &str {
        &self.product
    }

    /// What the level that was granted is called in SQL, or what it is where it has no such name.
    #[must_use]
    pub fn granted(&self) -> &'static str {
        match (self.granted, self.level) {
            (Some(Isolation::Serializable), _) => "SERIALIZABLE",
            (Some(Isolation::RepeatableRead), _) => "REPEATABLE READ",
            (Some(Isolation::ReadCommitted), _) => "READ COMMITTED",
            (None, level) => level.name(),
        }
    }

    /// Whether the server has promised that this does not happen.
    #[must_use]
    pub fn is_broken_by(&self, anomaly: &Anomaly) -> bool {
        anomaly.violates.contains(self.level)
            || (self.forbids_stale_reads() && anomaly.is_stale_read())
            || anomaly.also.iter().chain([&anomaly.name]).any(|name| self.orders(*name))
    }

    /// Whether the server has promised that nobody reads a row in a state older than one that was confirmed before.
    #[must_use]
    pub fn forbids_stale_reads(&self) -> bool {
        self.order != Order::Nothing
    }

    fn orders(&self, name: Name) -> bool {
        let is_ordered = name.needs != Needs::Nothing;
        match self.order {
            Order::Nothing | Order::StaleRead => false,
            Order::OfLevel => is_ordered && Name::plain(name.phenomenon).violates(false).contains(self.level),
            Order::Everything => is_ordered,
        }
    }

    /// The promise in words: what is promised, and the next stronger thing that is not.
    #[must_use]
    pub fn words(&self) -> String {
        let (and, not) = match (self.order, self.level) {
            (Order::Everything, _) => (", in real-time order (strict serializability)", ""),
            (Order::StaleRead, _) => (", and no stale read of one key", "strict serializability"),
            (Order::OfLevel, _) => (", in real-time order", "serializability"),
            (Order::Nothing, Level::Serializable) => ("", "any order in time"),
            (Order::Nothing, Level::Snapshot) => ("", "serializability"),
            (Order::Nothing, _) => ("", "snapshot isolation"),
        };
        let not = if not.is_empty() { String::new() } else { format!("; not {not}") };
        let Self { product, level, .. } = self;
        // The one name that SQL and the theory use for two things.
        let at = if self.granted == Some(Isolation::RepeatableRead) { " at REPEATABLE READ" } else { "" };
        format!("{product} promises {level}{at}{and}{not}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::history::notation;
    use crate::check::isolation::{Edge, Item, Kind, check};

    /// The first anomaly of a history.
    fn anomaly(text: &str, name: &str) -> Anomaly {
        let history = notation::parse(text).expect("a history");
        let found = check(&history).anomalies.into_iter().next().expect("an anomaly");
        assert_eq!(found.name.to_string(), name);
        found
    }

    const SERIALIZABLE: Option<Isolation> = Some(Isolation::Serializable);
    const REPEATABLE_READ: Option<Isolation> = Some(Isolation::RepeatableRead);
    const READ_COMMITTED: Option<Isolation> = Some(Isolation::ReadCommitted);

    #[test]
    fn the_table_is_kept_to() {
        let dirty = anomaly("T1 s1 [0,9] abort : w(x@1)\nT2 s2 [1,8] ok : r(x@1)", "G1a");
        let lost = anomaly("T1 s1 [0,9] ok : r(x@0) w(x@2)\nT2 s2 [1,8] ok : w(x@1)", "lost-update");
        let skew = anomaly("T1 s1 [0,9] ok : r(x@0) w(y@1)\nT2 s2 [1,8] ok : r(y@0) w(x@1)", "G2-item");
        let stale = anomaly("T1 s1 [0,1] ok : w(x@1)\nT2 s2 [2,3] ok : r(x@0)", "G-single-realtime");
        // T3 sees the later write and not the earlier one.
        let reverse = "T1 s1 [0,1] ok : w(x@1)\nT2 s2 [2,3] ok : w(y@1)\nT3 s3 [0,9] ok : r(x@0) r(y@1)";
        let reverse = anomaly(reverse, "G-single-realtime");
        let skew_in_time =
            "T1 s1 [0,1] ok : r(y@0) w(x@1)\nT2 s2 [2,3] ok : r(z@0) w(y@1)\nT3 s3 [0,9] ok : r(x@0) w(z@1)";
        let skew_in_time = anomaly(skew_in_time, "G2-item");
        let all = [&dirty, &lost, &skew, &stale, &reverse, &skew_in_time];
        for (product, granted, broken) in [
            ("CockroachDB", SERIALIZABLE, [true, true, true, true, false, true]),
            ("CockroachDB", REPEATABLE_READ, [true, true, false, false, false, false]),
            ("CockroachDB", READ_COMMITTED, [true, false, false, false, false, false]),
            ("PostgreSQL", SERIALIZABLE, [true, true, true, true, true, true]),
            ("PostgreSQL", REPEATABLE_READ, [true, true, false, true, true, false]),
            ("PostgreSQL", READ_COMMITTED, [true, false, false, false, false, false]),
            ("simulation", SERIALIZABLE, [true, true, true, true, true, true]),
            ("simulation", REPEATABLE_READ, [true, true, false, true, true, false]),
            ("YugabyteDB", SERIALIZABLE, [true, true, true, false, false, true]),
            ("YugabyteDB", REPEATABLE_READ, [true, true, false, false, false, false]),
            ("Aurora DSQL", REPEATABLE_READ, [true, true, false, true, true, false]),
            ("unknown database", SERIALIZABLE, [true, true, true, false, false, true]),
            ("unknown database", None, [true, false, false, false, false, false]),
        ] {
            let promise = Promise::of(product, granted);
            assert_eq!(all.map(|anomaly| promise.is_broken_by(anomaly)), broken, "{}", promise.words());
        }
    }

    #[test]
    fn snapshot_isolation_in_real_time_order_still_permits_write_skew_in_it() {
        let rw = |from, to, key| Edge { from, to, kind: Kind::Rw, item: Item::Key { key, version: 0 } };
        let late = Edge { from: 2, to: 0, kind: Kind::RealTime, item: Item::Time };
        let cycle = Anomaly::cycle(vec![rw(0, 1, 1), rw(1, 2, 2), late]);
        assert_eq!(cycle.name.to_string(), "G2-item-realtime");
        assert!(!Promise::of("PostgreSQL", REPEATABLE_READ).is_broken_by(&cycle));
        assert!(Promise::of("PostgreSQL", SERIALIZABLE).is_broken_by(&cycle));
    }

    #[test]
    fn the_words_say_what_is_promised_and_what_is_not() {
        let words = |product, granted| Promise::of(product, granted).words();
        assert_eq!(
            words("CockroachDB", SERIALIZABLE),
            "CockroachDB promises serializable, and no stale read of one key; not strict serializability"
        );
        assert_eq!(
            words("Aurora DSQL", SERIALIZABLE),
            "Aurora DSQL promises snapshot, in real-time order; not serializability"
        );
        assert_eq!(Promise::of("PostgreSQL", REPEATABLE_READ).granted(), "REPEATABLE READ");
    }
}
