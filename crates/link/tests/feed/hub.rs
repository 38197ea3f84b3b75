//! A Hub that keeps marks and events, and can be told to fail, to lose answers, and to be slow.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use floorwire_link::hub_client::HubClient;
use floorwire_model::live::LiveEvent;
use floorwire_protocol::encoding::{decode, encode};
use floorwire_protocol::live::{LiveAnswer, LiveBatch, MAX_LIVE_DECOMPRESSED_BYTES};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// What happens to calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it should be.
    #[default]
    Well,
    /// 503 without reading.
    Down,
    /// Stored, and 503 all the same.
    AnswersLost,
}

/// What the Hub has.
#[derive(Debug, Default)]
pub struct Stored {
    pub mood: Mood,
    pub marks: BTreeMap<String, u64>,
    pub events: Vec<LiveEvent>,
    pub last: Option<LiveBatch>,
    pub calls: u64,
}

/// The Hub.
#[derive(Clone)]
pub struct Hub {
    pub stored: Arc<Mutex<Stored>>,
    changed: watch::Sender<u64>,
    pub address: String,
}

impl Hub {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hub = Self {
            stored: Arc::default(),
            changed: watch::channel(0).0,
            address: format!("http://{}", listener.local_addr().unwrap()),
        };
        let app = Router::new()
            .route("/link/v1/live", post(live))
            .with_state(hub.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        hub
    }

    /// A client of it.
    pub fn client(&self) -> HubClient {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        HubClient::new(self.address.parse().unwrap())
            .unwrap()
            .with_bearer("fwl_1_2_test".to_owned().into())
    }

    /// Sets what happens to calls.
    pub fn set(&self, mood: Mood) {
        self.stored.lock().unwrap().mood = mood;
    }

    /// Waits until something holds of what is stored.
    pub async fn until(&self, mut holds: impl FnMut(&Stored) -> bool) {
        let mut changed = self.changed.subscribe();
        let waiting = async {
            while !holds(&self.stored.lock().unwrap()) {
                changed.changed().await.unwrap();
            }
        };
        let has = tokio::time::timeout(Duration::from_secs(60), waiting)
            .await
            .is_ok();
        assert!(
            has,
            "the hub never had it: {:?}",
            self.stored.lock().unwrap()
        );
    }
}

async fn live(State(hub): State<Hub>, body: Bytes) -> Result<Vec<u8>, StatusCode> {
    let answer = {
        let mut stored = hub.stored.lock().unwrap();
        stored.calls += 1;
        if stored.mood == Mood::Down {
            Err(StatusCode::SERVICE_UNAVAILABLE)
        } else {
            let batch: LiveBatch = decode(&body, MAX_LIVE_DECOMPRESSED_BYTES).unwrap();
            let mark = stored.marks.entry(batch.epoch.clone()).or_default();
            let known = (*mark + 1).checked_sub(batch.first_sequence);
            let new: Vec<LiveEvent> = match known {
                Some(known) => batch
                    .events
                    .iter()
                    .skip(usize::try_from(known).unwrap())
                    .cloned()
                    .collect(),
                None => Vec::new(),
            };
            *mark += new.len() as u64;
            let mark = *mark;
            stored.events.extend(new);
            stored.last = Some(batch);
            match stored.mood {
                Mood::AnswersLost => Err(StatusCode::SERVICE_UNAVAILABLE),
                _ => Ok(encode(&LiveAnswer {
                    mark,
                    hub_utc_ms: floorwire_link::status_file::now_utc_ms(),
                })
                .unwrap()),
            }
        }
    };
    hub.changed.send_modify(|count| *count += 1);
    answer
}
