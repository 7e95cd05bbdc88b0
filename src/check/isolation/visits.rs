//! Where has a walk been? The transactions of one component, and how far walks had come when they were there.

/// The transactions of a component, and what a walk has seen of them. A walk forgets what the one before it saw.
pub struct Visits {
    nodes: Vec<u32>,
    /// For each transaction a bit for each of up to 32 ways to have come there.
    seen: Vec<u32>,
    /// What to forget.
    touched: Vec<usize>,
}

impl Visits {
    /// Of a component, of which nothing was seen.
    #[must_use]
    pub fn new(component: &[u32]) -> Self {
        let mut nodes = component.to_vec();
        nodes.sort_unstable();
        Self { seen: vec![0; nodes.len()], nodes, touched: Vec::new() }
    }

    /// Whether a transaction is in the component.
    #[must_use]
    pub fn contains(&self, node: u32) -> bool {
        self.nodes.binary_search(&node).is_ok()
    }

    /// Notes that a walk came to a transaction in one of 32 ways. False where it had been there like that before, or
    /// where the transaction is none of the component's.
    pub fn insert(&mut self, node: u32, way: u32) -> bool {
        let Ok(place) = self.nodes.binary_search(&node) else { return false };
        let seen = &mut self.seen[place];
        if *seen == 0 {
            self.touched.push(place);
        }
        let is_new = *seen & (1 << way) == 0;
        *seen |= 1 << way;
        is_new
    }

    /// Another walk begins.
    pub fn forget(&mut self) {
        for place in self.touched.drain(..) {
            self.seen[place] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_a_transaction_is_new_once_in_a_walk() {
        let mut visits = Visits::new(&[7, 3, 900]);
        assert!(visits.contains(900) && !visits.contains(4));
        for _ in 0..2 {
            let came = [(3, 0), (3, 0), (3, 31), (7, 0), (900, 5), (900, 5), (4, 0)];
            assert_eq!(came.map(|(node, way)| visits.insert(node, way)), [true, false, true, true, true, false, false]);
            visits.forget();
        }
    }
}
