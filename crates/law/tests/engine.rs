//! The engine at its boundary: waivers, clocks that begin anew or fall away, annulment, versions.

use jiff::civil::{Date, DateTime};
use law::calendar::Calendar;
use law::clock::ClockState;
use law::engine::{
    Act, ClockRun, Fact, History, Permit, Refusal, Register, Status, Waiver, permit, status,
};
use law::procedure::{FieldId, Procedure, Qualification, Span, StepId};
use law::value::{Ratio, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// A file in small: two kinds of item, a term that begins anew and falls away, a requirement that may be waived, and
/// rules that changed on 2026-03-01.
const FILE: &str = "\
# 修缮

公房修缮。

```程序
代号：repair
施行：2026-01-01 起
依据：公房修缮规定
编号：{机关代字}修〔{年}〕{序}号
起步：报修
保管：10 年
版：旧法 2026-02-28 止 ｜择：起始日
版：新法 2026-03-01 起 ｜择：起始日
版：新表 2026-03-01 起 ｜择：步骤日
```

| 角色 | 代号 | 属 | 资格 |
|---|---|---|---|
| 经办人 | clerk | 本机关 | — |
| 镇长 | head | 本机关 | 职：镇长 |

```阶段
主线：在修、修好、不修 ｜终：修好、不修
```

| 字段 | 代号 | 类型 | 公开 | 说明 |
|---|---|---|---|---|
| 事由 | reason | 文 | 内部 | |
| 量房单 | survey | 文 | 内部 | |
| 起算日 | from_day | 日期 | 内部 | |

```步骤
报修 report
由：经办人
填：事由
```

```步骤
量房 measure
由：经办人
```

```步骤
退回 send_back
由：经办人
```

```步骤
撤回 withdraw
由：经办人
```

```步骤
催办 urge
由：经办人
```

```步骤
完工 finish
由：经办人
自：在修
至：修好
填：量房单 ｜版：新表
须：已 量房 ｜镇规：量了再修 ｜可免：镇长
须：已 催办 ｜版：新法 ｜镇规：新法要催 ｜可免：镇长
```

```步骤
不予修缮 refuse
由：经办人
自：在修
至：不修
```

```期限
修缮期 repair_term
起：报修
重起：退回
长：5 日 ｜版：旧法 ｜镇规：旧法五日
长：10 日 ｜版：新法 ｜镇规：新法十日
止：完工、不予修缮
销：撤回
```

## 料

```子项
料单 material
起步：领料
阶段：已领、已退
```

```步骤
领料 draw
由：经办人
```

```步骤
验料 inspect_material
由：经办人
作废：验工、复验料
```

```步骤
复验料 inspect_again
由：经办人
```

## 工

```子项
工单 labour
起步：派工
阶段：已派、已撤
```

```步骤
派工 assign
由：经办人
```

```步骤
验工 inspect_labour
由：经办人
```

## 未尽

- 质保另立一件。
";

struct Posts;

impl Register for Posts {
    fn qualified(&self, person: &str, qualification: &Qualification, _: Date) -> bool {
        matches!(qualification, Qualification::None) || person == "镇长"
    }

    fn indicator(&self, _: &str, _: &[(FieldId, &Value)], _: Span, _: Date) -> Option<Ratio> {
        Some(Ratio::ZERO)
    }
}

fn calendar() -> Calendar {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/calendars/2026.txt");
    let text = std::fs::read_to_string(path).expect("the calendar of 2026 is in the pack");
    Calendar::from_files(&[("2026.txt", &text)]).expect("it is sound")
}

/// A case in hand.
struct Case {
    procedure: Procedure,
    calendar: Calendar,
    history: History,
}

impl Case {
    fn begun(day: &str) -> Case {
        Case::under(FILE, day)
    }

    fn under(file: &str, day: &str) -> Case {
        let (procedure, problems) = law::parse::read(file);
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let mut case = Case {
            procedure: procedure.unwrap_or_else(|| panic!("{}", said.join("\n"))),
            calendar: calendar(),
            history: History::default(),
        };
        case.does(day, "报修", None, &[("事由", "漏雨")]);
        case
    }

    fn step(&self, name: &str) -> StepId {
        let place = self.procedure.steps.iter().position(|s| s.name == name);
        StepId(u16::try_from(place.expect("a step of the file")).expect("few steps"))
    }

    fn asks(
        &self,
        day: &str,
        step: &str,
        item: Option<u32>,
        values: &[(&str, &str)],
        waivers: Vec<Waiver>,
    ) -> Result<Permit, Refusal> {
        let step = self.step(step);
        let at: DateTime = format!("{day}T09:00").parse().expect("a day");
        let values: BTreeMap<FieldId, Value> = values
            .iter()
            .map(|(name, text)| {
                let place = self.procedure.fields.iter().position(|f| f.name == *name);
                let place = place.expect("a field of the file");
                let kind = &self.procedure.fields[place].kind;
                let id = FieldId(u16::try_from(place).expect("few fields"));
                (id, Value::parse(kind, text).expect("a value"))
            })
            .collect();
        let clerk = self.procedure.steps[step.at()].actors.roles[0].0;
        let act = Act {
            step,
            at,
            recorded: at,
            item,
            actors: vec![(clerk, vec!["某".into()])],
            values,
            waivers,
        };
        permit(&self.procedure, &self.calendar, &self.history, &Posts, act)
    }

    fn take(&mut self, leave: &Permit) -> Fact {
        self.history.facts.extend(leave.deemed().iter().cloned());
        self.history.facts.push(leave.fact().clone());
        leave.fact().clone()
    }

    fn does(&mut self, day: &str, step: &str, item: Option<u32>, values: &[(&str, &str)]) {
        let leave = self.asks(day, step, item, values, Vec::new());
        let leave = leave.unwrap_or_else(|no| panic!("{day} {step}：{:?}", no.grounds));
        self.take(&leave);
    }

    fn status(&self, day: &str) -> Status {
        let at = format!("{day}T12:00").parse().expect("a day");
        status(&self.procedure, &self.calendar, &self.history, &Posts, at)
    }

    /// Runs of the only term, as `start due state late`.
    fn runs(&self, day: &str) -> Vec<String> {
        let say = |run: &ClockRun| {
            let state = match run.state {
                ClockState::NotStarted => "未起",
                ClockState::Running => "走",
                ClockState::Met => "止",
                ClockState::Expired => "满",
            };
            let start = run.started_on.map(|d| d.to_string()).unwrap_or_default();
            let due = run.due.and_then(|d| d.hi).map(|d| d.to_string());
            let late = run.days_late;
            format!("{start} {} {state} {late}", due.unwrap_or_default())
        };
        self.status(day).clocks.iter().map(say).collect()
    }

    fn line_of(&self, says: &str) -> usize {
        let place = FILE.lines().position(|line| line.contains(says));
        place.expect("a line of the file") + 1
    }

    fn waiver(&self, says: &str, person: &str, reason: &str) -> Waiver {
        Waiver {
            line_no: self.line_of(says),
            person: person.into(),
            reason: reason.into(),
        }
    }
}

#[test]
fn only_a_waiver_that_was_needed_is_kept() {
    let mut case = Case::begun("2026-01-05");
    let unmet = case.waiver("须：已 量房", "镇长", "外墙够不着");
    let again = case.waiver("须：已 量房", "镇长", "再写一遍");
    let of_another_version = case.waiver("须：已 催办", "镇长", "不必催");
    let by_nobody = case.waiver("须：已 量房", "某", "我说了算");
    let of_no_line = Waiver {
        line_no: 9999,
        ..unmet.clone()
    };
    let sent = vec![
        by_nobody.clone(),
        unmet.clone(),
        of_another_version.clone(),
        again.clone(),
        of_no_line.clone(),
    ];
    let leave = case
        .asks("2026-01-06", "完工", None, &[], sent)
        .expect("one waiver is good");
    assert_eq!(leave.fact().waivers, vec![unmet.clone()]);
    assert_eq!(
        leave.idle_waivers(),
        [by_nobody, of_another_version, again, of_no_line]
    );

    case.does("2026-01-06", "量房", None, &[]);
    let leave = case
        .asks("2026-01-06", "完工", None, &[], vec![unmet.clone()])
        .expect("everything is met");
    assert_eq!(leave.fact().waivers, Vec::new(), "nothing was waived");
    assert_eq!(leave.idle_waivers(), [unmet]);
}

#[test]
fn a_waiver_without_reason_or_post_sets_nothing_aside() {
    let case = Case::begun("2026-01-05");
    for (person, reason) in [("镇长", "  "), ("某", "我说了算")] {
        let sent = vec![case.waiver("须：已 量房", person, reason)];
        let refusal = case
            .asks("2026-01-06", "完工", None, &[], sent)
            .expect_err("the requirement stands");
        assert_eq!(refusal.grounds[0].citation, "量了再修");
    }
}

#[test]
fn a_run_that_began_anew_is_not_listed_as_still_running() {
    let mut case = Case::begun("2026-01-05");
    case.does("2026-01-07", "退回", None, &[]);
    assert_eq!(case.runs("2026-01-08"), ["2026-01-07 2026-01-12 走 0"]);
    case.does("2026-01-09", "不予修缮", None, &[]);
    assert_eq!(case.runs("2026-02-01"), ["2026-01-07 2026-01-12 止 0"]);
}

#[test]
fn a_run_that_fell_away_does_not_come_back_with_the_next_one() {
    let mut case = Case::begun("2026-01-05");
    case.does("2026-01-07", "撤回", None, &[]);
    assert_eq!(case.runs("2026-01-08"), Vec::<String>::new());
    case.does("2026-01-09", "退回", None, &[]);
    assert_eq!(case.runs("2026-01-10"), ["2026-01-09 2026-01-14 走 0"]);
}

#[test]
fn a_breach_stays_on_record_and_its_days_end_where_the_next_run_begins() {
    let mut case = Case::begun("2026-01-05");
    case.does("2026-01-15", "退回", None, &[]);
    let both = ["2026-01-05 2026-01-12 满 3", "2026-01-15 2026-01-20 走 0"];
    assert_eq!(case.runs("2026-01-16"), both);
    case.does("2026-01-16", "撤回", None, &[]);
    assert_eq!(case.runs("2026-02-10"), both[..1]);
}

#[test]
fn annulment_in_an_item_leaves_items_of_another_kind_alone() {
    let mut case = Case::begun("2026-01-05");
    case.does("2026-01-05", "领料", None, &[]);
    case.does("2026-01-05", "派工", None, &[]);
    case.does("2026-01-06", "验工", Some(1), &[]);
    case.does("2026-01-06", "复验料", Some(1), &[]);
    case.does("2026-01-07", "验料", Some(1), &[]);
    for (name, done) in [("验工", true), ("复验料", false)] {
        let condition = law::procedure::Condition::Done(case.step(name), true);
        let at = "2026-01-08T09:00".parse().expect("a day");
        let held = law::example::holds(
            &case.procedure,
            &case.calendar,
            &case.history,
            &condition,
            at,
        );
        assert_eq!(held, done, "已 {name}");
    }
}

#[test]
fn a_case_keeps_the_rules_of_the_day_it_began_and_forms_follow_the_day_of_the_step() {
    // Begun the day before the change, finished after it: the old term, no 催办; but the new form.
    let mut case = Case::begun("2026-02-28");
    assert_eq!(case.runs("2026-03-01"), ["2026-02-28 2026-03-05 走 0"]);
    case.does("2026-03-02", "量房", None, &[]);
    let missing = case
        .asks("2026-03-02", "完工", None, &[], Vec::new())
        .expect_err("the new form asks for more");
    let said: Vec<&str> = missing
        .grounds
        .iter()
        .map(|g| g.sentence.as_str())
        .collect();
    assert_eq!(said, ["没有填“量房单”"]);
    case.does("2026-03-02", "完工", None, &[("量房单", "三间")]);

    // Begun on the day of the change: everything is new.
    let mut case = Case::begun("2026-03-01");
    assert_eq!(case.runs("2026-03-02"), ["2026-03-01 2026-03-11 走 0"]);
    case.does("2026-03-02", "量房", None, &[]);
    let refusal = case
        .asks(
            "2026-03-02",
            "完工",
            None,
            &[("量房单", "三间")],
            Vec::new(),
        )
        .expect_err("the new law asks for 催办");
    assert_eq!(refusal.grounds.len(), 1);
    assert_eq!(refusal.grounds[0].citation, "新法要催");
    case.does("2026-03-03", "催办", None, &[]);
    case.does("2026-03-03", "完工", None, &[("量房单", "三间")]);
}

#[test]
fn a_term_that_begins_anew_after_the_change_still_has_the_length_of_the_case() {
    let mut case = Case::begun("2026-02-28");
    case.does("2026-03-04", "退回", None, &[]);
    assert_eq!(case.runs("2026-03-05"), ["2026-03-04 2026-03-09 走 0"]);
}

#[test]
fn the_last_day_of_a_version_belongs_to_it_and_the_first_day_too() {
    let needs_the_form = |day: &str| {
        let mut case = Case::begun("2026-02-20");
        case.does(day, "量房", None, &[]);
        case.asks(day, "完工", None, &[], Vec::new()).is_err()
    };
    assert!(!needs_the_form("2026-02-28"));
    assert!(needs_the_form("2026-03-01"));
}

#[test]
fn the_earliest_day_knows_that_the_rules_of_the_step_change() {
    let file = FILE.replace(
        "须：已 量房 ｜镇规：量了再修 ｜可免：镇长",
        "须：已 量房 ｜版：旧表 ｜镇规：量了再修",
    );
    let file = file.replace(
        "版：新表 2026",
        "版：旧表 2026-02-28 止 ｜择：步骤日\n版：新表 2026",
    );
    let case = Case::under(&file, "2026-02-25");
    let refusal = case
        .asks(
            "2026-02-26",
            "完工",
            None,
            &[("量房单", "三间")],
            Vec::new(),
        )
        .expect_err("the old form wants a survey");
    let first = "2026-03-01".parse().expect("a day");
    assert_eq!(refusal.earliest, Some(first));
}

#[test]
fn no_case_begins_after_a_file_went_out_of_force_but_those_begun_go_on() {
    let file = FILE.replace("施行：2026-01-01 起", "施行：2026-01-01 起 2026-01-31 止");
    let mut case = Case::under(&file, "2026-01-31");
    case.does("2026-02-02", "不予修缮", None, &[]);
    case.history = History::default();
    let refusal = case
        .asks("2026-02-01", "报修", None, &[("事由", "漏雨")], Vec::new())
        .expect_err("a day too late");
    assert!(refusal.grounds[0].sentence.contains("2026-01-31 止"));
}
