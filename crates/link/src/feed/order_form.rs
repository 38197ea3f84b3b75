//! What to order from Avaya, so that a CMS sends its real-time feed to this host.
//!
//! Target, period and report of a feed are set up by Avaya's services, and so is every later change of the target; ranges of
//! skills or agents are the CMS administrator's. So everything is asked for at once.

use crate::options::host_name;
use floorwire_protocol::live::RealtimeConfiguration;
use serde::Serialize;
use std::fmt;

/// The port proposed while none is configured.
const PROPOSED_PORT: u16 = 7001;
/// The shortest period that is offered, seconds.
const PERIOD_SECONDS: u32 = 3;

/// The order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderForm {
    /// The host that receives the feed.
    pub host: String,
    /// Port and ACD of each session; no ACD while none is configured.
    pub sessions: Vec<(u16, Option<i32>)>,
    /// How often a snapshot is to come, seconds.
    pub period_seconds: u32,
}

impl OrderForm {
    /// For the configured ports, or a proposal.
    pub fn new(realtime: Option<&RealtimeConfiguration>) -> Self {
        let feeds = realtime
            .map(|realtime| realtime.feeds.as_slice())
            .unwrap_or_default();
        let mut sessions: Vec<_> = feeds
            .iter()
            .map(|feed| (feed.port, Some(feed.acd.0)))
            .collect();
        if sessions.is_empty() {
            sessions.push((PROPOSED_PORT, None));
        }
        Self {
            host: host_name(),
            sessions,
            period_seconds: PERIOD_SECONDS,
        }
    }
}

impl fmt::Display for OrderForm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "Order form for the real-time feed (for Avaya services, or your reseller)"
        )?;
        writeln!(
            out,
            "  Product      an agent-state feed over TCP: Generic RTA, or a real-time report sent by rt-socket"
        )?;
        writeln!(
            out,
            "  Direction    the CMS connects to this host and only sends; nothing is answered; plain TCP"
        )?;
        for (port, acd) in &self.sessions {
            let acd = acd.map_or("one ACD each".to_owned(), |acd| format!("ACD {acd}"));
            writeln!(out, "  Session      {} port {port}, {acd}", self.host)?;
        }
        writeln!(
            out,
            "  Period       {} s (a CMS offers 15 s unless asked; statuses between two snapshots are missed)",
            self.period_seconds
        )?;
        writeln!(
            out,
            "  Range        all skills, and all agents of them, also those created later; say who extends the range"
        )?;
        writeln!(
            out,
            "  Columns      login ID, work mode, direction, AUX reason, work skill, time in the present state; name if allowed"
        )?;
        writeln!(
            out,
            "  Format       ask for the layout in writing: separator or positions, line ends, titles, encoding, codes"
        )?;
        writeln!(
            out,
            "  Reconnect    ask how soon the CMS connects again after an interruption, and that it sends whole lines"
        )?;
        writeln!(
            out,
            "  Firewall     from every address of the CMS (both servers of a pair) to the ports above"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_names_host_port_and_period() {
        let text = OrderForm::new(None).to_string();
        assert!(
            text.contains(&host_name()) && text.contains("port 7001") && text.contains("3 s"),
            "{text}"
        );
    }
}
