//! Law that changes while cases run: another file takes its place, or one file holds both rule sets (版). On both engines.

use office::Office;
use office::cases::{self, Done};
use office::error::Error;
use office::inputs::{Draft, Input};
use office::pack::Pack;
use std::path::Path;
use std::sync::Arc;
use testkit::{Town, on_each_engine};

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("the law pack").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            let name = path.strip_prefix(root).expect("below the root");
            files.push((name.display().to_string(), text));
        }
    }
}

/// The pack with the file of 行政确认 changed.
fn amended(changes: &[(&str, &str)]) -> Arc<Pack> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort();
    let (_, text) = files
        .iter_mut()
        .find(|(name, _)| name == "procedures/confirmation.md")
        .expect("it is in the pack");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
    }
    let pack = Pack::read(&files);
    Arc::new(pack.unwrap_or_else(|problems| panic!("{}", problems.join("\n"))))
}

/// The same township under another pack: the program was started again with new law files.
struct Desk<'a> {
    town: &'a Town,
    office: Office,
}

impl<'a> Desk<'a> {
    fn under(town: &'a Town, pack: Arc<Pack>) -> Desk<'a> {
        let office = Office::open(&town.location, town.folder(), pack).expect("it opens again");
        Desk { town, office }
    }

    fn ctx(&self, day: &str) -> office::ctx::Ctx {
        office::ctx::Ctx {
            pack: self.office.pack.clone(),
            ..self.town.ctx(day)
        }
    }

    fn opens(&self, day: &str) -> String {
        let draft = draft(
            "登记申请",
            "窗口人员",
            "a",
            &[
                ("确认事项", "生育登记"),
                ("申请人信息", "某人"),
                ("申请内容", "登记"),
            ],
        );
        cases::open(&self.office, &self.ctx(day), "confirmation", &draft)
            .expect("lawful")
            .case
    }

    fn verifies(&self, day: &str, case: &str, values: &[(&str, &str)]) -> Result<Done, Error> {
        let draft = draft("核实", "核实人员", "b", values);
        cases::take_step(&self.office, &self.ctx(day), case, &draft)
    }

    fn due(&self, case: &str) -> Option<String> {
        self.office
            .read(|tx| office::records::find(tx, testkit::ORG, case))
            .expect("there")
            .due_on
    }

    fn is_whole(&self) {
        let found = office::verify::run(&self.office, &self.ctx("2023-12-31"), |_, _, _| {});
        assert_eq!(found.expect("readable").faults, Vec::<String>::new());
    }
}

fn draft(step: &str, role: &str, person: &str, values: &[(&str, &str)]) -> Draft {
    Draft {
        step: step.into(),
        persons: [(role.to_owned(), vec![person.to_owned()])].into(),
        values: values
            .iter()
            .map(|(field, text)| ((*field).to_owned(), Input::from(*text)))
            .collect(),
        ..Draft::default()
    }
}

#[test]
fn a_case_goes_on_under_the_file_it_began_with() {
    on_each_engine(|town| {
        let before = Desk::under(town, town.office.pack.clone());
        let old = before.opens("2023-04-10");
        let stricter = amended(&[
            ("填：核实情况、属实\n", "填：核实情况、属实、缺少材料\n"),
            ("长：10 工作日", "长：5 工作日"),
        ]);
        let after = Desk::under(town, stricter);
        let new = after.opens("2023-04-10");
        assert_eq!(after.due(&old).as_deref(), Some("2023-04-23"));
        assert_eq!(after.due(&new).as_deref(), Some("2023-04-17"));
        let answer = [("核实情况", "属实"), ("属实", "是")];
        after
            .verifies("2023-04-11", &old, &answer)
            .expect("the old form is enough");
        let refusal = match after.verifies("2023-04-11", &new, &answer) {
            Err(Error::Refused(refusal)) => refusal,
            other => panic!("the new form asks for more: {other:?}"),
        };
        assert!(refusal.grounds[0].sentence.contains("缺少材料"));
        after.is_whole();
        // A program that still has the old pack finds the new text beside the case.
        let behind = Desk::under(town, town.office.pack.clone());
        behind
            .verifies("2023-04-12", &new, &answer)
            .expect_err("still refused");
        behind.is_whole();
    });
}

#[test]
fn a_program_that_was_running_when_the_law_changed_serves_cases_of_the_new_file() {
    on_each_engine(|town| {
        let running = Desk::under(town, town.office.pack.clone());
        let stricter = amended(&[("长：10 工作日", "长：5 工作日")]);
        let case = Desk::under(town, stricter).opens("2023-04-10");
        let answer = [("核实情况", "属实"), ("属实", "是")];
        running
            .verifies("2023-04-11", &case, &answer)
            .expect("the text is read where the case keeps it");
        running.is_whole();
    });
}

#[test]
fn one_file_with_two_rule_sets_goes_by_the_day_that_it_names() {
    on_each_engine(|town| {
        let both = amended(&[
            (
                "机制：M30",
                "版：旧承诺 2023-04-30 止 ｜择：起始日\n版：新承诺 2023-05-01 起 ｜择：起始日\n版：新表 2023-05-01 起 ｜择：步骤日\n机制：M30",
            ),
            (
                "长：10 工作日 ｜镇规",
                "长：10 工作日 ｜版：旧承诺 ｜镇规：本镇便民服务承诺（2023）\n长：5 工作日 ｜版：新承诺 ｜镇规",
            ),
            (
                "填：核实情况、属实\n",
                "填：核实情况、属实\n填：缺少材料 ｜版：新表\n",
            ),
        ]);
        let desk = Desk::under(town, both);
        let old = desk.opens("2023-04-28");
        let new = desk.opens("2023-05-04");
        assert_eq!(desk.due(&old).as_deref(), Some("2023-05-16"));
        assert_eq!(desk.due(&new).as_deref(), Some("2023-05-10"));
        let answer = [("核实情况", "属实"), ("属实", "是")];
        let refused = desk.verifies("2023-05-04", &old, &answer);
        assert!(
            matches!(refused, Err(Error::Refused(_))),
            "the form goes by the day of the step: {refused:?}"
        );
        let early = desk.opens("2023-04-27");
        desk.verifies("2023-04-28", &early, &answer)
            .expect("the old form is enough");
        desk.is_whole();
    });
}
