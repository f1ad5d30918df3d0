//! Files that are no law files at all, or as large and deep as malice can make them: a sentence, and soon.

use law::problem::Problem;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const HEAD: &str = "# 甲\n\n```程序\n代号：a\n施行：2026-01-01 起\n起步：办\n```\n\n";
const TAIL: &str = "\n```步骤\n办 act\n由：某人\n```\n\n## 未尽\n\n- 无。\n";

/// What is said of a file; reading it and looking at it must not take long even unoptimised.
fn said(what: &str, bytes: &[u8]) -> Vec<String> {
    let begun = Instant::now();
    let problems = match law::parse::decode(bytes) {
        Err(problem) => vec![problem],
        Ok(text) => {
            let (procedure, mut problems) = law::parse::read(text);
            if let Some(procedure) = procedure {
                problems.extend(law::check::check(&procedure));
            }
            problems
        }
    };
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(2), "{what}: {took:?}");
    problems.iter().map(Problem::to_string).collect()
}

fn check(what: &str, bytes: &[u8], expected: &str) {
    let said = said(what, bytes);
    assert!(
        said.iter().any(|line| line == expected),
        "{what} is told {:?}",
        said.iter().take(5).collect::<Vec<_>>()
    );
}

#[test]
fn what_is_no_text_is_named_for_what_it_is() {
    let gbk = b"# \xd3\xc3\xd3\xa1\n\n\xb9\xab\xd5\xc2\n";
    let late = "# 用印\n\n公章\n\u{7a3d}".as_bytes();
    let broken = [late, b"\xff\xfe!\n"].concat();
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("# 用印".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    for (what, bytes, expected) in [
        (
            "GBK",
            gbk.as_slice(),
            "第 1 行：文件像是 GBK（ANSI）编码，不是 UTF-8；在编辑器里另存，编码选 UTF-8。",
        ),
        (
            "broken UTF-8",
            &broken,
            "第 4 行：从这里起不是 UTF-8 文字；在编辑器里另存，编码选 UTF-8；如果本来就不是文本文件，换成法条文件。",
        ),
        (
            "UTF-16",
            &utf16,
            "第 1 行：文件是 UTF-16 编码；另存为 UTF-8。",
        ),
        (
            "a binary",
            b"PK\x03\x04\n\x00\x00\xff",
            "第 2 行：这不是文本文件；法条文件是 UTF-8 的 Markdown；Word、WPS 文件要先另存为纯文本。",
        ),
        (
            "NUL in text",
            b"# a\n\x00",
            "第 2 行：这不是文本文件；法条文件是 UTF-8 的 Markdown；Word、WPS 文件要先另存为纯文本。",
        ),
        (
            "nothing",
            b"",
            "文件是空的；从 docs/law-language.md 第五节的样子写起。",
        ),
        (
            "blanks",
            b" \n\n\t\n",
            "文件是空的；从 docs/law-language.md 第五节的样子写起。",
        ),
        (
            "line ends of old machines",
            "# 甲\r\r乙\r".as_bytes(),
            "第 1 行：整个文件只有一行；行尾是单个回车，另存时选 LF 换行。",
        ),
    ] {
        check(what, bytes, expected);
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_read_and_mentioned() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../law/procedures/meeting.md"
    ))
    .expect("a law file");
    let plain = law::parse::read(&text).0.expect("it is sound");
    let strange = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let (procedure, problems) = law::parse::read(&strange);
    let said: Vec<String> = problems.iter().map(Problem::to_string).collect();
    assert_eq!(
        said,
        [
            "第 1 行：文件开头有一个看不见的记号（BOM），已略过；另存为不带 BOM 的 UTF-8。",
            "第 1 行：行尾是 Windows 的换行（CRLF）；另存时选 LF 换行。",
        ]
    );
    let read = procedure.expect("it is read");
    assert_eq!(format!("{read:?}"), format!("{plain:?}"));
}

#[test]
fn a_file_of_five_megabytes_is_refused_by_its_size() {
    let line = "甲乙丙丁戊己庚辛壬癸\n";
    let text = line.repeat(5_000_000 / line.len());
    let expected = format!(
        "第 {} 行：文件太长，至多 250000 字节，约八万字；一个文件只写一件程序；拆成几个文件。",
        250_000 / line.len() + 1
    );
    check("five megabytes", text.as_bytes(), &expected);
    check(
        "one line of a megabyte",
        &vec![b'x'; 1_000_000],
        "第 1 行：文件太长，至多 250000 字节，约八万字；一个文件只写一件程序；拆成几个文件。",
    );
}

#[test]
fn a_file_as_full_as_allowed_is_judged_in_good_time() {
    let room = 249_000 - HEAD.len() - TAIL.len();
    let fill = |one: &dyn Fn(usize) -> String| {
        let mut text = String::new();
        for n in 0.. {
            let more = one(n);
            if text.len() + more.len() > room - 100 {
                return text;
            }
            text.push_str(&more);
        }
        text
    };
    let block = |kind: &str, lines: &str| format!("{HEAD}```{kind}\n{lines}```\n{TAIL}");
    let mut deep = String::new();
    for n in 0..4_000 {
        let _ = writeln!(deep, "层{n} l{n}：层{} 或 在 某", n + 1);
    }
    let letters = "字".repeat(room / 3 - 100);
    for (what, text) in [
        (
            "names that nobody declared",
            block("定义", &fill(&|n| format!("名{n} n{n}：已 无{n}\n"))),
        ),
        (
            "words that nobody knows",
            block("定义", &fill(&|n| format!("名{n} n{n}：名{n}字\n"))),
        ),
        ("definitions on definitions", block("定义", &deep)),
        (
            "a long sum",
            block("定义", &format!("长 l：1{}\n", fill(&|_| " ＋ 1".into()))),
        ),
        (
            "a long conjunction",
            block(
                "定义",
                &format!("长 l：在 某{}\n", fill(&|_| " 且 在 某".into())),
            ),
        ),
        (
            "brackets",
            block("定义", &format!("深 d：{}\n", "（".repeat(room / 3 - 100))),
        ),
        (
            "one long word",
            block("定义", &format!("字 z：{letters}\n")),
        ),
        (
            "one long name",
            block("阶段", &format!("主线：{letters}\n")),
        ),
        ("one long heading", format!("# {letters}\n{TAIL}")),
        (
            "one long unclosed block",
            format!("{HEAD}```步骤\n{}", fill(&|_| "由：某人\n".into())),
        ),
        (
            "blocks of no kind",
            format!("{HEAD}{}{TAIL}", fill(&|n| format!("```块{n}\n```\n"))),
        ),
        (
            "steps",
            format!(
                "{HEAD}{}{TAIL}",
                fill(&|n| format!("```步骤\n步{n} s{n}\n由：某人\n```\n"))
            ),
        ),
        (
            "stages",
            block(
                "阶段",
                &format!("主线：甲{}\n", fill(&|n| format!("、乙{n}"))),
            ),
        ),
        (
            "examples that go on from one another",
            format!(
                "{HEAD}{}{TAIL}",
                fill(&|n| format!("```例\n例{n}\n承：例{}\n```\n", n + 1))
            ),
        ),
        (
            "half-width marks",
            block("定义", &fill(&|n| format!("名{n} n{n}:(已 无{n})\n"))),
        ),
    ] {
        assert!(text.len() <= 250_000, "{what}: {}", text.len());
        assert!(!said(what, text.as_bytes()).is_empty(), "{what}");
    }
}

#[test]
fn sums_and_chains_without_end_are_told_so() {
    let deep: String = (0..40)
        .map(|n| format!("层{n} l{n}：非 层{}\n", n + 1))
        .collect();
    let text = format!(
        "{HEAD}| 角色 | 代号 | 属 | 资格 |\n|---|---|---|---|\n| 某人 | some | 本机关 | — |\n\n```阶段\n主线：始、终 ｜终：终\n```\n\n```定义\n{deep}层40 l40：在 终\n长 long：1{}\n```\n{TAIL}",
        " ＋ 1".repeat(101)
    );
    let said = said("sums", text.as_bytes());
    for words in [
        "定义“层0”一层套一层，超过 32 层；合并几层。",
        "算式太长；把一部分写成定义。",
    ] {
        assert!(said.iter().any(|line| line.contains(words)), "{said:?}");
    }
}
