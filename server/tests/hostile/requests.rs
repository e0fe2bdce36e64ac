//! Requests that are too large, that lead somewhere else, or that two readers would read differently.

use negatoscope_phantom::Scale;

use crate::{
    fort::{Fort, HOST},
    raw::{exchange, statuses},
    visitor::Visitor,
};

/// A request that is the last on its connection.
fn request(line: &str, headers: &str) -> Vec<u8> {
    format!("{line} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}

async fn still_serves(fort: &Fort) {
    let mut visitor = Visitor::new(fort, "10.9.9.9");
    assert_eq!(visitor.ask("/health/live", None).await.unwrap().status(), 200);
}

#[tokio::test]
async fn oversized_headers_and_bodies_are_refused() {
    let fort = Fort::start(Scale::tiny());
    let many: String = (0..200).map(|number| format!("X-{number}: y\r\n")).collect();
    let large = format!("X-Large: {}\r\n", "y".repeat(1 << 20));
    let path = format!("GET /{}", "y".repeat(1 << 17));
    let cookie = format!("Cookie: {}\r\n", "a=b; ".repeat(1 << 17));
    let table: [(Vec<u8>, &[u16]); 7] = [
        (request("GET /", &many), &[431]),
        (request("GET /", &large), &[431]),
        (request("GET /", &cookie), &[431]),
        (request(&path, ""), &[414]),
        (request("POST /langue", "Content-Length: 1000000000\r\n"), &[413]),
        (request("POST /langue", "Content-Length: 99999999999999999999\r\n"), &[400]),
        (
            [
                request(
                    "POST /langue",
                    "Sec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\n",
                ),
                b"8000\r\n".to_vec(),
                vec![b'y'; 0x8000],
                b"\r\n0\r\n\r\n".to_vec(),
            ]
            .concat(),
            &[413],
        ),
    ];
    for (bytes, expected) in table {
        let answers = exchange(&fort, &bytes).await;
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]);
        assert_eq!(statuses(&answers), expected, "{start}\n{answers}");
    }
    still_serves(&fort).await;
}

#[tokio::test]
async fn no_path_leads_out_of_what_is_served() {
    let fort = Fort::start(Scale::tiny());
    let file = "negatoscope.toml";
    let ups = [
        "..",
        "%2e%2e",
        "%2E.",
        ".%2e",
        "%252e%252e",
        "..%2f..",
        "..%5c..",
        "..\\..",
        "%c0%ae%c0%ae",
        "%e0%80%ae%e0%80%ae",
        "..;",
        "..%00",
        "%00",
        "....//",
        "%u002e%u002e",
        ".%00.",
    ];
    let mut paths = vec!["//etc/passwd".to_owned(), "/assets//etc/passwd".to_owned()];
    for up in ups {
        for root in
            ["/", "/assets/", "/dicomweb/studies/", "/.well-known/pki-validation/", "/entree/"]
        {
            for slash in ["/", "%2f", "%5c", "\\"] {
                paths.push(format!("{root}{up}{slash}{file}"));
                paths.push(format!("{root}{up}{slash}{up}{slash}key.pem"));
                paths.push(format!("{root}boot.js{slash}{up}{slash}{up}{slash}state{slash}{file}"));
            }
        }
    }
    for path in paths {
        let answers = exchange(&fort, &request(&format!("GET {path}"), "")).await;
        // The card of a visit that does not exist says so on a page of its own.
        let is_nowhere = answers.contains("location: /entree/0\r\n");
        let status = statuses(&answers);
        let is_refused = matches!(status.as_slice(), [400 | 401 | 404]);
        assert!(is_refused || (status == [303] && is_nowhere), "{path}: {answers}");
        assert!(!answers.contains("[server]") && !answers.contains("BEGIN"), "{path}");
    }
    still_serves(&fort).await;
}

#[tokio::test]
async fn no_header_is_injected() {
    let fort = Fort::start(Scale::tiny());
    let inject = "%0d%0aX-Injected:%20yes%0d%0a%0d%0a";
    let form = format!("langue=en{inject}&retour=%2F{inject}");
    let own = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let posted = format!("{own}Content-Length: {}\r\n", form.len());
    let mut requests = vec![[request("POST /langue", &posted), form.into_bytes()].concat()];
    for path in [
        format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2{inject}"),
        format!("/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2&idCDA=1.2{inject}"),
        format!("/{inject}"),
        format!("/entree/1{inject}"),
        format!("/connexion/psc/retour?code=a{inject}&state=b{inject}"),
        format!("/assets/boot.js{inject}"),
    ] {
        requests.push(request(&format!("GET {path}"), ""));
        let forwarded =
            format!("X-Forwarded-Host: {HOST}{inject}\r\nX-Forwarded-For: 1.2.3.4{inject}\r\n");
        requests.push(request(&format!("GET {path}"), &forwarded));
    }
    for bytes in requests {
        let answers = exchange(&fort, &bytes).await;
        assert_eq!(statuses(&answers).len(), 1, "{answers}");
        let head = answers.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
        assert!(!head.contains("\r\nx-injected"), "{head}");
    }
    for wrong in [
        "X-A: b\rX-Injected: yes\r\n",
        "X-A: b\0\r\n",
        " X-A: b\r\n",
        "X A: b\r\n",
        "X-A : b\r\n",
        "\u{1}: b\r\n",
    ] {
        let answers = exchange(&fort, &request("GET /", wrong)).await;
        assert_eq!(statuses(&answers), [400], "{wrong:?}: {answers}");
    }
    still_serves(&fort).await;
}

/// What one reader takes for the body is another request for the next: never answered as one here.
#[tokio::test]
async fn no_request_is_smuggled_in_another() {
    let fort = Fort::start(Scale::tiny());
    let hidden = format!("GET /aide HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    let length = hidden.len();
    let forms = [
        // Two lengths, or none that both readers understand.
        format!("Content-Length: 5\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: 5, {length}\r\n"),
        format!("Content-Length: +{length}\r\n"),
        format!("Content-Length: 0x{length:x}\r\n"),
        format!("Content-Length: -{length}\r\n"),
        format!("Content-Length : {length}\r\n"),
        // Transfer codings that are none, or that only some readers see.
        "Transfer-Encoding: xchunked\r\n".to_owned(),
        "Transfer-Encoding: chunked, identity\r\n".to_owned(),
        "Transfer-Encoding : chunked\r\n".to_owned(),
        "Transfer-Encoding:\u{b}chunked\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\n Content-Length: 3\r\n".to_owned(),
    ];
    for form in forms {
        let start = format!("POST /langue HTTP/1.1\r\nHost: {HOST}\r\n{form}\r\n0\r\n\r\n{hidden}");
        let answers = exchange(&fort, start.as_bytes()).await;
        assert_eq!(statuses(&answers), [400], "{form:?}: {answers}");
    }
    // Both given: chunks count and the connection ends with the answer (RFC 9112 6.1), so that nothing that
    // comes behind is ever taken for a request.
    for order in [[0, 1], [1, 0]] {
        let both = ["Content-Length: 4\r\n", "Transfer-Encoding: chunked\r\n"];
        let headers: String = order.iter().map(|index| both[*index]).collect();
        let start =
            format!("POST /langue HTTP/1.1\r\nHost: {HOST}\r\n{headers}\r\n0\r\n\r\n{hidden}");
        let answers = exchange(&fort, start.as_bytes()).await;
        assert_eq!(statuses(&answers), [403], "{headers:?}: {answers}");
    }
    // Chunks whose size is none.
    for size in ["ffffffffffffffffff", "-1", "0x5", "5;\n", "g", ""] {
        let own =
            "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n";
        let start = format!(
            "POST /langue HTTP/1.1\r\nHost: {HOST}\r\n{own}Transfer-Encoding: chunked\r\n\r\n{size}\r\nabc\r\n0\r\n\r\n{hidden}"
        );
        let answers = exchange(&fort, start.as_bytes()).await;
        assert!(statuses(&answers).len() <= 1 && !answers.contains(" 200 "), "{size:?}: {answers}");
    }
    // Transfer codings do not exist in HTTP/1.0.
    let old = format!(
        "POST /langue HTTP/1.0\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
    );
    assert_eq!(
        statuses(&exchange(&fort, old.as_bytes()).await.replace("HTTP/1.0", "HTTP/1.1")),
        [400]
    );
    still_serves(&fort).await;
}

#[tokio::test]
async fn a_host_that_is_none_or_two_or_unknown_is_refused() {
    let fort = Fort::start(Scale::tiny());
    let hosts = [
        String::new(),
        "Host:\r\n".to_owned(),
        format!("Host: {HOST}\r\nHost: {HOST}\r\n"),
        format!("Host: {HOST}\r\nHost: other.example\r\n"),
        "Host: other.example\r\n".to_owned(),
        format!("Host: {HOST}.other.example\r\n"),
        format!("Host: user@{HOST}\r\n"),
        format!("Host: {HOST}/aide\r\n"),
        format!("Host: {HOST}#\r\n"),
        format!("Host: {HOST}:99999\r\n"),
        format!("Host: {HOST} other\r\n"),
        format!("Host: {}\r\n", "a.".repeat(5000)),
        "Host: ../../etc\r\n".to_owned(),
        "Host: 127.0.0.1\r\n".to_owned(),
        "Host: [::1]\r\n".to_owned(),
    ];
    for host in hosts {
        let bytes = format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
        let answers = exchange(&fort, bytes.as_bytes()).await;
        assert!(matches!(statuses(&answers).as_slice(), [400 | 421]), "{host:?}: {answers}");
        assert!(!answers.contains("Centre"), "{host:?}");
    }
    // The target wins over the header (RFC 9112 3.2.2): an unknown one is refused whatever the header says.
    let absolute =
        format!("GET http://other.example/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    assert_eq!(statuses(&exchange(&fort, absolute.as_bytes()).await), [421]);
    for method in ["CONNECT other.example:443", "TRACE /", "TRACK /", "DELETE /", "PROPFIND /"] {
        let answers = exchange(&fort, &request(method, "")).await;
        assert!(
            matches!(statuses(&answers).as_slice(), [400 | 403 | 404 | 405 | 421]),
            "{method}: {answers}"
        );
    }
    still_serves(&fort).await;
}
