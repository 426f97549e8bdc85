pub mod mint_whale_did;
pub mod set_did_collection;
pub mod sum;
