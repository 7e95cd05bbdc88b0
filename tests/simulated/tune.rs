//! Does an experiment on a simulation rank the policies, the same each time, and is what it saves what it prints?

use std::fs;
use std::path::{Path, PathBuf};

use contend::run::{EndReason, Tune};
use serde_json::Value;

use super::support::{Contend, Ended};

const FOUR: &str = "immediate,tutorial,constant:5ms,exponential:base=1ms,cap=200ms";

fn tune(address: &str, flags: &str) -> Ended {
    Contend::tune().on(address).flags(flags).finish()
}

fn file(ended: &Ended) -> PathBuf {
    ended.folder().join("tune.json")
}

fn saved(ended: &Ended) -> Tune {
    serde_json::from_str(&fs::read_to_string(file(ended)).unwrap()).unwrap()
}

/// What was saved, but for the time at which it was.
fn timeless(ended: &Ended) -> Value {
    let mut value: Value = serde_json::from_str(&fs::read_to_string(file(ended)).unwrap()).unwrap();
    for field in ["id", "started"] {
        value.as_object_mut().unwrap().remove(field).unwrap();
    }
    value
}

#[test]
fn four_policies_are_ranked_and_the_same_seed_measures_the_same() {
    let flags = |seed| format!("--policies {FOUR} --block 500ms --rounds 4 --seed {seed} --quiet");
    let [one, two] = [(); 2].map(|()| tune("sim://serializable", &flags(7)).expect(0));
    assert_eq!(timeless(&one), timeless(&two));
    assert_ne!(timeless(&one)["blocks"], timeless(&tune("sim://serializable", &flags(8)).expect(0))["blocks"]);
    assert!(one.stdout.starts_with("SIMULATED") && one.stderr.is_empty(), "{}{}", one.stdout, one.stderr);
    let tune = saved(&one);
    let [analysis] = tune.analyses.as_slice() else { panic!("{:?}", tune.analyses) };
    let name = |candidate: usize| tune.candidates[candidate].name.as_str();
    let last = analysis.ranked.last().unwrap();
    assert_eq!((analysis.ranked.len(), name(last.candidate)), (4, "tutorial"), "it waits for tenths of a second");
    assert_ne!(name(analysis.recommended), "tutorial");
    let goodput = |at: usize| analysis.ranked[at].estimates.goodput_tps.mean;
    assert!((1..4).all(|at| goodput(at - 1) >= goodput(at)), "{analysis:?}");
}

#[test]
fn every_block_is_a_load_of_its_own_in_virtual_time() {
    let ended = tune("sim://snapshot", "--policies immediate,none --vary workers=4,8 --block 1s --rounds 3").expect(0);
    let tune = saved(&ended);
    assert_eq!((tune.workers.as_slice(), tune.blocks.len(), tune.analyses.len()), ([4, 8].as_slice(), 12, 2));
    let round = |number: u32| {
        let blocks = tune.blocks.iter().filter(|block| block.round == number);
        let mut slots: Vec<_> = blocks.map(|block| (block.candidate, block.setting)).collect();
        slots.sort_unstable();
        slots
    };
    assert!((0..3).all(|number| round(number) == [(0, 0), (0, 1), (1, 0), (1, 1)]), "{:?}", tune.blocks);
    for pair in tune.blocks.windows(2) {
        // A fifth of a second of warm-up, and the rest of what was in flight.
        let took = pair[1].started_s - pair[0].started_s;
        assert!((1.2..3.0).contains(&took) && pair[0].round <= pair[1].round, "{took}");
    }
    let lines = ended.stderr.lines().filter(|line| line.contains("tx/s") && line.ends_with("left")).count();
    assert_eq!(lines, 12, "a line for each block: {}", ended.stderr);
    for block in &tune.blocks {
        let measured = &block.measured;
        assert!(measured.committed > 0 && measured.committed <= measured.transactions, "{measured:?}");
        assert!(measured.transactions <= measured.attempts && (measured.seconds - 1.0).abs() < 1e-9, "{measured:?}");
        assert!(measured.wasted_s + measured.backoff_s < measured.busy_s, "{measured:?}");
        let once = block.candidate == 1;
        assert!(!once || measured.attempts == measured.transactions, "none never tries again: {measured:?}");
    }
}

#[test]
fn what_is_wrong_after_a_block_ends_the_experiment_and_is_named() {
    for (address, flags, check) in
        [("sim://forgets-commits", "", "writes"), ("sim://lost-updates", "--verify history", "history")]
    {
        let flags = format!("--policies immediate,constant:5ms --block 1s --rounds 4 --seed 5 {flags}");
        let ended = tune(address, &flags).expect(1);
        let tune = saved(&ended);
        let violation = tune.violation.unwrap();
        let first = format!("after block {} (round 1, ", tune.blocks.len());
        assert!(violation.starts_with(&first) && violation.contains(&format!("): {check}: ")), "{violation}");
        assert_eq!((tune.blocks.len(), tune.end.reason), (1, EndReason::Stopped));
        assert!(ended.report().contains("VIOLATED"), "{}", ended.stdout);
    }
    let sound = "--policies immediate --block 1s --rounds 4 --verify history --quiet";
    assert_eq!(saved(&tune("sim://serializable", sound).expect(0)).violation, None);
}

#[test]
fn a_saved_experiment_is_shown_again_and_nothing_else_is() {
    let ended = tune("sim://serializable", "--policies immediate,none --block 500ms --rounds 4 --quiet").expect(0);
    let (folder, path) = (ended.folder(), file(&ended));
    let again =
        |path: &Path, flags: &str| Contend::new("tune").arg("--from").arg(path.to_str().unwrap()).flags(flags).finish();
    for path in [&folder, &path] {
        assert_eq!(again(path, "").expect(0).stdout, ended.stdout);
    }
    let json: Value = serde_json::from_str(&again(&folder, "--json").expect(0).stdout).unwrap();
    assert_eq!(json["id"], folder.file_name().unwrap().to_str().unwrap());
    let source = again(&folder, "--emit python").expect(0);
    let candidate = json["analyses"][0]["recommended"].to_string();
    let recommended = json.pointer(&format!("/candidates/{candidate}/name")).unwrap().as_str().unwrap();
    assert!(
        source.stdout.contains(&format!("{recommended}: recommended")) && !source.stdout.contains("SIMULATED"),
        "{}",
        source.stdout
    );
    assert!(source.stderr.starts_with("SIMULATED"), "the report is on stderr: {}", source.stderr);
    let text = fs::read_to_string(&path).unwrap();
    let newer = folder.join("newer.json");
    fs::write(&newer, text.replacen("\"format\": 1", "\"format\": 99", 1)).unwrap();
    assert!(again(&newer, "").expect(4).only_error().contains("has format 99"));
    let run = Contend::run().on("sim://serializable").flags("--transactions 100 --quiet").finish().expect(0);
    for path in [run.folder(), run.folder().join("run.json")] {
        assert!(again(&path, "").expect(4).only_error().contains("is a run, and an experiment is needed"));
    }
    assert!(again(&folder.join("nowhere"), "").expect(4).only_error().contains("cannot read "));
}

#[test]
fn a_saved_run_is_simulated_and_its_simulation_can_be_changed() {
    let flags = "--transactions 300 --mix transfer --workers 2 --quiet";
    let run = Contend::run().on("sim://snapshot?rtt=3ms").flags(flags).finish().expect(0);
    let folder = run.folder();
    let simulate = |with: &str| {
        let contend = Contend::tune().arg("--simulate").arg(folder.to_str().unwrap()).arg("--with").arg(with);
        contend.flags("--policies immediate --block 1s --rounds 4 --workers 2 --quiet").finish()
    };
    let far = saved(&simulate("rtt=80ms&nodes=3").expect(0));
    let calibrated = far.calibrated.as_ref().unwrap();
    assert_eq!(calibrated.run, folder.file_name().unwrap().to_str().unwrap());
    assert!(calibrated.address.starts_with("sim://snapshot?rtt=") && !calibrated.address.contains("rtt=80ms"));
    let address = &far.server.address;
    assert!(address.contains("rtt=80ms&") && address.contains("nodes=3"), "{address}");
    let p50 = far.blocks[0].measured.p50_ns;
    assert!(p50 > 240_000_000, "several round trips of 80 ms: {p50}");
    let error = simulate("rtt=soon").expect(2).only_error().to_owned();
    assert!(error.contains("--with rtt=soon") && error.contains("rtt=soon: a time"), "{error}");
}
