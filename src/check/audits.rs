//! Did the whole add up while the load ran? Each audit is judged as it comes: nothing is kept but the last one, the first
//! of each kind of violation, and sums, so that nothing grows with the run.

use super::{Status, Verdict};
use crate::history::{Nanos, Overdrawn, Totals, Written};

/// One snapshot of the whole, and what had been written around it. The state that it shows existed at an instant from when
/// it began to when it ended, or so much before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Before it was asked for.
    pub begun: Nanos,
    /// When it was answered.
    pub ended: Nanos,
    /// How far in the past the state is that was asked for, 0 for the present.
    pub behind: Nanos,
    /// What it saw.
    pub totals: Totals,
    /// The writes before it began.
    pub before: Written,
    /// The writes when it had ended.
    pub after: Written,
}

impl Audit {
    /// When what it shows was so.
    fn span(&self) -> String {
        let seconds = |time: Nanos| time.saturating_sub(self.behind) as f64 / 1e9;
        format!("{:.3} to {:.3} s", seconds(self.begun), seconds(self.ended))
    }
}

/// What is wrong with an audit, if anything.
type Judge = fn(&Audits, &Audit) -> Option<String>;

/// The checks by name, each with its judge.
const CHECKS: [(&str, Judge); 6] = [
    ("audit-total", Audits::wrong_total),
    ("audit-rows", Audits::wrong_rows),
    ("audit-parity", Audits::torn),
    ("audit-writes", Audits::wrong_writes),
    ("audit-sign", Audits::negative_balance),
    ("audit-pairs", Audits::overdrawn_customer),
];

/// One kind of violation.
#[derive(Clone, Debug)]
struct Violation {
    first: String,
    count: u64,
}

/// All audits of a run.
#[derive(Clone, Debug, Default)]
pub struct Audits {
    /// Before the first transaction.
    start: Totals,
    /// The last one of the present, and the last one of the past: each is compared with those of its kind.
    last: [Option<Audit>; 2],
    violations: [Option<Violation>; CHECKS.len()],
    answered: u64,
    took: Nanos,
    longest_gap: Nanos,
    failed: u64,
    first_failure: Option<String>,
}

impl Audits {
    /// None so far, and the accounts as they are before the first transaction.
    #[must_use]
    pub fn new(start: Totals) -> Self {
        Self { start, ..Self::default() }
    }

    /// Judges one more.
    pub fn add(&mut self, audit: Audit) {
        for (index, (_, wrong)) in CHECKS.iter().enumerate() {
            let Some(problem) = wrong(self, &audit) else { continue };
            let violation = self.violations[index].get_or_insert(Violation { first: problem, count: 0 });
            violation.count += 1;
        }
        self.longest_gap = self.longest_gap.max(audit.begun.saturating_sub(self.last_begun()));
        self.took += audit.ended.saturating_sub(audit.begun);
        self.answered += 1;
        self.last[usize::from(audit.behind > 0)] = Some(audit);
    }

    /// The load has ended; what comes after it is no pause.
    pub fn end(&mut self, load_ended: Nanos) {
        self.longest_gap = self.longest_gap.max(load_ended.saturating_sub(self.last_begun()));
    }

    fn last_begun(&self) -> Nanos {
        self.last.iter().flatten().map(|last| last.begun).max().unwrap_or(0)
    }

    /// One was not answered; that says nothing about the accounts.
    pub fn fail(&mut self, error: String) {
        self.failed += 1;
        self.first_failure.get_or_insert(error);
    }

    /// Adds what was found to the verdict: one line when all is well, else one for each kind of violation.
    pub fn judge(&self, verdict: &mut Verdict) {
        let Self { violations, answered, .. } = self;
        let failures = self.failures();
        if *answered == 0 {
            let detail = format!("no snapshot was answered while the load ran{failures}");
            return verdict.add("audits", Status::Inconclusive, detail);
        }
        for ((name, _), violation) in CHECKS.iter().zip(violations) {
            let Some(Violation { first, count }) = violation else { continue };
            verdict.add(name, Status::Violated, format!("{first}; {count} of {answered} snapshots are so"));
        }
        if violations.iter().all(Option::is_none) {
            let (took, gap) = (self.took as f64 / *answered as f64 / 1e6, self.longest_gap as f64 / 1e9);
            let word = if *answered == 1 { "snapshot of the whole adds" } else { "snapshots of the whole add" };
            let detail = format!("{answered} {word} up; {took:.1} ms each, at most {gap:.1} s apart{failures}");
            verdict.add("audits", Status::Holds, detail);
        }
    }

    fn failures(&self) -> String {
        let first = self.first_failure.as_ref();
        first.map_or_else(String::new, |first| format!("; {} failed, the first with: {first}", self.failed))
    }

    /// The last one of the same kind, which was right if this one is the first that is wrong.
    fn previous(&self, audit: &Audit) -> Option<&Audit> {
        self.last[usize::from(audit.behind > 0)].as_ref()
    }

    /// What was so then and what is so now, each with its time.
    fn bracket(&self, audit: &Audit, say: impl Fn(&Totals) -> String) -> String {
        let now = say(&audit.totals);
        match self.previous(audit) {
            Some(last) => {
                format!("{} in the snapshot of {}, {now} in that of {}", say(&last.totals), last.span(), audit.span())
            }
            None => format!("{} before the load, {now} in the snapshot of {}", say(&self.start), audit.span()),
        }
    }

    /// How many writes of the load a snapshot shows.
    fn growth(&self, totals: &Totals) -> i128 {
        totals.versions - self.start.versions
    }

    fn wrong_total(&self, audit: &Audit) -> Option<String> {
        (audit.totals.total != self.start.total)
            .then(|| self.bracket(audit, |totals| format!("total {}", totals.total)))
    }

    fn wrong_rows(&self, audit: &Audit) -> Option<String> {
        (audit.totals.count != self.start.count)
            .then(|| self.bracket(audit, |totals| format!("{} accounts", totals.count)))
    }

    /// Each transaction that writes accounts writes two.
    fn torn(&self, audit: &Audit) -> Option<String> {
        (self.growth(&audit.totals) % 2 != 0).then(|| {
            let writes = self.bracket(audit, |totals| format!("{} writes", self.growth(totals)));
            format!("{writes}: odd, where each transaction makes two")
        })
    }

    /// What was acknowledged before it began is there, and what was not sent when it had ended, or was refused before it
    /// began, is not. Of the past only the second can be said.
    fn wrong_writes(&self, audit: &Audit) -> Option<String> {
        let found = self.growth(&audit.totals);
        let least = if audit.behind > 0 { 0 } else { i128::from(audit.before.acknowledged) };
        let most = i128::from(audit.after.sent) - i128::from(audit.before.refused);
        let shown = || format!("{found} writes in the snapshot of {}", audit.span());
        if found < least {
            return Some(format!("{}, but {least} had been acknowledged before it", shown()));
        }
        if found > most {
            return Some(format!("{}, but at most {most} could be applied until then", shown()));
        }
        // The past is that of the clock of whichever server was asked, and another one may be behind.
        let comparable = self.previous(audit).filter(|_| audit.behind == 0);
        let earlier = comparable.filter(|earlier| self.growth(&earlier.totals) > found)?;
        Some(format!("{}, but {} in the one before, of {}", shown(), self.growth(&earlier.totals), earlier.span()))
    }

    fn negative_balance(&self, audit: &Audit) -> Option<String> {
        (audit.totals.lowest < 0)
            .then(|| self.bracket(audit, |totals| format!("a lowest balance of {}", totals.lowest)))
    }

    fn overdrawn_customer(&self, audit: &Audit) -> Option<String> {
        audit.totals.overdrawn.is_some().then(|| {
            self.bracket(audit, |totals| match totals.overdrawn {
                None => "no customer below zero".to_owned(),
                Some(Overdrawn { customers: 1, first, both }) => format!("customer {first} at {both}"),
                Some(Overdrawn { customers, first, both }) => {
                    format!("customer {first} at {both}, and {} more below zero,", customers - 1)
                }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Totals = Totals { count: 10, total: 1000, versions: 40, lowest: 100, overdrawn: None };
    const SECOND: Nanos = 1_000_000_000;

    /// The nth audit, one a second, of a load that makes a hundred writes a second: what is in flight, four writes,
    /// may be there or not.
    fn audit(n: u64, behind: Nanos, totals: Totals) -> Audit {
        let written = |sent| Written { sent, acknowledged: sent - 8, refused: 4 };
        let (before, after) = (written(n * 100), written(n * 100 + 2));
        Audit { begun: n * SECOND, ended: n * SECOND + 10_000_000, behind, totals, before, after }
    }

    fn right(n: i128) -> Totals {
        Totals { versions: 40 + n * 100 - 6, lowest: 0, ..START }
    }

    /// What is violated, after two audits that are right and one like this.
    fn violated(behind: Nanos, third: Totals) -> Vec<(&'static str, String)> {
        let mut audits = Audits::new(START);
        for (n, totals) in [(1, right(1)), (2, right(2)), (3, third)] {
            audits.add(audit(n, behind, totals));
        }
        let mut verdict = Verdict::default();
        audits.judge(&mut verdict);
        let bad = verdict.checks.into_iter().filter(|check| check.status == Status::Violated);
        bad.map(|check| (check.name, check.detail)).collect()
    }

    #[test]
    fn what_adds_up_is_one_line() {
        let mut audits = Audits::new(START);
        for n in 1..=97_u8 {
            audits.add(audit(n.into(), 0, right(n.into())));
        }
        audits.fail("cannot audit the accounts: 40001".to_owned());
        audits.end(98 * SECOND + SECOND / 2);
        let mut verdict = Verdict::default();
        audits.judge(&mut verdict);
        let [check] = &verdict.checks[..] else { panic!("{verdict:?}") };
        assert_eq!((check.name, check.status), ("audits", Status::Holds));
        let expected = "97 snapshots of the whole add up; 10.0 ms each, at most 1.5 s apart; 1 failed, the first with: \
                        cannot audit the accounts: 40001";
        assert_eq!(check.detail, expected);
    }

    #[test]
    fn each_violation_has_its_check_and_is_bracketed_in_time() {
        let both = "in the snapshot of 2.000 to 2.010 s";
        let that = "in that of 3.000 to 3.010 s";
        let so = "; 1 of 3 snapshots are so";
        let overdrawn = Some(Overdrawn { customers: 2, first: 7, both: -100 });
        let cases = [
            (Totals { total: 990, ..right(3) }, "audit-total", format!("total 1000 {both}, total 990 {that}{so}")),
            (Totals { count: 9, ..right(3) }, "audit-rows", format!("10 accounts {both}, 9 accounts {that}{so}")),
            (
                Totals { versions: right(3).versions + 1, ..right(3) },
                "audit-parity",
                format!("194 writes {both}, 295 writes {that}: odd, where each transaction makes two{so}"),
            ),
            (
                Totals { lowest: -5, ..right(3) },
                "audit-sign",
                format!("a lowest balance of 0 {both}, a lowest balance of -5 {that}{so}"),
            ),
            (
                Totals { overdrawn, ..right(3) },
                "audit-pairs",
                format!("no customer below zero {both}, customer 7 at -100, and 1 more below zero, {that}{so}"),
            ),
        ];
        for (third, name, detail) in cases {
            assert_eq!(violated(0, third), [(name, detail)]);
        }
        assert_eq!(violated(0, right(3)), []);
    }

    #[test]
    fn writes_are_bounded_by_what_was_acknowledged_and_by_what_was_sent() {
        let with = |growth: i128| Totals { versions: 40 + growth, ..right(3) };
        // 300 sent before it began, 292 of them acknowledged; 302 sent when it ended, 4 of them refused before.
        for growth in [292, 298] {
            assert_eq!(violated(0, with(growth)), [], "{growth}");
        }
        let shown = "writes in the snapshot of 3.000 to 3.010 s, but";
        for (growth, expected) in [
            (290, format!("290 {shown} 292 had been acknowledged before it")),
            (300, format!("300 {shown} at most 298 could be applied until then")),
        ] {
            let found = violated(0, with(growth));
            assert_eq!(found, [("audit-writes", expected + "; 1 of 3 snapshots are so")]);
        }
    }

    #[test]
    fn of_the_past_nothing_is_missing_but_it_does_not_run_ahead() {
        let with = |growth: i128| Totals { versions: 40 + growth, ..right(3) };
        assert_eq!(violated(SECOND, with(194)), []);
        assert_eq!(violated(SECOND, with(192)), [], "another server's clock may be behind");
        let expected = "300 writes in the snapshot of 2.000 to 2.010 s, but at most 298 could be applied until then";
        assert_eq!(violated(SECOND, with(300)), [("audit-writes", format!("{expected}; 1 of 3 snapshots are so"))]);
    }

    #[test]
    fn the_present_does_not_go_back() {
        let mut audits = Audits::new(START);
        for (n, growth) in [(2, 198), (3, 292)] {
            audits.add(audit(n, 0, Totals { versions: 40 + growth, ..right(3) }));
        }
        // Acknowledged are 292 by now, and 296 had been seen.
        let mut last = audit(3, 0, Totals { versions: 40 + 294, ..right(3) });
        last.before.acknowledged = 290;
        let mut higher = last;
        higher.totals.versions = 40 + 296;
        audits.add(higher);
        audits.add(last);
        let mut verdict = Verdict::default();
        audits.judge(&mut verdict);
        let writes = verdict.checks.iter().find(|check| check.name == "audit-writes").expect("a violation");
        assert!(
            writes.detail.starts_with("294 writes in") && writes.detail.contains(", but 296 in the one before"),
            "{writes:?}"
        );
    }

    #[test]
    fn past_and_present_are_not_compared_with_each_other() {
        let mut audits = Audits::new(START);
        audits.add(audit(2, 0, right(2)));
        audits.add(audit(3, SECOND, right(1)));
        audits.add(audit(4, SECOND, Totals { total: 1001, ..right(3) }));
        let mut verdict = Verdict::default();
        audits.judge(&mut verdict);
        let [check] = &verdict.checks[..] else { panic!("{verdict:?}") };
        let expected = "total 1000 in the snapshot of 2.000 to 2.010 s, total 1001 in that of 3.000 to 3.010 s; \
                        1 of 3 snapshots are so";
        assert_eq!((check.name, check.detail.as_str()), ("audit-total", expected));
    }

    #[test]
    fn the_first_violation_is_kept_and_the_others_are_counted() {
        let mut audits = Audits::new(START);
        for (n, totals) in [(1, Totals { total: 7, ..right(1) }), (2, Totals { total: 8, ..right(2) }), (3, right(3))] {
            audits.add(audit(n, 0, totals));
        }
        let mut verdict = Verdict::default();
        audits.judge(&mut verdict);
        let detail = &verdict.checks[0].detail;
        let expected =
            "total 1000 before the load, total 7 in the snapshot of 1.000 to 1.010 s; 2 of 3 snapshots are so";
        assert_eq!(detail, expected);
    }

    #[test]
    fn without_any_answer_nothing_holds() {
        let mut audits = Audits::new(START);
        audits.fail("no answer".to_owned());
        let mut verdict = Verdict::default();
        audits.judge(&mut verdict);
        assert_eq!(verdict.status(), Status::Inconclusive);
        assert!(verdict.checks[0].detail.ends_with("; 1 failed, the first with: no answer"), "{verdict:?}");
    }
}
