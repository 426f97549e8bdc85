pub mod add_to_whitelist;
pub mod apply_whitelist;
pub mod close_whitelist_entry;
pub mod entries;
pub mod remove_from_whitelist;
pub mod review_application;
pub mod set_merkle_root;
