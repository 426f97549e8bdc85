pub mod initialize_pool;
