//! Does anything make the check panic? Bytes, words in any order, and the largest numbers.

use contend::check::history::notation;
use contend::check::isolation::{Document, Level, check, explain};
use proptest::prelude::*;

const WORDS: [&str; 20] = [
    "T1",
    "T2",
    " s ",
    "s1 ",
    "[0,9]",
    "[-9223372036854775808,9223372036854775807]",
    "[5,5]",
    " ok : ",
    " info :",
    " abort : ",
    "r(x@0) ",
    "w(x@1) ",
    "w(x@4294967295) ",
    "r(x@4294967295) ",
    "w(x@4294967296) ",
    "\n",
    "rs(P,{a,b}) ",
    "add(P,a) ",
    "T3 s [1,2] ok : r(x@1) w(x@2)\n",
    "#",
];
const TIMES: [&str; 4] = [
    "-9223372036854775808,9223372036854775807",
    "-9223372036854775808,-9223372036854775807",
    "9223372036854775806,9223372036854775807",
    "0,0",
];
const VERSIONS: [&str; 5] = ["1", "2", "2147483648", "4294967294", "4294967295"];

/// Index of times, index of the outcome, and operations: whether it reads, index of the version.
type Draft = (usize, usize, Vec<(bool, usize)>);

fn line(number: usize, (time, outcome, operations): &Draft) -> String {
    let mut words = vec![format!("T{number} s [{}] {} :", TIMES[*time], ["ok", "abort", "info"][*outcome])];
    for (read, version) in operations {
        let write = format!("w(x@{})", VERSIONS[*version]);
        let read = *read || words.contains(&write);
        words.push(if read { format!("r(x@{})", VERSIONS[*version]) } else { write });
    }
    words.join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        match notation::read(&bytes) {
            Ok(history) => prop_assert!(check(&history).committed <= history.len()),
            Err(error) => prop_assert!(error.line > 0 && error.column > 0 && !error.reason.contains('\n')),
        }
    }

    #[test]
    fn words(words in prop::collection::vec(0..WORDS.len(), 0..24)) {
        let text: String = words.iter().map(|word| WORDS[*word]).collect();
        if let Ok(history) = notation::parse(&text) {
            prop_assert!(check(&history).committed <= history.len());
        }
    }

    #[test]
    fn numbers(drafts in prop::collection::vec(
        (0..4_usize, 0..3_usize, prop::collection::vec((any::<bool>(), 0..5_usize), 0..6)),
        0..6,
    )) {
        let lines: Vec<String> = drafts.iter().enumerate().map(|(number, draft)| line(number, draft)).collect();
        let history = notation::parse(&lines.join("\n")).expect("a history");
        let judgement = check(&history);
        prop_assert!(serde_json::to_string(&Document::new(&history, &judgement, Level::Serializable)).is_ok());
        for anomaly in &judgement.anomalies {
            prop_assert!(explain(&history, anomaly).len() > 2);
        }
    }
}
