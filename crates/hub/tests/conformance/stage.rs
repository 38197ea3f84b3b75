//! A hub whose clock is played, on a store of its own, and a Link that says what a test wants.

use floorwire_avaya_cms::AvayaCms;
use floorwire_hub::auth::Auth;
use floorwire_hub::bus::Bus;
use floorwire_hub::clock::PlayedClock;
use floorwire_hub::configuration::{Configuration, SealedConnection};
use floorwire_hub::health::StorageWatch;
use floorwire_hub::link_api::pairing;
use floorwire_hub::live::Live;
use floorwire_hub::row_memory::RowMemory;
use floorwire_hub::shutdown::Shutdown;
use floorwire_hub::store::{Store, integrations};
use floorwire_hub::{AppState, Config, Vendors, http, planner};
use floorwire_model::columns::{ColumnValues, SourceColumn, SourceColumns};
use floorwire_model::ids::{AccountId, IntegrationId};
use floorwire_protocol::capabilities::{AcdExtent, Capabilities, TableCapability};
use floorwire_protocol::encoding::{encode_columns, sha256_hex};
use floorwire_protocol::messages::*;
use floorwire_protocol::sealing::LinkKey;
use reqwest::{Response, StatusCode};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// How many stages there were.
static STAGES: AtomicU8 = AtomicU8::new(0);

pub const ACCOUNT: AccountId = AccountId(1);

pub fn instant_ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

/// A hub that plans only when a test says so.
pub struct Stage {
    pub state: AppState,
    pub clock: Arc<PlayedClock>,
    pub url: String,
    pub integration: IntegrationId,
    /// Where its Links call from: each address may pair a few times only, for all hubs of a process.
    address: IpAddr,
}

impl Stage {
    pub async fn new(store: Store, now: &str) -> Self {
        let clock = Arc::new(PlayedClock::at(instant_ms(now)));
        let shutdown = Shutdown::new();
        let vendors: [Arc<dyn floorwire_model::derivation::Vendor>; 1] = [Arc::new(AvayaCms)];
        let state = AppState {
            storage: StorageWatch::new(store.clone(), shutdown.clone()),
            store,
            vendors: Vendors::new(vendors),
            bus: Bus::new(),
            shutdown,
            config: Arc::new(Config::local("unused")),
            clock: clock.clone(),
            live: Live::default(),
            auth: Arc::new(Auth::new().await.unwrap()),
            row_memory: RowMemory::default(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = http::app(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
        let configuration = Configuration {
            // Whatever is paired next cannot open it; see `connected`.
            connection: Some(SealedConnection {
                open: "DSN=CMS".into(),
                sealed: Some("Ym94".into()),
            }),
            zone: Some("Europe/Paris".into()),
            ..Configuration::default()
        };
        let mut transaction = state.store.begin().await.unwrap();
        let created = integrations::create(
            &mut transaction,
            ACCOUNT,
            "CMS",
            "avaya-cms",
            &configuration,
            clock_ms(&state),
        );
        let integration = created.await.unwrap();
        transaction.commit().await.unwrap();
        Self {
            state,
            clock,
            url,
            integration,
            address: Ipv4Addr::new(127, 0, 0, 2 + STAGES.fetch_add(1, Ordering::Relaxed)).into(),
        }
    }

    pub async fn integration(&self) -> integrations::Integration {
        integrations::get(&self.state.store, ACCOUNT, self.integration)
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn plan(&self) -> Option<i64> {
        planner::plan(&self.state, ACCOUNT, self.integration).await
    }

    /// Changes the settings as the API does.
    pub async fn configure(&self, change: impl FnOnce(&mut Configuration)) {
        let mut configuration = self.integration().await.configuration;
        change(&mut configuration);
        let mut transaction = self.state.store.begin().await.unwrap();
        let now = clock_ms(&self.state);
        integrations::set_configuration(
            &mut transaction,
            ACCOUNT,
            self.integration,
            &configuration,
            now,
        )
        .await
        .unwrap()
        .unwrap();
        transaction.commit().await.unwrap();
    }

    /// Seals the connection string to the Link that is paired now.
    pub async fn enter_connection(&self) {
        let sealed = SealedConnection {
            open: "DSN=CMS".into(),
            sealed: Some("Ym94".into()),
        };
        self.configure(|configuration| configuration.connection = Some(sealed))
            .await;
    }

    pub async fn set_paused(&self, paused: bool) {
        let mut transaction = self.state.store.begin().await.unwrap();
        let now = clock_ms(&self.state);
        integrations::set_paused(&mut transaction, ACCOUNT, self.integration, paused, now)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    /// Whole rows of a table as text, one line per row, for comparing.
    pub async fn dump(&self) -> Vec<String> {
        const SQL: &str = "SELECT q.number, i.start_utc_s, i.quality, i.offered, i.answered, i.talk_seconds
            FROM queue_intervals i JOIN queues q ON q.account_id = i.account_id AND q.queue_id = i.queue_id
            WHERE i.account_id = $1 ORDER BY i.start_utc_s, q.number";
        type Row = (String, i64, String, Option<i64>, Option<i64>, Option<i64>);
        let rows: Vec<Row> = match &self.state.store {
            Store::Sqlite(engine) => sqlx::query_as(SQL)
                .bind(ACCOUNT.0)
                .fetch_all(engine.readers())
                .await
                .unwrap(),
            Store::Postgres(pool) => sqlx::query_as(SQL)
                .bind(ACCOUNT.0)
                .fetch_all(pool)
                .await
                .unwrap(),
        };
        rows.into_iter().map(|row| format!("{row:?}")).collect()
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        match &self.state.store {
            Store::Sqlite(engine) => sqlx::query_scalar(sql)
                .bind(ACCOUNT.0)
                .fetch_one(engine.readers())
                .await
                .unwrap(),
            Store::Postgres(pool) => sqlx::query_scalar(sql)
                .bind(ACCOUNT.0)
                .fetch_one(pool)
                .await
                .unwrap(),
        }
    }

    /// The first column of each row as text.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        match &self.state.store {
            Store::Sqlite(engine) => sqlx::query_scalar(sql)
                .bind(ACCOUNT.0)
                .fetch_all(engine.readers())
                .await
                .unwrap(),
            Store::Postgres(pool) => sqlx::query_scalar(sql)
                .bind(ACCOUNT.0)
                .fetch_all(pool)
                .await
                .unwrap(),
        }
    }

    pub async fn letters(&self, date: &str) -> String {
        const SQL: &str =
            "SELECT letters FROM ledger_days WHERE account_id = $1 AND local_date = $2";
        let found: Option<String> = match &self.state.store {
            Store::Sqlite(engine) => sqlx::query_scalar(SQL)
                .bind(ACCOUNT.0)
                .bind(date)
                .fetch_optional(engine.readers())
                .await
                .unwrap(),
            Store::Postgres(pool) => sqlx::query_scalar(SQL)
                .bind(ACCOUNT.0)
                .bind(date)
                .fetch_optional(pool)
                .await
                .unwrap(),
        };
        found.unwrap_or_default()
    }
}

pub fn clock_ms(state: &AppState) -> i64 {
    state.clock.now_utc_ms()
}

/// A Link as its protocol shows it.
pub struct SimulatedLink<'a> {
    pub stage: &'a Stage,
    http: reqwest::Client,
    pub key: LinkKey,
    bearer: String,
    pub boot_id: String,
}

pub fn description() -> LinkDescription {
    LinkDescription {
        name: "link".into(),
        version: "0.1.0".into(),
        host: "cms-gateway".into(),
        operating_system: "linux x86_64".into(),
        drivers: vec!["SQLite3".into()],
        data_sources: vec![],
        guard: None,
    }
}

impl<'a> SimulatedLink<'a> {
    pub fn unpaired(stage: &'a Stage) -> Self {
        let http = reqwest::Client::builder().local_address(stage.address);
        let http = http.build().unwrap();
        Self {
            stage,
            http,
            key: LinkKey::generate(),
            bearer: String::new(),
            boot_id: "boot-1".into(),
        }
    }

    pub async fn ask_for_pin(&self, token: &str) -> PairingCreated {
        let request = PairingRequest {
            integration_code: self.stage.integration().await.code,
            link: description(),
            public_key: self.key.public_base64(),
            token_sha256: sha256_hex(token.as_bytes()),
            pairing_secret_sha256: sha256_hex(b"pairing secret"),
        };
        let answer = self.post("pairings", &request).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        json(answer).await
    }

    pub async fn pairing(&self, id: &str) -> PairingStatus {
        let request = self
            .http
            .get(format!("{}/link/v1/pairings/{id}", self.stage.url))
            .header(VERSION_HEADER, VERSION.to_string())
            .bearer_auth("pairing secret");
        json(request.send().await.unwrap()).await
    }

    /// Pairs, examines and plans.
    pub async fn connected(stage: &'a Stage, capabilities: Capabilities) -> Self {
        let mut link = Self::unpaired(stage);
        let created = link.ask_for_pin("token").await;
        pairing::confirm(&stage.state, ACCOUNT, stage.integration, &created.pin)
            .await
            .unwrap();
        link.finish_pairing(&created.pairing_id, "token").await;
        stage.enter_connection().await;
        link.report(capabilities).await;
        stage.plan().await;
        link
    }

    pub async fn finish_pairing(&mut self, pairing_id: &str, token: &str) {
        let PairingStatus::Paired { token_prefix, .. } = self.pairing(pairing_id).await else {
            panic!("not paired");
        };
        self.bearer = format!("{token_prefix}{token}");
    }

    pub async fn report(&self, capabilities: Capabilities) -> Desired {
        let desired = self.sync(LinkReport::default()).await.desired;
        let examined = Examined {
            request: desired
                .examine
                .as_ref()
                .map_or(0, |examine| examine.request),
            configuration_version: desired
                .configuration
                .as_ref()
                .map_or(0, |configuration| configuration.version),
            capabilities: Some(capabilities),
            problem: None,
        };
        self.sync(LinkReport {
            examined: Some(examined),
            ..LinkReport::default()
        })
        .await
        .desired
    }

    pub async fn sync(&self, report: LinkReport) -> SyncResponse {
        let request = SyncRequest {
            boot_id: self.boot_id.clone(),
            link: description(),
            seen_version: None,
            report,
        };
        let answer = self.post("sync", &request).await;
        assert_eq!(answer.status(), StatusCode::OK);
        json(answer).await
    }

    pub async fn try_lease(&self, max: u32) -> Response {
        let configuration_version = self.stage.integration().await.configuration_version;
        let request = LeaseRequest {
            boot_id: self.boot_id.clone(),
            configuration_version,
            max,
            running: vec![],
        };
        self.post("tasks/lease", &request).await
    }

    pub async fn lease(&self, max: u32) -> Vec<LeasedTask> {
        let answer = self.try_lease(max).await;
        assert_eq!(answer.status(), StatusCode::OK);
        json::<LeaseResponse>(answer).await.tasks
    }

    pub async fn put_part(
        &self,
        task: &LeasedTask,
        part: u32,
        columns: &SourceColumns,
    ) -> StatusCode {
        let body = encode_columns(columns).unwrap();
        let path = format!("tasks/{}/attempts/{}/parts/{part}", task.task, task.attempt);
        let request = self
            .http
            .put(format!("{}/link/v1/{path}", self.stage.url))
            .header(VERSION_HEADER, VERSION.to_string())
            .header(PART_HASH_HEADER, sha256_hex(&body))
            .bearer_auth(&self.bearer)
            .body(body);
        request.send().await.unwrap().status()
    }

    pub async fn complete_with(
        &self,
        task: &LeasedTask,
        request: &CompleteRequest,
    ) -> CompleteResponse {
        let path = format!("tasks/{}/attempts/{}/complete", task.task, task.attempt);
        let answer = self.post(&path, request).await;
        assert_eq!(answer.status(), StatusCode::OK);
        json(answer).await
    }

    /// Uploads and completes.
    pub async fn deliver(&self, task: &LeasedTask, columns: &SourceColumns) -> CompleteResponse {
        let parts = if columns.rows > 0 {
            assert_eq!(
                self.put_part(task, 0, columns).await,
                StatusCode::NO_CONTENT
            );
            1
        } else {
            0
        };
        self.complete_with(task, &self.completion(parts, columns.rows))
            .await
    }

    pub fn completion(&self, parts: u32, rows: u64) -> CompleteRequest {
        let now = clock_ms(&self.stage.state);
        CompleteRequest {
            parts,
            rows,
            read_begin_utc_ms: now,
            read_end_utc_ms: now,
            hit_row_limit: false,
            unchanged: None,
        }
    }

    pub async fn fail(&self, task: &LeasedTask, code: &str) -> StatusCode {
        let problem = Problem {
            code: code.into(),
            title: "wrong password".into(),
            detail: "the database refused the login".into(),
            remedy: "enter it again".into(),
            diagnostics: vec![],
        };
        let path = format!("tasks/{}/attempts/{}/fail", task.task, task.attempt);
        self.post(&path, &FailRequest { problem }).await.status()
    }

    pub async fn live(&self, batch: &floorwire_protocol::live::LiveBatch) -> Response {
        self.live_bytes(floorwire_protocol::encoding::encode(batch).unwrap())
            .await
    }

    pub async fn live_bytes(&self, body: Vec<u8>) -> Response {
        let request = self
            .http
            .post(format!("{}/link/v1/live", self.stage.url))
            .header(VERSION_HEADER, VERSION.to_string())
            .bearer_auth(&self.bearer)
            .body(body);
        request.send().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &impl serde::Serialize) -> Response {
        self.http
            .post(format!("{}/link/v1/{path}", self.stage.url))
            .header(VERSION_HEADER, VERSION.to_string())
            .bearer_auth(&self.bearer)
            .json(body)
            .send()
            .await
            .unwrap()
    }
}

pub async fn json<T: serde::de::DeserializeOwned>(response: Response) -> T {
    let status = response.status();
    let body = response.bytes().await.unwrap();
    serde_json::from_slice(&body)
        .unwrap_or_else(|error| panic!("{status} {error}: {}", String::from_utf8_lossy(&body)))
}

/// A site with ACD 1, `hsplit` from `oldest` to `newest`, and a dictionary.
pub fn site(oldest: &str, newest: &str) -> Capabilities {
    let table = |name: &str, dates: Option<(&str, &str)>| TableCapability {
        name: name.into(),
        present: true,
        interval_minutes: dates.map(|_| 30),
        acds: vec![AcdExtent {
            acd: 1,
            oldest_date: dates.map(|dates| dates.0.into()),
            newest_date: dates.map(|dates| dates.1.into()),
            ..AcdExtent::default()
        }],
        ..TableCapability::default()
    };
    Capabilities {
        database_kind: "sqlite".into(),
        tables: vec![
            table("synonyms", None),
            table("hsplit", Some((oldest, newest))),
        ],
        ..Capabilities::default()
    }
}

/// Rows of `hsplit`: split, starttime (HHMM), calls answered. Each call took 60 seconds.
pub fn hsplit(rows: &[(i32, i32, i32)]) -> SourceColumns {
    let column = |name: &str, value: fn(&(i32, i32, i32)) -> i32| SourceColumn {
        name: name.into(),
        values: ColumnValues::Int32 {
            values: rows.iter().map(value).collect(),
            nulls: vec![],
        },
    };
    SourceColumns {
        format_version: 1,
        rows: rows.len() as u64,
        columns: vec![
            column("starttime", |row| row.1),
            column("intrvl", |_| 30),
            column("split", |row| row.0),
            column("incomplete", |_| 0),
            column("acdcalls", |row| row.2),
            column("abncalls", |_| 1),
            column("acceptable", |row| row.2),
            column("acdtime", |row| row.2 * 60),
            column("holdtime", |_| 0),
            column("acwtime", |row| row.2 * 5),
            column("anstime", |row| row.2 * 9),
            column("servicelevel", |_| 20),
        ],
    }
}

/// The dictionary with one split.
pub fn synonyms() -> SourceColumns {
    let column = |name: &str, value: &str| SourceColumn {
        name: name.into(),
        values: ColumnValues::Text {
            values: vec![value.into()],
            nulls: vec![],
        },
    };
    SourceColumns {
        format_version: 1,
        rows: 1,
        columns: vec![
            column("item_type", "split   "),
            column("item_name", "Service   "),
            column("value", "12  "),
            column("descr", "   "),
            SourceColumn {
                name: "standard".into(),
                values: ColumnValues::Int32 {
                    values: vec![0],
                    nulls: vec![],
                },
            },
        ],
    }
}

/// A whole day of one split with `calls` in each interval from 8:00 to 20:00.
pub fn day_of(split: i32, calls: i32) -> Vec<(i32, i32, i32)> {
    (16..40)
        .map(|half| (split, half / 2 * 100 + half % 2 * 30, calls))
        .collect()
}
