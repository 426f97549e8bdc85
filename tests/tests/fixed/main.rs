//! Fixed-APY pools on the real runtime.

mod whole_path;
