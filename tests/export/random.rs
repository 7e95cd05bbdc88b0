//! Random histories, as they are written by hand: those of the oracle, with every transaction in a session of its own, or at
//! a time that keeps those of one session apart.

use super::oracle;

/// So many seeds.
pub const COUNT: u64 = 3_000;

/// A small history.
pub fn notation(seed: u64) -> String {
    let (mut txns, ..) = oracle::generate::history(seed, 6);
    for (number, txn) in txns.iter_mut().enumerate() {
        let number = i64::try_from(number).unwrap();
        match seed % 3 {
            // As they are, which may overlap.
            0 => {}
            1 => txn.session = format!("own{number}"),
            _ => {
                (txn.start, txn.end) = (txn.start * 100 + number, txn.end * 100 + 50 + number);
                txn.session = format!("{}x{}", txn.session, txn.start / 1000);
            }
        }
    }
    txns.iter().map(|txn| oracle::notation::line(txn) + "\n").collect()
}
