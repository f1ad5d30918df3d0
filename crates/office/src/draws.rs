//! Random selection (随机抽取) that anybody can repeat: commit first, reveal later.
//!
//! Before the draw the township publishes the list, how many will be drawn, the hash of a secret seed, and which public number of
//! a later day will be mixed in. Afterwards seed and number are published: whoever repeats the computation finds the same names.
//! The township cannot choose the number, and cannot change the seed; nobody knows the outcome beforehand.

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The entries of a list: one a line, trimmed, without empty lines and without repetitions, in the order of their bytes.
pub fn entries(list: &str) -> Vec<String> {
    let unique: BTreeSet<String> = list
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    unique.into_iter().collect()
}

fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        // Each part with its length: no two different lists of parts hash the same bytes.
        hasher.update(format!("{}:", part.len()));
        hasher.update(part.as_bytes());
        hasher.update(b"\n");
    }
    ledger::hex(&hasher.finalize())
}

/// What is published before the draw (种子承诺): binds the seed, the list and the number to be drawn.
pub fn commitment(seed: &str, list: &str, wanted: usize) -> String {
    let all = entries(list).join("\n");
    digest(&[
        "yifa-draw-commitment-v1",
        seed.trim(),
        &all,
        &wanted.to_string(),
    ])
}

/// Whom the draw selects: each entry gets the hash of seed, public number and itself; the smallest hashes are drawn.
pub fn drawn(seed: &str, public: &str, list: &str, wanted: usize) -> Vec<String> {
    let mut ranked: Vec<(String, String)> = entries(list)
        .into_iter()
        .map(|entry| {
            let rank = digest(&["yifa-draw-v1", seed.trim(), public.trim(), &entry]);
            (rank, entry)
        })
        .collect();
    ranked.sort_unstable();
    ranked
        .into_iter()
        .take(wanted)
        .map(|(_, entry)| entry)
        .collect()
}

/// A draw as published.
#[derive(Debug, Clone, Default)]
pub struct Draw {
    /// 抽取名单.
    pub list: String,
    /// 抽取数.
    pub wanted: usize,
    /// 种子承诺.
    pub commitment: String,
    /// 种子.
    pub seed: String,
    /// 公开随机值.
    pub public: String,
    /// 抽取结果: one a line, or separated by 、.
    pub result: String,
}

/// What repeating a draw shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The seed is the one that was promised.
    pub seed_kept: bool,
    /// The result is what seed and public number give.
    pub result_right: bool,
    /// What they give.
    pub recomputed: Vec<String>,
}

/// Repeats a draw.
pub fn check(draw: &Draw) -> Verdict {
    let recomputed = drawn(&draw.seed, &draw.public, &draw.list, draw.wanted);
    let claimed: BTreeSet<String> = entries(&draw.result.replace('、', "\n"))
        .into_iter()
        .collect();
    let expected: BTreeSet<String> = recomputed.iter().cloned().collect();
    Verdict {
        seed_kept: commitment(&draw.seed, &draw.list, draw.wanted)
            == draw.commitment.trim().to_lowercase(),
        result_right: claimed == expected,
        recomputed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "商户01\n商户02\n商户03\n商户04\n商户05\n商户06\n商户07\n商户08\n";

    fn honest() -> Draw {
        Draw {
            list: LIST.into(),
            wanted: 3,
            commitment: commitment("甲的种子", LIST, 3),
            seed: "甲的种子".into(),
            public: "2026123 期 481".into(),
            result: drawn("甲的种子", "2026123 期 481", LIST, 3).join("、"),
        }
    }

    #[test]
    fn an_honest_draw_is_found_again() {
        let verdict = check(&honest());
        assert!(verdict.seed_kept && verdict.result_right);
        assert_eq!(verdict.recomputed.len(), 3);
    }

    #[test]
    fn whatever_is_changed_afterwards_shows() {
        type Change = fn(&mut Draw);
        let changes: [(&str, Change); 5] = [
            ("another seed", |d| d.seed.push('二')),
            ("one more on the list", |d| d.list.push_str("商户09\n")),
            ("one more drawn", |d| d.wanted = 4),
            ("another public number", |d| {
                d.public = "2026123 期 482".into();
            }),
            ("a friend left out", |d| {
                let name = d.result.split('、').next().map(str::to_owned);
                let name = name.expect("three are drawn");
                d.result = d.result.replace(&name, "商户99");
            }),
        ];
        for (what, change) in changes {
            let mut draw = honest();
            change(&mut draw);
            let verdict = check(&draw);
            assert!(!(verdict.seed_kept && verdict.result_right), "{what}");
        }
    }

    #[test]
    fn order_and_blank_lines_of_the_list_do_not_matter() {
        let other = "商户03\n\n 商户01 \n商户02\n商户08\n商户07\n商户06\n商户05\n商户04\n商户01";
        assert_eq!(commitment("种", LIST, 3), commitment("种", other, 3));
        assert_eq!(drawn("种", "1", LIST, 3), drawn("种", "1", other, 3));
    }

    /// The same numbers as `tools/draw.py --test` prints.
    #[test]
    fn the_documented_vector_holds() {
        assert_eq!(
            commitment("seed", "a\nb\nc\nd\n", 2),
            "2fac54ce451131732b46ec7b407d918d092a9c82564120dfd9e2c4440ba52c37"
        );
        assert_eq!(drawn("seed", "481", "a\nb\nc\nd\n", 2), ["b", "c"]);
    }

    #[test]
    fn nobody_is_favoured() {
        let mut times = [0u32; 8];
        for n in 0..4000 {
            for name in drawn("种", &n.to_string(), LIST, 2) {
                let at: usize = name.trim_start_matches("商户").parse().expect("a number");
                times[at - 1] += 1;
            }
        }
        // 1000 each on average; the standard deviation is 27.
        assert!(times.iter().all(|t| (850..1150).contains(t)), "{times:?}");
    }
}
