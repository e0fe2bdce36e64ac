//! The viewer's page and files.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn the_shell_names_the_viewers_files() {
    let house = House::new().await;
    let mut browser = house.visitor().await;
    let text = browser.get("/examen/1").await.text();
    let content = text.split("<meta name=\"negatoscope-assets\" content=\"").nth(1).unwrap();
    let map = content.split('"').next().unwrap().replace("&#34;", "\"");
    let map: serde_json::Value = serde_json::from_str(&map).unwrap();
    let expected = json!({
        "app.css": "/assets/app.2b.css",
        "boot.js": "/assets/boot.1a.js",
        "decode_bg.wasm": "/assets/decode_bg.3c.wasm",
    });
    assert_eq!(map, expected);
    for part in [
        "<div id=\"app\" data-visit=\"1\"",
        "<script type=\"module\" src=\"/assets/boot.1a.js\"></script>",
        "<link rel=\"stylesheet\" href=\"/assets/app.2b.css\">",
        "<link rel=\"modulepreload\" href=\"/assets/boot.1a.js\">",
        "<link rel=\"preload\" as=\"fetch\" href=\"/assets/decode_bg.3c.wasm\" crossorigin>",
        "<link rel=\"preload\" as=\"fetch\" href=\"/api/examen/1/1/debut\" crossorigin>",
        "<noscript>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[tokio::test]
async fn files_are_immutable_typed_and_precompressed() {
    let house = House::new().await;
    let mut browser = house.browser();
    let table = [
        ("br, gzip", Some("br"), "brotli boot"),
        ("gzip", Some("gzip"), "gzip boot"),
        ("", None, "plain boot"),
    ];
    for (accepted, coding, body) in table {
        let answer = browser
            .send(Method::GET, "/assets/boot.1a.js", &[("accept-encoding", accepted)], None)
            .await;
        assert_eq!(answer.header("content-encoding"), coding, "{accepted}");
        assert_eq!(answer.text(), body, "{accepted}");
        assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
    }
    let wasm = browser
        .send(Method::GET, "/assets/decode_bg.3c.wasm", &[("accept-encoding", "br")], None)
        .await;
    assert_eq!(wasm.header("content-type"), Some("application/wasm"));
    assert_eq!((wasm.header("content-encoding"), wasm.text().as_str()), (None, "\0asm"));
    let head = browser.send(Method::HEAD, "/assets/boot.1a.js", &[], None).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn nothing_outside_the_list_is_served() {
    let house = House::new().await;
    assert!(house.folder.path().join("secret.txt").exists());
    let paths = [
        "/assets/../secret.txt",
        "/assets/..%2Fsecret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/..%5Csecret.txt",
        "/assets/inside/secret.txt",
        "/assets/inside%2Fsecret.txt",
        "/assets/inside",
        "/assets/",
        "/assets",
        "/assets/manifest.json",
        "/assets/boot.1a.js.br",
        "/assets/%00",
        "/assets//etc/passwd",
        "/assets/boot.1a.js/",
        "/assets/%2Fetc%2Fpasswd",
    ];
    for path in paths {
        let answer = house.browser().get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.text().contains("secret"), "{path}");
    }
}
