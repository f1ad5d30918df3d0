//! Witnessing, with two towns: what is signed, what is refused, what is kept.

use ledger::checkpoint;
use office::error::Error;
use office::log::Line;
use office::witness::{self, Answer};
use testkit::{Town, on_each_engine};

const DAY: &str = "2023-03-06";

fn write(town: &Town, n: usize) {
    let ctx = town.ctx(DAY);
    town.office
        .act(|tx| {
            let mut last = None;
            for _ in 0..n {
                let line = Line {
                    kind: "register",
                    case: None,
                    n: None,
                    subject: "test",
                    at: ctx.now,
                    body: "{}",
                };
                last = Some(office::log::append(tx, &ctx, &line)?.map(|_| ()));
            }
            last.ok_or_else(|| Error::Fault("nothing written".into()))
        })
        .expect("entries can be written");
}

fn key(town: &Town) -> String {
    town.office
        .read(|tx| office::townships::verifier_key(tx, testkit::ORG))
        .expect("a key")
}

fn ask(town: &Town, witness: &Town, old: u64) -> (Answer, String) {
    let request = witness::request(&town.office, &town.ctx(DAY), old)
        .expect("a request")
        .expect("not longer than the log");
    (answer(witness, &request), request)
}

fn answer(witness: &Town, request: &str) -> Answer {
    witness::add_checkpoint(&witness.office, &witness.ctx(DAY), request).expect("an answer")
}

fn size(town: &Town) -> u64 {
    let size = town.office.read(|tx| office::log::size(tx, testkit::ORG));
    u64::try_from(size.expect("readable")).expect("not negative")
}

fn forks(witness: &Town) -> i64 {
    witness
        .office
        .read(|tx| witness::watched(tx, testkit::ORG))
        .expect("readable")[0]
        .forks
}

#[test]
fn a_witness_signs_what_grows_and_the_log_serves_it() {
    on_each_engine(|town| {
        let neighbour = Town::on_sqlite();
        assert_eq!(ask(town, &neighbour, 0).0, Answer::Unknown);
        witness::watch(&neighbour.office, &neighbour.ctx(DAY), &key(town)).expect("watched");
        let theirs = witness::key(&neighbour.office, &neighbour.ctx(DAY)).expect("a key");
        witness::trust(&town.office, &town.ctx(DAY), &theirs, "").expect("trusted");
        let mut seen = 0;
        for n in [1, 3, 200] {
            write(town, n);
            let (answer, request) = ask(town, &neighbour, seen);
            let Answer::Cosigned(line) = answer else {
                panic!("at {seen}: {answer:?}")
            };
            let note = request.split_once("\n\n").expect("a note").1;
            let names = witness::take(&town.office, &town.ctx(DAY), note, &line).expect("taken");
            assert_eq!(names, ["yifa/510000000/witness"]);
            let served = witness::published(&town.office, &town.ctx(DAY)).expect("served");
            assert_eq!(served, format!("{note}{line}"));
            assert!(checkpoint::open(&served, &key(town)).is_some());
            let time = ledger::cosignature::time(&served, &theirs);
            assert_eq!(time, Some(1_678_032_000), "midnight in China");
            let stale = if seen == 0 { 1 } else { 0 };
            seen = size(town);
            let expected = Answer::Conflict(i64::try_from(seen).expect("small"));
            assert_eq!(ask(town, &neighbour, stale).0, expected);
        }
        let again = ask(town, &neighbour, seen).0;
        assert!(matches!(again, Answer::Cosigned(_)), "the same head again");
        assert_eq!(forks(&neighbour), 0);
    });
}

#[test]
fn a_witness_refuses_a_second_history_and_keeps_both_heads() {
    on_each_engine(|witness_town| {
        let ctx = witness_town.ctx(DAY);
        let secret = [5u8; 32];
        let origin = "yifa/7";
        witness::watch(
            &witness_town.office,
            &ctx,
            &checkpoint::vkey(origin, &secret),
        )
        .expect("watched");
        let root = [1u8; 32];
        let sign = |size, root: [u8; 32]| checkpoint::sign(origin, size, &root, &secret);
        let first = format!("old 0\n\n{}", sign(10, root));
        assert!(matches!(answer(witness_town, &first), Answer::Cosigned(_)));
        let other = [2u8; 32];
        let proof = ledger::base64(&other);
        for (request, expected, n) in [
            (
                format!("old 10\n\n{}", sign(10, other)),
                Answer::Inconsistent,
                1,
            ),
            (
                format!("old 0\n\n{}", sign(10, other)),
                Answer::Conflict(10),
                1,
            ),
            (
                format!("old 10\n{proof}\n\n{}", sign(12, other)),
                Answer::Inconsistent,
                2,
            ),
            (
                format!("old 0\n\n{}", sign(9, root)),
                Answer::Conflict(10),
                2,
            ),
            (format!("old 10\n\n{}", sign(9, root)), Answer::Malformed, 2),
            (
                format!("old 010\n\n{}", sign(10, root)),
                Answer::Malformed,
                2,
            ),
            (
                format!("old 10\nx\n\n{}", sign(10, root)),
                Answer::Malformed,
                2,
            ),
            ("old 10\n\nnothing".into(), Answer::Malformed, 2),
            (
                format!(
                    "old 10\n\n{}",
                    checkpoint::sign(origin, 10, &root, &[6; 32])
                ),
                Answer::Unsigned,
                2,
            ),
            (
                format!("old 0\n\n{}", checkpoint::sign("yifa/8", 1, &root, &secret)),
                Answer::Unknown,
                2,
            ),
        ] {
            assert_eq!(answer(witness_town, &request), expected, "{request}");
            assert_eq!(forks(witness_town), n, "{request}");
        }
        let same = format!("old 10\n\n{}", sign(10, root));
        assert!(matches!(answer(witness_town, &same), Answer::Cosigned(_)));
    });
}

#[test]
fn a_log_that_a_witness_saw_longer_is_noticed() {
    let town = Town::on_sqlite();
    let longer = size(&town) + 1;
    let request = witness::request(&town.office, &town.ctx(DAY), longer).expect("readable");
    assert_eq!(request, None);
}
