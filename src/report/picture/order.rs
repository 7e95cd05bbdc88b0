//! In which order do the lanes stand? So that arrows lead to neighbors, as far as that is possible.

use super::cards::{Card, into_rows};
use super::figure::Arrow;

/// The lanes from above: as they come in the cycle, with two of them exchanged as long as that makes arrows shorter.
pub(super) fn lanes(cards: &[Card], arrows: &[Arrow], count: usize) -> Vec<usize> {
    let mut cards = cards.to_vec();
    let mut order: Vec<usize> = (0..count).collect();
    let mut best = cost(&mut cards, arrows, &order);
    loop {
        let mut better = None;
        for one in 0..count {
            for other in one + 1..count {
                order.swap(one, other);
                let cost = cost(&mut cards, arrows, &order);
                if cost < best {
                    (best, better) = (cost, Some((one, other)));
                }
                order.swap(one, other);
            }
        }
        let Some((one, other)) = better else { return order };
        order.swap(one, other);
    }
}

/// Rows that arrows pass by.
fn cost(cards: &mut [Card], arrows: &[Arrow], order: &[usize]) -> usize {
    into_rows(cards, order);
    arrows.iter().map(|arrow| cards[arrow.from].row.abs_diff(cards[arrow.to].row).saturating_sub(1)).sum()
}
