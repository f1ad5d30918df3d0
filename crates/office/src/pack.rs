//! The law pack (法条包): all law files, read once, shared by every operation.

use crate::ctx::hex;
use law::calendar::Calendar;
use law::procedure::{
    Condition, DefinitionBody, FieldId, IndicatorId, Procedure, Quantity, RoleId, StepId,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, RwLock};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/law_files.rs"));
}

/// One law file, ready to run.
pub struct LawFile {
    /// The resolved tree.
    pub procedure: Procedure,
    /// SHA-256 of the text; a case keeps the hash of the file it began under.
    pub hash: String,
    /// The file as written.
    pub text: String,
    steps: HashMap<String, StepId>,
    fields: HashMap<String, FieldId>,
    roles: HashMap<String, RoleId>,
    /// Indicators that some condition reads with 按, and over which fields.
    pub repeats: Vec<(IndicatorId, Vec<FieldId>)>,
}

impl LawFile {
    /// Wraps a procedure that has been read without faults.
    pub fn new(procedure: Procedure, text: &str) -> LawFile {
        let hash = hex(&Sha256::digest(text.as_bytes()));
        let index = |i: usize| u16::try_from(i).expect("a law file is far smaller");
        let mut steps = HashMap::new();
        for (i, step) in procedure.steps.iter().enumerate() {
            steps.insert(step.code.clone(), StepId(index(i)));
            steps.insert(step.name.clone(), StepId(index(i)));
        }
        let mut fields = HashMap::new();
        for (i, field) in procedure.fields.iter().enumerate() {
            fields.insert(field.code.clone(), FieldId(index(i)));
            fields.insert(field.name.clone(), FieldId(index(i)));
        }
        let mut roles = HashMap::new();
        for (i, role) in procedure.roles.iter().enumerate() {
            roles.insert(role.code.clone(), RoleId(index(i)));
            roles.insert(role.name.clone(), RoleId(index(i)));
        }
        let repeats = repeats_read(&procedure);
        LawFile {
            procedure,
            hash,
            text: text.to_owned(),
            steps,
            fields,
            roles,
            repeats,
        }
    }

    /// A step by code or Chinese name.
    pub fn step(&self, name: &str) -> Option<StepId> {
        self.steps.get(name).copied()
    }

    /// A field by code or Chinese name.
    pub fn field(&self, name: &str) -> Option<FieldId> {
        self.fields.get(name).copied()
    }

    /// A role by code or Chinese name.
    pub fn role(&self, name: &str) -> Option<RoleId> {
        self.roles.get(name).copied()
    }
}

/// Everything under `law/`.
pub struct Pack {
    files: BTreeMap<String, Arc<LawFile>>,
    by_hash: RwLock<HashMap<String, Arc<LawFile>>>,
    /// Rest days and make-up working days.
    pub calendar: Calendar,
    /// SHA-256 over the calendar files: with another, terms may end on other days.
    pub calendars_hash: String,
    /// Figures that no single procedure owns.
    pub registers: Vec<law::registers::RegisterFigure>,
    /// The layout of the annual report.
    pub report: law::report::Layout,
    /// Initial listings, `(file name, text)`.
    pub listings: Vec<(String, String)>,
}

impl Pack {
    /// The pack in the binary.
    pub fn embedded() -> Result<Pack, Vec<String>> {
        let files: Vec<(String, String)> = embedded::FILES
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        Pack::read(&files)
    }

    /// A pack on disk (`--law DIR`), laid out like `law/`.
    pub fn from_folder(folder: &Path) -> Result<Pack, Vec<String>> {
        let mut files = Vec::new();
        collect(folder, folder, &mut files)
            .map_err(|e| vec![format!("读不到 {}：{e}", folder.display())])?;
        files.sort();
        if !files.iter().any(|(name, _)| name.starts_with("procedures")) {
            return Err(vec![format!(
                "{} 里没有 procedures 目录和程序文件；--law 要指向整个法条目录",
                folder.display()
            )]);
        }
        Pack::read(&files)
    }

    /// Reads files named as below `law/`; all problems at once, each with its file.
    pub fn read(files: &[(String, String)]) -> Result<Pack, Vec<String>> {
        let mut problems = Vec::new();
        let mut procedures = BTreeMap::new();
        let mut by_hash = HashMap::new();
        let mut calendars = Vec::new();
        let mut registers = Vec::new();
        let mut report = law::report::Layout::default();
        let mut listings = Vec::new();
        for (name, text) in files {
            match name.split('/').next().unwrap_or_default() {
                "procedures" => {
                    let (procedure, found) = law::parse::read(text);
                    problems.extend(
                        found
                            .iter()
                            .filter(|p| p.is_fault())
                            .map(|p| format!("{name}　{p}")),
                    );
                    if let Some(procedure) = procedure {
                        let file = Arc::new(LawFile::new(procedure, text));
                        by_hash.insert(file.hash.clone(), file.clone());
                        let code = file.procedure.code.clone();
                        if procedures.insert(code.clone(), file).is_some() {
                            problems.push(format!("{name}　代号 {code} 已经有另一个文件在用"));
                        }
                    }
                }
                "calendars" => calendars.push((name.as_str(), text.as_str())),
                "indicators" => {
                    let (figures, found) = law::registers::read(text);
                    problems.extend(
                        found
                            .iter()
                            .filter(|p| p.is_fault())
                            .map(|p| format!("{name}　{p}")),
                    );
                    registers.extend(figures);
                }
                "reports" => {
                    let (layout, found) = law::report::read(text);
                    problems.extend(
                        found
                            .iter()
                            .filter(|p| p.is_fault())
                            .map(|p| format!("{name}　{p}")),
                    );
                    report = layout;
                }
                "lists" => listings.push((name.clone(), text.clone())),
                _ => {}
            }
        }
        let calendars_hash = hex(&Sha256::digest(format!("{calendars:?}").as_bytes()));
        let calendar = match Calendar::from_files(&calendars) {
            Ok(calendar) => calendar,
            Err(found) => {
                problems.extend(found.iter().map(ToString::to_string));
                Calendar::default()
            }
        };
        problems.extend(unknown_references(&report, &procedures, &registers));
        if problems.is_empty() {
            Ok(Pack {
                files: procedures,
                by_hash: RwLock::new(by_hash),
                calendar,
                calendars_hash,
                registers,
                report,
                listings,
            })
        } else {
            Err(problems)
        }
    }

    /// The current file of a procedure.
    pub fn file(&self, code: &str) -> Option<&Arc<LawFile>> {
        self.files.get(code)
    }

    /// All procedures, by code.
    pub fn files(&self) -> impl Iterator<Item = &Arc<LawFile>> {
        self.files.values()
    }

    /// The file with this hash, if it is current or has been remembered.
    pub fn by_hash(&self, hash: &str) -> Option<Arc<LawFile>> {
        self.by_hash
            .read()
            .expect("no panic while the lock is held")
            .get(hash)
            .cloned()
    }

    /// Keeps an earlier version of a file, under which cases still run.
    pub fn remember(&self, file: Arc<LawFile>) {
        self.by_hash
            .write()
            .expect("no panic while the lock is held")
            .insert(file.hash.clone(), file);
    }
}

/// Figures that the layout of the report binds and nobody counts.
fn unknown_references(
    report: &law::report::Layout,
    procedures: &BTreeMap<String, Arc<LawFile>>,
    registers: &[law::registers::RegisterFigure],
) -> Vec<String> {
    let counted = |reference: &str| {
        let (owner, code) = reference.split_once('.')?;
        let known = match owner {
            "registers" => registers.iter().any(|figure| figure.code == code),
            _ => procedures
                .get(owner)?
                .procedure
                .indicators
                .iter()
                .any(|i| i.code == code || i.name == code),
        };
        known.then_some(())
    };
    report
        .references()
        .iter()
        .filter(|reference| counted(reference).is_none())
        .map(|reference| format!("reports　报告版式里的 {{{reference}}} 没有这个指标"))
        .collect()
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path
            .extension()
            .is_some_and(|e| e == "md" || e == "txt" || e == "csv")
        {
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            files.push((name, std::fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// Every `指标 按 字段` in the file, so that the counts behind them are kept beside the marks.
fn repeats_read(procedure: &Procedure) -> Vec<(IndicatorId, Vec<FieldId>)> {
    let mut found = Vec::new();
    for step in &procedure.steps {
        for requirement in &step.requires {
            in_condition(procedure, &requirement.condition, &mut found);
            if let Some(when) = &requirement.guard.when {
                in_condition(procedure, when, &mut found);
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn in_condition(
    procedure: &Procedure,
    condition: &Condition,
    found: &mut Vec<(IndicatorId, Vec<FieldId>)>,
) {
    match condition {
        Condition::And(all) | Condition::Or(all) => {
            all.iter().for_each(|c| in_condition(procedure, c, found))
        }
        Condition::Not(inner) | Condition::Each(_, inner) | Condition::Some(_, inner) => {
            in_condition(procedure, inner, found);
        }
        Condition::Compare(left, _, right) => {
            in_quantity(procedure, left, found);
            in_quantity(procedure, right, found);
        }
        Condition::Defined(id) => match &procedure.definitions[id.at()].body {
            DefinitionBody::Condition(c) => in_condition(procedure, c, found),
            DefinitionBody::Quantity(q) => in_quantity(procedure, q, found),
        },
        _ => {}
    }
}

fn in_quantity(
    procedure: &Procedure,
    quantity: &Quantity,
    found: &mut Vec<(IndicatorId, Vec<FieldId>)>,
) {
    match quantity {
        Quantity::Per(indicator, fields, _) => found.push((*indicator, fields.clone())),
        Quantity::Defined(id) => {
            if let DefinitionBody::Quantity(q) = &procedure.definitions[id.at()].body {
                in_quantity(procedure, q, found);
            }
        }
        Quantity::Min(a, b)
        | Quantity::Max(a, b)
        | Quantity::Add(a, b)
        | Quantity::Sub(a, b)
        | Quantity::Mul(a, b)
        | Quantity::Div(a, b) => {
            in_quantity(procedure, a, found);
            in_quantity(procedure, b, found);
        }
        _ => {}
    }
}
