//! The call by which HTTP requests reach a canister.

use super::metrics::CONTENT_TYPE;

/// A request, as the gateway passes it on.
#[derive(Debug, Clone, PartialEq, Eq, candid::CandidType, serde::Deserialize)]
pub struct HttpRequest {
    /// The method, as in `GET`.
    pub method: String,
    /// The path and the parameters.
    pub url: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The response to an [`HttpRequest`].
#[derive(Debug, Clone, PartialEq, Eq, candid::CandidType, serde::Deserialize)]
pub struct HttpResponse {
    /// The status.
    pub status_code: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// Returns the metrics that `render` writes if the request asks for `/metrics`. Returns status
    /// 404 for another path, and 405 for another method.
    pub fn of_metrics(request: &HttpRequest, render: impl FnOnce() -> String) -> HttpResponse {
        let path = request.url.split(['?', '#']).next().unwrap_or_default();
        let (status_code, content_type, body) = match (path, request.method.as_str()) {
            ("/metrics", "GET" | "HEAD") => (200, CONTENT_TYPE, render()),
            ("/metrics", _) => (405, "text/plain; charset=utf-8", "only GET\n".to_owned()),
            _ => (404, "text/plain; charset=utf-8", "only /metrics is here\n".to_owned()),
        };
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        HttpResponse { status_code, headers, body: body.into_bytes() }
    }
}
