//! Second pass: every block with all names at hand.

mod acts;
mod terms;

use super::blocks::{Block, Document};
use super::conditions;
use super::lines::{Line, bracketed, list, short};
use super::names::{Names, find, head};
use crate::identifiers::Identifier;
use crate::problem::Problem;
use crate::procedure::{
    Definition, Field, FieldKind, Guard, Incompatible, Item, ItemId, KnownTo, LineId, Listing,
    Openness, Procedure, Qualification, Role, Side, Stage, StageId, StepId, Version, VersionId,
};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Reads all blocks into a procedure. Absent when there is no 程序 block to hang it on.
pub fn read(document: &Document, names: &Names, problems: &mut Vec<Problem>) -> Option<Procedure> {
    let blocks = || document.blocks.iter();
    let Some(head_block) = blocks().find(|b| b.kind == "程序") else {
        problems.push(Problem::fault(0, "没有“程序”块"));
        return None;
    };
    if let Some(second) = blocks().filter(|b| b.kind == "程序").nth(1) {
        problems.push(Problem::fault(second.line_no, "一个文件只能有一个“程序”块"));
    }
    let mut procedure = procedure_head(head_block, document, names, problems)?;
    roles(document, &mut procedure, problems);
    fields(document, names, &mut procedure, problems);
    for field in procedure.known_to.iter().flat_map(|k| &k.except_fields) {
        let field = &procedure.fields[field.at()];
        if !matches!(field.kind, FieldKind::People | FieldKind::Organ) {
            problems.push(
                Problem::fault(
                    field.line_no,
                    format!("知悉要除去“{}”，它却认不出是谁", field.name),
                )
                .hint("只有 人员 和 机构 类型的字段认得出同事和办所"),
            );
        }
    }
    for block in blocks().filter(|b| b.kind == "阶段") {
        for line in &block.lines {
            if let Some(line) = Line::split(line, problems) {
                line.only(&["终"], problems);
                stages(
                    &line.key.clone(),
                    &line,
                    None,
                    names,
                    &mut procedure,
                    problems,
                );
            }
        }
    }
    for block in blocks().filter(|b| b.kind == "子项") {
        item(block, names, &mut procedure, problems);
    }
    for block in blocks() {
        let owner = block
            .item
            .and_then(|at| head(&document.blocks[at]))
            .and_then(|(name, _)| names.items.get(&name).copied());
        match block.kind.as_str() {
            "不兼" => incompatible(block, names, &mut procedure, problems),
            "定义" => definitions(block, names, &mut procedure, problems),
            "步骤" => acts::step(block, owner, names, &mut procedure, problems),
            "期限" => terms::clock(block, owner, names, &mut procedure, problems),
            "公开" => terms::publication(block, owner, names, &mut procedure, problems),
            "指标" => super::figures::indicators(
                block,
                names,
                &mut procedure.indicators,
                &mut procedure.balances,
                problems,
            ),
            "性质" => {
                super::figures::properties(block, names, &mut procedure.properties, problems)
            }
            "例" => procedure
                .examples
                .extend(super::examples::example(block, names, problems)),
            _ => {}
        }
    }
    if procedure
        .lines
        .first()
        .is_none_or(|line| line.name != "主线")
    {
        problems.push(Problem::fault(0, "阶段的第一条线应当是“主线”"));
    }
    for example in &procedure.examples {
        if let Some(other) = &example.continues
            && !procedure.examples.iter().any(|e| e.name == *other)
        {
            problems.push(Problem::fault(
                example.line_no,
                format!("没有例“{other}”可承"),
            ));
        }
    }
    Some(procedure)
}

fn procedure_head(
    block: &Block,
    document: &Document,
    names: &Names,
    problems: &mut Vec<Problem>,
) -> Option<Procedure> {
    let mut found = Procedure {
        title: document.title.clone(),
        summary: document.summary.clone(),
        code: String::new(),
        in_force_from: Date::MIN,
        in_force_until: None,
        basis: String::new(),
        numbering: String::new(),
        starts_with: StepId(0),
        retention_years: None,
        mechanisms: Vec::new(),
        known_to: None,
        listings: Vec::new(),
        versions: Vec::new(),
        roles: Vec::new(),
        incompatible: Vec::new(),
        lines: Vec::new(),
        stages: Vec::new(),
        fields: Vec::new(),
        definitions: Vec::new(),
        items: Vec::new(),
        steps: Vec::new(),
        clocks: Vec::new(),
        publications: Vec::new(),
        indicators: Vec::new(),
        balances: Vec::new(),
        properties: Vec::new(),
        examples: Vec::new(),
        left_unsaid: document.left_unsaid.clone(),
        headings: document.headings.clone(),
    };
    let mut start = None;
    let mut once: BTreeSet<String> = BTreeSet::new();
    for numbered in &block.lines {
        let Some(line) = Line::split(numbered, problems) else {
            continue;
        };
        if line.key != "版" && !once.insert(line.key.clone()) {
            problems.push(Problem::fault(
                line.no,
                format!("“{}”写了两行", short(&line.key)),
            ));
        }
        match line.key.as_str() {
            "代号" => found.code.clone_from(&line.main),
            "施行" => {
                (found.in_force_from, found.in_force_until) =
                    in_force(&line, problems).unwrap_or((Date::MIN, None));
            }
            "依据" => found.basis.clone_from(&line.main),
            "编号" => found.numbering.clone_from(&line.main),
            "起步" => start = find(&names.steps, "步骤", &line.main, line.no, problems),
            "保管" if line.main == "永久" => {}
            "保管" => {
                found.retention_years = line
                    .main
                    .strip_suffix('年')
                    .and_then(|n| n.trim().parse().ok());
                if found.retention_years.is_none() {
                    problems.push(
                        Problem::fault(line.no, "保管多久读不懂")
                            .hint("写 保管：10 年 或者 保管：永久"),
                    );
                }
            }
            "清单" => found.listings.extend(list(&line.main).iter().map(|entry| {
                let (name, columns) = bracketed(entry);
                Listing {
                    name: name.to_owned(),
                    columns: columns.map(list).unwrap_or_default(),
                }
            })),
            "版" => found.versions.extend(version(&line, problems)),
            "机制" => found.mechanisms = list(&line.main),
            "知悉" => found.known_to = known_to(&line, names, problems),
            other => problems.push(
                Problem::fault(line.no, format!("“程序”块没有“{other}”这一行"))
                    .hint("有 代号、施行、依据、编号、起步、保管、清单、版、机制、知悉"),
            ),
        }
    }
    if !once.contains("施行") {
        problems.push(
            Problem::fault(block.line_no, "“程序”块没有写施行日")
                .hint("加一行 施行：2022-05-01 起"),
        );
    }
    for (at, listing) in found.listings.iter().enumerate() {
        if found.listings[..at].iter().any(|l| l.name == listing.name) {
            let twice = format!("清单“{}”写了两次", listing.name);
            problems.push(Problem::fault(block.line_no, twice));
        }
    }
    for (at, version) in found.versions.iter().enumerate() {
        if found.versions[..at].iter().any(|v| v.name == version.name) {
            let twice = format!("版“{}”写了两次", version.name);
            problems.push(Problem::fault(block.line_no, twice));
        }
    }
    if found.code.is_empty() || !is_code(&found.code) {
        problems.push(
            Problem::fault(block.line_no, "“程序”块没有代号，或者代号不是小写英文")
                .hint("例如 代号：hotline_ticket"),
        );
    }
    match start {
        Some(start) => found.starts_with = start,
        None => problems.push(Problem::fault(block.line_no, "“程序”块没有写起步的步骤")),
    }
    Some(found)
}

/// `承办 ｜除：字段、角色 ｜效力：…`.
fn known_to(line: &Line, names: &Names, problems: &mut Vec<Problem>) -> Option<KnownTo> {
    line.only(&["除"], problems);
    if line.main != "承办" {
        problems.push(
            Problem::fault(line.no, format!("知悉不能写“{}”", line.main))
                .hint("应当写成 知悉：承办 ｜除：被检举人 ｜效力：…"),
        );
    }
    let Some(basis) = line.basis() else {
        problems.push(
            Problem::fault(line.no, "知悉没有写依据").hint("不让同事知道一件事，要写明凭什么"),
        );
        return None;
    };
    let mut found = KnownTo {
        except_fields: Vec::new(),
        except_roles: Vec::new(),
        basis,
    };
    for name in line.qualifier("除").map(list).unwrap_or_default() {
        if let Some(role) = names.roles.get(&name) {
            found.except_roles.push(*role);
        } else if let Some(field) = find(&names.fields, "字段", &name, line.no, problems) {
            found.except_fields.push(field);
        }
    }
    Some(found)
}

/// `2022-05-01 起 [2025-01-01 止]`.
fn in_force(line: &Line, problems: &mut Vec<Problem>) -> Option<(Date, Option<Date>)> {
    let period = period(line, &line.main, problems)?;
    if period.0.is_none() {
        problems.push(Problem::fault(line.no, "施行日读不懂").hint("应当写成 施行：2022-05-01 起"));
    }
    Some((period.0.unwrap_or(Date::MIN), period.1))
}

/// `日期 起 日期 止`, either may be missing. Absent when a word of it is wrong, which is then said.
fn period(
    line: &Line,
    text: &str,
    problems: &mut Vec<Problem>,
) -> Option<(Option<Date>, Option<Date>)> {
    let text = text.replace("〔未核〕", "");
    let mut from = None;
    let mut until = None;
    let mut day = None;
    for word in text.split_whitespace() {
        match word {
            "起" => from = day.take(),
            "止" => until = day.take(),
            word => match super::lines::day(word) {
                Ok(found) => day = Some(found),
                Err(why) => {
                    let wrong = format!("“{}”{why}", short(word));
                    problems.push(Problem::fault(line.no, wrong));
                    return None;
                }
            },
        }
    }
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        let backwards = format!("{from} 起、{until} 止，止在起之前");
        problems.push(Problem::fault(line.no, backwards));
    }
    Some((from, until))
}

fn version(line: &Line, problems: &mut Vec<Problem>) -> Option<Version> {
    line.only(&["择"], problems);
    let (name, rest) = line.main.split_once(' ').unwrap_or((&line.main, ""));
    let (from, until) = period(line, rest, problems)?;
    if from.is_none() && until.is_none() {
        problems.push(
            Problem::fault(line.no, "版的起止日读不懂")
                .hint("应当写成 版：名 2025-12-01 起 ｜择：起始日"),
        );
    }
    let by_step_day = match line.qualifier("择") {
        Some("步骤日") => true,
        Some("起始日") => false,
        _ => {
            problems.push(
                Problem::fault(line.no, "版没有写按哪一天选择")
                    .hint("加 ｜择：起始日 或者 ｜择：步骤日"),
            );
            false
        }
    };
    Some(Version {
        name: name.to_owned(),
        from,
        until,
        unverified: line.main.contains("〔未核〕"),
        by_step_day,
    })
}

fn roles(document: &Document, procedure: &mut Procedure, problems: &mut Vec<Problem>) {
    for (no, cells) in &document.roles {
        let [name, code, side, qualification] = cells.as_slice() else {
            problems
                .push(Problem::fault(*no, "角色表的这一行应当有四格").hint("角色、代号、属、资格"));
            continue;
        };
        let side = match side.as_str() {
            "本机关" => Side::Own,
            "相对人" => Side::Party,
            "外部" => Side::Outside,
            other => {
                problems.push(
                    Problem::fault(*no, format!("“{other}”不是角色的属"))
                        .hint("只有 本机关、相对人、外部"),
                );
                Side::Own
            }
        };
        let qualification = match qualification.split_once('：') {
            Some(("证", kinds)) => Qualification::Certificate(list(kinds)),
            Some(("职", posts)) => Qualification::Post(list(posts)),
            None if matches!(qualification.as_str(), "—" | "-" | "") => Qualification::None,
            _ => {
                problems.push(
                    Problem::fault(*no, format!("资格“{qualification}”读不懂"))
                        .hint("写 证：…、职：… 或者 —"),
                );
                Qualification::None
            }
        };
        procedure.roles.push(Role {
            name: name.clone(),
            code: code.clone(),
            side,
            qualification,
        });
    }
}

fn fields(
    document: &Document,
    names: &Names,
    procedure: &mut Procedure,
    problems: &mut Vec<Problem>,
) {
    for (no, cells) in &document.fields {
        if cells.len() < 4 {
            problems.push(
                Problem::fault(*no, "字段表的这一行应当有五格")
                    .hint("字段、代号、类型、公开、说明"),
            );
        }
        let cell = |i: usize| cells.get(i).map(String::as_str).unwrap_or_default();
        let openness = match cell(3) {
            "公开" => Openness::Public,
            "脱敏" => Openness::Masked,
            "本人" => Openness::PartyOnly,
            "内部" => Openness::Internal,
            "限办" => Openness::HandlersOnly,
            other => {
                problems.push(
                    Problem::fault(*no, format!("“{other}”不是公开的一种"))
                        .hint("只有 公开、脱敏、本人、内部、限办"),
                );
                Openness::Internal
            }
        };
        let kind = kind(cell(2), *no, names, problems);
        if kind == FieldKind::Code(Identifier::ResidentId)
            && !matches!(openness, Openness::PartyOnly | Openness::HandlersOnly)
        {
            problems.push(
                Problem::fault(
                    *no,
                    format!("“{}”是居民身份证号，不能公开，也不给全机关看", cell(0)),
                )
                .hint("公开一格写 限办 或者 本人"),
            );
        }
        procedure.fields.push(Field {
            name: cell(0).to_owned(),
            code: cell(1).to_owned(),
            kind,
            openness,
            note: cell(4).to_owned(),
            line_no: *no,
        });
    }
}

fn kind(text: &str, no: usize, names: &Names, problems: &mut Vec<Problem>) -> FieldKind {
    let (word, inside) = bracketed(text);
    let inside = inside.unwrap_or_default();
    match word {
        "文" => FieldKind::Text,
        "数" => FieldKind::Number,
        "金额" => FieldKind::Money,
        "日期" => FieldKind::Date,
        "时刻" => FieldKind::Instant,
        "是否" => FieldKind::YesNo,
        "选项" => FieldKind::Choice(list(inside)),
        "多选" => FieldKind::Choices(list(inside)),
        "当事人" => FieldKind::Party,
        "人员" => FieldKind::People,
        "机构" => FieldKind::Organ,
        "地点" => FieldKind::Place,
        "附件" => FieldKind::File,
        "法条" => FieldKind::Article,
        "清单项" => match find(&names.listings, "清单", inside, no, problems) {
            Some(listing) => FieldKind::ListingEntry(listing),
            None => FieldKind::Text,
        },
        "案件" => FieldKind::Case(list(inside)),
        "统一社会信用代码" => FieldKind::Code(Identifier::SocialCredit),
        "组织机构代码" => FieldKind::Code(Identifier::Organisation),
        "居民身份证号" => FieldKind::Code(Identifier::ResidentId),
        "区划代码" => FieldKind::Code(Identifier::Division),
        other => {
            problems.push(Problem::fault(no, format!("没有“{other}”这种字段类型")).hint(
                "有 文、数、金额、日期、时刻、是否、选项、多选、当事人、人员、机构、地点、附件、法条、清单项、案件、统一社会信用代码、组织机构代码、居民身份证号、区划代码",
            ));
            FieldKind::Text
        }
    }
}

fn stages(
    name: &str,
    line: &Line,
    item: Option<ItemId>,
    names: &Names,
    procedure: &mut Procedure,
    problems: &mut Vec<Problem>,
) {
    let finals: Vec<String> = line.qualifier("终").map(list).unwrap_or_default();
    let id = names.lines.get(name).copied().unwrap_or(LineId(0));
    let all = list(&line.main);
    for wrong in finals.iter().filter(|stage| !all.contains(stage)) {
        problems.push(Problem::fault(
            line.no,
            format!("终点“{wrong}”不是“{name}”的阶段"),
        ));
    }
    if all.is_empty() {
        problems.push(Problem::fault(line.no, format!("“{name}”没有阶段")));
    }
    let ids: Vec<StageId> = all
        .iter()
        .filter_map(|stage| names.stages.get(stage).copied())
        .collect();
    for stage in &all {
        procedure.stages.push(Stage {
            name: stage.clone(),
            line: id,
            is_final: finals.contains(stage),
        });
    }
    procedure.lines.push(crate::procedure::Line {
        name: name.to_owned(),
        stages: ids,
        item,
        line_no: line.no,
    });
}

fn item(block: &Block, names: &Names, procedure: &mut Procedure, problems: &mut Vec<Problem>) {
    let Some((name, code)) = head(block) else {
        return;
    };
    let id = names.items.get(&name).copied().unwrap_or(ItemId(0));
    let mut start = None;
    for numbered in &block.lines[1..] {
        let Some(line) = Line::split(numbered, problems) else {
            continue;
        };
        match line.key.as_str() {
            "起步" => start = find(&names.steps, "步骤", &line.main, line.no, problems),
            "阶段" => stages(
                &format!("{name}线"),
                &line,
                Some(id),
                names,
                procedure,
                problems,
            ),
            other => problems.push(
                Problem::fault(line.no, format!("“子项”块没有“{other}”这一行"))
                    .hint("只有 起步、阶段"),
            ),
        }
    }
    let line = procedure
        .lines
        .iter()
        .position(|line| line.item == Some(id));
    match (start, line) {
        (Some(starts_with), Some(line)) => procedure.items.push(Item {
            name,
            code,
            starts_with,
            line: LineId(u16::try_from(line).unwrap_or(u16::MAX)),
            line_no: block.line_no,
        }),
        _ => problems.push(Problem::fault(
            block.line_no,
            format!("子项“{name}”没有写起步或者阶段"),
        )),
    }
}

fn incompatible(
    block: &Block,
    names: &Names,
    procedure: &mut Procedure,
    problems: &mut Vec<Problem>,
) {
    for numbered in &block.lines {
        let Some(line) = Line::split(numbered, problems) else {
            continue;
        };
        let one = find(&names.roles, "角色", &line.key, line.no, problems);
        let others = list(&line.main)
            .iter()
            .map(|name| find(&names.roles, "角色", name, line.no, problems))
            .collect::<Option<Vec<_>>>();
        match (one, others, line.basis()) {
            (Some(one), Some(others), Some(basis)) => {
                procedure.incompatible.push(Incompatible {
                    one,
                    others,
                    basis,
                    line_no: line.no,
                });
            }
            (_, _, None) => problems.push(no_basis(&line)),
            _ => {}
        }
    }
}

fn definitions(
    block: &Block,
    names: &Names,
    procedure: &mut Procedure,
    problems: &mut Vec<Problem>,
) {
    for numbered in &block.lines {
        let Some(line) = Line::split(numbered, problems) else {
            continue;
        };
        line.only(&[], problems);
        let Some((name, code)) = line.key.split_once(' ') else {
            continue;
        };
        if let Some(body) = conditions::either(&line.main, line.no, names, problems) {
            procedure.definitions.push(Definition {
                name: name.trim().to_owned(),
                code: code.trim().to_owned(),
                body,
                basis: line.basis(),
                line_no: line.no,
            });
        }
    }
}

/// 版 and 当 of a line.
fn guard(line: &Line, names: &Names, problems: &mut Vec<Problem>) -> Guard {
    let version: Option<VersionId> = line
        .qualifier("版")
        .and_then(|name| find(&names.versions, "版", name, line.no, problems));
    let when = line
        .qualifier("当")
        .and_then(|text| conditions::condition(text, line.no, names, problems));
    Guard { version, when }
}

fn no_basis(line: &Line) -> Problem {
    Problem::fault(line.no, format!("“{}”行没有写依据和效力", line.key))
        .hint("加 ｜法定：法名 第N条，或者 国规、省市规、党规、参照、镇规、建议")
}

/// Is this a code name?
fn is_code(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
