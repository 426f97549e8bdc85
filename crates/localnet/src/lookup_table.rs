//! Address lookup tables.

use {
    crate::chain::Chain,
    solana_account::Account,
    solana_address_lookup_table_interface::state::{
        LookupTableMeta, LOOKUP_TABLE_MAX_ADDRESSES, LOOKUP_TABLE_META_SIZE,
    },
    solana_clock::Slot,
    solana_message::AddressLookupTableAccount,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
};

/// Enum tag of a table in use.
const LOOKUP_TABLE: u32 = 1;

impl Chain {
    /// A frozen table of these addresses that can be used at once, written without a transaction.
    ///
    /// # Panics
    /// If there are more than 256 addresses.
    pub fn create_lookup_table(&self, addresses: &[Pubkey]) -> AddressLookupTableAccount {
        assert!(addresses.len() <= LOOKUP_TABLE_MAX_ADDRESSES, "{} addresses", addresses.len());
        let key = self.fresh_keypair().pubkey();
        let data = table_data(addresses);
        let account = Account {
            lamports: self.rent().minimum_balance(data.len()),
            data,
            owner: solana_sdk_ids::address_lookup_table::id(),
            executable: false,
            rent_epoch: u64::MAX,
        };
        self.set_account(&key, &account);
        AddressLookupTableAccount { key, addresses: addresses.to_vec() }
    }
}

/// Last extended in slot 0, hence usable from slot 1 on.
fn table_data(addresses: &[Pubkey]) -> Vec<u8> {
    let meta = LookupTableMeta { deactivation_slot: Slot::MAX, ..LookupTableMeta::default() };
    let mut data = crate::chain::encode(&(LOOKUP_TABLE, meta), LOOKUP_TABLE_META_SIZE);
    addresses.iter().for_each(|address| data.extend_from_slice(address.as_ref()));
    data
}
