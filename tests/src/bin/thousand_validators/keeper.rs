//! A keeper who updates the whole pool by as few transactions as the cluster's limits allow.

use {
    crate::{figures::Updates, Result},
    std::collections::BTreeSet,
    tidepool_client::{Batch, ValidatorRecord},
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{AddressLookupTableAccount, World},
};

/// Accounts a transaction may name on mainnet.
const MAX_LOCKS: usize = 64;
/// The pool, its reserve, insurance and authority, the payer, and four programs: ours, stake, system, compute budget.
const LOCKS_BESIDE: usize = 9;
/// Stake that joins or comes back is one call; the rest of 48 is left for tips.
const MAX_MOVING: usize = 32;

/// Where the next transaction stands in the row of batches: neighbours are far apart, and any other order does as well.
const STRIDE: usize = 7;

/// A batch that is being filled.
#[derive(Default)]
struct Load {
    batch: Batch,
    pages: BTreeSet<u32>,
    accounts: usize,
    moving: usize,
}

impl Load {
    fn has_room_for(&self, page: u32, accounts: usize) -> bool {
        let pages = self.pages.len() + usize::from(!self.pages.contains(&page));
        let is_moving = accounts > 1;
        LOCKS_BESIDE + pages + self.accounts + accounts <= MAX_LOCKS
            && self.moving + usize::from(is_moving) <= MAX_MOVING
    }

    fn locks(&self) -> usize {
        LOCKS_BESIDE + self.pages.len() + self.accounts
    }
}

/// All validators with their accounts in use, in batches as large as a transaction can be.
fn loads(world: &World) -> Result<Vec<Load>> {
    let mut loads = vec![Load::default()];
    for (index, validator) in world.validators.iter().enumerate() {
        let in_use = roles_in_use(&world.record(index));
        let accounts = 1 + in_use.iter().filter(|role| **role != StakeRole::Main).count();
        if !loads.last().is_some_and(|load| load.has_room_for(validator.page_index, accounts)) {
            loads.push(Load::default());
        }
        let load = loads.last_mut().ok_or("no load")?;
        load.batch.add(validator, &in_use)?;
        load.pages.insert(validator.page_index);
        load.accounts += accounts;
        load.moving += usize::from(accounts > 1);
    }
    Ok(loads)
}

fn roles_in_use(record: &ValidatorRecord) -> Vec<StakeRole> {
    StakeRole::ALL.into_iter().filter(|role| record.uses(*role)).collect()
}

/// Updates all validators, out of order; after each transaction `between` has its turn, and says how often users acted in it.
pub fn update_all(
    world: &mut World,
    tables: &[AddressLookupTableAccount],
    mut between: impl FnMut(&mut World) -> Result<usize>,
) -> Result<Updates> {
    let loads = loads(world)?;
    let mut updates = Updates { validators: world.validators.len(), ..Updates::default() };
    for turn in 0..loads.len() {
        let load = &loads[turn * stride(loads.len()) % loads.len()];
        let update = world.keys.update_validators(&load.batch);
        let outcome = world.send_versioned(&[update], &[], tables)?;
        updates.count(&outcome, load.locks(), load.moving);
        updates.times_users_acted += between(world)?;
    }
    match world.pool().last_update_epoch == world.chain.epoch() {
        true => Ok(updates),
        false => Err("not all validators were updated".into()),
    }
}

/// A step that comes by every batch.
fn stride(batches: usize) -> usize {
    if batches.is_multiple_of(STRIDE) {
        1
    } else {
        STRIDE
    }
}
