//! Extensions of Token-2022 as they lie in an account: after the longest base state, a token account's, one byte says
//! what the account is; then each extension with its number, its length and its value.

use {super::TOKEN_ACCOUNT_LEN, crate::chain::Chain, solana_pubkey::Pubkey};

/// Where the kind of an account with extensions stands.
const KIND: usize = TOKEN_ACCOUNT_LEN;
/// Where the first extension begins.
pub(super) const FIRST: usize = KIND + 1;
/// Bytes of an extension's number and of its length.
pub(super) const HEADER: usize = 4;

const MINT: u8 = 1;
const TOKEN_ACCOUNT: u8 = 2;

/// An extension of a mint or of a token account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    pub id: u16,
    pub value: Vec<u8>,
}

/// The extensions in the data of a mint or of a token account of Token-2022, in the order they lie there.
pub fn extensions(data: &[u8]) -> Vec<Extension> {
    let mut found = vec![];
    let mut rest = data.get(FIRST..).unwrap_or_default();
    while let Some((header, values)) = rest.split_first_chunk::<HEADER>() {
        let (id, length) = (u16_at(header, 0), usize::from(u16_at(header, 2)));
        let Some((value, others)) = values.split_at_checked(length) else { break };
        if id == 0 {
            break; // what follows is padding
        }
        found.push(Extension { id, value: value.to_vec() });
        rest = others;
    }
    found
}

fn u16_at(header: &[u8; HEADER], at: usize) -> u16 {
    u16::from_le_bytes([header[at], header[at + 1]])
}

impl Chain {
    /// Writes an extension behind the token program's back: of a number it does not know, or one it would not make alone.
    ///
    /// # Panics
    /// If there is no account, or if `value` is longer than an extension can be.
    pub fn write_extension(&self, mint_or_account: &Pubkey, id: u16, value: &[u8]) {
        let Some(mut account) = self.account(mint_or_account) else { panic!("no account {mint_or_account}") };
        let Ok(length) = u16::try_from(value.len()) else { panic!("{} bytes do not fit", value.len()) };
        if account.data.len() <= KIND {
            let kind = if account.data.len() == TOKEN_ACCOUNT_LEN { TOKEN_ACCOUNT } else { MINT };
            account.data.resize(KIND, 0);
            account.data.push(kind);
        }
        account.data.extend_from_slice(&id.to_le_bytes());
        account.data.extend_from_slice(&length.to_le_bytes());
        account.data.extend_from_slice(value);
        account.lamports = account.lamports.max(self.rent().minimum_balance(account.data.len()));
        self.set_account(mint_or_account, &account);
    }
}
