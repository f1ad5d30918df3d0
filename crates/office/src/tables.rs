//! Official yearly tables (统计年报): laid out as the authorities print them, computed from records, every cell a list.

use crate::ctx::Ctx;
use crate::error::{Result, fault};
use crate::facts::FactBody;
use crate::figures::{Figure, Figures, Item, Period};
use std::collections::BTreeMap;
use store::{Tx, params, sql};

/// Sections of the yearly statistics of enforcement (行政执法统计年报, due 31 January): label and indicator of each row.
///
/// 国办发〔2018〕118号; which rows a county wants is for its justice office to say.
const ENFORCEMENT: &[(&str, &[(&str, &str)])] = &[
    (
        "行政许可",
        &[
            ("申请", "license.licenses_applied"),
            ("受理", "license.licenses_accepted"),
            ("准予", "license.licenses_granted"),
            ("不予", "license.licenses_refused"),
            ("撤销", "license.licenses_revoked"),
        ],
    ),
    (
        "行政处罚",
        &[
            ("普通程序决定", "general_penalty.penalties_total"),
            ("普通程序罚款金额", "general_penalty.fines_amount"),
            ("没收金额", "general_penalty.confiscation_amount"),
            ("不予处罚", "general_penalty.no_penalty_cases"),
            ("听证", "general_penalty.hearings_held"),
            ("法制审核", "general_penalty.enforcement_reviews"),
            ("移送公安", "general_penalty.cases_transferred_to_justice"),
            ("当场处罚", "summary_penalty.penalties_summary"),
            ("当场罚款金额", "summary_penalty.summary_fines_amount"),
        ],
    ),
    (
        "行政强制",
        &[
            ("违建责令", "rural_demolition.building_orders_issued"),
            ("强制拆除决定", "rural_demolition.demolition_decisions"),
            ("实施拆除", "rural_demolition.buildings_demolished"),
            ("申请法院强制执行", "general_penalty.court_applications"),
        ],
    ),
    (
        "行政检查",
        &[
            ("检查次数", "inspection.inspections_done"),
            ("检查对象数", "inspection.enterprises_inspected"),
            ("联合检查", "inspection.joint_inspections"),
            ("发现问题", "inspection.problems_found"),
            ("整改销号", "inspection.problems_cleared"),
            ("转立案", "inspection.problems_to_penalty"),
            ("巡查班次（不计检查）", "patrol.patrols"),
        ],
    ),
    (
        "确认、给付、备案",
        &[
            ("行政确认", "confirmation.confirmations_done"),
            ("不予确认", "confirmation.confirmations_refused"),
            ("宅基地批准", "homestead.homestead_approved"),
            ("补贴兑付", "subsidy.subsidies_paid"),
            ("救助给予", "relief.relief_granted"),
            ("设施农业用地备案", "facility_land.facility_filings_done"),
        ],
    ),
    (
        "监督和救济",
        &[
            ("行政复议", "remedy_response.reconsideration_cases"),
            ("行政诉讼", "remedy_response.litigation_cases"),
            ("被纠正", "remedy_response.remedies_lost"),
            ("投诉", "enforcement_complaint.supervision_clues"),
        ],
    ),
    ("人员", &[("有效执法证", "registers.valid_certificates")]),
];

/// A section of the statistics of enforcement: title and rows.
pub type Section = (&'static str, Vec<(&'static str, Figure)>);

/// The yearly statistics of enforcement.
pub fn enforcement(tx: &mut Tx, ctx: &Ctx, year: i16) -> Result<Vec<Section>> {
    let mut figures = Figures::new(tx, ctx, Period::year(year))?;
    let mut sections = Vec::with_capacity(ENFORCEMENT.len());
    for (title, rows) in ENFORCEMENT {
        let mut filled = Vec::with_capacity(rows.len());
        for (label, reference) in *rows {
            filled.push((*label, figures.figure(reference)?));
        }
        sections.push((*title, filled));
    }
    Ok(sections)
}

/// Columns of the table of requests: kinds of applicants as the law file has them.
pub const COLUMNS: [&str; 6] = [
    "自然人",
    "商业企业",
    "科研机构",
    "社会公益组织",
    "法律服务机构",
    "其他组织",
];

/// Where a request stands in the table when its kind was not written down.
const LAST: &str = "其他组织";

/// What a row of the table of requests is made of.
enum Made {
    /// One kind of cell.
    Of(&'static str),
    /// The sum of all results.
    Results,
    /// A heading only.
    Heading,
}

/// Rows of the third table of the yearly report on disclosure; the names after the eighth result are not confirmed.
const ROWS: &[(&str, Made)] = &[
    ("一、本年新收政府信息公开申请数量", Made::Of("新收")),
    ("二、上年结转政府信息公开申请数量", Made::Of("上年结转")),
    ("三、本年度办理结果", Made::Heading),
    ("（一）予以公开", Made::Of("予以公开")),
    ("（二）部分公开", Made::Of("部分公开")),
    ("（三）不予公开", Made::Heading),
    ("1.属于国家秘密", Made::Of("国家秘密")),
    ("2.其他法律行政法规禁止公开", Made::Of("其他法律禁止")),
    ("3.危及“三安全一稳定”", Made::Of("三安全一稳定")),
    ("4.保护第三方合法权益", Made::Of("保护第三方")),
    ("5.属于三类内部事务信息", Made::Of("内部事务信息")),
    ("6.属于四类过程性信息", Made::Of("过程性信息")),
    ("7.属于行政执法案卷", Made::Of("行政执法案卷")),
    ("8.属于行政查询事项", Made::Of("行政查询事项")),
    ("（四）无法提供", Made::Heading),
    ("1.本机关不掌握相关政府信息", Made::Of("本机关不掌握")),
    ("2.没有现成信息需要另行制作", Made::Of("没有现成信息")),
    ("3.补正后申请内容仍不明确", Made::Of("补正后仍不明确")),
    ("（五）不予处理", Made::Heading),
    ("1.信访举报投诉类申请", Made::Of("信访举报投诉")),
    ("2.重复申请", Made::Of("重复申请")),
    ("3.要求提供公开出版物", Made::Of("公开出版物")),
    ("4.无正当理由大量反复申请", Made::Of("无正当理由大量反复")),
    ("5.要求确认或重新出具已获取信息", Made::Of("确认已获取信息")),
    ("（六）其他处理", Made::Heading),
    ("1.逾期不补正", Made::Of("逾期不补正")),
    ("2.逾期不缴费", Made::Of("逾期不缴费")),
    ("3.其他", Made::Of("其他")),
    ("（七）总计", Made::Results),
    ("四、结转下年度继续办理", Made::Of("结转下年")),
];

/// One row: its name, the key under which its list opens, a figure for each column and their sum.
pub struct Row {
    /// As printed.
    pub label: &'static str,
    /// Key of [`Requests::cell`]; empty for headings and sums.
    pub key: &'static str,
    /// By column; empty for headings.
    pub cells: Vec<usize>,
    /// All columns.
    pub total: usize,
}

/// The table of requests received and handled (收到和处理政府信息公开申请情况).
pub struct Requests {
    lists: BTreeMap<(String, String), Vec<Item>>,
}

impl Requests {
    /// The list behind a cell; no column means all of them.
    pub fn cell(&self, row: &str, column: &str) -> Vec<Item> {
        self.lists
            .iter()
            .filter(|((r, c), _)| r == row && (column.is_empty() || c == column))
            .flat_map(|(_, items)| items.iter().cloned())
            .collect()
    }

    fn count(&self, row: &str, column: &str) -> usize {
        self.lists
            .get(&(row.to_owned(), column.to_owned()))
            .map_or(0, Vec::len)
    }

    fn results(&self, column: &str) -> usize {
        ROWS.iter()
            .filter_map(|(_, made)| match made {
                Made::Of(key) if !matches!(*key, "新收" | "上年结转" | "结转下年") => {
                    Some(self.count(key, column))
                }
                _ => None,
            })
            .sum()
    }

    /// All rows, in the order of the printed table.
    pub fn rows(&self) -> Vec<Row> {
        ROWS.iter()
            .map(|(label, made)| {
                let (key, cells): (_, Vec<usize>) = match made {
                    Made::Of(key) => (*key, COLUMNS.iter().map(|c| self.count(key, c)).collect()),
                    Made::Results => ("", COLUMNS.iter().map(|c| self.results(c)).collect()),
                    Made::Heading => ("", Vec::new()),
                };
                Row {
                    label,
                    key,
                    total: cells.iter().sum(),
                    cells,
                }
            })
            .collect()
    }

    /// What does not add up, in Chinese: new and carried over are handled or carried on, column by column, and nothing stands
    /// outside the printed rows.
    pub fn unbalanced(&self) -> Vec<String> {
        let mut found: Vec<String> = COLUMNS
            .iter()
            .filter_map(|column| {
                let came = self.count("新收", column) + self.count("上年结转", column);
                let went = self.results(column) + self.count("结转下年", column);
                (came != went)
                    .then(|| format!("{column}：一加二是 {came}，三（七）加四是 {went}，对不上"))
            })
            .collect();
        let printed: usize = self
            .rows()
            .iter()
            .filter(|r| !r.key.is_empty())
            .map(|r| r.total)
            .sum();
        let all: usize = self.lists.values().map(Vec::len).sum();
        if printed != all {
            found.push(format!("有 {} 条不在表中任何一行", all - printed));
        }
        found
    }
}

/// The table of requests of a year.
pub fn requests(tx: &mut Tx, ctx: &Ctx, year: i16) -> Result<Requests> {
    const RECEIVED: &str = "information_request.disclosure_requests_received";
    const ANSWERED: &str = "information_request.disclosure_requests_answered";
    const DROPPED: &str = "information_request.disclosure_requests_dropped";
    const OPEN: &str = "information_request.disclosure_requests_open";
    let before = Figures::new(tx, ctx, Period::year(year - 1))?.list(OPEN)?;
    let mut figures = Figures::new(tx, ctx, Period::year(year))?;
    let received = figures.list(RECEIVED)?;
    let mut handled = figures.list(ANSWERED)?;
    handled.extend(figures.list(DROPPED)?);
    let after = figures.list(OPEN)?;
    let mut lists: BTreeMap<(String, String), Vec<Item>> = BTreeMap::new();
    for (row, items) in [
        ("新收", received),
        ("上年结转", before),
        ("", handled),
        ("结转下年", after),
    ] {
        for item in items {
            let column = column_of(tx, ctx, &item.case_id)?;
            let row = match (row, item.seq) {
                ("", Some(seq)) => value_at(tx, ctx, seq, "reply_item")?,
                ("", None) => String::new(),
                (row, _) => row.to_owned(),
            };
            lists.entry((row, column)).or_default().push(item);
        }
    }
    Ok(Requests { lists })
}

/// A value of the fact at a log position.
fn value_at(tx: &mut Tx, ctx: &Ctx, seq: i64, field: &str) -> Result<String> {
    let body: Option<String> = tx.query_opt(
        sql!("SELECT body FROM entries WHERE org = $1 AND seq = $2"),
        params![ctx.org, seq],
        |row| row.get(0),
    )?;
    read_value(body, field)
}

/// The kind of applicant, from the first fact of a request.
fn column_of(tx: &mut Tx, ctx: &Ctx, case: &str) -> Result<String> {
    let body: Option<String> = tx.query_opt(
        sql!(
            "SELECT body FROM entries WHERE org = $1 AND case_id = $2 AND kind = 'fact' ORDER BY seq LIMIT 1"
        ),
        params![ctx.org, case],
        |row| row.get(0),
    )?;
    let kind = read_value(body, "applicant_kind")?;
    Ok(if COLUMNS.contains(&kind.as_str()) {
        kind
    } else {
        LAST.to_owned()
    })
}

fn read_value(body: Option<String>, field: &str) -> Result<String> {
    let Some(body) = body else {
        return Ok(String::new());
    };
    let body: FactBody = serde_json::from_str(&body).map_err(fault)?;
    Ok(body
        .values
        .get(field)
        .map(|value| value.texts().join("、"))
        .unwrap_or_default())
}
