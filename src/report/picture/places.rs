//! What is drawn where there is no cycle? The places that a transaction contradicts: the beginning, the end, nobody.

use super::figure::{Figure, Where};
use crate::check::history::{History, Operation, Outcome};
use crate::check::isolation::{Anomaly, Item, Kind, Phenomenon};

/// Adds what an anomaly without a cycle is about, and the arrows to it. `node` finds a transaction's node.
pub(super) fn add(figure: &mut Figure, history: &History, anomaly: &Anomaly, node: &dyn Fn(u32) -> Option<usize>) {
    let mut nodes: Vec<usize> = anomaly.transactions.iter().filter_map(|txn| node(*txn)).collect();
    // Those that are not drawn are one.
    nodes.dedup();
    let scene = Scene { history, anomaly, nodes };
    match anomaly.name.phenomenon {
        Phenomenon::LostCommit if scene.nodes.len() > 1 => scene.again(figure),
        Phenomenon::LostCommit | Phenomenon::HalfTransfer => scene.gone(figure),
        Phenomenon::DuplicateVersion => scene.twice(figure),
        Phenomenon::AppliedTwice if anomaly.item != Item::Time => scene.once_more(figure),
        Phenomenon::AppliedTwice => scene.request(figure),
        Phenomenon::PhantomWriter => scene.nobody(figure),
        Phenomenon::Garbage => scene.garbage(figure),
        Phenomenon::Internal => {}
        _ if anomaly.edges.is_empty() => {
            let lines = ["each of them before the next, and the last before the first".to_owned()];
            figure.place(Where::Anywhere, "in a circle", &lines);
        }
        _ => {}
    }
}

struct Scene<'a> {
    history: &'a History,
    anomaly: &'a Anomaly,
    /// Of the anomaly's transactions, in their order.
    nodes: Vec<usize>,
}

impl Scene<'_> {
    /// The row in the version that it is about, or the member of the set.
    fn what(&self) -> String {
        let names = self.history.names();
        match self.anomaly.item {
            Item::Key { key, version } => format!("{}@{version}", names.key(key)),
            Item::Member { set, member } => format!("{} in {}", names.member(member), names.set(set)),
            Item::Time => "what it did".to_owned(),
        }
    }

    /// What was found after everything had stopped.
    fn end(&self, figure: &mut Figure) -> usize {
        let names = self.history.names();
        let found = match self.anomaly.item {
            Item::Key { key, version } => self.history.last(key).map(|row| {
                let value = self.history.last_value(key).map_or_else(String::new, |value| format!(" (={value})"));
                let is_lost = self.anomaly.name.phenomenon == Phenomenon::LostCommit;
                let whose = if is_lost && row.version == version { ", another one's" } else { "" };
                format!("{}@{}{value}{whose}", names.key(key), row.version)
            }),
            Item::Member { set, member } => Some(format!("{} without {}", names.set(set), names.member(member))),
            Item::Time => None,
        };
        figure.place(Where::End, "in the end", &[found.unwrap_or_else(|| "nobody looked".to_owned())])
    }

    fn gone(&self, figure: &mut Figure) {
        let end = self.end(figure);
        let did = if matches!(self.anomaly.item, Item::Member { .. }) { "added" } else { "wrote" };
        self.each_to(figure, end, &format!("{did} {}, which is gone", self.what()));
    }

    /// A confirmed version was made once more by one that began later.
    fn again(&self, figure: &mut Figure) {
        if let [lost, later] = self.nodes[..] {
            figure.arrow(lost, later, None, &format!("{} gone, made again", self.what()));
        }
    }

    /// A version that its maker did not make, behind the one that it did: seen by another one, or in the end.
    fn once_more(&self, figure: &mut Figure) {
        let Some(maker) = self.nodes.first().copied() else { return };
        let found = self.nodes.get(1).copied().unwrap_or_else(|| self.end(figure));
        figure.arrow(maker, found, None, &format!("signed by it: {}", self.what()));
    }

    fn twice(&self, figure: &mut Figure) {
        let place = figure.place(Where::Anywhere, &self.what(), &["one version, which one can have made".to_owned()]);
        self.each_to(figure, place, &format!("wrote {}", self.what()));
    }

    fn request(&self, figure: &mut Figure) {
        let request = self.anomaly.transactions.first().and_then(|txn| self.history.request(*txn));
        let head = request.map_or_else(|| "one request".to_owned(), |request| format!("request {request}"));
        let place = figure.place(Where::Anywhere, &head, &["to be done once".to_owned()]);
        self.each_to(figure, place, "took effect");
    }

    fn each_to(&self, figure: &mut Figure, place: usize, label: &str) {
        for node in &self.nodes {
            figure.arrow(*node, place, None, label);
        }
    }

    fn nobody(&self, figure: &mut Figure) {
        let rolled_back =
            self.anomaly.transactions.first().is_some_and(|txn| self.history.outcome(*txn) == Outcome::Abort);
        if let (true, [node]) = (rolled_back, &self.nodes[..]) {
            let end = self.end(figure);
            figure.arrow(*node, end, None, &format!("rolled back, and yet there: {}", self.what()));
            return;
        }
        let lines = [format!("who is known wrote {}", self.what())];
        let nobody = figure.place(Where::Anywhere, "nobody", &lines);
        let [node] = self.nodes[..] else {
            let end = self.end(figure);
            figure.arrow(nobody, end, None, &self.what());
            return;
        };
        let kind = match self.anomaly.item {
            Item::Member { .. } => Kind::WrPredicate,
            _ if self.read() => Kind::Wr,
            _ => Kind::Ww,
        };
        figure.arrow(nobody, node, Some(kind), &format!("{} {}", super::words::kind(kind), self.what()));
    }

    /// Whether the last transaction read the version that it is about.
    fn read(&self) -> bool {
        let Item::Key { key, version } = self.anomaly.item else { return false };
        let is_it = |operation| matches!(operation, Operation::Read { key: of, version: found, .. } if (of, found) == (key, version));
        self.anomaly.transactions.last().is_some_and(|txn| self.history.operations(*txn).any(is_it))
    }

    fn garbage(&self, figure: &mut Figure) {
        let (names, what) = (self.history.names(), self.what());
        match (&self.nodes[..], self.anomaly.item) {
            ([node], Item::Member { set, member }) => {
                let lines = [format!("{} with {}", names.set(set), names.member(member))];
                let beginning = figure.place(Where::Beginning, "at the beginning", &lines);
                figure.arrow(beginning, *node, None, &format!("not found: {what}"));
            }
            ([writer, reader], _) => {
                let kind = if self.read() { Kind::Wr } else { Kind::Ww };
                figure.arrow(*writer, *reader, Some(kind), &format!("{} {what}", super::words::kind(kind)));
            }
            ([node], Item::Key { key, version }) => self.alone(figure, *node, key, version),
            _ => {
                let end = self.end(figure);
                let nobody = figure.place(Where::Anywhere, "nobody", &[format!("wrote {what} as it is")]);
                figure.arrow(nobody, end, None, &what);
            }
        }
    }

    /// One transaction contradicts the beginning or the end, or read what nobody wrote.
    fn alone(&self, figure: &mut Figure, node: usize, key: u32, version: u32) {
        let what = self.what();
        if !self.read() {
            let end = self.end(figure);
            figure.arrow(node, end, None, &format!("wrote {what} otherwise"));
            return;
        }
        let initial = self.history.initial_value(key).filter(|_| version == self.history.initial(key));
        if let Some(held) = initial {
            let beginning = figure.place(Where::Beginning, "at the beginning", &[format!("{what} (={held})")]);
            figure.arrow(beginning, node, None, &format!("read otherwise: {what}"));
        } else {
            let nobody = figure.place(Where::Anywhere, "nobody", &[format!("wrote {what}")]);
            figure.arrow(nobody, node, Some(Kind::Wr), &format!("wr {what}"));
        }
    }
}
