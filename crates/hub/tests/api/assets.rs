//! The web application, or the page that says it is not there.

use crate::app::{TestApp, send};

#[tokio::test]
async fn pages_are_served_or_their_absence_is_explained() {
    let app = TestApp::start().await;
    let page = send(app.http.get(app.url("/"))).await;
    assert!(
        page.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let built = page.status.is_success();
    if built {
        let unknown = send(app.http.get(app.url("/integrations/7"))).await;
        assert_eq!(
            unknown.text, page.text,
            "addresses of the application get its index"
        );
        let tag = page.headers["etag"].clone();
        let again = send(app.http.get(app.url("/")).header("if-none-match", tag)).await;
        assert_eq!(again.status.as_u16(), 304);
        assert_eq!(page.headers["cache-control"], "no-cache");
    } else {
        assert_eq!(page.status.as_u16(), 503);
        assert!(page.text.contains("npm run build"));
    }
    send(app.http.get(app.url("/assets/nothing.js")))
        .await
        .is_problem(404, "not-found");
    send(app.http.get(app.url("/assets/../../Cargo.toml"))).await;
    let outside = send(app.http.get(app.url("/%2e%2e/Cargo.toml"))).await;
    assert!(!outside.text.contains("[package]"));
}
