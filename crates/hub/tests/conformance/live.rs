//! Live events: each counts once, whatever happens on the way; spans and present statuses follow; nobody is absent because
//! nothing came.

use crate::stage::*;
use floorwire_hub::configuration::{Configuration, FeedSettings, RealtimeSettings};
use floorwire_hub::live::board::Listening;
use floorwire_hub::live::track::{Span, Track};
use floorwire_hub::live::{ingest, retention};
use floorwire_hub::store::{agents, feed_outages, feed_spans, links, live_agents, live_events};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::agents::{Hold, WorkState};
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveChange, LiveEvent, LiveStatus, LossCause, Since};
use floorwire_protocol::encoding::decode;
use floorwire_protocol::live::*;
use reqwest::StatusCode;
use std::collections::BTreeMap;
use std::time::Duration;

const PORT: u16 = 7001;

fn start() -> i64 {
    instant_ms("2026-11-22T11:00:00Z")
}

fn status(state: WorkState) -> LiveStatus {
    LiveStatus {
        state,
        direction: None,
        aux_reason: None,
        skill: None,
        skill_level: None,
        hold: Hold::No,
        raw: None,
    }
}

fn event(at: i64, change: LiveChange) -> LiveEvent {
    LiveEvent {
        port: PORT,
        acd: AcdNumber(1),
        received_utc_ms: start() + at,
        change,
    }
}

fn is(at: i64, login: &str, state: WorkState) -> LiveEvent {
    since(at, login, (at, Since::Source), state)
}

fn since(at: i64, login: &str, (from, kind): (i64, Since), state: WorkState) -> LiveEvent {
    event(
        at,
        LiveChange::Status {
            login: login.into(),
            name: Some(format!("Agent {login}")),
            since_utc_ms: start() + from,
            since: kind,
            status: status(state),
        },
    )
}

fn lost(at: i64, confirmed: i64) -> LiveEvent {
    let change = LiveChange::Lost {
        confirmed_utc_ms: Some(start() + confirmed),
        cause: LossCause::Silent,
    };
    event(at, change)
}

fn batch(stage: &Stage, epoch: &str, first: u64, events: Vec<LiveEvent>) -> LiveBatch {
    let now = clock_ms(&stage.state);
    LiveBatch {
        boot_id: "boot-1".into(),
        epoch: epoch.into(),
        first_sequence: first,
        sent_utc_ms: now,
        feeds: vec![FeedReport {
            port: PORT,
            acd: AcdNumber(1),
            profile: "rta-codes-delimited".into(),
            profile_version: 0,
            state: FeedState::Receiving,
            detail: None,
            peer: Some("127.0.0.1:40000".into()),
            confirmed_utc_ms: Some(now),
            last_record_utc_ms: Some(now),
            period_ms: Some(3000),
            stale_after_ms: 45_000,
            agents: 2,
            counters: FeedCounters::default(),
        }],
        buffer: BufferReport {
            waiting_events: events.len() as u64,
            ..BufferReport::default()
        },
        events,
    }
}

fn switch_on(configuration: &mut Configuration) {
    configuration.agent_scope = AgentScope::All;
    configuration.realtime = RealtimeSettings {
        enabled: true,
        feeds: vec![FeedSettings {
            port: PORT,
            bind: None,
            allow_from: vec![],
            acd: AcdNumber(1),
            profile: "rta-codes-delimited".into(),
        }],
        close_while_paused: false,
    };
}

async fn connected(stage: &Stage) -> SimulatedLink<'_> {
    let link = SimulatedLink::connected(stage, site("2026-11-22", "2026-11-22")).await;
    stage.configure(switch_on).await;
    link
}

async fn send(link: &SimulatedLink<'_>, batch: &LiveBatch) -> u64 {
    let answer = link.live(batch).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let body = answer.bytes().await.unwrap();
    decode::<LiveAnswer>(&body, 1024).unwrap().mark
}

async fn spans(stage: &Stage, login: &str) -> Vec<Span> {
    let store = &stage.state.store;
    let of = (Some(stage.integration), None);
    let found = agents::list(store, ACCOUNT, of, Some(login), 0, 10)
        .await
        .unwrap();
    let Some(agent) = found.iter().find(|agent| agent.login == login) else {
        return Vec::new();
    };
    let all = feed_spans::within(store, ACCOUNT, agent.agent_id, (0, i64::MAX))
        .await
        .unwrap();
    all.into_iter().map(|(_, span)| span).collect()
}

fn edges(spans: &[Span]) -> Vec<(i64, Option<i64>, WorkState)> {
    let edge = |span: &Span| {
        let end = span.end_utc_ms.map(|end| end - start());
        (span.start_utc_ms - start(), end, span.status.state)
    };
    spans.iter().map(edge).collect()
}

async fn stored(stage: &Stage) -> Vec<(i64, LiveEvent)> {
    live_events::after(&stage.state.store, ACCOUNT, 0, 1000)
        .await
        .unwrap()
}

async fn present(stage: &Stage) -> Vec<serde_json::Value> {
    let board = stage.state.live.board(&stage.state, ACCOUNT);
    let present = board.present(&stage.state).await.unwrap();
    let agents = present.agents.into_iter();
    agents
        .map(|(_, agent)| serde_json::to_value(agent).unwrap())
        .collect()
}

pub async fn a_batch_counts_once(stage: Stage) {
    let link = connected(&stage).await;
    let events = vec![
        is(0, "4021", WorkState::Available),
        is(0, "4022", WorkState::Aux),
        is(5_000, "4021", WorkState::Acd),
    ];
    let first = batch(&stage, "e1", 1, events.clone());
    assert_eq!(send(&link, &first).await, 3);
    assert_eq!(send(&link, &first).await, 3);
    // One that overlaps is taken from the mark on, one that leaves a gap stores nothing.
    let more = [&events[1..], &[is(9_000, "4022", WorkState::Available)]].concat();
    assert_eq!(send(&link, &batch(&stage, "e1", 2, more.clone())).await, 4);
    assert_eq!(send(&link, &batch(&stage, "e1", 6, more.clone())).await, 4);
    assert_eq!(send(&link, &batch(&stage, "e1", 2, more)).await, 4);
    // At two hub processes at once.
    let at_once = batch(
        &stage,
        "e1",
        5,
        vec![is(12_000, "4021", WorkState::AfterCall)],
    );
    let found = links::active(&stage.state.store, ACCOUNT, stage.integration)
        .await
        .unwrap()
        .unwrap();
    let other = stage.state.clone();
    let (one, two, three) = tokio::join!(
        ingest::accept(&stage.state, ACCOUNT, &found, at_once.clone()),
        ingest::accept(&other, ACCOUNT, &found, at_once.clone()),
        send(&link, &at_once),
    );
    assert_eq!(
        (one.unwrap(), two.unwrap()),
        (ingest::Accepted::Mark(5), ingest::Accepted::Mark(5))
    );
    assert_eq!(three, 5);
    let numbers: Vec<i64> = stored(&stage).await.iter().map(|(id, _)| *id).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert_eq!(
        edges(&spans(&stage, "4021").await),
        [
            (0, Some(5_000), WorkState::Available),
            (5_000, Some(12_000), WorkState::Acd),
            (12_000, None, WorkState::AfterCall),
        ]
    );
    assert_eq!(
        edges(&spans(&stage, "4022").await),
        [
            (0, Some(9_000), WorkState::Aux),
            (9_000, None, WorkState::Available)
        ]
    );
}

pub async fn bodies_that_cannot_be_used_are_refused(stage: Stage) {
    let link = connected(&stage).await;
    let garbage = link.live_bytes(b"garbage".to_vec()).await;
    assert_eq!(garbage.status(), StatusCode::BAD_REQUEST);
    let huge = link.live_bytes(vec![0; MAX_LIVE_BYTES + 1]).await;
    assert_eq!(huge.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let mut wrong = batch(&stage, "e1", 0, vec![]);
    assert_eq!(
        link.live(&wrong).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
    (wrong.first_sequence, wrong.epoch) = (1, String::new());
    assert_eq!(
        link.live(&wrong).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let stranger = SimulatedLink::unpaired(&stage);
    let refused = stranger.live(&batch(&stage, "e1", 1, vec![])).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    // One event that cannot be true is counted and holds nothing up.
    let odd = vec![
        is(0, "40\u{0}21", WorkState::Aux),
        is(0, "", WorkState::Aux),
        is(i64::MAX / 2, "4021", WorkState::Aux),
        is(0, "4022", WorkState::Aux),
    ];
    assert_eq!(send(&link, &batch(&stage, "e1", 1, odd)).await, 4);
    assert_eq!(stored(&stage).await.len(), 1);
    let dropped = live_events::dropped(&stage.state.store, ACCOUNT, stage.integration).await;
    assert_eq!(dropped.unwrap(), 3);
}

pub async fn a_loss_ends_spans_and_a_return_goes_on(stage: Stage) {
    let link = connected(&stage).await;
    let before = vec![
        is(0, "1", WorkState::Aux),
        is(0, "2", WorkState::Aux),
        is(0, "3", WorkState::Aux),
    ];
    send(&link, &batch(&stage, "e1", 1, before)).await;
    send(&link, &batch(&stage, "e1", 4, vec![lost(90_000, 30_000)])).await;
    assert_eq!(
        edges(&spans(&stage, "1").await),
        [(0, Some(30_000), WorkState::Aux)]
    );
    let shown = present(&stage).await;
    assert_eq!(shown.len(), 3);
    for agent in &shown {
        assert_eq!(
            (&agent["state"], &agent["unknownCause"], &agent["lastState"]),
            (&"unknown".into(), &"silent".into(), &"aux".into())
        );
        assert_eq!(agent["since"], "2026-11-22T11:00:30Z");
    }
    let again = vec![
        since(120_000, "1", (0, Since::Source), WorkState::Aux),
        since(120_000, "2", (10_000, Since::Source), WorkState::Acd),
        since(120_000, "3", (120_000, Since::Earlier), WorkState::Aux),
    ];
    send(&link, &batch(&stage, "e1", 5, again)).await;
    assert_eq!(
        edges(&spans(&stage, "1").await),
        [(0, None, WorkState::Aux)]
    );
    assert_eq!(
        edges(&spans(&stage, "2").await),
        [
            (0, Some(30_000), WorkState::Aux),
            (30_000, None, WorkState::Acd)
        ]
    );
    assert_eq!(
        edges(&spans(&stage, "3").await),
        [
            (0, Some(30_000), WorkState::Aux),
            (120_000, None, WorkState::Aux)
        ]
    );
    let outages = feed_outages::within(
        &stage.state.store,
        ACCOUNT,
        stage.integration,
        (0, i64::MAX),
    )
    .await
    .unwrap();
    let [outage] = &outages[..] else {
        panic!("{outages:?}")
    };
    assert_eq!(
        (outage.from_utc_ms - start(), outage.to_utc_ms, outage.cause),
        (30_000, Some(start() + 120_000), Some(LossCause::Silent))
    );
    // A new numbering says nothing of what was between.
    send(
        &link,
        &batch(
            &stage,
            "e2",
            1,
            vec![since(
                200_000,
                "1",
                (200_000, Since::Earlier),
                WorkState::Aux,
            )],
        ),
    )
    .await;
    let ends: Vec<_> = edges(&spans(&stage, "1").await);
    assert_eq!(ends.len(), 2, "{ends:?}");
    assert_eq!(ends[1], (200_000, None, WorkState::Aux));
    let shown = present(&stage).await;
    assert_eq!(
        (&shown[0]["state"], &shown[2]["unknownCause"]),
        (&"aux".into(), &"notListening".into())
    );
}

pub async fn a_silent_link_makes_statuses_unknown(stage: Stage) {
    let link = connected(&stage).await;
    send(
        &link,
        &batch(&stage, "e1", 1, vec![is(0, "1", WorkState::Available)]),
    )
    .await;
    assert_eq!(present(&stage).await[0]["state"], "available");
    let mut listening = listen(&stage, None).await;
    assert!(text(&listening.first).contains("event: snapshot"));
    stage.clock.advance(16_000);
    let pushed = next(&mut listening).await;
    assert!(pushed.contains("\"unknownCause\":\"linkGone\""), "{pushed}");
    let shown = present(&stage).await;
    assert_eq!(
        (&shown[0]["state"], &shown[0]["lastState"]),
        (&"unknown".into(), &"available".into())
    );
    assert_eq!(shown[0]["since"], "2026-11-22T11:02:00Z");
    // The Link is back, the feed is stale: only that is said.
    let mut stale = batch(&stage, "e1", 2, vec![]);
    stale.feeds[0].confirmed_utc_ms = Some(clock_ms(&stage.state) - 46_000);
    send(&link, &stale).await;
    assert_eq!(present(&stage).await[0]["unknownCause"], "stale");
    // While events wait at the Link, what is stored is old.
    let mut waits = batch(&stage, "e1", 2, vec![is(50_000, "1", WorkState::Aux)]);
    waits.buffer.waiting_events = 500;
    send(&link, &waits).await;
    assert_eq!(present(&stage).await[0]["unknownCause"], "stale");
    send(&link, &batch(&stage, "e1", 3, vec![])).await;
    assert_eq!(present(&stage).await[0]["state"], "aux");
    // A span that lasts is stored open: nothing has to be mended when the Link was only silent.
    assert_eq!(spans(&stage, "1").await.len(), 2);
}

async fn listen(stage: &Stage, seen: Option<i64>) -> Listening {
    let board = stage.state.live.board(&stage.state, ACCOUNT);
    board.listen(&stage.state, seen).await.unwrap()
}

fn text(pieces: &[impl AsRef<[u8]>]) -> String {
    let texts = pieces
        .iter()
        .map(|bytes| String::from_utf8_lossy(bytes.as_ref()).into_owned());
    texts.collect()
}

async fn next(listening: &mut Listening) -> String {
    let frame = tokio::time::timeout(Duration::from_secs(20), listening.frames.recv()).await;
    String::from_utf8_lossy(&frame.unwrap().unwrap().bytes).into_owned()
}

pub async fn a_listener_goes_on_where_it_left(stage: Stage) {
    let link = connected(&stage).await;
    send(
        &link,
        &batch(
            &stage,
            "e1",
            1,
            vec![is(0, "1", WorkState::Available), is(0, "2", WorkState::Aux)],
        ),
    )
    .await;
    let mut listening = listen(&stage, None).await;
    let snapshot = text(&listening.first);
    assert!(
        snapshot.starts_with("id: 2\nevent: snapshot\ndata: {") && snapshot.ends_with("}\n\n"),
        "{snapshot}"
    );
    send(
        &link,
        &batch(&stage, "e1", 3, vec![is(3_000, "1", WorkState::Acd)]),
    )
    .await;
    let delta = next(&mut listening).await;
    assert!(
        delta.starts_with("id: 3\nevent: delta\n") && delta.contains("\"state\":\"acd\""),
        "{delta}"
    );
    assert!(!delta.contains("Agent 2"), "{delta}");
    send(
        &link,
        &batch(&stage, "e1", 4, vec![is(6_000, "2", WorkState::Available)]),
    )
    .await;
    assert!(next(&mut listening).await.starts_with("id: 4\n"));
    let missed = text(&listen(&stage, Some(3)).await.first);
    assert!(
        missed.contains("id: 4\nevent: delta") && !missed.contains("event: snapshot"),
        "{missed}"
    );
    for unknown in [0, 99] {
        let again = text(&listen(&stage, Some(unknown)).await.first);
        assert!(again.contains("id: 4\nevent: snapshot"), "{again}");
    }
    // A port that is not listened at any more takes its agents with it.
    stage
        .configure(|configuration| configuration.realtime.feeds[0].port = 7002)
        .await;
    let hint = floorwire_hub::bus::Hint::Integration(ACCOUNT, stage.integration);
    stage.state.bus.publish(hint);
    let gone = next(&mut listening).await;
    assert!(
        gone.contains(&format!("\"{}.7001.1.1\"", stage.integration)),
        "{gone}"
    );
    assert_eq!(present(&stage).await, Vec::<serde_json::Value>::new());
}

pub async fn settings_decide_what_is_kept(stage: Stage) {
    let link = connected(&stage).await;
    let only = [floorwire_model::agents::AgentKey {
        acd: AcdNumber(1),
        login: "1".into(),
    }];
    stage
        .configure(|configuration| {
            configuration.agent_scope = AgentScope::Logins {
                logins: only.into(),
            }
        })
        .await;
    let both = vec![is(0, "1", WorkState::Aux), is(0, "2", WorkState::Aux)];
    assert_eq!(send(&link, &batch(&stage, "e1", 1, both)).await, 2);
    assert_eq!(present(&stage).await.len(), 1);
    assert_eq!(spans(&stage, "2").await, []);
    stage
        .configure(|configuration| configuration.realtime.enabled = false)
        .await;
    assert_eq!(
        send(
            &link,
            &batch(&stage, "e1", 3, vec![is(9_000, "1", WorkState::Acd)])
        )
        .await,
        3
    );
    assert_eq!(stored(&stage).await.len(), 1);
    let dropped = live_events::dropped(&stage.state.store, ACCOUNT, stage.integration).await;
    assert_eq!(dropped.unwrap(), 2);
    // Events go after a week, spans stay.
    let now = clock_ms(&stage.state);
    assert_eq!(
        retention::forget(&stage.state, ACCOUNT, now + retention::KEEP_EVENTS_MS - 1)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        retention::forget(&stage.state, ACCOUNT, now + retention::KEEP_EVENTS_MS + 1)
            .await
            .unwrap(),
        1
    );
    assert_eq!(stored(&stage).await, []);
    assert_eq!(spans(&stage, "1").await.len(), 1);
    assert_eq!(
        live_agents::last_event(&stage.state.store, ACCOUNT)
            .await
            .unwrap(),
        1
    );
    // Another account has none of it.
    let other = floorwire_model::ids::AccountId(2);
    assert_eq!(
        live_agents::after(&stage.state.store, other, -1)
            .await
            .unwrap(),
        []
    );
}

/// A small generator, so that both engines get the same.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

pub async fn random_batches_equal_one_replay(stage: Stage) {
    const STATES: [WorkState; 4] = [
        WorkState::Available,
        WorkState::Aux,
        WorkState::Acd,
        WorkState::Unstaffed,
    ];
    const KINDS: [Since; 3] = [Since::Source, Since::Receipt, Since::Earlier];
    let link = connected(&stage).await;
    let mut dice = Dice(7);
    let mut model: BTreeMap<String, Track> = BTreeMap::new();
    let mut events = Vec::new();
    for at in 0..300_i64 {
        let now = at * 1000;
        if dice.next(25) == 0 {
            let confirmed = now - 3000;
            for track in model.values_mut() {
                track.lost(Some(start() + confirmed));
            }
            events.push(lost(now, confirmed));
            continue;
        }
        let login = dice.next(5).to_string();
        let kind = KINDS[usize::try_from(dice.next(3)).unwrap()];
        let from = match kind {
            Since::Source => now - i64::try_from(dice.next(20_000)).unwrap(),
            _ => now,
        };
        let state = STATES[usize::try_from(dice.next(4)).unwrap()];
        model
            .entry(login.clone())
            .or_default()
            .status(start() + from, kind, &status(state));
        events.push(since(now, &login, (from, kind), state));
    }
    // Batches of any length that begin anywhere at or before the mark, many of them twice.
    let mut mark = 0;
    while mark < events.len() {
        let first = mark.saturating_sub(usize::try_from(dice.next(6)).unwrap());
        let last = (mark + usize::try_from(dice.next(17)).unwrap()).min(events.len());
        let part = batch(&stage, "e1", first as u64 + 1, events[first..last].to_vec());
        for _ in 0..=dice.next(2) {
            assert_eq!(send(&link, &part).await, last as u64);
        }
        mark = last;
    }
    assert_eq!(stored(&stage).await.len(), events.len());
    for (login, track) in model {
        let mut wanted: BTreeMap<i64, Span> = BTreeMap::new();
        wanted.extend(
            track
                .into_changes()
                .into_iter()
                .map(|span| (span.start_utc_ms, span)),
        );
        let wanted: Vec<Span> = wanted.into_values().collect();
        assert_eq!(spans(&stage, &login).await, wanted, "agent {login}");
    }
}
