//! Shapes of requests and answers.

use serde_json::{Map, Value, json};

/// A reference to a shape.
pub fn named(shape: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{shape}") })
}

/// An object; fields with `?` may be absent, types ending in `|null` may be null.
fn object(fields: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = fields
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !name.ends_with('?'))
        .collect();
    let properties: Map<String, Value> = fields
        .iter()
        .map(|(name, schema)| (name.trim_end_matches('?').to_owned(), schema.clone()))
        .collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// An object that a program sends: nothing else may be in it.
fn strict(fields: &[(&str, Value)]) -> Value {
    let mut schema = object(fields);
    schema["additionalProperties"] = json!(false);
    schema
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn number() -> Value {
    json!({ "type": "integer" })
}

fn yes() -> Value {
    json!({ "type": "boolean" })
}

fn maybe(kind: &str) -> Value {
    json!({ "type": [kind, "null"] })
}

fn any() -> Value {
    json!({ "type": "object" })
}

/// All shapes that no law file makes.
pub fn all() -> Map<String, Value> {
    let mut shapes = Map::new();
    for group in [sent(), cases(), figures(), registers(), open(), refused()] {
        for (name, schema) in group {
            shapes.insert(name.to_owned(), schema);
        }
    }
    shapes
}

type Shapes = Vec<(&'static str, Value)>;

fn sent() -> Shapes {
    let request = json!({ "type": ["string", "null"], "maxLength": 64,
        "description": "您给这次请求的编号：同样的内容重发只办一次，换了内容回 409" });
    let person = |also: &[(&str, Value)]| {
        let mut fields = vec![
            ("name", text()),
            ("office", text()),
            ("from_on", text()),
            ("stationed?", maybe("boolean")),
            ("until_on?", maybe("string")),
            ("request?", request.clone()),
        ];
        fields.extend(also.iter().cloned());
        strict(&fields)
    };
    let value = json!({ "anyOf": [ text(), yes(), { "type": "number" }, list(text()), named("Party"), named("Files") ] });
    let waiver = strict(&[
        (
            "line",
            json!({ "type": "integer", "minimum": 0, "maximum": 1_000_000 }),
        ),
        ("person", text()),
        ("reason", text()),
    ]);
    vec![
        (
            "Party",
            object(&[
                ("class", text()),
                ("name", text()),
                ("contact?", text()),
                ("address?", text()),
            ]),
        ),
        ("Files", object(&[("files", list(text()))])),
        (
            "Submission",
            strict(&[
                ("procedure?", maybe("string")),
                (
                    "values?",
                    json!({ "type": "object", "additionalProperties": value }),
                ),
                (
                    "persons?",
                    json!({ "type": "object", "additionalProperties": list(text()) }),
                ),
                (
                    "item?",
                    json!({ "type": ["integer", "null"], "minimum": 1, "maximum": 1_000_000 }),
                ),
                (
                    "seen?",
                    json!({ "type": ["integer", "null"], "minimum": 0, "maximum": 1_000_000_000,
                "description": "办的时候看到的记录数（facts）；别人先办了就回 409" }),
                ),
                ("request?", request.clone()),
                (
                    "derived?",
                    json!({ "anyOf": [named("Submission"), { "type": "null" }] }),
                ),
                ("waivers?", list(waiver)),
            ]),
        ),
        ("Word", strict(&[("confirmed", yes()), ("note?", text())])),
        ("NewPerson", person(&[("id?", text())])),
        ("PersonChange", person(&[])),
        (
            "PostChange",
            strict(&[
                ("post", text()),
                ("from_on", text()),
                ("until_on?", maybe("string")),
                ("request?", request.clone()),
            ]),
        ),
        (
            "CertificateChange",
            strict(&[
                ("kind", text()),
                ("number", text()),
                ("from_on", text()),
                ("until_on", text()),
                ("request?", request.clone()),
            ]),
        ),
        (
            "EntryChange",
            strict(&[
                ("key", text()),
                ("from_on", text()),
                ("source", text()),
                ("until_on?", maybe("string")),
                ("published_on?", maybe("string")),
                (
                    "columns?",
                    json!({ "type": ["object", "null"], "additionalProperties": text() }),
                ),
                ("request?", request),
            ]),
        ),
    ]
}

fn cases() -> Shapes {
    let ground = object(&[
        ("article", text()),
        ("force", maybe("string")),
        ("reason", text()),
        ("unverified?", yes()),
        ("line?", number()),
        ("waivable?", yes()),
    ]);
    vec![
        ("Ground", ground),
        (
            "CaseRow",
            object(&[
                ("id", text()),
                ("number", text()),
                ("procedure", text()),
                ("title", text()),
                ("stage", text()),
                ("opened_on", text()),
                ("closed_on", maybe("string")),
                ("due_on", maybe("string")),
                ("due_clock", maybe("string")),
            ]),
        ),
        (
            "Cases",
            object(&[
                ("cases", list(named("CaseRow"))),
                ("next_after", maybe("string")),
            ]),
        ),
        (
            "Case",
            object(&[
                ("id", text()),
                ("number", text()),
                ("procedure", text()),
                ("title", text()),
                ("stage", text()),
                ("stages", text()),
                ("facts", number()),
                (
                    "values",
                    json!({ "type": "object", "additionalProperties": text() }),
                ),
                (
                    "clocks",
                    list(object(&[
                        ("clock", text()),
                        ("item", maybe("integer")),
                        ("state", text()),
                        ("started_on", maybe("string")),
                        ("due_on", maybe("string")),
                        ("breached_on", maybe("string")),
                        ("days_late", number()),
                    ])),
                ),
                (
                    "steps",
                    list(object(&[
                        ("step", text()),
                        ("item", maybe("integer")),
                        ("open", yes()),
                        ("grounds?", list(named("Ground"))),
                        ("earliest?", maybe("string")),
                    ])),
                ),
                (
                    "record",
                    list(object(&[
                        ("title", text()),
                        ("kind", text()),
                        ("at", text()),
                        ("who", text()),
                        ("note", text()),
                        ("seq", maybe("integer")),
                    ])),
                ),
                (
                    "evidence",
                    list(object(&[
                        ("sha256", text()),
                        ("name", text()),
                        ("media", text()),
                        ("size", number()),
                        ("seq", number()),
                    ])),
                ),
                (
                    "links",
                    list(object(&[
                        ("kind", text()),
                        ("case", text()),
                        ("number", text()),
                    ])),
                ),
            ]),
        ),
        (
            "Dossier",
            object(&[
                ("id", text()),
                ("number", text()),
                ("papers", list(any())),
                ("waiting", list(any())),
                ("reckoned", list(any())),
                ("entries", list(any())),
                ("signers", list(any())),
            ]),
        ),
        (
            "Trial",
            object(&[
                ("step", text()),
                ("permitted", yes()),
                ("grounds", list(named("Ground"))),
                ("earliest", maybe("string")),
                ("reckoned", list(any())),
            ]),
        ),
        (
            "Done",
            object(&[
                ("case", text()),
                ("number", text()),
                ("n", number()),
                ("item", maybe("integer")),
                ("seq", number()),
                ("tracking", maybe("string")),
                (
                    "derived",
                    json!({ "anyOf": [named("Done"), { "type": "null" }] }),
                ),
                ("notes", list(text())),
            ]),
        ),
        (
            "Upload",
            object(&[
                ("sha256", text()),
                ("name", text()),
                ("media", text()),
                ("size", number()),
                ("ticket", text()),
            ]),
        ),
        (
            "Waiting",
            object(&[(
                "waiting",
                list(object(&[
                    ("seq", number()),
                    ("case", text()),
                    ("number", text()),
                    ("title", text()),
                    ("step", text()),
                    ("at", text()),
                    ("by", text()),
                ])),
            )]),
        ),
        ("Said", object(&[("seq", number())])),
        (
            "Today",
            object(&[
                ("date", text()),
                ("working_day", maybe("boolean")),
                ("late", number()),
                ("soon", number()),
                ("later", number()),
                ("without_deadline", number()),
                (
                    "due",
                    list(object(&[
                        ("case", named("CaseRow")),
                        ("clock", text()),
                        ("basis", text()),
                        ("due_on", text()),
                        ("days_left", number()),
                    ])),
                ),
                ("waiting", number()),
            ]),
        ),
    ]
}

fn figures() -> Shapes {
    let figure = [
        ("indicator", text()),
        ("label", text()),
        ("text", text()),
        ("unit", text()),
        ("numerator", maybe("integer")),
        ("denominator", maybe("integer")),
        ("definition", text()),
        ("cutoff", text()),
        ("log_size", number()),
        ("by", any()),
    ];
    let mut with_list = figure.to_vec();
    with_list.push((
        "list",
        list(object(&[
            ("case", maybe("string")),
            ("number", maybe("string")),
            ("title", maybe("string")),
            ("on", maybe("string")),
            ("seq", maybe("integer")),
        ])),
    ));
    let report = [
        ("year", number()),
        ("title", text()),
        ("issuer", text()),
        ("log_size", number()),
        ("figures", list(any())),
        ("last_year", list(any())),
        ("by", any()),
        ("claims", list(any())),
        ("findings", list(text())),
        ("unproven", list(text())),
        ("published_at", maybe("string")),
        ("due_before", text()),
        ("days_late", number()),
        ("publication", any()),
        ("submission", any()),
        ("submitted_to", maybe("string")),
    ];
    let mut draft = report.to_vec();
    draft.push(("markdown", text()));
    vec![
        ("Figure", object(&figure)),
        ("FigureList", object(&with_list)),
        (
            "Board",
            object(&[
                ("year", number()),
                (
                    "groups",
                    list(object(&[
                        ("title", text()),
                        ("code", text()),
                        ("figures", list(named("Figure"))),
                        ("unbalanced", list(text())),
                    ])),
                ),
            ]),
        ),
        (
            "Reports",
            object(&[(
                "reports",
                list(object(&[
                    ("year", number()),
                    ("published_at", maybe("string")),
                    ("title", text()),
                ])),
            )]),
        ),
        ("Report", object(&report)),
        ("Draft", object(&draft)),
    ]
}

fn registers() -> Shapes {
    let person = object(&[
        ("id", text()),
        ("name", text()),
        ("office", text()),
        ("stationed", yes()),
        ("from_on", text()),
        ("until_on", maybe("string")),
    ]);
    let entry = object(&[
        ("listing", text()),
        ("key", text()),
        ("from_on", text()),
        ("until_on", maybe("string")),
        ("published_on", maybe("string")),
        ("columns", any()),
        ("source", text()),
    ]);
    vec![
        ("Person", person),
        ("Entry", entry),
        (
            "People",
            object(&[(
                "people",
                list(object(&[
                    ("id", text()),
                    ("name", text()),
                    ("office", text()),
                    ("posts", list(text())),
                ])),
            )]),
        ),
        (
            "PersonFile",
            object(&[
                ("person", named("Person")),
                ("posts", list(any())),
                ("certificates", list(any())),
            ]),
        ),
        ("Kept", object(&[("id", text()), ("seq", number())])),
        (
            "Lists",
            object(&[(
                "lists",
                list(object(&[("name", text()), ("entries", number())])),
            )]),
        ),
        (
            "List",
            json!({ "anyOf": [
            object(&[("entries", list(named("Entry")))]), object(&[("differences", list(any()))]) ] }),
        ),
        (
            "Account",
            object(&[
                ("account", text()),
                ("name", text()),
                ("person", maybe("string")),
                ("role", text()),
                (
                    "sessions",
                    list(object(&[
                        ("id", text()),
                        ("device", text()),
                        ("created_at", text()),
                        ("seen_at", text()),
                    ])),
                ),
                (
                    "tokens",
                    list(object(&[
                        ("id", text()),
                        ("label", text()),
                        ("expires_on", text()),
                    ])),
                ),
            ]),
        ),
        ("Ended", object(&[("ended", text())])),
    ]
}

fn open() -> Shapes {
    vec![
        (
            "Procedures",
            object(&[(
                "procedures",
                list(object(&[
                    ("code", text()),
                    ("title", text()),
                    ("law", text()),
                    ("steps", list(text())),
                ])),
            )]),
        ),
        (
            "Procedure",
            object(&[
                ("code", text()),
                ("title", text()),
                ("summary", text()),
                ("basis", text()),
                ("law", text()),
                ("in_force_from", text()),
                ("in_force_until", maybe("string")),
                ("steps", list(any())),
                ("clocks", list(any())),
                ("publications", list(any())),
            ]),
        ),
        (
            "Progress",
            object(&[
                ("number", text()),
                ("procedure", text()),
                ("stage", text()),
                ("opened_on", text()),
                ("due", text()),
                ("steps", list(object(&[("on", text()), ("step", text())]))),
            ]),
        ),
        (
            "Publication",
            object(&[
                ("id", text()),
                ("kind", text()),
                ("title", text()),
                ("rows", list(object(&[("label", text()), ("text", text())]))),
                ("published_at", text()),
                ("withdrawn_at", maybe("string")),
                ("seq", number()),
            ]),
        ),
        (
            "Publications",
            object(&[
                ("publications", list(named("Publication"))),
                ("next_before", maybe("string")),
            ]),
        ),
        (
            "Finding",
            object(&[
                ("holds", yes()),
                ("title", text()),
                ("says", list(text())),
                ("index", maybe("integer")),
            ]),
        ),
        (
            "Term",
            object(&[
                ("from", text()),
                ("due", maybe("string")),
                ("not_before", text()),
                ("undetermined", yes()),
                (
                    "days",
                    list(object(&[
                        ("date", text()),
                        ("kind", text()),
                        ("n", maybe("integer")),
                        ("why", text()),
                    ])),
                ),
            ]),
        ),
    ]
}

fn refused() -> Shapes {
    let kind = |word: &str| json!({ "type": "string", "const": word });
    vec![
        (
            "Refusal",
            object(&[
                ("error", kind("refused")),
                ("step", text()),
                ("article", maybe("string")),
                ("force", maybe("string")),
                ("reason", maybe("string")),
                ("earliest", maybe("string")),
                ("grounds", list(named("Ground"))),
            ]),
        ),
        (
            "FormFaults",
            object(&[
                ("error", kind("form")),
                ("reason", text()),
                (
                    "fields",
                    list(object(&[("field", text()), ("reason", text())])),
                ),
            ]),
        ),
        (
            "Problem",
            object(&[
                (
                    "error",
                    json!({ "type": "string", "enum": ["bar", "form", "fault"] }),
                ),
                ("reason", text()),
            ]),
        ),
    ]
}

/// Answers that say no, by status.
pub fn problems() -> Value {
    let plain = |words: &str, example: &str| {
        json!({ "description": words, "content": { "application/json": { "schema": named("Problem"),
            "example": { "error": "bar", "reason": example } } } })
    };
    json!({
        "400": plain("请求读不懂", "不是完好的 JSON"),
        "401": plain("没有令牌，或者令牌失效", "账号或者密码不对，或者登录已经过期"),
        "403": plain("这个账号不能办", "县级查看账号只能看，不能办"),
        "404": plain("没有，或者不在权限之内", "没有找到，或者不在您的权限之内"),
        "409": plain("别人已经办过，或者请求编号用过了", "页面打开以后，别人已经办过这件事，请看最新的记录再办"),
        "413": plain("太大", "请求太大"),
        "415": plain("不是这种内容", "要写明 Content-Type: application/json"),
        "422": { "description": "不准：条文、效力、理由、最早日期；或者填写有误：逐个字段",
            "content": { "application/json": { "schema": { "anyOf": [named("Refusal"), named("FormFaults")] },
                "examples": {
                    "不准": { "value": { "error": "refused", "step": "决定", "article": "行政处罚法 第64条第1项、第85条",
                        "force": "法定", "reason": "听证申请期未满", "earliest": "2026-03-24", "grounds": [
                        { "article": "行政处罚法 第64条第1项、第85条", "force": "法定", "reason": "听证申请期未满",
                          "unverified": false, "line": 120, "waivable": false } ] } },
                    "填写有误": { "value": { "error": "form", "reason": "填写有误：诉求内容：没有填写",
                        "fields": [{ "field": "诉求内容", "reason": "没有填写" }] } } } } } },
        "429": plain("试得太多", "试错的次数太多，请过一刻钟再试"),
        "503": plain("数据库忙，或者用不了", "数据库正忙，请稍后再试"),
    })
}

/// A request that says what the shape is for.
pub fn example(shape: &str) -> Value {
    match shape {
        "Submission" => json!({ "procedure": "confirmation", "request": "a1b2",
            "values": { "item": "生育登记", "applicant": { "class": "公民", "name": "某人" }, "request": "登记" } }),
        "Word" => json!({ "confirmed": false, "note": "那天我不在场" }),
        "NewPerson" | "PersonChange" => {
            json!({ "name": "某人", "office": "党政办", "from_on": "2023-03-01" })
        }
        "PostChange" => json!({ "post": "镇长", "from_on": "2023-03-01", "until_on": null }),
        "CertificateChange" => {
            json!({ "kind": "执法证", "number": "某号", "from_on": "2023-03-01", "until_on": "2028-02-29" })
        }
        "EntryChange" => {
            json!({ "key": "新村", "from_on": "2023-05-01", "published_on": "2023-05-02", "source": "某文" })
        }
        _ => json!({}),
    }
}
