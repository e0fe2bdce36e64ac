//! A browser as far as the server can tell: cookies, one connection, no redirect followed.

use std::collections::BTreeMap;

use bytes::Bytes;
use reqwest::header::{COOKIE, HOST, LOCATION, SET_COOKIE};
use reqwest::{Certificate, Client, Method, StatusCode, redirect::Policy};

use crate::house::SITE;
use crate::server::Server;

/// As the viewer asks for frames.
const FRAMES: &str = r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#;

pub(crate) struct Visitor {
    client: Client,
    port: u16,
    cookies: BTreeMap<String, String>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: Bytes,
}

impl Visitor {
    pub(crate) fn new(server: &Server) -> Self {
        let authority = Certificate::from_pem(&std::fs::read(&server.ca).unwrap()).unwrap();
        let client = Client::builder()
            .resolve(SITE, server.address)
            .tls_certs_only([authority])
            .http1_only()
            .redirect(Policy::none())
            .build();
        Self { client: client.unwrap(), port: server.address.port(), cookies: BTreeMap::new() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, "", Vec::new()).await
    }

    /// A form of one of the server's own pages, or a file.
    pub(crate) async fn post(&mut self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.send(Method::POST, path, content_type, body).await
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self
            .client
            .request(method, format!("https://{SITE}:{}{path}", self.port))
            .header(HOST, SITE)
            .header(COOKIE, cookies.join("; "))
            .header("accept", FRAMES)
            .header("content-type", content_type)
            .header("sec-fetch-site", "same-origin")
            .body(body);
        let answer = request.send().await.unwrap();
        for value in answer.headers().get_all(SET_COOKIE) {
            let pair = value.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = answer.headers().get(LOCATION).map(|it| it.to_str().unwrap().to_owned());
        let (status, location) = (answer.status(), location.unwrap_or_default());
        Answer { status, location, body: answer.bytes().await.unwrap() }
    }
}
