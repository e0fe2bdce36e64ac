//! A browser of its own: one connection, one address, one cookie.

use reqwest::{Certificate, Client, Response, StatusCode, redirect};

use crate::fort::{Fort, HOST};

/// Somebody at an address.
pub(crate) struct Visitor {
    client: Client,
    base: String,
    /// As a proxy tells it.
    address: String,
    cookie: String,
}

impl Visitor {
    pub(crate) fn new(fort: &Fort, address: &str) -> Self {
        let trusted = [Certificate::from_pem(fort.certificate.as_bytes()).unwrap()];
        let client = Client::builder()
            .tls_certs_only(trusted)
            .resolve(HOST, fort.address)
            .redirect(redirect::Policy::none())
            .build()
            .unwrap();
        let base = format!("https://{HOST}:{}", fort.address.port());
        Self { client, base, address: address.to_owned(), cookie: String::new() }
    }

    pub(crate) async fn ask(
        &mut self,
        path: &str,
        form: Option<String>,
    ) -> reqwest::Result<Response> {
        let url = format!("{}{path}", self.base);
        let request = match form {
            Some(form) => self
                .client
                .post(url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form),
            None => self.client.get(url),
        };
        let answer = request
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header("x-forwarded-for", &self.address)
            .send()
            .await?;
        if let Some(cookie) = answer.headers().get("set-cookie") {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        Ok(answer)
    }

    /// Clicks the link and fills in the card; tells how the server took it.
    pub(crate) async fn log_in(&mut self, fort: &Fort) -> StatusCode {
        let clicked = self.ask(&fort.link, None).await.unwrap();
        assert_eq!(clicked.status(), StatusCode::SEE_OTHER);
        let entered = self.ask("/entree/1/code", Some(fort.form(&fort.code))).await.unwrap();
        entered.status()
    }

    pub(crate) async fn frame(&mut self, path: &str) -> (StatusCode, usize) {
        let answer = self.ask(path, None).await.unwrap();
        let status = answer.status();
        (status, answer.bytes().await.unwrap().len())
    }
}
