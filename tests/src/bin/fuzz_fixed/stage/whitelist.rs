//! Applications, approvals and trees.

use {
    super::{Difference, Done, Stage},
    crate::action::{Told, Who},
    solana_pubkey::Pubkey,
    tidepool_client::fixed::{Admitted, Answer as RealAnswer},
    tidepool_tests::fixed_model::{Amount, Answer, Tree},
};

/// Why the manager of these runs refuses somebody.
const REASON: u16 = 7;

impl Stage {
    pub(super) fn apply(&mut self, pool: usize, user: usize, amount: u64) -> Result<Done, Difference> {
        let apply = self.pools[pool].keys.apply_whitelist(&self.people[user].key(), amount, [3; 32]);
        let predicted = self.model.apply_whitelist(pool, user, amount.into());
        self.try_both(predicted, &apply, user)
    }

    pub(super) fn review(
        &mut self,
        by: Who,
        pool: usize,
        user: usize,
        max_amount: Option<u64>,
        expires_in: i32,
    ) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let expires_at = self.expiry(expires_in);
        let (answer, real) = match max_amount {
            Some(max_amount) => (
                Answer::Approve { max_amount: max_amount.into(), expires_at },
                RealAnswer::Approve { max_amount, expires_at: expires_at as i64 },
            ),
            None => (Answer::Refuse { reason: REASON.into() }, RealAnswer::Refuse { reason_code: REASON }),
        };
        let [manager, user_key] = [by, user].map(|one| self.people[one].key());
        let review = self.pools[pool].keys.review_application(&manager, &user_key, real);
        let predicted = self.model.review(pool, by, user, answer);
        self.try_both(predicted, &review, by)
    }

    pub(super) fn admit(
        &mut self,
        by: Who,
        pool: usize,
        users: &[usize],
        max_amount: u64,
        expires_in: i32,
    ) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let expires_at = self.expiry(expires_in);
        let admitted: Vec<Admitted> =
            users.iter().map(|user| Admitted { user: self.people[*user].key(), max_amount }).collect();
        let manager = self.people[by].key();
        let add = self.pools[pool].keys.add_to_whitelist(&manager, &admitted, expires_at as i64);
        let predicted = self.model.admit(pool, by, users, max_amount.into(), expires_at);
        self.try_both(predicted, &add, by)
    }

    pub(super) fn expel(
        &mut self,
        by: Who,
        pool: usize,
        users: &[usize],
        reason: u16,
    ) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let user_keys: Vec<Pubkey> = users.iter().map(|user| self.people[*user].key()).collect();
        let manager = self.people[by].key();
        let remove = self.pools[pool].keys.remove_from_whitelist(&manager, &user_keys, reason);
        let predicted = self.model.expel(pool, by, users, reason.into());
        self.try_both(predicted, &remove, by)
    }

    pub(super) fn close_entry(&mut self, pool: usize, user: usize, by: usize) -> Result<Done, Difference> {
        let payer = self.model.pools[pool].entries.get(&user).map_or(user, |entry| entry.rent_payer);
        let [closer, user_key, payer] = [by, user, payer].map(|one| self.people[one].key());
        let close = self.pools[pool].keys.close_whitelist_entry(&closer, &user_key, &payer);
        let predicted = self.model.close_entry(pool, by, user);
        self.try_both(predicted, &close, by)
    }

    pub(super) fn set_tree(
        &mut self,
        by: Who,
        pool: usize,
        tree: Tree,
        told: Told,
    ) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let (root, leaves) = (self.pools[pool].tree(&self.people, &tree, None).0, tree.leaves.len() as u64);
        let (root, leaves) = match told {
            Told::All => (root, leaves),
            Told::RootAlone => (root, 0),
            Told::UsersAlone => ([0; 32], leaves),
        };
        let set = self.pools[pool].keys.set_merkle_root(&self.people[by].key(), root, leaves);
        let is_broken = told != Told::All && !tree.leaves.is_empty();
        let predicted = self.model.set_tree(pool, by, tree, is_broken);
        self.try_both(predicted, &set, by)
    }

    /// 0 stays 0: no end.
    fn expiry(&self, expires_in: i32) -> Amount {
        match expires_in {
            0 => 0,
            _ => self.model.now + Amount::from(expires_in),
        }
    }
}
