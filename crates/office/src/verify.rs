//! Verification (核验): every row and file is read again and derived again; what was not read is said.

use crate::ctx::Ctx;
use crate::derived::{self, Implied};
use crate::error::{Result, fault};
use crate::evidence;
use crate::office::Office;
use crate::projections;
use crate::records;
use crate::stocks;
use ledger::{Entry, Head};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use store::{Tx, params, sql};

/// What a verification found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What does not agree, one Chinese sentence each.
    pub faults: Vec<String>,
    /// What was read, with counts.
    pub read: Vec<(String, i64)>,
    /// What was not read, and why.
    pub left_out: Vec<String>,
    /// The root over everything that was read.
    pub root: String,
}

/// Number of entries fetched at a time.
const PAGE: i64 = 2_000;

/// Verifies one township from its log upwards.
pub fn run(
    office: &Office,
    ctx: &Ctx,
    mut progress: impl FnMut(&str, i64, i64),
) -> Result<Findings> {
    let mut findings = Findings::default();
    for fault in office.check_store()? {
        findings
            .faults
            .push(format!("数据库文件结构有毛病：{fault}"));
    }
    office.read(|tx| {
        log_and_registers(tx, ctx, &mut findings, &mut progress)?;
        let mut implied = Implied::default();
        cases(tx, ctx, &mut implied, &mut findings, &mut progress)?;
        implied.compare(tx, ctx, &mut findings.faults)?;
        if let Some((faults, read)) = crate::parties::damaged(tx, ctx)? {
            findings.faults.extend(faults);
            findings.read.push(("当事人".into(), read));
        }
        files(office, tx, ctx, &mut findings)?;
        reports(tx, ctx, &mut findings)
    })?;
    findings.left_out = vec![
        "账号密码、登录、令牌、浏览次数、设置、见证：不是法律事实，不入账本".into(),
        "下一个编号、证据文件的名称：推不出来；被拿走的旧账本头：要靠手里有它的人（--since）"
            .into(),
        "当事人的姓名和联系方式：不在账本里，靠密封核对；没有密钥的副本核对不了".into(),
        "全文检索的索引：由案件内容生成，可以重建".into(),
    ];
    Ok(findings)
}

/// Every entry: its place, its commitment, the nodes above it, the head, every checkpoint; and the registers it tells of.
fn log_and_registers(
    tx: &mut Tx,
    ctx: &Ctx,
    findings: &mut Findings,
    progress: &mut impl FnMut(&str, i64, i64),
) -> Result<()> {
    let (size, frontier): (i64, String) = tx.query_one(
        sql!("SELECT size, frontier FROM log_heads WHERE org = $1"),
        params![ctx.org],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let key = crate::townships::verifier_key(tx, &ctx.org)?;
    let mut notes: HashMap<i64, String> = tx
        .query(
            sql!("SELECT size, note FROM checkpoints WHERE org = $1"),
            params![ctx.org],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .into_iter()
        .collect();
    let mut head = Head::empty();
    let mut registers: BTreeMap<(String, String), serde_json::Value> = BTreeMap::new();
    let mut next = 0;
    while next < size {
        let rows = tx.query(
            sql!(
                "SELECT seq, kind, case_id, n, subject, at, recorded, actor, body, salt FROM entries
                  WHERE org = $1 AND seq >= $2 ORDER BY seq LIMIT $3"
            ),
            params![ctx.org, next, PAGE],
            |row| {
                Ok((
                    (
                        row.get::<i64>(0)?,
                        row.get::<String>(1)?,
                        row.get::<Option<String>>(2)?,
                        row.get::<Option<i64>>(3)?,
                    ),
                    (
                        row.get::<String>(4)?,
                        row.get::<String>(5)?,
                        row.get::<String>(6)?,
                        row.get::<String>(7)?,
                    ),
                    row.get::<String>(8)?,
                    row.get::<Vec<u8>>(9)?,
                ))
            },
        )?;
        let mut nodes: HashMap<(i64, i64), Vec<u8>> = tx
            .query(
                sql!("SELECT level, idx, hash FROM log_nodes WHERE org = $1 AND level = 0 AND idx >= $2 AND idx < $3"),
                params![ctx.org, next, next + PAGE],
                |row| Ok(((row.get::<i64>(0)?, row.get::<i64>(1)?), row.get::<Vec<u8>>(2)?)),
            )?
            .into_iter()
            .collect();
        if rows.is_empty() {
            findings
                .faults
                .push(format!("账本第 {next} 条起缺失，账本头写的是 {size} 条"));
            break;
        }
        for ((seq, kind, case, n), (subject, at, recorded, actor), body, salt) in rows {
            if seq != next {
                findings.faults.push(format!("账本第 {next} 条缺失"));
                return Ok(());
            }
            next += 1;
            let Ok(salt) = <[u8; 32]>::try_from(salt) else {
                findings.faults.push(format!("账本第 {seq} 条的盐被改过"));
                continue;
            };
            let entry = Entry {
                org: &ctx.org,
                seq: head.size(),
                kind: &kind,
                case: case.as_deref(),
                n: n.and_then(|n| u32::try_from(n).ok()),
                subject: &subject,
                at: &at,
                recorded: &recorded,
                actor: &actor,
                body: &body,
            };
            let (after, leaf) = ledger::append(&head, &entry, &salt).map_err(fault)?;
            for node in &leaf.get().new_nodes {
                let place = (
                    i64::from(node.level),
                    i64::try_from(node.index).map_err(fault)?,
                );
                let kept = match nodes.remove(&place) {
                    Some(kept) => Some(kept),
                    None => tx.query_opt(
                        sql!(
                            "SELECT hash FROM log_nodes WHERE org = $1 AND level = $2 AND idx = $3"
                        ),
                        params![ctx.org, place.0, place.1],
                        |row| row.get::<Vec<u8>>(0),
                    )?,
                };
                if kept.as_deref() != Some(node.hash.as_slice()) {
                    findings.faults.push(if node.level == 0 {
                        format!("账本第 {seq} 条（{subject}，{at}）的内容和入账时不一样")
                    } else {
                        format!(
                            "账本树第 {} 层第 {} 个节点对不上（从第 {seq} 条往上）",
                            place.0, place.1
                        )
                    });
                    if node.level == 0 {
                        break;
                    }
                }
            }
            head = after;
            if let Some(note) = notes.remove(&i64::try_from(head.size()).map_err(fault)?) {
                match ledger::checkpoint::open(&note, &key) {
                    Some(signed) if signed.root == head.root() && signed.size == head.size() => {}
                    Some(_) => findings.faults.push(format!(
                        "第 {} 条处签过的账本头和现在的账本不一致：历史被改写过",
                        head.size()
                    )),
                    None => findings
                        .faults
                        .push(format!("第 {} 条处的账本头签名不对", head.size())),
                }
            }
            if kind == "register"
                && let Ok(row) = serde_json::from_str::<serde_json::Value>(&body)
            {
                registers.insert((subject.clone(), register_key(&subject, &row)), row);
            }
        }
        progress("账本", next, size);
    }
    for (size, _) in notes.iter().filter(|(size, _)| **size != 0) {
        findings.faults.push(format!(
            "签过 {size} 条的账本头，现在的账本没有这么长：末尾被截掉了，或者登记被改过"
        ));
    }
    if head.to_text() != frontier {
        findings.faults.push("账本头和逐条重算的结果不一致".into());
    }
    findings.root = ledger::hex(&head.root());
    findings.read.push(("账本条目".into(), next));
    let nodes: i64 = tx.query_one(
        sql!("SELECT count(*) FROM log_nodes WHERE org = $1"),
        params![ctx.org],
        |row| row.get(0),
    )?;
    let entries: i64 = tx.query_one(
        sql!("SELECT count(*) FROM entries WHERE org = $1"),
        params![ctx.org],
        |row| row.get(0),
    )?;
    // A tree over n leaves has n complete subtrees of one leaf and half as many of each size above, rounded down.
    let whole: i64 = (0..63).map(|level| next >> level).sum();
    if entries != next || nodes != whole {
        findings.faults.push("账本里有多出来的条目或者节点".into());
    }
    let township = ("township".to_owned(), ctx.org.clone());
    derived::township(tx, ctx, registers.get(&township), &mut findings.faults)?;
    compare_registers(tx, ctx, &registers, findings)
}

fn register_key(subject: &str, row: &serde_json::Value) -> String {
    let part = |name: &str| {
        row.get(name)
            .and_then(|v| v.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    match subject {
        "person" => part("id"),
        "post" => [part("person"), part("post"), part("from_on")].join("｜"),
        "certificate" => [part("person"), part("kind"), part("number")].join("｜"),
        "listing" => [part("listing"), part("key"), part("from_on")].join("｜"),
        "township" => part("org"),
        _ => String::new(),
    }
}

/// The registers of people, posts, certificates and listings, row by row, against what the log says they hold.
fn compare_registers(
    tx: &mut Tx,
    ctx: &Ctx,
    told: &BTreeMap<(String, String), serde_json::Value>,
    findings: &mut Findings,
) -> Result<()> {
    let mut kept: BTreeMap<(String, String), serde_json::Value> = BTreeMap::new();
    let mut put = |subject: &str, row: serde_json::Value| {
        kept.insert((subject.to_owned(), register_key(subject, &row)), row);
    };
    let people = tx.query(
        sql!("SELECT id, name, office, stationed, from_on, until_on FROM people WHERE org = $1"),
        params![ctx.org],
        |row| {
            Ok(serde_json::json!({
                "id": row.get::<String>(0)?, "name": row.get::<String>(1)?, "office": row.get::<String>(2)?,
                "stationed": row.get::<i64>(3)? != 0, "from_on": row.get::<String>(4)?,
                "until_on": row.get::<Option<String>>(5)?,
            }))
        },
    )?;
    people.into_iter().for_each(|row| put("person", row));
    let posts = tx.query(
        sql!("SELECT person, post, from_on, until_on FROM posts WHERE org = $1"),
        params![ctx.org],
        |row| {
            Ok(serde_json::json!({
                "person": row.get::<String>(0)?, "post": row.get::<String>(1)?, "from_on": row.get::<String>(2)?,
                "until_on": row.get::<Option<String>>(3)?,
            }))
        },
    )?;
    posts.into_iter().for_each(|row| put("post", row));
    let certificates = tx.query(
        sql!("SELECT person, kind, number, from_on, until_on FROM certificates WHERE org = $1"),
        params![ctx.org],
        |row| {
            Ok(serde_json::json!({
                "person": row.get::<String>(0)?, "kind": row.get::<String>(1)?, "number": row.get::<String>(2)?,
                "from_on": row.get::<String>(3)?, "until_on": row.get::<String>(4)?,
            }))
        },
    )?;
    certificates
        .into_iter()
        .for_each(|row| put("certificate", row));
    let listings = tx.query(
        sql!(
            "SELECT listing, entry, from_on, until_on, published_on, columns_text, source FROM listings WHERE org = $1"
        ),
        params![ctx.org],
        |row| {
            let columns: String = row.get(5)?;
            Ok(serde_json::json!({
                "listing": row.get::<String>(0)?, "key": row.get::<String>(1)?, "from_on": row.get::<String>(2)?,
                "until_on": row.get::<Option<String>>(3)?, "published_on": row.get::<Option<String>>(4)?,
                "columns": serde_json::from_str::<serde_json::Value>(&columns).unwrap_or_default(),
                "source": row.get::<String>(6)?,
            }))
        },
    )?;
    listings.into_iter().for_each(|row| put("listing", row));
    let words: &[(&str, &str)] = &[
        ("person", "人员"),
        ("post", "职务"),
        ("certificate", "证件"),
        ("listing", "清单条目"),
    ];
    for (subject, word) in words {
        let of = |all: &BTreeMap<(String, String), serde_json::Value>| {
            all.iter()
                .filter(|((s, _), _)| s == subject)
                .map(|((_, k), v)| (k.clone(), v.clone()))
                .collect::<BTreeMap<_, _>>()
        };
        let (told, kept) = (of(told), of(&kept));
        for (key, row) in &kept {
            if told.get(key) != Some(row) {
                findings
                    .faults
                    .push(format!("{word}“{key}”和账本里登记的不一样"));
            }
        }
        for key in told.keys().filter(|key| !kept.contains_key(*key)) {
            findings
                .faults
                .push(format!("{word}“{key}”在账本里有，在登记簿里没有了"));
        }
        findings.read.push((
            (*word).to_owned(),
            i64::try_from(kept.len()).map_err(fault)?,
        ));
    }
    Ok(())
}

/// Every case: folded again from its entries, compared with its row, its clocks and its marks.
fn cases(
    tx: &mut Tx,
    ctx: &Ctx,
    implied: &mut Implied,
    findings: &mut Findings,
    progress: &mut impl FnMut(&str, i64, i64),
) -> Result<()> {
    let all: Vec<String> = tx.query(
        sql!("SELECT id FROM cases WHERE org = $1 ORDER BY id"),
        params![ctx.org],
        |row| row.get(0),
    )?;
    let total = i64::try_from(all.len()).map_err(fault)?;
    for (i, id) in all.iter().enumerate() {
        if let Err(e) = one_case(tx, ctx, id, implied, findings) {
            findings
                .faults
                .push(format!("案件 {id} 不能从账本重算：{e}"));
        }
        if i % 200 == 0 {
            progress("案件", i64::try_from(i).map_err(fault)?, total);
        }
    }
    let orphans: i64 = tx.query_one(
        sql!(
            "SELECT count(*) FROM entries e WHERE e.org = $1 AND e.kind = 'fact'
                AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.org = e.org AND c.id = e.case_id)"
        ),
        params![ctx.org],
        |row| row.get(0),
    )?;
    if orphans > 0 {
        findings
            .faults
            .push(format!("有 {orphans} 条事实的案件在登记簿里没有了"));
    }
    findings.read.push(("案件".into(), total));
    Ok(())
}

/// Indicator, day, position; item and amount; thing and dimensions.
type MarkRow = (String, String, i64, (i64, i64), [String; 2]);

fn one_case(
    tx: &mut Tx,
    ctx: &Ctx,
    id: &str,
    implied: &mut Implied,
    findings: &mut Findings,
) -> Result<()> {
    let record = records::load(tx, ctx, id)?;
    let procedure = &record.law.procedure;
    let number = record.row.number.clone();
    for party in crate::parties::unknown(tx, ctx, &record.history)? {
        findings
            .faults
            .push(format!("案件 {id} 的当事人 {party} 不在登记里了"));
    }
    if record.history.facts.is_empty() {
        findings.faults.push(format!("案件“{number}”没有任何事实"));
        return Ok(());
    }
    let outside = projections::Outside::new(tx, &ctx.org, &record.law);
    let account =
        law::indicator::account(procedure, &ctx.pack.calendar, &record.history, &outside, 0);
    outside.finish()?;
    let (status, marks) = (&account.status, &account.marks);
    let clocks = projections::clock_rows(&record.law, status);
    let face = projections::face(&record.law, &record.history, status, &clocks);
    let row = &record.row;
    let same = face.stage == row.stage
        && face.stages == row.stages
        && face.closed_on == row.closed_on
        && face.due_on == row.due_on
        && face.due_clock == row.due_clock
        && face.office == row.office
        && face.party == row.party
        && row.opened_on == record.history.facts[0].at.date().to_string()
        && usize::try_from(row.facts).ok() == Some(record.history.facts.len());
    let opening = opening_of(tx, ctx, id)?;
    let (tracking, last_seq): (String, i64) = tx.query_one(
        sql!("SELECT tracking, last_seq FROM cases WHERE org = $1 AND id = $2"),
        params![ctx.org, id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let named = opening.is_some_and(|o| {
        o.number == row.number
            && o.title == row.title
            && o.imported == row.imported
            && o.tracking == tracking
    }) && Some(&last_seq) == record.seqs.last();
    if !same || !named {
        findings.faults.push(format!(
            "案件“{number}”的登记簿和账本重算的结果不一样（阶段、期限、编号或者名称被改过）"
        ));
    }
    if procedure.code != row.procedure {
        findings
            .faults
            .push(format!("案件“{number}”的程序代号被改过"));
    }
    let mut kept = crate::cases::clocks_of(tx, &ctx.org, id)?;
    let mut derived = clocks;
    let order = |a: &projections::ClockRow, b: &projections::ClockRow| {
        (&a.clock, a.item).cmp(&(&b.clock, b.item))
    };
    kept.sort_by(order);
    derived.sort_by(order);
    if kept != derived {
        findings
            .faults
            .push(format!("案件“{number}”的期限登记和账本重算的结果不一样"));
    }
    let people: std::collections::BTreeSet<(String, String)> =
        crate::access::derived(tx, &ctx.org, id, &record.law)?
            .into_iter()
            .map(|(part, who)| (part.to_owned(), who))
            .collect();
    if people != crate::access::kept(tx, &ctx.org, id)? {
        findings.faults.push(format!(
            "案件“{number}”的经手人和回避的人和账本重算的结果不一样"
        ));
    }
    if crate::signing::derived(tx, &ctx.org, id)? != crate::signing::kept(tx, &ctx.org, id)? {
        findings
            .faults
            .push(format!("案件“{number}”的本人确认和账本重算的结果不一样"));
    }
    let mut kept = stocks::of_case(tx, &ctx.org, id)?;
    let mut stays = stocks::rows(&record.law, &account.stays, &record.seqs);
    kept.sort();
    stays.sort();
    if kept != stays {
        findings
            .faults
            .push(format!("案件“{number}”的存量进出和账本重算的结果不一样"));
    }
    implied.hear(id, &record, marks, &stays);
    let mut derived: Vec<MarkRow> = marks
        .iter()
        .map(|mark| {
            let code = format!(
                "{}.{}",
                procedure.code,
                procedure.indicators[mark.indicator.at()].code
            );
            let seq = record.seqs[usize::try_from(mark.fact_n - 1).unwrap_or(0)];
            let amount = mark.amount.micros().unwrap_or_default();
            (
                code,
                mark.on.to_string(),
                seq,
                (mark.item.map_or(0, i64::from), amount),
                [
                    mark.distinct.clone().unwrap_or_default(),
                    serde_json::json!(projections::dims(&record.law, mark)).to_string(),
                ],
            )
        })
        .collect();
    let mut kept: Vec<MarkRow> = tx.query(
        sql!("SELECT indicator, on_day, seq, item, amount, thing, dims FROM marks WHERE org = $1 AND case_id = $2"),
        params![ctx.org, id],
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                (row.get(3)?, row.get(4)?),
                [row.get(5)?, row.get(6)?],
            ))
        },
    )?;
    derived.sort();
    kept.sort();
    if derived != kept {
        findings
            .faults
            .push(format!("案件“{number}”的计数和账本重算的结果不一样"));
    }
    Ok(())
}

fn opening_of(tx: &mut Tx, ctx: &Ctx, id: &str) -> Result<Option<crate::facts::Opening>> {
    let body: Option<String> = tx.query_opt(
        sql!("SELECT body FROM entries WHERE org = $1 AND case_id = $2 AND kind = 'fact' ORDER BY seq LIMIT 1"),
        params![ctx.org, id],
        |row| row.get(0),
    )?;
    Ok(body
        .and_then(|body| serde_json::from_str::<crate::facts::FactBody>(&body).ok())
        .and_then(|body| body.opening))
}

/// Every evidence file: read whole, hashed again.
fn files(office: &Office, tx: &mut Tx, ctx: &Ctx, findings: &mut Findings) -> Result<()> {
    let all: Vec<(String, String)> = tx.query(
        sql!("SELECT DISTINCT hash, name FROM evidence WHERE org = $1 ORDER BY hash"),
        params![ctx.org],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for (hash, name) in &all {
        match std::fs::read(evidence::path_of(office, hash)) {
            Err(_) => findings
                .faults
                .push(format!("证据文件“{name}”（{hash}）不见了")),
            Ok(bytes) => {
                if crate::ctx::hex(&Sha256::digest(&bytes)) != *hash {
                    findings
                        .faults
                        .push(format!("证据文件“{name}”（{hash}）的内容被改过"));
                }
            }
        }
    }
    findings
        .read
        .push(("证据文件".into(), i64::try_from(all.len()).map_err(fault)?));
    Ok(())
}

/// Frozen reports against the hash that was recorded when they were frozen.
fn reports(tx: &mut Tx, ctx: &Ctx, findings: &mut Findings) -> Result<()> {
    let all: Vec<(i64, String, String)> = tx.query(
        sql!(
            "SELECT r.year, r.content, e.body FROM reports r JOIN entries e ON e.org = r.org AND e.seq = r.seq
              WHERE r.org = $1 ORDER BY r.year"
        ),
        params![ctx.org],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    for (year, content, body) in &all {
        let told: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        if told["content_sha256"] != crate::ctx::hex(&Sha256::digest(content.as_bytes())) {
            findings
                .faults
                .push(format!("{year} 年度报告的内容和冻结时不一样"));
        }
    }
    findings
        .read
        .push(("年度报告".into(), i64::try_from(all.len()).map_err(fault)?));
    Ok(())
}
