//! What a simulation does not do is refused in one line.

use super::support::Contend;

#[track_caller]
fn refused(contend: Contend, code: i32, expected: &str) {
    assert_eq!(contend.finish().expect(code).only_error(), format!("error: {expected}"));
}

#[test]
fn flags_that_mean_nothing_in_a_simulation_are_refused() {
    for (flags, reason) in [
        ("--threads 2", "it runs on one thread, so that it is the same each time; leave --threads out"),
        ("--audit on", "nobody audits it while it runs; leave --audit out"),
        (
            "--isolation read-committed",
            "its address says its level, which --isolation calls serializable; leave --isolation out",
        ),
    ] {
        let contend = Contend::run().on("sim://stale-replica").flags(flags);
        refused(contend, 2, &format!("sim://stale-replica is a simulation: {reason}"));
    }
}

#[test]
fn what_a_simulation_does_anyway_may_be_asked_for() {
    let flags = "--threads 1 --audit off --isolation repeatable-read --transactions 10 --warmup 0s --level snapshot";
    Contend::run().on("sim://snapshot").flags(flags).finish().expect(0);
}

#[test]
fn other_commands_have_nothing_to_work_on() {
    for command in ["ping", "seed", "balances", "clean", "tutorial"] {
        let expected = "sim://snapshot is a simulation, which exists only while `contend run` or `contend tune` works with it; \
                        name a database";
        refused(Contend::new(command).on("sim://snapshot"), 2, expected);
        refused(Contend::new(command).env("CONTEND_URL", "sim://snapshot"), 2, expected);
    }
}

#[test]
fn a_simulation_stands_alone() {
    let contend = Contend::run().on("postgres://nobody@127.0.0.1:1/x").on("sim://snapshot");
    refused(contend, 2, "sim://snapshot is a simulation: it works with no other address beside it");
}

#[test]
fn the_environment_can_name_one() {
    let ended =
        Contend::run().env("DATABASE_URL", "sim://serializable").flags("--transactions 10 --warmup 0s").finish();
    assert!(ended.expect(0).stdout.starts_with("SIMULATED       sim://serializable ("));
}

#[test]
fn a_level_that_nobody_knows_is_refused_with_those_that_there_are() {
    let ended = Contend::run().on("sim://serialisable").finish().expect(2);
    assert!(ended.only_error().contains("serializable"), "{}", ended.stderr);
}
