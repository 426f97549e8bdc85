//! How a pool chooses its validators by itself: who enters and leaves, how they are judged, and what follows for their stake.

mod support;
mod vote_accounts;
