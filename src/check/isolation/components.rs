//! Which nodes can reach each other? Strongly connected components without recursion.
//!
//! Pearce's variant of Tarjan's algorithm with one number per node (Information Processing Letters 116, 2016). The
//! successors of a node are asked for once; those that nobody has visited wait on a stack of their own. Where roots are
//! given so that most successors of a root are finished before it, as in reverse order of time, both stacks stay short.

/// The rank of a node that is still to be visited.
pub const UNVISITED: u32 = 0;
/// The rank of a node that is finished, or that does not belong to the graph.
pub const DONE: u32 = u32::MAX;

struct Frame {
    node: u32,
    /// The node's own place in the order of visits: it is the root of its component if its rank is still that.
    order: u32,
    /// Where the node's waiting successors begin.
    waiting: usize,
}

struct Search {
    rank: Vec<u32>,
    next: u32,
    frames: Vec<Frame>,
    waiting: Vec<u32>,
    open: Vec<u32>,
    found: Vec<Vec<u32>>,
}

/// The components of more than one node, each in no particular order.
///
/// `rank` holds [`UNVISITED`] for the nodes of the graph and [`DONE`] for all others, at most 2^31; `successors` appends
/// those of a node.
pub fn components(
    rank: Vec<u32>,
    roots: impl Iterator<Item = u32>,
    successors: impl Fn(u32, &mut Vec<u32>),
) -> Vec<Vec<u32>> {
    let mut search =
        Search { rank, next: 1, frames: Vec::new(), waiting: Vec::new(), open: Vec::new(), found: Vec::new() };
    let mut scratch = Vec::new();
    for root in roots {
        if search.rank[root as usize] != UNVISITED {
            continue;
        }
        let mut visit = Some(root);
        loop {
            if let Some(node) = visit {
                scratch.clear();
                successors(node, &mut scratch);
                search.enter(node, &scratch);
            }
            if search.frames.is_empty() {
                break;
            }
            visit = search.step();
        }
    }
    search.found
}

impl Search {
    fn enter(&mut self, node: u32, successors: &[u32]) {
        let frame = Frame { node, order: self.next, waiting: self.waiting.len() };
        self.next += 1;
        let mut lowest = frame.order;
        for successor in successors {
            match self.rank[*successor as usize] {
                UNVISITED if *successor != node => self.waiting.push(*successor),
                UNVISITED => {}
                rank => lowest = lowest.min(rank),
            }
        }
        self.rank[node as usize] = lowest;
        self.frames.push(frame);
    }

    /// The next node to visit, or the end of the node on top.
    fn step(&mut self) -> Option<u32> {
        let frame = self.frames.last()?;
        let (node, waiting) = (frame.node as usize, frame.waiting);
        while self.waiting.len() > waiting {
            let successor = self.waiting.pop()?;
            match self.rank[successor as usize] {
                UNVISITED => return Some(successor),
                rank => self.rank[node] = self.rank[node].min(rank),
            }
        }
        let frame = self.frames.pop()?;
        self.leave(&frame);
        None
    }

    fn leave(&mut self, frame: &Frame) {
        let rank = self.rank[frame.node as usize];
        if rank == frame.order {
            let first =
                self.open.iter().rposition(|node| self.rank[*node as usize] < rank).map_or(0, |below| below + 1);
            if first < self.open.len() {
                let mut component = self.open.split_off(first);
                component.push(frame.node);
                for node in &component {
                    self.rank[*node as usize] = DONE;
                }
                self.found.push(component);
            }
            self.rank[frame.node as usize] = DONE;
        } else {
            self.open.push(frame.node);
        }
        if let Some(parent) = self.frames.last() {
            let parent = parent.node as usize;
            self.rank[parent] = self.rank[parent].min(self.rank[frame.node as usize]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(mut components: Vec<Vec<u32>>) -> Vec<Vec<u32>> {
        for component in &mut components {
            component.sort_unstable();
        }
        components.sort();
        components
    }

    #[test]
    fn a_ring_of_a_million_needs_no_recursion() {
        let count = 1_000_000;
        let found = components(vec![UNVISITED; 1_000_000], 0..count, |node, out| out.push((node + 1) % count));
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [1_000_000]);
    }

    #[test]
    fn nodes_outside_of_the_graph_are_not_passed_through() {
        let rank = vec![UNVISITED, DONE, UNVISITED];
        let found = components(rank, 0..3, |node, out| out.push((node + 1) % 3));
        assert!(found.is_empty());
    }

    proptest! {
        #[test]
        fn two_nodes_are_together_when_each_reaches_the_other(edges in prop::collection::vec((0_u32..9, 0_u32..9), 0..24)) {
            let mut reaches = [[false; 9]; 9];
            for (from, to) in &edges {
                reaches[*from as usize][*to as usize] = true;
            }
            for middle in 0..9 {
                for from in 0..9 {
                    for to in 0..9 {
                        reaches[from][to] |= reaches[from][middle] && reaches[middle][to];
                    }
                }
            }
            let mut expected: Vec<Vec<u32>> = Vec::new();
            for node in 0..9_u32 {
                let together: Vec<u32> = (0..9_u32)
                    .filter(|other| *other == node || (reaches[node as usize][*other as usize] && reaches[*other as usize][node as usize]))
                    .collect();
                if together.len() > 1 && together[0] == node {
                    expected.push(together);
                }
            }
            let found = components(vec![UNVISITED; 9], 0..9, |node, out| {
                out.extend(edges.iter().filter(|(from, _)| *from == node).map(|(_, to)| *to));
            });
            prop_assert_eq!(sorted(found), sorted(expected));
        }
    }
}
