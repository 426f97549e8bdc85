//! What must hold of the steps of any game.

use super::Game;

/// That every step is read back as it was written, and that simpler steps come to an end.
///
/// # Panics
/// If that does not hold.
pub fn check_steps<G: Game>() {
    const MOST_ROUNDS: usize = 200;
    for action in G::script(1, 1, 4_000) {
        let line = serde_json::to_string(&action).unwrap_or_else(|error| panic!("{action:?}: {error}"));
        let read: G::Action = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(read, action, "{line}");

        let mut simplest = action;
        for round in 0.. {
            let Some(simpler) = G::simpler(&simplest).last().copied() else { break };
            simplest = simpler;
            assert!(round < MOST_ROUNDS, "{action:?} becomes simpler for ever: {simplest:?}");
        }
    }
}
