//! Fixed-APY pools on the real runtime.

mod authority;
mod caps;
mod claims;
mod did;
mod errors;
mod leaving;
mod matrix;
mod merkle_trees;
mod operator;
mod products;
mod safety;
mod seconds;
mod stakes;
mod support;
mod whitelist;
mod whole_path;
