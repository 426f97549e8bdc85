//! Stake accounts: built for genesis, made by their owners, read, and slashed.

use {
    crate::{
        chain::{decode, encode, Chain},
        outcome::Failure,
    },
    solana_account::Account,
    solana_clock::Epoch,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_rent::Rent,
    solana_signer::Signer,
    solana_stake_interface::{
        instruction as stake,
        stake_flags::StakeFlags,
        stake_history::StakeHistory,
        state::{Authorized, Delegation, Lockup, Meta, Stake, StakeStateV2},
    },
    solana_system_interface::instruction::create_account,
};

/// Lamports of a stake account by their part in the cluster's stake in this epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StakeActivation {
    /// Earns rewards; includes what is deactivating.
    pub effective: u64,
    pub activating: u64,
    pub deactivating: u64,
}

/// A stake account of `stake` lamports plus the rent that is fully active from genesis on. Only for
/// `ChainConfig::accounts`: written later, the cluster's stake history would not know it.
pub fn genesis_stake_account(vote: &Pubkey, authority: &Pubkey, stake: u64, rent: &Rent) -> Account {
    let reserve = rent.minimum_balance(StakeStateV2::size_of());
    #[allow(deprecated)] // a runtime of today still writes the reserve
    let meta =
        Meta { rent_exempt_reserve: reserve, authorized: Authorized::auto(authority), ..Meta::default() };
    let delegation = Delegation {
        voter_pubkey: *vote,
        stake,
        activation_epoch: Epoch::MAX, // the mark of a stake that was there from the start
        ..Delegation::default()
    };
    let stake_state =
        StakeStateV2::Stake(meta, Stake { delegation, credits_observed: 0 }, StakeFlags::empty());
    Account {
        lamports: stake + reserve,
        data: encode(&stake_state, StakeStateV2::size_of()),
        owner: solana_sdk_ids::stake::id(),
        executable: false,
        rent_epoch: u64::MAX,
    }
}

impl Chain {
    /// An uninitialized stake account with the rent it needs, as one prepares it for a split. The faucet pays.
    pub fn create_blank_stake(&self) -> Result<Pubkey, Failure> {
        let rent = self.rent().minimum_balance(StakeStateV2::size_of());
        self.create_stake_account(rent).map(|key| key.pubkey())
    }

    /// A stake account of `owner` with `lamports` that are delegated to `vote` from this epoch on, and the rent. The faucet
    /// pays.
    pub fn create_stake(&self, owner: &Keypair, vote: &Pubkey, lamports: u64) -> Result<Pubkey, Failure> {
        self.create_stake_locked(owner, vote, lamports, &Lockup::default())
    }

    /// [`Chain::create_stake`] with a lockup.
    pub fn create_stake_locked(
        &self,
        owner: &Keypair,
        vote: &Pubkey,
        lamports: u64,
        lockup: &Lockup,
    ) -> Result<Pubkey, Failure> {
        let rent = self.rent().minimum_balance(StakeStateV2::size_of());
        let key = self.create_stake_account(lamports + rent)?.pubkey();
        let initialize = stake::initialize(&key, &Authorized::auto(&owner.pubkey()), lockup);
        let delegate = stake::delegate_stake(&key, &owner.pubkey(), vote);
        self.send(&[initialize, delegate], &[self.faucet(), owner])?;
        Ok(key)
    }

    fn create_stake_account(&self, lamports: u64) -> Result<Keypair, Failure> {
        let (key, faucet) = (self.fresh_keypair(), self.faucet());
        let space = StakeStateV2::size_of() as u64;
        let owner = solana_sdk_ids::stake::id();
        let create = create_account(&faucet.pubkey(), &key.pubkey(), lamports, space, &owner);
        self.send(&[create], &[faucet, &key])?;
        Ok(key)
    }

    /// The state of a stake account; `None` if there is none at `key`.
    pub fn stake_state(&self, key: &Pubkey) -> Option<StakeStateV2> {
        let account = self.account(key)?;
        (account.owner == solana_sdk_ids::stake::id()).then(|| decode(&account.data))?
    }

    /// What is delegated, whether it is active or not; `None` if nothing is.
    pub fn delegation(&self, stake: &Pubkey) -> Option<Delegation> {
        self.stake_state(stake)?.delegation()
    }

    /// How much of a stake account is effective, activating and deactivating in this epoch; all 0 without a delegation.
    pub fn stake_activation(&self, stake: &Pubkey) -> StakeActivation {
        let Some(delegation) = self.delegation(stake) else {
            return StakeActivation::default();
        };
        let history: StakeHistory = self.sysvar(&solana_sdk_ids::sysvar::stake_history::id());
        let status = delegation.stake_activating_and_deactivating_v2(self.epoch(), &history, Some(0));
        StakeActivation {
            effective: status.effective,
            activating: status.activating,
            deactivating: status.deactivating,
        }
    }

    /// Takes `lamports` from a stake account and from its delegation, as slashing would. The faucet gets them, so that the
    /// capitalisation stays. `None`, and nothing happens, if so much is not delegated there.
    #[must_use]
    pub fn slash(&self, stake: &Pubkey, lamports: u64) -> Option<()> {
        let mut account = self.account(stake)?;
        let mut state = self.stake_state(stake)?;
        let StakeStateV2::Stake(_, delegated, _) = &mut state else {
            return None;
        };
        delegated.delegation.stake = delegated.delegation.stake.checked_sub(lamports)?;
        account.lamports = account.lamports.checked_sub(lamports)?;
        account.data = encode(&state, account.data.len());
        self.set_account(stake, &account);
        Some(())
    }
}
