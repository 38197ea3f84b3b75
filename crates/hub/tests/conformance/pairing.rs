//! How a Link comes to serve an integration, and stops.

use crate::stage::*;
use floorwire_hub::configuration::SealedConnection;
use floorwire_hub::link_api::pairing::{ConfirmError, confirm};
use floorwire_protocol::messages::{LinkReport, PairingStatus};
use reqwest::StatusCode;

pub async fn a_pin_pairs_and_another_link_replaces_the_first(stage: Stage) {
    let mut first = SimulatedLink::unpaired(&stage);
    let created = first.ask_for_pin("first token").await;
    assert_eq!(created.integration_name, "CMS");
    assert_eq!(created.expires_utc_ms, clock_ms(&stage.state) + 300_000);
    let (status, confirmed) = tokio::join!(first.pairing(&created.pairing_id), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        confirm(&stage.state, ACCOUNT, stage.integration, &created.pin).await
    });
    assert!(matches!(status, PairingStatus::Paired { .. }), "{status:?}");
    assert_eq!(confirmed.unwrap().public_key, first.key.public_base64());
    first
        .finish_pairing(&created.pairing_id, "first token")
        .await;
    // What was sealed before was not sealed to this Link.
    assert_eq!(
        first
            .sync(LinkReport::default())
            .await
            .desired
            .configuration,
        None
    );
    let sealed = SealedConnection {
        open: "DSN=CMS;PWD={sealed}".into(),
        sealed: Some("c2VhbGVk".into()),
    };
    stage
        .configure(|configuration| configuration.connection = Some(sealed))
        .await;
    assert_eq!(
        first
            .sync(LinkReport::default())
            .await
            .desired
            .configuration
            .unwrap()
            .connection_sealed,
        "c2VhbGVk"
    );

    let mut second = SimulatedLink::unpaired(&stage);
    let created = second.ask_for_pin("second token").await;
    confirm(&stage.state, ACCOUNT, stage.integration, &created.pin)
        .await
        .unwrap();
    second
        .finish_pairing(&created.pairing_id, "second token")
        .await;
    // The sealed part was for the first Link's key.
    let desired = second.sync(LinkReport::default()).await.desired;
    assert_eq!(desired.configuration, None);
    let revoked = first.try_lease(1).await;
    assert_eq!(revoked.status(), StatusCode::UNAUTHORIZED);
}

pub async fn five_wrong_pins_void_a_pairing(stage: Stage) {
    let link = SimulatedLink::unpaired(&stage);
    let none = confirm(&stage.state, ACCOUNT, stage.integration, "123456").await;
    assert!(matches!(none, Err(ConfirmError::NoneWaiting)));
    let created = link.ask_for_pin("token").await;
    let wrong = if created.pin == "000000" {
        "000001"
    } else {
        "000000"
    };
    for left in (0..5).rev() {
        let refused = confirm(&stage.state, ACCOUNT, stage.integration, wrong).await;
        assert!(
            matches!(refused, Err(ConfirmError::WrongPin { left: said }) if said == left),
            "{refused:?}"
        );
    }
    let late = confirm(&stage.state, ACCOUNT, stage.integration, &created.pin).await;
    assert!(matches!(late, Err(ConfirmError::NoneWaiting)));
    assert_eq!(link.pairing(&created.pairing_id).await, PairingStatus::Void);

    let created = link.ask_for_pin("token").await;
    stage.clock.advance(300_000);
    let late = confirm(&stage.state, ACCOUNT, stage.integration, &created.pin).await;
    assert!(matches!(late, Err(ConfirmError::NoneWaiting)));
    assert_eq!(link.pairing(&created.pairing_id).await, PairingStatus::Void);
}

pub async fn strangers_are_refused(stage: Stage) {
    let link = SimulatedLink::unpaired(&stage);
    let refused = link.try_lease(1).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        refused.headers()["content-type"],
        "application/problem+json"
    );
    let body = link.stage.integration().await;
    let unversioned = reqwest::Client::new()
        .post(format!("{}/link/v1/sync", stage.url))
        .send()
        .await
        .unwrap();
    assert_eq!(unversioned.status(), StatusCode::BAD_REQUEST);
    let created = link.ask_for_pin("token").await;
    let nosy = reqwest::Client::new()
        .get(format!(
            "{}/link/v1/pairings/{}",
            stage.url, created.pairing_id
        ))
        .header("x-floorwire-protocol", "1")
        .bearer_auth("guessed");
    assert_eq!(
        nosy.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    assert!(body.code.starts_with("1-"));
}
