//! What makes a claim refused (报告的毛病): numbers nobody counted, rates nobody defined, halves of a pair, claims without proof.
//!
//! Each rule answers one trap of a published report. A rule speaks in a Chinese sentence that says what to write instead.

use super::{Block, Claim, Layout, Span, View};

/// Units of countable things.
const UNITS: &[&str] = &[
    "次", "件", "起", "部", "人", "场", "个", "项", "例", "名", "户", "条", "份", "家", "处", "元",
    "宗", "%", "％",
];
/// Words that stand in for a count nobody made.
const VAGUE: &[&str] = &[
    "多次",
    "若干",
    "大量",
    "数次",
    "数十",
    "上百",
    "左右",
    "广泛开展",
    "定期组织",
];
/// Words of praise: allowed where somebody answers for a judgement, never beside figures.
const SOFT: &[&str] = &[
    "定期",
    "广泛",
    "经常",
    "持续",
    "深入",
    "明显",
    "有效提升",
    "有效增强",
    "有效化解",
    "有效推进",
    "有效打击",
    "有效遏制",
];
/// Names of rates that nobody has defined.
const UNDEFINED: &[&str] = &["处理度", "办理度", "化解度", "落实度", "完成度"];
/// "All of them", said without a list.
const ALL: &[&str] = &[
    "均已",
    "均得到",
    "全部结案",
    "全部办结",
    "全部化解",
    "全部整改",
    "无一",
    "百分之百",
];
/// Slips of the pen with the word that was meant.
const SLIPS: &[(&str, &str)] = &[
    ("权力服务于权力", "权力服务于人民"),
    ("行政权利", "行政权力"),
    ("权利清单", "权力清单"),
    ("权利责任清单", "权力和责任清单"),
    ("做出处罚", "作出处罚"),
    ("做出行政", "作出行政"),
    ("法人代表人", "法定代表人"),
    ("立案侦察", "立案侦查"),
    ("即时公开", "及时公开"),
];
/// What a plan must say, besides what is to be done.
const PLAN: &[&str] = &["责任：", "基数：", "目标：", "期限："];

/// Procedures whose figures are counted and never set as a target.
const NO_TARGET: &[&str] = &[
    "inspection.",
    "inspection_plan.",
    "inspection_draw.",
    "patrol.",
    "general_penalty.",
    "summary_penalty.",
];

/// What is wrong with a claim, in Chinese sentences.
pub fn lint(claim: Claim, spans: &[Span]) -> Vec<String> {
    let words: String = spans
        .iter()
        .map(|span| match span {
            Span::Text(text) => text.as_str(),
            // A figure stands between two texts, so that they are not read as one.
            Span::Figure(_) | Span::Listed(..) => "〇",
        })
        .collect();
    let has_figure = spans.iter().any(|s| matches!(s, Span::Figure(_)));
    let lists = |wanted: &[View]| {
        spans
            .iter()
            .any(|s| matches!(s, Span::Listed(view, _) if wanted.contains(view)))
    };
    let mut found = Vec::new();
    for (slip, meant) in SLIPS.iter().filter(|(slip, _)| words.contains(slip)) {
        found.push(format!("“{slip}”疑是笔误，应为“{meant}”"));
    }
    if claim == Claim::Quotation {
        if !(words.contains('《') && words.contains('“')) {
            found.push("标为［引文］的段落要写明出处《》，引用的话放在“ ”里".into());
        }
        return found;
    }
    wording(claim, &words, has_figure, &mut found);
    match claim {
        Claim::Metric if !has_figure => found.push("标为［数据］的段落没有绑定指标".into()),
        Claim::Event if !lists(&[View::Days]) => found.push(
            "标为［事件］的段落没有绑定会议或者活动：写 {日期 程序代号.指标代号}，否则标［未举证］".into(),
        ),
        Claim::List if !lists(&[View::Titles, View::Numbers]) => found.push(
            "标为［清单］的段落没有绑定清单：写 {名目 程序代号.指标代号}，否则标［未举证］".into(),
        ),
        Claim::Document if !(lists(&[View::Numbers]) || names_document(&words)) => found.push(
            "标为［文件］的段落没有绑定文件：写《名称》和文号，或者 {文号 程序代号.指标代号}，否则标［未举证］".into(),
        ),
        Claim::Plan => {
            for key in PLAN.iter().filter(|key| !words.contains(**key)) {
                found.push(format!("标为［计划］的段落没有写“{key}”：一项计划要有责任、基数、目标、期限"));
            }
            if !has_figure {
                found.push("标为［计划］的段落没有绑定基数：写 {程序代号.指标代号}".into());
            }
            if let Some(figure) = spans.iter().find_map(target_of_enforcement) {
                found.push(format!(
                    "“{figure}”不得定目标：不下达检查指标（国办发〔2024〕54号），考核不与罚没挂钩（行政处罚法第七十四条）"
                ));
            }
        }
        _ => {}
    }
    found
}

/// A plan may rest on no figure of inspections or penalties: no number of visits and no sum of fines can be a target.
fn target_of_enforcement(span: &Span) -> Option<&str> {
    match span {
        Span::Figure(figure) => NO_TARGET
            .iter()
            .any(|code| figure.starts_with(code))
            .then_some(figure.as_str()),
        _ => None,
    }
}

/// The rules on words, whatever the kind of claim.
fn wording(claim: Claim, words: &str, has_figure: bool, found: &mut Vec<String>) {
    let proven = claim != Claim::Unproven;
    if let Some(about) = approximate(words) {
        found.push(format!(
            "“{about}”是约数：数得清的写数，由记录算出；数不清的标［未举证］，也不写约数"
        ));
    }
    for vague in VAGUE.iter().filter(|vague| words.contains(**vague)) {
        found.push(format!(
            "“{vague}”是泛称：数得清的写数，数不清的标［未举证］"
        ));
    }
    if !matches!(claim, Claim::Qualitative | Claim::Plan | Claim::Unproven) {
        for soft in SOFT.iter().filter(|soft| words.contains(**soft)) {
            found.push(format!(
                "“{soft}”不是数：和数分开写，另起一段标［定性］，由审议会议负责"
            ));
        }
    }
    for name in UNDEFINED.iter().filter(|name| words.contains(**name)) {
        found.push(format!(
            "“{name}”没有定义，不能用：改用办结率、按期办结率等有分子分母的率"
        ));
    }
    if proven {
        for all in ALL.iter().filter(|all| words.contains(**all)) {
            found.push(format!(
                "“{all}”没有清单可以核对：每本台账写自己的数和率，百分之百也由记录算出"
            ));
        }
        if (words.contains("脱管") || words.contains("漏管")) && !has_figure {
            found.push(
                "“无脱管漏管”要有在册人数、应走访和完成走访数，并经主管机关确认；没有的标［未举证］".into(),
            );
        }
    }
    if words.contains("四类特殊人群") || words.contains("四类人员") {
        found.push(
            "四类人员各有各的法和主管机关：刑满释放人员、社区矫正对象、戒毒人员、严重精神障碍患者分开写".into(),
        );
    }
    if words.contains("热线办共受理") || words.contains("热线共受理") {
        found.push("乡镇是承办，不是受理热线工单：写承办".into());
    }
    if matches!(claim, Claim::Metric | Claim::Event | Claim::Qualitative)
        && let Some(system) = unproven_system(words)
    {
        found.push(format!(
            "“{system}”要连到写明日期的文件：标［文件］并写《名称》和文号，没有的标［未举证］"
        ));
    }
    if proven
        && claim != Claim::Plan
        && let Some(typed) = typed_number(words)
    {
        found.push(format!(
            "“{typed}”是手写的数：改成 {{程序代号.指标代号}}，由记录算出"
        ));
    }
}

/// What is wrong with the title: the body that issues must come from the register of bodies, not from the pen.
pub fn lint_title(title: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !title.contains("{机关}") {
        found.push("标题没有写 {机关}：发文机关从机构登记里取，不手写".into());
    }
    if !title.contains("{年}") {
        found.push("标题没有写 {年}".into());
    }
    found
}

/// A figure that may not stand without others: the figure, what must be there too, why.
const PAIRS: &[(&str, &[&str], &str)] = &[
    (
        "dispute.mediation_rate",
        &[
            "dispute.mediation_success_rate",
            "dispute.disputes_failed",
            "dispute.disputes_open",
        ],
        "调解率和调解成功率是两个率，要并列，并写出不成的和在调的",
    ),
    (
        "license.licenses_granted",
        &[
            "license.licenses_applied",
            "license.licenses_accepted",
            "license.licenses_refused",
            "license.licenses_withdrawn",
            "license.licenses_open",
        ],
        "准予数要和申请、受理、不予、撤回、在办一起写，来去相符",
    ),
    (
        "confirmation.confirmations_done",
        &[
            "confirmation.confirmations_applied",
            "confirmation.confirmations_refused",
            "confirmation.confirmations_open",
        ],
        "确认数要和申请、不予、在办一起写，来去相符",
    ),
    (
        "registers.valid_certificates",
        &["registers.staff", "registers.certificate_rate"],
        "持证人数要有在岗人数作分母",
    ),
    (
        "inspection.inspections_done",
        &[
            "inspection.problems_found",
            "inspection.problems_open",
            "general_penalty.penalties_total",
            "summary_penalty.penalties_summary",
        ],
        "检查次数要连问题、整改和处罚写全，零也写",
    ),
    (
        "hotline_ticket.hotline_orders_closed",
        &[
            "hotline_ticket.hotline_orders_accepted",
            "hotline_ticket.orders_open",
            "hotline_ticket.orders_returned",
            "hotline_ticket.completion_rate",
            "hotline_ticket.completion_in_time_rate",
        ],
        "办结数要和承办、在办、退单、办结率、按期办结率一起写",
    ),
    (
        "inspection_item.items_received",
        &[
            "registers.petitions_items_overlap",
            "registers.petitions_and_items",
        ],
        "信访和巡察移交相加要写重合和去重合计",
    ),
];

/// Figures bound without the others that they need, and shortfalls admitted without any figure: line and sentence.
pub fn companions(layout: &Layout) -> Vec<(usize, String)> {
    let bound = layout.references();
    let mut found = Vec::new();
    let line_of = |reference: &str| {
        layout
            .blocks
            .iter()
            .find_map(|block| match block {
                Block::Paragraph { spans, line_no, .. } => spans
                    .iter()
                    .any(|s| matches!(s, Span::Figure(r) | Span::Listed(_, r) if r == reference))
                    .then_some(*line_no),
                Block::Heading(..) => None,
            })
            .unwrap_or(1)
    };
    for (figure, needed, why) in PAIRS {
        if !bound.iter().any(|r| r == figure) {
            continue;
        }
        for other in needed.iter().filter(|o| !bound.iter().any(|r| r == **o)) {
            found.push((
                line_of(figure),
                format!("有 {{{figure}}} 而没有 {{{other}}}：{why}"),
            ));
        }
    }
    let mut section = "";
    for block in &layout.blocks {
        match block {
            Block::Heading(2, words) => section = words,
            Block::Heading(..) => {}
            Block::Paragraph {
                claim,
                spans,
                line_no,
            } => {
                let has_figure = spans.iter().any(|s| !matches!(s, Span::Text(_)));
                if section.contains("不足") && !has_figure && *claim != Claim::Unproven {
                    found.push((
                        *line_no,
                        "承认的不足没有一个数：绑定至少一个指标，说明差多少，没有记录的标［未举证］".into(),
                    ));
                }
            }
        }
    }
    found
}

/// `635余件`, `10余部`, `近百次`, `约20人`: a number with a word that takes it back.
fn approximate(words: &str) -> Option<String> {
    for (at, mark) in words.match_indices(['余', '约', '近']) {
        let before = words[..at].chars().next_back();
        let after = words[at + mark.len()..].chars().next();
        let counted = |c: Option<char>| c.is_some_and(|c| is_number(c) || c == '〇');
        let unit = after.is_some_and(|c| UNITS.iter().any(|u| u.starts_with(c)));
        let taken_back = match mark {
            "余" => counted(before) && (unit || counted(after)),
            _ => counted(after) || after == Some('百') || after == Some('千'),
        };
        if taken_back {
            let from = words[..at].char_indices().rev().take(3).last();
            let tail: String = words[at..].chars().take(3).collect();
            return Some(format!(
                "{}{tail}",
                from.map_or("", |(from, _)| &words[from..at])
            ));
        }
    }
    None
}

/// A number with a unit that somebody typed: `475次`, `４６件`, `二十起`, `100%`.
fn typed_number(words: &str) -> Option<String> {
    for unit in UNITS {
        for (at, _) in words.match_indices(unit) {
            let before = words[..at].trim_end();
            let number: Vec<char> = before
                .chars()
                .rev()
                .take_while(|c| is_number(*c) || *c == '.')
                .collect();
            let written = number.iter().any(|c| c.is_ascii_digit() || is_wide(*c));
            let article = before
                [..before.len() - number.iter().map(|c| c.len_utf8()).sum::<usize>()]
                .ends_with('第');
            // 第24条 is a citation; 一次、一个 are grammar, 二十次 is a count.
            if !article && (written || number.len() > 1) {
                let number: String = number.into_iter().rev().collect();
                return Some(format!("{number}{unit}"));
            }
        }
    }
    None
}

fn is_wide(c: char) -> bool {
    ('０'..='９').contains(&c)
}

fn is_number(c: char) -> bool {
    c.is_ascii_digit() || is_wide(c) || "一二三四五六七八九十百千万两".contains(c)
}

/// `完善……制度`, `健全……规则`: a system said to be made or mended.
fn unproven_system(words: &str) -> Option<String> {
    for clause in words.split(['，', '。', '；', '、', ',', '〇']) {
        for verb in ["完善", "健全", "建立", "制定", "修订"] {
            if let Some(at) = clause.find(verb)
                && ["制度", "规则", "机制", "办法"]
                    .iter()
                    .any(|noun| clause[at..].contains(noun))
            {
                return Some(clause.trim().to_owned());
            }
        }
    }
    None
}

/// `《名称》` with a number or a date behind it.
fn names_document(words: &str) -> bool {
    words.contains('《')
        && words.contains('》')
        && (words.contains('〔') || (words.contains('年') && words.contains('号')))
}
