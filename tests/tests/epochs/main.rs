//! Pools that live through epochs on the real chain: the real stake program, real rewards, real warm-up, and everyone who
//! could disturb them. Every step is followed by the checks of the books that `World` makes.

mod chaos;
mod crank_order;
mod delinquent;
mod foreign;
mod gifts;
mod hostile;
mod many;
mod payout;
mod rate;
mod rent;
mod slashing;
mod sniping;
mod stake;
mod support;
mod tickets;
mod warmup;
