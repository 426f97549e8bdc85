//! What keepers do, and the end of a run: everybody leaves.

use {
    super::{agree::agree, Difference, Done, Stage},
    crate::action::{Action, Least, Size},
    tidepool_client::Batch,
    tidepool_interface::pda::StakeRole,
    tidepool_tests::model::{Refusal, StakeAccount},
};

/// Epochs within which everybody who leaves is paid.
const EPOCHS_TO_LEAVE: usize = 12;

impl Stage {
    pub(super) fn update(&mut self, mask: u8, all_accounts: bool) -> Result<Done, Difference> {
        let chosen: Vec<usize> = (0..self.validators.len()).filter(|index| mask >> index & 1 == 1).collect();
        let mut batch = Batch::default();
        let mut accounts = vec![];
        for validator in chosen {
            let uses = |role: &StakeRole| all_accounts || self.record_uses(validator, *role);
            let others: Vec<StakeRole> =
                [StakeRole::Onramp, StakeRole::Offramp].into_iter().filter(uses).collect();
            accounts.push(StakeAccount { validator, role: 0 });
            accounts.extend(others.iter().map(|role| StakeAccount { validator, role: *role as usize }));
            let _ = batch.add(&self.validators[validator], &others);
        }
        if batch.is_empty() {
            return Ok(Done::Idle);
        }
        let real = self.send(&self.keys.update_validators(&batch), &[]);
        let left = self.lamports_of(&accounts);
        let predicted = self.model.update(&accounts, &left);
        agree(predicted.map(|()| format!("{} accounts", accounts.len())), real)
    }

    pub(super) fn sync(&mut self) -> Result<Done, Difference> {
        let real = self.send(&self.keys.sync_pool(), &[]);
        agree(self.model.sync().map(|()| String::new()), real)
    }

    pub(super) fn delegate(&mut self, validator: usize) -> Result<Done, Difference> {
        let validator = validator % self.validators.len();
        let onramp = StakeAccount { validator, role: StakeRole::Onramp as usize };
        let before = self.lamports_of(&[onramp])[0];
        let real = self.send(&self.keys.delegate(&self.validators[validator]), &[]);
        let moved = self.lamports_of(&[onramp])[0] - before;
        let most = self.model.most_to_delegate();
        if moved > most || (moved > 0 && moved < self.model.cluster.minimum_delegation) {
            return Err(Difference::new("delegation", format!("{moved} lamports went out of {most}")));
        }
        let predicted = self.model.delegate(onramp, moved);
        agree(predicted.map(|()| format!("{moved} lamports")), real)
    }

    pub(super) fn undelegate(&mut self, validator: usize) -> Result<Done, Difference> {
        let validator = validator % self.validators.len();
        let accounts =
            [StakeRole::Main, StakeRole::Offramp].map(|role| StakeAccount { validator, role: role as usize });
        let before = self.lamports_of(&accounts);
        let real = self.send(&self.keys.undelegate(&self.validators[validator]), &[]);
        let left = self.lamports_of(&accounts);
        let predicted = self.model.undelegate(&accounts, &left);
        agree(predicted.map(|()| format!("{} lamports", before[0] - left[0])), real)
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
            self.step(&Action::Update { validators: u8::MAX, all_accounts: true })?;
            self.step(&Action::Sync)?;
        }
        let tickets = &self.model.books.tickets;
        Err(Difference::new("somebody is not paid", format!("after {EPOCHS_TO_LEAVE} epochs: {tickets:?}")))
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
