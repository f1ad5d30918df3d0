//! Forms generated from the law file (表单): views of fields, and what was typed.

use crate::Site;
use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use law::engine::Entry;
use law::procedure::{FieldKind, Procedure, Side, StepId};
use office::error::{Error, Result};
use office::inputs::{Draft, Input};
use office::pack::LawFile;
use std::collections::BTreeMap;

/// One field as the page shows it.
pub struct FieldView {
    /// Name of the input.
    pub name: String,
    /// Label.
    pub label: String,
    /// Help below.
    pub help: String,
    /// `text`, `long`, `number`, `money`, `date`, `instant`, `choice`, `choices`, `party`, `people`, `file`.
    pub kind: &'static str,
    /// Of choices and listings.
    pub options: Vec<String>,
    /// What is filled in.
    pub value: String,
    /// Must be filled.
    pub required: bool,
    /// Of a party: its class and contact; its name is the value.
    pub class: String,
    /// See `class`.
    pub contact: String,
}

impl FieldView {
    /// Is this option chosen?
    pub fn chosen(&self, option: &str) -> bool {
        self.value.split('、').any(|v| v == option)
    }
}

/// A step's form.
pub struct StepForm {
    /// Step code.
    pub code: String,
    /// Step name.
    pub name: String,
    /// Item, for item steps.
    pub item: Option<u32>,
    /// Who takes it, by role.
    pub by: String,
    /// Roles to fill: input name, label, default.
    pub roles: Vec<(String, String, String)>,
    /// Fields.
    pub fields: Vec<FieldView>,
    /// What must be true, by force: sentence and citation, for reading before filling in.
    pub rules: Vec<(String, String)>,
    /// What somebody may set aside (可免) with a reason.
    pub waivers: Vec<WaiverView>,
}

impl StepForm {
    /// Has somebody begun to set a requirement aside?
    pub fn waived(&self) -> bool {
        self.waivers.iter().any(|w| !w.why.is_empty())
    }
}

/// A requirement that may be set aside.
pub struct WaiverView {
    /// Line of the 须 in the law file.
    pub line_no: usize,
    /// The requirement, as a sentence.
    pub says: String,
    /// Who may, by role.
    pub role: String,
    /// Who does, as typed.
    pub who: String,
    /// Why, as typed.
    pub why: String,
}

/// Listing entries by listing name, read once for a page.
pub type Listings = BTreeMap<String, Vec<String>>;

/// Entries of the listings that these fields choose from.
pub fn listings(site: &Site, law: &LawFile) -> Result<Listings> {
    let today = (site.now)().date();
    site.office.read(|tx| {
        let mut found = Listings::new();
        for field in &law.procedure.fields {
            if let FieldKind::ListingEntry(id) = field.kind {
                let name = &law.procedure.listings[id.at()].name;
                if !found.contains_key(name) {
                    let entries = office::listings::on_day(tx, &site.org, name, today)?;
                    found.insert(name.clone(), entries.into_iter().map(|e| e.key).collect());
                }
            }
        }
        Ok(found)
    })
}

/// The form of a step.
pub fn step_form(
    procedure: &Procedure,
    step: StepId,
    item: Option<u32>,
    entries: &[Entry],
    listings: &Listings,
    typist: Option<&str>,
    typed: &BTreeMap<String, String>,
) -> StepForm {
    let declared = &procedure.steps[step.at()];
    let own: Vec<_> = declared
        .actors
        .roles
        .iter()
        .filter(|(role, _)| procedure.roles[role.at()].side == Side::Own)
        .collect();
    let roles = own
        .iter()
        .map(|(role, least)| {
            let role = &procedure.roles[role.at()];
            let name = format!("p.{}", role.code);
            let label = if *least > 1 {
                format!("{}（至少 {least} 名）", role.name)
            } else {
                role.name.clone()
            };
            let value = typed
                .get(&name)
                .cloned()
                .or_else(|| typist.map(str::to_owned))
                .unwrap_or_default();
            (name, label, value)
        })
        .collect();
    let joint = if declared.actors.any { "或者" } else { "、" };
    let by = declared
        .actors
        .roles
        .iter()
        .map(|(role, least)| {
            let name = &procedure.roles[role.at()].name;
            if *least > 1 {
                format!("{name} {least} 名")
            } else {
                name.clone()
            }
        })
        .collect::<Vec<_>>()
        .join(joint);
    let fields = entries
        .iter()
        .map(|entry| {
            let field = &procedure.fields[entry.field.at()];
            let (kind, options) = match &field.kind {
                FieldKind::Text => ("long", Vec::new()),
                FieldKind::Organ
                | FieldKind::Place
                | FieldKind::Article
                | FieldKind::Case(_)
                | FieldKind::Code(_) => ("text", Vec::new()),
                FieldKind::Number => ("number", Vec::new()),
                FieldKind::Money => ("money", Vec::new()),
                FieldKind::Date => ("date", Vec::new()),
                FieldKind::Instant => ("instant", Vec::new()),
                FieldKind::YesNo => ("choice", vec!["是".into(), "否".into()]),
                FieldKind::Choice(all) => ("choice", all.clone()),
                FieldKind::Choices(all) => ("choices", all.clone()),
                FieldKind::Party => (
                    "party",
                    ["公民", "个体工商户", "企业", "农民专业合作社", "其他组织"]
                        .map(str::to_owned)
                        .to_vec(),
                ),
                FieldKind::People => ("people", Vec::new()),
                FieldKind::File => ("file", Vec::new()),
                FieldKind::ListingEntry(id) => (
                    "select",
                    listings
                        .get(&procedure.listings[id.at()].name)
                        .cloned()
                        .unwrap_or_default(),
                ),
            };
            let name = format!("v.{}", field.code);
            let of = |name: &str| typed.get(name).cloned().unwrap_or_default();
            FieldView {
                value: match kind {
                    "party" => of(&format!("{name}.name")),
                    _ => of(&name),
                },
                class: of(&format!("{name}.class")),
                contact: of(&format!("{name}.contact")),
                name,
                label: field.name.clone(),
                help: field.note.clone(),
                kind,
                options,
                required: entry.required,
            }
        })
        .collect();
    let rules = declared
        .requires
        .iter()
        .map(|r| {
            let says = r.message.clone().unwrap_or_else(|| r.source.clone());
            (says, format!("{}：{}", r.basis.force.word(), r.basis.text))
        })
        .collect();
    let waivers = declared
        .requires
        .iter()
        .filter_map(|r| r.waivable_by.map(|role| (r, role)))
        .map(|(r, role)| WaiverView {
            line_no: r.line_no,
            says: r.message.clone().unwrap_or_else(|| r.source.clone()),
            role: procedure.roles[role.at()].name.clone(),
            who: typed
                .get(&format!("w.{}.who", r.line_no))
                .cloned()
                .or_else(|| typist.map(str::to_owned))
                .unwrap_or_default(),
            why: typed
                .get(&format!("w.{}.why", r.line_no))
                .cloned()
                .unwrap_or_default(),
        })
        .collect();
    StepForm {
        waivers,
        code: declared.code.clone(),
        name: declared.name.clone(),
        item,
        by,
        roles,
        fields,
        rules,
    }
}

/// Everything that a form handed in.
#[derive(Default)]
pub struct Submitted {
    /// Inputs by name; repeated ones joined by 、.
    pub typed: BTreeMap<String, String>,
    /// Files by input name.
    pub files: BTreeMap<String, Vec<office::evidence::Upload>>,
}

impl Submitted {
    /// An input, or nothing.
    pub fn get(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

/// Reads a form with files; each file is checked and kept before anything refers to it. What could be read comes back even
/// when something could not, so that nobody has to type it again.
pub async fn read(site: &Site, mut form: Multipart) -> (Submitted, Result<()>) {
    let mut submitted = Submitted::default();
    let mut faults = Vec::new();
    loop {
        match form.next_field().await {
            Ok(None) => break,
            Ok(Some(part)) => match take(site, part, &mut submitted).await {
                Ok(()) => {}
                Err(Error::Form(found)) => faults.extend(found),
                Err(e) => return (submitted, Err(e)),
            },
            Err(e) => {
                faults.push((
                    "表单".into(),
                    format!("没有收全，请重新提交（{}）", e.status()),
                ));
                break;
            }
        }
    }
    let outcome = if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Form(faults))
    };
    (submitted, outcome)
}

async fn take(site: &Site, mut part: Field<'_>, submitted: &mut Submitted) -> Result<()> {
    let broken = |e: MultipartError| {
        Error::Form(vec![(
            "表单".into(),
            format!("没有收全，请重新提交（{}）", e.status()),
        )])
    };
    let name = part.name().unwrap_or_default().to_owned();
    let Some(file_name) = part.file_name().map(str::to_owned) else {
        let text = part.text().await.map_err(broken)?;
        let known = submitted.typed.entry(name).or_default();
        if !known.is_empty() && !text.is_empty() {
            known.push('、');
        }
        known.push_str(text.trim());
        return Ok(());
    };
    // A file that is too large is read to its end and not kept: a sentence can only be told to somebody who has finished.
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(broken)? {
        if bytes.len() <= office::evidence::MAX_BYTES {
            bytes.extend_from_slice(&chunk);
        }
    }
    if bytes.is_empty() && file_name.is_empty() {
        return Ok(());
    }
    let office = site.office.clone();
    let kept =
        tokio::task::spawn_blocking(move || office::evidence::keep(&office, &file_name, &bytes))
            .await
            .map_err(|e| Error::Fault(e.to_string()))??;
    submitted.files.entry(name).or_default().push(kept);
    Ok(())
}

/// A draft from a form. Names of people may stand for their ids.
pub fn draft(
    law: &LawFile,
    step: &str,
    submitted: &Submitted,
    people: &BTreeMap<String, String>,
) -> Draft {
    let mut draft = Draft {
        step: step.to_owned(),
        ..Draft::default()
    };
    fill(&mut draft, law, submitted, "", people);
    for (name, why) in &submitted.typed {
        let line = name
            .strip_prefix("w.")
            .and_then(|rest| rest.strip_suffix(".why"))
            .and_then(|line| line.parse::<usize>().ok());
        if let Some(line) = line.filter(|_| !why.is_empty()) {
            let who = submitted.get(&format!("w.{line}.who")).trim();
            let person = people.get(who).cloned().unwrap_or_else(|| who.to_owned());
            draft.waivers.push((line, person, why.clone()));
        }
    }
    draft.item = submitted.get("item").parse().ok();
    draft.seen = submitted.get("seen").parse().ok();
    draft
}

/// Fills a draft from inputs with a prefix: `v.` and `p.` of the step itself, `d.v.` and `d.p.` of the case it opens.
pub fn fill(
    draft: &mut Draft,
    law: &LawFile,
    submitted: &Submitted,
    prefix: &str,
    people: &BTreeMap<String, String>,
) {
    let ids = |text: &str| -> Vec<String> {
        text.split(['、', ',', '，', ' '])
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(|t| people.get(t).cloned().unwrap_or_else(|| t.to_owned()))
            .collect()
    };
    for (name, text) in &submitted.typed {
        if let Some(role) = name.strip_prefix(&format!("{prefix}p.")) {
            let persons = ids(text);
            if !persons.is_empty() {
                draft.persons.insert(role.to_owned(), persons);
            }
        }
        let Some(code) = name.strip_prefix(&format!("{prefix}v.")) else {
            continue;
        };
        let (code, part) = code.split_once('.').map_or((code, ""), |(c, p)| (c, p));
        let Some(field) = law.field(code) else {
            continue;
        };
        match law.procedure.fields[field.at()].kind {
            FieldKind::Party => {
                if part == "name" && !text.is_empty() {
                    let of = |part: &str| {
                        submitted
                            .get(&format!("{prefix}v.{code}.{part}"))
                            .to_owned()
                    };
                    let party = Input::Party {
                        class: of("class"),
                        name: text.clone(),
                        contact: of("contact"),
                        address: of("address"),
                    };
                    draft.values.insert(code.to_owned(), party);
                }
            }
            FieldKind::People => {
                draft
                    .values
                    .insert(code.to_owned(), Input::Text(ids(text).join("、")));
            }
            FieldKind::Instant => {
                draft
                    .values
                    .insert(code.to_owned(), Input::Text(text.replace('T', " ")));
            }
            _ => {
                draft
                    .values
                    .insert(code.to_owned(), Input::Text(text.clone()));
            }
        }
    }
    for (name, files) in &submitted.files {
        if let Some(code) = name.strip_prefix(&format!("{prefix}v.")) {
            draft
                .values
                .insert(code.to_owned(), Input::Files(files.clone()));
        }
    }
}

/// Ids of people by name; a name that two people share stands for neither.
pub fn people_by_name(site: &Site) -> Result<BTreeMap<String, String>> {
    let names = site
        .office
        .read(|tx| office::people::names(tx, &site.org))?;
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut twice = Vec::new();
    for (id, name) in names {
        if found.insert(name.clone(), id).is_some() {
            twice.push(name);
        }
    }
    for name in twice {
        found.remove(&name);
    }
    Ok(found)
}

/// Percent-encoding of a query value.
pub fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
