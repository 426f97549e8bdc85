//! Fixed-APY pools on the real runtime.

mod did;
mod whole_path;
