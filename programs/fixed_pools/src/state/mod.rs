mod did;
mod pool;
mod position;
mod suspension;
mod user_pool;
mod whitelist;

pub use {
    did::{Did, DidCollection, MAX_NAME, MAX_SYMBOL, MAX_URI},
    pool::{Access, Pool, PoolTerms},
    position::Position,
    suspension::Suspension,
    tidepool_interface::fixed::Function,
    user_pool::UserPool,
    whitelist::{WhitelistEntry, WhitelistState},
};
