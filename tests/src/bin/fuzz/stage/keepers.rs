//! What keepers do, and the end of a run: everybody leaves.

use {
    super::{agree, Difference, Done, Stage},
    crate::action::{Action, Least, Size},
    tidepool_client::Batch,
    tidepool_interface::pda::StakeRole,
    tidepool_tests::model::{Look, Refusal},
};

/// Epochs within which everybody who leaves is paid.
const EPOCHS_TO_LEAVE: usize = 12;

impl Stage {
    pub(super) fn update(&mut self, mask: u8, all_accounts: bool) -> Result<Done, Difference> {
        let is_chosen = |index: &usize| mask >> index & 1 == 1;
        let chosen: Vec<usize> = (0..self.validators.len()).filter(is_chosen).collect();
        let mut batch = Batch::default();
        let mut looks = vec![];
        for validator in chosen {
            let in_use = self.model.books.validators[validator].in_use;
            let mut accounts = in_use.map(|is_used| is_used || all_accounts);
            accounts[StakeRole::Main as usize] = true;
            let others = [StakeRole::Onramp, StakeRole::Offramp];
            let others: Vec<StakeRole> = others.into_iter().filter(|role| accounts[*role as usize]).collect();
            looks.push(Look { validator, accounts });
            let _ = batch.add(&self.validators[validator], &others);
        }
        if batch.is_empty() {
            return Ok(Done::Idle);
        }
        let predicted = self.model.update(&looks);
        let real = self.send(&self.keys.update_validators(&batch), &[]);
        agree(predicted.map(|()| format!("{looks:?}")), real)
    }

    pub(super) fn sync(&mut self) -> Result<Done, Difference> {
        let real = self.send(&self.keys.sync_pool(), &[]);
        agree(self.model.sync().map(|()| String::new()), real)
    }

    pub(super) fn delegate(&mut self, validator: usize) -> Result<Done, Difference> {
        let validator = validator % self.validators.len();
        let predicted = self.model.delegate(validator);
        let real = self.send(&self.keys.delegate(&self.validators[validator]), &[]);
        self.count_move(predicted.unwrap_or(0));
        agree(predicted.map(|moved| format!("{moved} lamports")), real)
    }

    pub(super) fn undelegate(&mut self, validator: usize) -> Result<Done, Difference> {
        let validator = validator % self.validators.len();
        let predicted = self.model.undelegate(validator);
        let real = self.send(&self.keys.undelegate(&self.validators[validator]), &[]);
        self.count_move(-predicted.unwrap_or(0));
        agree(predicted.map(|moved| format!("{moved} lamports")), real)
    }

    pub(super) fn review(&mut self, validator: usize) -> Result<Done, Difference> {
        let validator = validator % self.validators.len();
        let predicted = self.model.review(validator);
        let real = self.send(&self.keys.review_validator(&self.validators[validator]), &[]);
        let score = self.model.books.validators[validator].score;
        agree(predicted.map(|()| format!("score {score}")), real)
    }

    pub(super) fn remove(&mut self, validator: usize) -> Result<Done, Difference> {
        let validator = validator % self.validators.len();
        let predicted = self.model.remove(validator);
        let real = self.send(&self.keys.remove_validator(&self.validators[validator]), &[]);
        agree(predicted.map(|()| String::new()), real)
    }

    /// Everybody takes out all there is, keepers do their work, and everyone is paid.
    pub(super) fn everybody_leaves(&mut self) -> Result<Done, Difference> {
        let all = Size::Ppm(1_000_000);
        let least = Least::Nothing;
        for user in 0..self.people.len() as u8 {
            self.step(&Action::RemoveLiquidity { user, size: all, least })?;
        }
        for user in 0..self.people.len() as u8 {
            self.step(&Action::Order { user, size: all, least, pays_rent: false })?;
        }
        for epochs in 0..=EPOCHS_TO_LEAVE {
            for ticket in (0..self.tickets.len() as u16).rev() {
                self.step(&Action::Claim { ticket })?;
            }
            if !self.someone_waits() {
                return Ok(Done::Ok(format!("after {epochs} epochs")));
            }
            self.step(&Action::ToMoveWindow)?;
            for validator in 0..self.validators.len() as u8 {
                self.step(&Action::Undelegate { validator })?;
            }
            self.step(&Action::Epoch { at_edge: false })?;
            self.update_all()?;
            self.step(&Action::Sync)?;
        }
        let tickets = &self.model.books.tickets;
        Err(Difference::new("somebody is not paid", format!("after {EPOCHS_TO_LEAVE} epochs: {tickets:?}")))
    }

    /// An update of every validator there is.
    pub(super) fn update_all(&mut self) -> Result<Done, Difference> {
        let listed =
            (0..self.validators.len()).filter(|index| self.model.books.validators[*index].is_listed());
        let validators = listed.fold(0, |mask, index| mask | 1 << index);
        self.step(&Action::Update { validators, all_accounts: true })
    }

    /// Whether somebody owns a ticket and could be paid: a payment that would leave an empty wallet below its rent waits,
    /// and the liquidity pool's own tickets may.
    pub(super) fn someone_waits(&self) -> bool {
        let could_be_paid = |place| {
            let claim = self.model.preview(|model| model.claim(place));
            !matches!(claim, Err(Refusal::PayoutBelowRent | Refusal::TicketIsRecycled))
        };
        (0..self.model.books.tickets.len()).any(could_be_paid)
    }
}
