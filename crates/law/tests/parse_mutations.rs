//! Damaged law files never make the reader panic, and it always comes to an end.

use proptest::prelude::*;
use std::path::Path;
use std::sync::LazyLock;

static FILES: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/procedures");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the law pack stands beside the crates")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).expect("law files are UTF-8");
            text.lines().map(str::to_owned).collect()
        })
        .collect()
});

/// What is put where a letter was.
const MARKS: &[&str] = &[
    "",
    "：",
    "｜",
    "、",
    "（",
    "）",
    "；",
    "，",
    " ",
    "```",
    "`",
    "#",
    "|",
    "→",
    "之",
    "且",
    "或",
    "非 ",
    "在 ",
    "0",
    "-1",
    "99999999999999999999",
    "〔未核〕",
    "\n",
    "\u{feff}",
    "撤 ：",
    "除以",
];

/// One wound: which line, which kind, which letter, which mark.
type Wound = (prop::sample::Index, u8, prop::sample::Index, usize);

fn wound(lines: &mut Vec<String>, (line, kind, letter, mark): &Wound) {
    if lines.is_empty() {
        return;
    }
    let at = line.index(lines.len());
    match kind {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let other = letter.index(lines.len());
            lines.swap(at, other);
        }
        3 => lines.truncate(at),
        _ => {
            let letters: Vec<char> = lines[at].chars().collect();
            let cut = letter.index(letters.len() + 1);
            let before: String = letters[..cut].iter().collect();
            let after: String = letters.iter().skip(cut + 1).collect();
            lines[at] = format!("{before}{}{after}", MARKS[*mark]);
        }
    }
}

fn wounds() -> impl Strategy<Value = Vec<Wound>> {
    // Cutting the file short is rare, so that most wounds stay in it.
    let kind = prop_oneof![3 => Just(0u8), 3 => Just(1u8), 2 => Just(2u8), 1 => Just(3u8), 12 => Just(4u8)];
    let letter = any::<prop::sample::Index>();
    prop::collection::vec(
        (any::<prop::sample::Index>(), kind, letter, 0..MARKS.len()),
        1..8,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_wounded_file_is_read_to_its_end(file in any::<prop::sample::Index>(), wounds in wounds()) {
        let mut lines = FILES[file.index(FILES.len())].clone();
        for one in &wounds {
            wound(&mut lines, one);
        }
        let (procedure, problems) = law::parse::read(&lines.join("\n"));
        let faults = problems.iter().any(law::problem::Problem::is_fault);
        prop_assert_eq!(procedure.is_none(), faults);
        for problem in &problems {
            prop_assert!(problem.line_no <= lines.len() * 2, "a line that does not exist");
        }
    }

    #[test]
    fn any_text_at_all_is_read_to_its_end(text in "[ -~：｜、（）〔〕#→之且或非已在有每个\n]{0,200}") {
        let fenced = format!("# 甲\n\n```程序\n{text}\n```\n\n```例\n{text}\n```\n\n```公开\n{text}\n```\n");
        law::parse::read(&fenced);
        law::parse::read(&text);
    }
}

#[test]
fn brackets_a_thousand_deep_are_a_fault_and_not_a_crash() {
    let deep = "（".repeat(1000);
    let text = format!(
        "# 甲\n\n```程序\n代号：a\n```\n\n```定义\n甲 a：{deep}在 乙\n乙项 b：{}在 乙\n```\n",
        "非 ".repeat(5000)
    );
    let (procedure, problems) = law::parse::read(&text);
    assert!(procedure.is_none());
    assert!(problems.iter().any(|p| p.sentence.contains("套得太深")));
}
