//! How a pool chooses its validators by itself: who enters and leaves, how they are judged, and what follows for their stake.

mod bond_rent;
mod bond_settlement;
mod bonding;
mod bonds;
mod breaker;
mod caps;
mod draining;
mod gains;
mod ground;
mod insurance;
mod joining;
mod known_bugs;
mod leaving;
mod pages;
mod review;
mod scores;
mod support;
mod vote_accounts;
mod weights;
