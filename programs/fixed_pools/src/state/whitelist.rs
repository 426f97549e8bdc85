use anchor_lang::prelude::*;

#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhitelistState {
    /// The user has asked to be admitted.
    Applied,
    Approved,
    /// The application was refused, or an approval withdrawn.
    Refused,
}

/// Where a user stands in the whitelist of a pool.
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct WhitelistEntry {
    pub pool: Pubkey,
    pub user: Pubkey,
    /// Who paid the rent and gets it back.
    pub rent_payer: Pubkey,
    pub state: WhitelistState,
    /// What the user asked to stake; 0 if he did not ask.
    pub requested_amount: u64,
    /// The most he may have staked at once.
    pub max_amount: u64,
    /// Hash of what the user wrote beside his application, kept off chain.
    pub note_hash: [u8; 32],
    /// Why it was refused, by the manager's own list; 0 if no reason was given.
    pub reason_code: u16,
    /// From when on the approval counts no more; 0 if it does not end.
    pub expires_at: i64,
    pub bump: u8,
}

impl WhitelistEntry {
    /// Bytes of the account.
    pub const SPACE: usize = Self::DISCRIMINATOR.len() + Self::INIT_SPACE;

    pub fn is_approved(&self) -> bool {
        self.state == WhitelistState::Approved
    }

    /// The most the user may have staked now; `None` if he is not admitted.
    pub fn admits(&self, now: i64) -> Option<u64> {
        let is_over = self.expires_at != 0 && now >= self.expires_at;
        (self.is_approved() && !is_over).then_some(self.max_amount)
    }
}
