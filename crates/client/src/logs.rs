//! Events, as an indexer reads them from the log of a transaction.

use {
    anchor_lang::{AnchorDeserialize, Event},
    base64::{prelude::BASE64_STANDARD, Engine},
};

const PREFIX: &str = "Program data: ";

/// The events of one kind in a transaction's log, in order. What is no such event is skipped, and so is what a cluster has
/// cut off a long log: nothing should depend on events that the accounts do not tell as well. Any program may write such a
/// line, so ask for the logs of transactions that are known to call Tidepool.
pub fn read_events<E: Event + AnchorDeserialize>(logs: &[String]) -> Vec<E> {
    let lines = logs.iter().filter_map(|line| line.strip_prefix(PREFIX));
    let told = lines.filter_map(|text| BASE64_STANDARD.decode(text).ok());
    told.filter_map(|bytes| E::deserialize(&mut bytes.strip_prefix(E::DISCRIMINATOR)?).ok()).collect()
}
