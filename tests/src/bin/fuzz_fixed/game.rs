//! What a run of fixed-APY pools is.

use {
    crate::{action::Action, setup::Setup, stage::Stage},
    tidepool_tests::{
        fixed_model::Mistake,
        runs::{Counts, Dice, Difference, Done, Figure, Figures, Game},
    },
};

impl Game for Stage {
    type Action = Action;
    type Mistake = Mistake;

    const NAME: &'static str = "fuzz-fixed";
    const MISTAKES: &'static [Mistake] = &Mistake::ALL;
    const IDL: &'static str = include_str!("../../../../idl/fixed_pools.json");

    /// At its end everybody leaves.
    fn script(seed: u64, run: u64, steps: u64) -> Vec<Action> {
        let mut dice = Dice::new(seed, run);
        let (mut actions, last) = (vec![], steps.saturating_sub(1) as usize);
        while actions.len() < last {
            let action = Action::random(&mut dice);
            actions.push(action);
            actions.extend(action.random_sequel(&mut dice));
        }
        actions.truncate(last);
        actions.push(Action::EverybodyLeaves);
        actions
    }

    fn simpler(action: &Action) -> Vec<Action> {
        action.simpler()
    }

    fn start(seed: u64, run: u64, mistake: Option<Mistake>) -> Result<Self, Difference> {
        Self::new(&Setup::new(seed, run), mistake)
    }

    fn step(&mut self, action: &Action) -> Result<Done, Difference> {
        Self::step(self, action)
    }

    fn figures(&self) -> Figures {
        [
            ("pools", Figure::Sum(self.model.pools.len() as u64)),
            ("renewed by an entry", Figure::Sum(self.renewals[0])),
            ("renewed by a leaf", Figure::Sum(self.renewals[1])),
            ("positions that ended", Figure::Sum(self.watch.ended)),
            ("positions open at once", Figure::Most(self.watch.most_positions as u64)),
            ("users reminded that they are whales", Figure::Sum(self.watch.reminded)),
            ("days", Figure::Sum(self.days())),
        ]
        .into()
    }

    fn calls(&self) -> Counts {
        self.calls.counts()
    }
}

#[cfg(test)]
mod tests {
    use {super::*, tidepool_tests::runs::check_steps};

    #[test]
    fn steps_are_read_back_and_become_simpler() {
        check_steps::<Stage>();
    }
}
