//! Fixed-APY pools on the real runtime.

mod caps;
mod claims;
mod did;
mod leaving;
mod merkle_trees;
mod operator;
mod safety;
mod seconds;
mod stakes;
mod support;
mod whitelist;
mod whole_path;
