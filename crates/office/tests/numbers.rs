//! Numbers 〔year〕 have no gaps and no duplicates, however many people file at once.

use office::cases;
use office::inputs::{Draft, Input};
use std::collections::BTreeSet;
use testkit::on_each_engine;

/// People at the counter.
const THREADS: usize = 64;

#[test]
fn sixty_four_at_once_get_numbers_without_gaps_or_duplicates() {
    on_each_engine(|town| {
        let numbers: Vec<String> = std::thread::scope(|scope| {
            let filing: Vec<_> = (0..THREADS)
                .map(|n| {
                    scope.spawn(move || {
                        let item = if n % 8 == 7 {
                            "没有的事项"
                        } else {
                            "生育登记"
                        };
                        let draft = Draft {
                            step: "登记申请".into(),
                            persons: [("窗口人员".to_owned(), vec!["a".to_owned()])].into(),
                            values: [
                                ("确认事项".to_owned(), Input::from(item)),
                                ("申请人信息".to_owned(), Input::from("某人")),
                                ("申请内容".to_owned(), Input::from("登记")),
                            ]
                            .into(),
                            ..Draft::default()
                        };
                        let ctx = town.ctx("2023-04-10");
                        let done = cases::open(&town.office, &ctx, "confirmation", &draft).ok()?;
                        town.office
                            .read(|tx| office::records::find(tx, &ctx.org, &done.case))
                            .ok()
                            .map(|row| row.number)
                    })
                })
                .collect();
            filing
                .into_iter()
                .filter_map(|one| one.join().expect("nobody falls over"))
                .collect()
        });
        // One in eight is refused and may not use up a number.
        assert_eq!(numbers.len(), THREADS - THREADS / 8);
        let found: BTreeSet<usize> = numbers
            .iter()
            .map(|number| {
                let (_, rest) = number.split_once('〕').expect("a number with a year");
                assert!(number.contains("〔2023〕"), "{number}");
                rest.trim_end_matches('号').parse().expect("a sequence")
            })
            .collect();
        let expected: BTreeSet<usize> = (1..=numbers.len()).collect();
        assert_eq!(found, expected);
    });
}
