//! Fixed-APY pools on the real runtime.

mod attack;
mod authority;
mod caps;
mod claims;
mod did;
mod errors;
mod gifts;
mod interface;
mod leaving;
mod matrix;
mod merkle_trees;
mod mints;
mod mixtures;
mod operator;
mod outlook;
mod products;
mod safety;
mod seconds;
mod staked_sol;
mod stakes;
mod substitution;
mod support;
mod whitelist;
mod whole_path;
mod wrong_accounts;
