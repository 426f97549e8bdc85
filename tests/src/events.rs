//! Events, as an indexer reads them from the log.

use {
    anchor_lang::{AnchorDeserialize, Event},
    base64::{prelude::BASE64_STANDARD, Engine},
    tidepool_localnet::Outcome,
};

const PREFIX: &str = "Program data: ";

/// What a transaction's log says.
pub trait Told {
    /// Every event of the log, in order, as its bytes.
    fn told(&self) -> Vec<Vec<u8>>;

    /// Asserts that this was told, and nothing else.
    ///
    /// # Panics
    /// If the log says anything else.
    fn assert_told(&self, event: &impl Event);
}

impl Told for Outcome {
    fn told(&self) -> Vec<Vec<u8>> {
        let encoded = self.logs.iter().filter_map(|line| line.strip_prefix(PREFIX));
        encoded.map(|text| BASE64_STANDARD.decode(text).unwrap()).collect()
    }

    fn assert_told(&self, event: &impl Event) {
        let told = self.told();
        assert_eq!(told.len(), 1, "one event was expected: {:#?}", self.logs);
        let (told, expected) = (&told[0], event.data());
        assert_eq!(told[..8], expected[..8], "another event was told");
        assert_eq!(told[8..], expected[8..], "the event says something else");
    }
}

/// The events of one kind, read back.
///
/// # Panics
/// If one of them cannot be read.
pub fn told<E: Event + AnchorDeserialize>(outcome: &Outcome) -> Vec<E> {
    let events = outcome.told();
    let bodies = events.iter().filter_map(|bytes| bytes.strip_prefix(E::DISCRIMINATOR));
    bodies.map(|mut bytes| E::deserialize(&mut bytes).unwrap()).collect()
}
