pub mod open_bond;
pub mod own_bond;
pub mod post_bond;
pub mod request_bond_withdrawal;
pub mod set_bond_terms;
pub mod settle_bond;
pub mod withdraw_bond;
