//! What a visitor sees when something is not there, not theirs, or broken.

use crate::Site;
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use office::accounts::Owes;
use office::error::{Bar, Error};

/// An error on its way to a page.
pub struct Problem(pub Error);

impl From<Error> for Problem {
    fn from(e: Error) -> Self {
        Problem(e)
    }
}

/// A page's answer.
pub type Page = Result<Response, Problem>;

#[derive(Template)]
#[template(path = "errors.html")]
struct ErrorPage {
    shell: Shell,
    title: String,
    sentence: String,
    hint: String,
}

/// Status and sentence for an error; faults are logged here and nowhere else.
pub fn judge(e: &Error) -> (StatusCode, String) {
    let status = match e {
        Error::Refused(_) | Error::Form(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Repeated(_) | Error::Undone => StatusCode::OK,
        Error::Bar(Bar::NotFound) => StatusCode::NOT_FOUND,
        Error::Bar(Bar::NotYours(_) | Bar::Owes(_)) => StatusCode::FORBIDDEN,
        Error::Bar(Bar::NotSignedIn) => StatusCode::UNAUTHORIZED,
        Error::Bar(Bar::TooManyTries) => StatusCode::TOO_MANY_REQUESTS,
        Error::Bar(Bar::Stale | Bar::OtherRequest) => StatusCode::CONFLICT,
        Error::Store(store_error) => {
            tracing::error!(error = ?store_error, "store failed");
            StatusCode::SERVICE_UNAVAILABLE
        }
        Error::Fault(cause) => {
            tracing::error!(cause, "operation failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    (status, e.to_string())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if matches!(self.0, Error::Bar(Bar::NotSignedIn)) {
            return axum::response::Redirect::to("/office/login").into_response();
        }
        if let Error::Bar(Bar::Owes(owed)) = self.0 {
            let to = match owed {
                Owes::Code => "/office/login/code",
                Owes::Factor => "/office/account/factor",
                Owes::Password => "/office/account",
            };
            return axum::response::Redirect::to(to).into_response();
        }
        let (status, sentence) = judge(&self.0);
        let told = Told(sentence.clone());
        let mut answer = page(status, Shell::bare(), "办不了", &sentence, HINT);
        answer.extensions_mut().insert(told);
        answer
    }
}

const HINT: &str = "可以返回上一页，或者回到首页。";

/// The sentence of an error page that has no frame yet: where the error is made nobody knows whose site it is.
#[derive(Clone)]
struct Told(String);

/// Puts an error page into the frame of whoever asked: the office's for staff, else the portal's.
pub async fn framed(State(site): State<Site>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let office = request.uri().path().starts_with("/office");
    let answer = next.run(request).await;
    let Some(Told(sentence)) = answer.extensions().get::<Told>().cloned() else {
        return answer;
    };
    let staff = || {
        let visitor = session::visitor(&site, &headers)?;
        Shell::office(&site, &headers, &visitor, "")
    };
    let shell = match office {
        true => staff().or_else(|_: Error| Shell::portal(&site, &headers, "")),
        false => Shell::portal(&site, &headers, ""),
    };
    match shell {
        Ok(shell) => page(answer.status(), shell, "办不了", &sentence, HINT),
        Err(_) => answer,
    }
}

/// 404.
pub async fn not_found(State(site): State<Site>, headers: HeaderMap) -> Response {
    let shell = Shell::portal(&site, &headers, "").unwrap_or_else(|_| Shell::bare());
    page(
        StatusCode::NOT_FOUND,
        shell,
        "没有这一页",
        "您要看的页面不存在，可能已经改了地址。",
        "从首页可以找到全部栏目。",
    )
}

/// A panic is a fault: nothing was written, because the transaction went with it.
pub fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    page(
        StatusCode::INTERNAL_SERVER_ERROR,
        Shell::bare(),
        "程序出了问题",
        "这一步没有写入，也没有丢失别的内容。",
        "请把时间和正在办的事告诉管理员。",
    )
}

fn page(status: StatusCode, shell: Shell, title: &str, sentence: &str, hint: &str) -> Response {
    let page = ErrorPage {
        shell,
        title: title.into(),
        sentence: sentence.into(),
        hint: hint.into(),
    };
    (
        status,
        Html(page.render().unwrap_or_else(|_| sentence.to_owned())),
    )
        .into_response()
}

/// A rendered template.
pub fn show(template: &impl Template) -> Page {
    match template.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(e) => Err(Problem(Error::Fault(format!("template: {e}")))),
    }
}
