//! Pools that live through epochs on the real chain: the real stake program, real rewards, real warm-up, and everyone who
//! could disturb them. Every step is followed by the checks of the books that `World` makes.

mod chaos;
mod converge;
mod crank_order;
mod delinquent;
mod foreign;
mod gifts;
mod hostile;
mod keepers;
mod many;
mod payout;
mod phases;
mod rate;
mod rent;
mod runs_itself;
mod slashing;
mod sniping;
mod stake;
mod support;
mod tickets;
mod warmup;
mod yields;
