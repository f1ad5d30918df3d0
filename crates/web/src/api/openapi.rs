//! The OpenAPI description: one line for each operation, shapes beside it, the forms of steps from the law files.

mod shapes;

use crate::Site;
use axum::Json;
use axum::extract::State;
use law::procedure::{FieldKind, Procedure, Step};
use serde_json::{Map, Value, json};

/// What an operation is sent.
enum Sent {
    Nothing,
    /// JSON of this shape.
    Json(&'static str),
    /// A file's bytes.
    Bytes,
    /// Plain text.
    Text,
}

/// Asked for in the query: name, schema, words.
type Asked = (&'static str, Kind, &'static str);

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Date,
    Flag,
    Number,
    OneOf(&'static [&'static str]),
}

struct Operation {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    /// Needs no token.
    open: bool,
    asked: &'static [Asked],
    sent: Sent,
    /// Status and shape of the answer; an empty shape is a file.
    answer: (&'static str, &'static str),
}

const fn get(path: &'static str, summary: &'static str, answer: &'static str) -> Operation {
    Operation {
        method: "get",
        path,
        summary,
        open: false,
        asked: &[],
        sent: Sent::Nothing,
        answer: ("200", answer),
    }
}

const fn open(path: &'static str, summary: &'static str, answer: &'static str) -> Operation {
    Operation {
        open: true,
        ..get(path, summary, answer)
    }
}

const fn post(
    path: &'static str,
    summary: &'static str,
    sent: Sent,
    answer: &'static str,
) -> Operation {
    Operation {
        method: "post",
        sent,
        ..get(path, summary, answer)
    }
}

const fn asking(asked: &'static [Asked], operation: Operation) -> Operation {
    Operation { asked, ..operation }
}

const fn creating(operation: Operation) -> Operation {
    let (_, shape) = operation.answer;
    Operation {
        answer: ("201", shape),
        ..operation
    }
}

const fn by(method: &'static str, operation: Operation) -> Operation {
    Operation {
        method,
        ..operation
    }
}

const REGISTER: &[Asked] = &[
    ("procedure", Kind::Text, "程序代号"),
    ("stage", Kind::Text, "主线阶段"),
    ("q", Kind::Text, "全文检索的字"),
    ("from", Kind::Date, "开始日不早于"),
    ("until", Kind::Date, "开始日不晚于"),
    ("open", Kind::Flag, "只要没办完的"),
    ("late", Kind::Flag, "只要逾期的"),
    ("sort", Kind::OneOf(&["newest", "opened", "due"]), "排列"),
    ("after", Kind::Text, "上一页给的 next_after"),
];

/// All operations, in the order of the documentation.
const OPERATIONS: &[Operation] = &[
    open("/api/v1/procedures", "全部程序和步骤代号", "Procedures"),
    open(
        "/api/v1/procedures/{code}",
        "一个程序：步骤、要填的、期限、公开",
        "Procedure",
    ),
    asking(
        &[("code", Kind::Text, "查询码")],
        open("/api/v1/progress", "凭查询码看进度", "Progress"),
    ),
    asking(
        &[
            ("kind", Kind::Text, "类别代号"),
            ("before", Kind::Text, "上一页给的 next_before"),
        ],
        open("/api/v1/publications", "公开的，新的在前", "Publications"),
    ),
    open("/api/v1/publications/{id}", "一件公开", "Publication"),
    Operation {
        open: true,
        ..post(
            "/api/v1/verify",
            "核对一份回执和今天的账本",
            Sent::Text,
            "Finding",
        )
    },
    asking(
        &[
            ("from", Kind::Date, "起算日，不计"),
            ("length", Kind::Number, "长"),
            (
                "unit",
                Kind::OneOf(&["工作日", "日", "月", "年"]),
                "单位，不写按工作日",
            ),
        ],
        open("/api/v1/term", "推算期限，逐日说明", "Term"),
    ),
    get("/api/v1/today", "今天：按期限排的事", "Today"),
    asking(REGISTER, get("/api/v1/cases", "案件，新的在前", "Cases")),
    creating(post(
        "/api/v1/cases",
        "建一件",
        Sent::Json("Submission"),
        "Done",
    )),
    get(
        "/api/v1/cases/{id}",
        "一件：记录、期限、附件、下一步",
        "Case",
    ),
    post(
        "/api/v1/cases/{id}/steps/{step}",
        "办一步",
        Sent::Json("Submission"),
        "Done",
    ),
    get(
        "/api/v1/cases/{id}/dossier",
        "卷宗：文书、还没有的文书、推算、引用的清单条目",
        "Dossier",
    ),
    post(
        "/api/v1/cases/{id}/steps/{step}/trial",
        "试算一步：能不能办、怎么算；不写入",
        Sent::Json("Submission"),
        "Trial",
    ),
    get("/api/v1/cases/{id}/evidence/{hash}", "一个附件的原文", ""),
    asking(
        &[("name", Kind::Text, "文件名，例如 照片.jpg")],
        creating(post(
            "/api/v1/evidence",
            "交一个附件，最大 20 MB；办步骤时写它的 ticket",
            Sent::Bytes,
            "Upload",
        )),
    ),
    get("/api/v1/confirmations", "等我确认的", "Waiting"),
    post(
        "/api/v1/confirmations/{seq}",
        "确认，或者说不是",
        Sent::Json("Word"),
        "Said",
    ),
    get(
        "/api/v1/figures/{year}",
        "一年的全部数，和不平的平衡",
        "Board",
    ),
    get(
        "/api/v1/figures/{year}/{reference}",
        "一个数和它的清单",
        "FigureList",
    ),
    get("/api/v1/reports", "历年报告", "Reports"),
    open("/api/v1/reports/{year}", "公开的年度报告", "Report"),
    get(
        "/api/v1/reports/{year}/draft",
        "现在算出来的年度报告：数、检查结果、未举证、期限",
        "Draft",
    ),
    get("/api/v1/people", "在岗人员", "People"),
    post(
        "/api/v1/people",
        "登记新人员",
        Sent::Json("NewPerson"),
        "Kept",
    ),
    get("/api/v1/people/{id}", "一个人：职务、证件", "PersonFile"),
    by(
        "put",
        post(
            "/api/v1/people/{id}",
            "改一个人的登记，或者办离岗",
            Sent::Json("PersonChange"),
            "Kept",
        ),
    ),
    post(
        "/api/v1/people/{id}/posts",
        "任职，或者免职",
        Sent::Json("PostChange"),
        "Kept",
    ),
    post(
        "/api/v1/people/{id}/certificates",
        "登记证件，或者改有效期",
        Sent::Json("CertificateChange"),
        "Kept",
    ),
    get("/api/v1/lists", "全部清单", "Lists"),
    asking(
        &[
            ("day", Kind::Date, "哪一天生效的，不写按今天"),
            ("all", Kind::Flag, "连没有生效和已终止的"),
            ("earlier", Kind::Date, "和 later 一起：两天之间改了什么"),
            ("later", Kind::Date, "和 earlier 一起"),
        ],
        get(
            "/api/v1/lists/{name}",
            "一份清单：某日生效的、全部的，或者两天之间改了的",
            "List",
        ),
    ),
    post(
        "/api/v1/lists/{name}",
        "加一条、公布、终止",
        Sent::Json("EntryChange"),
        "Kept",
    ),
    get("/api/v1/account", "我的账号：登录着的设备、令牌", "Account"),
    by(
        "delete",
        post(
            "/api/v1/account/sessions/{id}",
            "退出一个设备",
            Sent::Nothing,
            "Ended",
        ),
    ),
    by(
        "delete",
        post(
            "/api/v1/account/tokens/{id}",
            "收回一个令牌",
            Sent::Nothing,
            "Ended",
        ),
    ),
];

/// The whole description.
pub async fn document(State(site): State<Site>) -> Json<Value> {
    let mut schemas = shapes::all();
    for law in site.office.pack.files() {
        for step in law.procedure.steps.iter().filter(|s| !s.actors.by_law) {
            schemas.insert(
                format!("{}.{}", law.procedure.code, step.code),
                values_schema(&law.procedure, step),
            );
        }
    }
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = described(operation);
    }
    Json(json!({
        "openapi": "3.1.0",
        "info": { "title": "yifa 依法", "version": env!("CARGO_PKG_VERSION"),
                  "license": { "name": "Apache-2.0 OR MulanPSL-2.0", "identifier": "Apache-2.0" },
                  "description": "页面能办的，接口都能办，同样的检查。要填的字段按法条文件：components.schemas 里的“程序.步骤”说明每一步填什么。请求带 request 编号，重发不会办两次。" },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": { "schemas": schemas, "responses": shapes::problems(),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer",
                "description": "在“我的账号”页新建，或者 yifa token create；令牌能办的不多于它的账号" } } },
    }))
}

fn described(operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = Vec::new();
    for part in operation.path.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        let schema = match name {
            "year" => json!({ "type": "integer", "minimum": 2000, "maximum": 2099 }),
            "seq" => json!({ "type": "integer", "minimum": 0, "maximum": 1_000_000_000_000_i64 }),
            _ => json!({ "type": "string", "minLength": 1 }),
        };
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    for (name, kind, words) in operation.asked {
        let schema = match kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Date => json!({ "type": "string", "format": "date" }),
            Kind::Flag => json!({ "type": "string", "enum": ["true", "false"] }),
            Kind::Number => json!({ "type": "integer", "minimum": 1, "maximum": 3660 }),
            Kind::OneOf(words) => json!({ "type": "string", "enum": words }),
        };
        let required = matches!(
            (operation.path, *name),
            ("/api/v1/evidence", "name")
                | ("/api/v1/progress", "code")
                | ("/api/v1/term", "from" | "length")
        );
        parameters.push(json!({ "name": name, "in": "query", "required": required, "description": words, "schema": schema }));
    }
    let (status, shape) = operation.answer;
    let content = if shape.is_empty() {
        json!({ "*/*": { "schema": {} } })
    } else {
        json!({ "application/json": { "schema": shapes::named(shape) } })
    };
    let mut responses = json!({ status: { "description": "办好了", "content": content } });
    let mut refused = vec!["400", "404", "422", "429", "503"];
    if !operation.open {
        refused.extend(["401", "403"]);
    }
    if operation.method != "get" {
        refused.extend(["409", "413", "415"]);
    }
    for status in refused {
        responses[status] = json!({ "$ref": format!("#/components/responses/{status}") });
    }
    let mut out = json!({
        "summary": operation.summary, "operationId": identity(operation), "parameters": parameters,
        "responses": responses,
        "security": if operation.open { json!([]) } else { json!([{ "token": [] }]) },
    });
    let content = match operation.sent {
        Sent::Nothing => return out,
        Sent::Json(shape) => json!({ "application/json": { "schema": shapes::named(shape),
            "examples": { "例": { "value": shapes::example(shape) } } } }),
        Sent::Bytes => json!({ "application/octet-stream": { "schema": {} } }),
        Sent::Text => json!({ "text/plain": { "schema": { "type": "string" } } }),
    };
    out["requestBody"] = json!({ "required": true, "content": content });
    out
}

/// `post_cases_id_steps_step`.
fn identity(operation: &Operation) -> String {
    let path = operation.path.trim_start_matches("/api/v1/");
    let words: String = path
        .chars()
        .filter(|c| !matches!(c, '{' | '}'))
        .map(|c| if c == '/' { '_' } else { c })
        .collect();
    format!("{}_{words}", operation.method)
}

fn values_schema(procedure: &Procedure, step: &Step) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for entry in &step.form {
        let field = &procedure.fields[entry.field.at()];
        let mut schema = match &field.kind {
            FieldKind::Choice(all) => json!({ "type": "string", "enum": all }),
            FieldKind::Choices(all) => {
                json!({ "type": "array", "items": { "type": "string", "enum": all } })
            }
            FieldKind::YesNo => json!({ "type": "string", "enum": ["是", "否"] }),
            FieldKind::Date => json!({ "type": "string", "format": "date" }),
            FieldKind::Party => json!({ "$ref": "#/components/schemas/Party" }),
            FieldKind::People | FieldKind::Case(_) => {
                json!({ "type": "array", "items": { "type": "string" } })
            }
            _ => json!({ "type": "string" }),
        };
        if let Some(object) = schema.as_object_mut() {
            object.insert("title".into(), json!(field.name));
        }
        properties.insert(field.code.clone(), schema);
        if entry.required && entry.guard.when.is_none() && entry.guard.version.is_none() {
            required.push(field.code.clone());
        }
    }
    json!({ "title": step.name, "type": "object", "properties": properties, "required": required })
}
