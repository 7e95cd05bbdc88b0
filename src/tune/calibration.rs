//! Which simulation behaves like a server? The costs with which it does what a run has measured.
//!
//! A search for the few costs of a simulated server, by running it: what comes out of conflicts (waiting for locks, aborts,
//! attempts that were for nothing) has no formula, but the simulation has it.

/// What a run has measured and a simulation has to do as well. All above 0 where anything was committed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Behavior {
    /// Attempts per second.
    pub throughput_tps: f64,
    /// Attempts for each commit: the conflict probability p of an attempt is 1 - 1/this.
    pub attempts_per_commit: f64,
    /// The median time of an attempt that committed, in nanoseconds.
    pub attempt_p50_ns: f64,
    /// The mean time of an attempt that did not, in nanoseconds; none where there was none.
    pub aborted_mean_ns: Option<f64>,
}

/// What a simulated server costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// A round trip between client and server, in nanoseconds.
    pub rtt_ns: f64,
    /// What a statement works on a core, on average, in nanoseconds.
    pub service_ns: f64,
    /// What a commit waits for its log, in nanoseconds.
    pub commit_ns: f64,
    /// Cores.
    pub cores: u32,
}

/// Numbers of cores that are tried: a server whose statements never queue has as many as there are.
const CORES: [u32; 5] = [1, 2, 4, 8, 32];
/// The search begins with steps by this factor, and ends with steps below that one.
const FIRST_STEP: f64 = 2.0;
const LAST_STEP: f64 = 1.1;
/// No cost is below this, in nanoseconds: a simulation in which nothing takes time never ends.
const LEAST_NS: f64 = 1_000.0;
/// An attempt is made of about so many statements and round trips, which is where the search begins.
const STATEMENTS: f64 = 6.0;

impl Behavior {
    /// How far another one is from this: the sum of the squares of the logarithms of all ratios.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f64 {
        let ratio = |one: f64, two: f64| (two.max(f64::MIN_POSITIVE) / one.max(f64::MIN_POSITIVE)).ln().powi(2);
        let aborted = match (self.aborted_mean_ns, other.aborted_mean_ns) {
            (Some(one), Some(two)) => ratio(one, two),
            _ => 0.0,
        };
        ratio(self.throughput_tps, other.throughput_tps)
            + ratio(self.attempts_per_commit, other.attempts_per_commit)
            + ratio(self.attempt_p50_ns, other.attempt_p50_ns)
            + aborted
    }
}

impl Costs {
    /// The same with one of the times multiplied.
    fn times(self, which: usize, factor: f64) -> Self {
        let mut costs = self;
        let cost = match which {
            0 => &mut costs.rtt_ns,
            1 => &mut costs.service_ns,
            _ => &mut costs.commit_ns,
        };
        *cost = (*cost * factor).max(LEAST_NS);
        costs
    }
}

/// Finds costs with which a simulation behaves as was measured. For each number of cores a pattern search (Hooke and
/// Jeeves, "Direct Search Solution of Numerical and Statistical Problems", JACM 8, 1961) over the logarithms of the times.
pub fn calibrate(
    measured: &Behavior,
    mut simulate: impl FnMut(&Costs) -> Option<Behavior>,
) -> Option<(Costs, Behavior)> {
    let each = (measured.attempt_p50_ns / STATEMENTS / 2.0).max(LEAST_NS);
    let mut best: Option<(f64, Costs, Behavior)> = None;
    for cores in CORES {
        let begin = Costs { rtt_ns: each, service_ns: each, commit_ns: each, cores };
        let Some(found) = search(measured, begin, &mut simulate) else { continue };
        if best.as_ref().is_none_or(|(distance, ..)| found.0 < *distance) {
            best = Some(found);
        }
    }
    best.map(|(_, costs, behavior)| (costs, behavior))
}

fn search(
    measured: &Behavior,
    begin: Costs,
    simulate: &mut impl FnMut(&Costs) -> Option<Behavior>,
) -> Option<(f64, Costs, Behavior)> {
    let mut look = |costs: Costs| simulate(&costs).map(|behavior| (measured.distance(&behavior), costs, behavior));
    let mut best = look(begin)?;
    let mut step = FIRST_STEP;
    while step > LAST_STEP {
        let mut better = false;
        for which in 0..3 {
            for factor in [step, 1.0 / step] {
                let found = look(best.1.times(which, factor)).filter(|found| found.0 < best.0);
                if let Some(found) = found {
                    (best, better) = (found, true);
                    break;
                }
            }
        }
        if !better {
            step = step.sqrt();
        }
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server without conflicts whose workers never queue for more than its cores: one formula.
    fn formula(costs: &Costs, workers: f64) -> Behavior {
        let Costs { rtt_ns, service_ns, commit_ns, cores } = *costs;
        let attempt = 5.0 * (rtt_ns + service_ns) + commit_ns;
        let throughput = (workers / attempt).min(f64::from(cores) / (5.0 * service_ns)) * 1e9;
        Behavior {
            throughput_tps: throughput,
            attempts_per_commit: 1.0,
            attempt_p50_ns: workers / throughput * 1e9,
            aborted_mean_ns: None,
        }
    }

    #[test]
    fn costs_are_found_that_explain_what_was_measured() {
        let server = Costs { rtt_ns: 300_000.0, service_ns: 80_000.0, commit_ns: 500_000.0, cores: 2 };
        for workers in [4.0, 100.0] {
            let measured = formula(&server, workers);
            let mut runs = 0;
            let (_, found) = calibrate(&measured, |costs| {
                runs += 1;
                Some(formula(costs, workers))
            })
            .unwrap();
            assert!(measured.distance(&found) < 0.01, "{workers} workers: {found:?} instead of {measured:?}");
            assert!(runs < 600, "{runs} runs");
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_can_be_simulated() {
        let measured = formula(&Costs { rtt_ns: 1e5, service_ns: 1e5, commit_ns: 1e5, cores: 1 }, 4.0);
        assert_eq!(calibrate(&measured, |_| None), None);
    }
}
