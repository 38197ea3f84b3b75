//! Sends what a read hands over, in order, and says how it ended.
//!
//! Passing failures are retried for as long as the lease is ours: parts are idempotent, and so is
//! `complete`. When the Hub refuses, the attempt is over and the rest of the read is thrown away.

use crate::backoff::Backoff;
use crate::hub_client::{HubClient, HubError};
use crate::read_task::Item;
use floorwire_protocol::messages::{CompleteRequest, FailRequest, LeasedTask, Outcome};
use tokio::sync::mpsc;

/// How an attempt ended.
#[derive(Debug)]
pub enum Ended {
    /// The Hub has it and said what became of it.
    Completed(Outcome),
    /// The read failed and the Hub knows.
    Failed,
    /// The Hub refused: the attempt is not ours any more, or this Link is not.
    Refused(HubError),
    /// The read was interrupted; the Hub takes the lease back by itself.
    Interrupted,
}

/// Sends the parts of one task as they come.
pub async fn upload(
    client: &HubClient,
    task: &LeasedTask,
    mut items: mpsc::Receiver<Item>,
) -> Ended {
    let (id, attempt) = (task.task, task.attempt);
    let mut part = 0;
    while let Some(item) = items.recv().await {
        let sent = match item {
            Item::Part(body) => {
                let sent = retry(|| client.put_part(id, attempt, part, body.clone())).await;
                part += 1;
                sent
            }
            Item::End(end) => return complete(client, id, attempt, &end).await,
            Item::Failed(problem) => {
                let request = FailRequest { problem };
                return match retry(|| client.fail(id, attempt, &request)).await {
                    Ok(()) => Ended::Failed,
                    Err(error) => Ended::Refused(error),
                };
            }
        };
        if let Err(error) = sent {
            return Ended::Refused(error);
        }
    }
    Ended::Interrupted
}

async fn complete(client: &HubClient, task: i64, attempt: i64, end: &CompleteRequest) -> Ended {
    match retry(|| client.complete(task, attempt, end)).await {
        Ok(response) => {
            if !response.detail.is_empty() {
                tracing::info!(task, outcome = ?response.outcome, detail = response.detail, "task completed");
            }
            Ended::Completed(response.outcome)
        }
        Err(error) => Ended::Refused(error),
    }
}

/// Repeats a call while its failures are passing ones. The first of a row is logged.
async fn retry<Answer, Call>(call: impl Fn() -> Call) -> Result<Answer, HubError>
where
    Call: Future<Output = Result<Answer, HubError>>,
{
    let mut backoff = Backoff::for_hub();
    let mut failed = false;
    loop {
        match call().await {
            Err(error) if error.is_passing() => {
                if !failed {
                    tracing::warn!(%error, "cannot upload now; trying again");
                    failed = true;
                }
                backoff.wait().await;
            }
            answer => return answer,
        }
    }
}
