//! The OpenAPI description: routes by hand, the forms of steps from the law files.

use crate::Site;
use axum::Json;
use axum::extract::State;
use law::procedure::{FieldKind, Procedure, Step};
use serde_json::{Map, Value, json};

/// The whole description.
pub async fn document(State(site): State<Site>) -> Json<Value> {
    let mut schemas = Map::new();
    for law in site.office.pack.files() {
        for step in law.procedure.steps.iter().filter(|s| !s.actors.by_law) {
            schemas.insert(
                format!("{}.{}", law.procedure.code, step.code),
                values_schema(&law.procedure, step),
            );
        }
    }
    let party = json!({ "type": "object", "required": ["class", "name"], "properties": {
        "class": { "type": "string" }, "name": { "type": "string" },
        "contact": { "type": "string" }, "address": { "type": "string" } } });
    schemas.insert("Party".into(), party);
    let value = json!({ "anyOf": [ { "type": "string" }, { "type": "boolean" }, { "type": "number" },
        { "type": "array", "items": { "type": "string" } }, { "$ref": "#/components/schemas/Party" } ] });
    schemas.insert("Submission".into(), json!({ "type": "object", "properties": {
        "procedure": { "type": "string" },
        "values": { "type": "object", "additionalProperties": value },
        "persons": { "type": "object", "additionalProperties": { "type": "array", "items": { "type": "string" } } },
        "item": { "type": "integer", "minimum": 1, "maximum": 1_000_000 },
        "seen": { "type": "integer" },
        "waivers": { "type": "array", "items": { "type": "object", "required": ["line", "person", "reason"], "properties": {
            "line": { "type": "integer", "minimum": 0, "maximum": 1_000_000 }, "person": { "type": "string" },
            "reason": { "type": "string" } } } },
        "request": { "type": "string", "maxLength": 64 } } }));
    schemas.insert("Refusal".into(), json!({ "type": "object", "properties": {
        "article": { "type": ["string", "null"] }, "force": { "type": ["string", "null"] },
        "reason": { "type": ["string", "null"] }, "earliest": { "type": ["string", "null"], "format": "date" },
        "grounds": { "type": "array", "items": { "type": "object" } } } }));
    let ok = |what: &str| {
        json!({ "200": { "description": what, "content": { "application/json": {} } },
        "401": { "description": "没有令牌，或者令牌失效" }, "404": { "description": "没有，或者不在权限之内" },
        "422": { "description": "写法不对" } })
    };
    let mut acted = ok("办好了");
    acted["422"] = json!({ "description": "不准：条文、效力、理由、最早日期",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Refusal" } } } });
    acted["201"] = json!({ "description": "建好了", "content": { "application/json": {} } });
    acted["403"] = json!({ "description": "这个账号只能看" });
    acted["409"] = json!({ "description": "别人已经办过，请看最新的记录" });
    let body = json!({ "required": true, "content": { "application/json": {
        "schema": { "$ref": "#/components/schemas/Submission" } } } });
    let at = |name: &str, kind: Value| json!({ "name": name, "in": "path", "required": true, "schema": kind });
    let text = json!({ "type": "string" });
    let year = json!({ "type": "integer", "minimum": 2000, "maximum": 2099 });
    let asked = |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "string" } });
    let get = |summary: &str, parameters: Vec<Value>, open: bool| {
        json!({ "summary": summary, "parameters": parameters, "responses": ok("有"),
                "security": if open { json!([]) } else { json!([{ "token": [] }]) } })
    };
    let mut kept = ok("登记好了：编号和账本位置");
    kept["403"] = json!({ "description": "只有管理员能登记" });
    let change = |summary: &str, parameters: Vec<Value>, required: &[&str], properties: &[&str]| {
        let mut fields: Map<String, Value> = properties
            .iter()
            .map(|name| ((*name).to_owned(), json!({ "type": ["string", "null"] })))
            .collect();
        for name in required {
            fields.insert((*name).to_owned(), json!({ "type": "string" }));
        }
        if properties.contains(&"stationed") {
            fields.insert("stationed".into(), json!({ "type": "boolean" }));
        }
        if properties.contains(&"columns") {
            let columns = json!({ "type": "object", "additionalProperties": { "type": "string" } });
            fields.insert("columns".into(), columns);
        }
        let schema = json!({ "type": "object", "required": required, "properties": fields,
            "additionalProperties": false });
        json!({ "summary": summary, "parameters": parameters, "responses": kept,
                "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
                "security": [{ "token": [] }] })
    };
    let person = ["name", "office", "from_on"];
    let paths = json!({
        "/api/v1/procedures": { "get": get("全部程序和步骤代号", vec![], true) },
        "/api/v1/cases": {
            "get": get("案件，新的在前", ["procedure", "stage", "q", "from", "until", "open", "late", "sort", "after"].map(asked).to_vec(), false),
            "post": { "summary": "建一件", "requestBody": body, "responses": acted, "security": [{ "token": [] }] } },
        "/api/v1/cases/{id}": { "get": get("一件：记录、期限、下一步", vec![at("id", text.clone())], false) },
        "/api/v1/cases/{id}/steps/{step}": { "post": { "summary": "办一步",
            "parameters": [at("id", text.clone()), at("step", text.clone())],
            "requestBody": body, "responses": acted, "security": [{ "token": [] }] } },
        "/api/v1/cases/{id}/dossier": { "get": get("卷宗：文书、还没有的文书、推算、引用的清单条目", vec![at("id", text.clone())], false) },
        "/api/v1/cases/{id}/steps/{step}/trial": { "post": { "summary": "试算一步：能不能办、怎么算；不写入",
            "parameters": [at("id", text.clone()), at("step", text.clone())],
            "requestBody": body, "responses": acted, "security": [{ "token": [] }] } },
        "/api/v1/confirmations": { "get": get("写了本人名字、等本人确认的步骤", vec![], false) },
        "/api/v1/confirmations/{seq}": { "post": { "summary": "本人确认或者否认一步", "parameters": [at("seq", json!({ "type": "integer" }))],
            "requestBody": { "required": true, "content": { "application/json": { "schema": { "type": "object",
                "required": ["confirmed"], "additionalProperties": false,
                "properties": { "confirmed": { "type": "boolean" }, "note": { "type": "string", "maxLength": 500 } } } } } },
            "responses": acted, "security": [{ "token": [] }] } },
        "/api/v1/figures/{year}/{reference}": { "get": get("一个数和它的清单", vec![at("year", year.clone()), at("reference", text.clone())], false) },
        "/api/v1/reports/{year}": { "get": get("公开的年度报告", vec![at("year", year)], true) },
        "/api/v1/people": { "get": get("在岗人员", vec![], false),
            "post": change("登记新人员", vec![], &person, &["id", "stationed", "until_on", "request"]) },
        "/api/v1/people/{id}": { "get": get("一个人：职务、证件", vec![at("id", text.clone())], false),
            "put": change("改一个人的登记，或者办离岗", vec![at("id", text.clone())], &person, &["stationed", "until_on", "request"]) },
        "/api/v1/people/{id}/posts": { "post": change("任职，或者免职", vec![at("id", text.clone())],
            &["post", "from_on"], &["until_on", "request"]) },
        "/api/v1/people/{id}/certificates": { "post": change("登记证件，或者改有效期", vec![at("id", text.clone())],
            &["kind", "number", "from_on", "until_on"], &["request"]) },
        "/api/v1/lists": { "get": get("全部清单", vec![], false) },
        "/api/v1/lists/{name}": { "get": get("一份清单：某日生效的、全部的，或者两天之间改了的",
                [vec![at("name", text.clone())], ["day", "all", "earlier", "later"].map(asked).to_vec()].concat(), false),
            "post": change("加一条、公布、终止", vec![at("name", text.clone())],
                &["key", "from_on", "source"], &["until_on", "published_on", "columns", "request"]) },
    });
    Json(json!({
        "openapi": "3.1.0",
        "info": { "title": "yifa 依法", "version": env!("CARGO_PKG_VERSION"),
                  "description": "字段按法条文件：components.schemas 里的“程序.步骤”说明每一步要填什么。" },
        "paths": paths,
        "components": { "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } } },
    }))
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
