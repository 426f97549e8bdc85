//! What a run of a pool is.

use {
    crate::{
        action::{Action, PEOPLE},
        setup::Setup,
        stage::Stage,
        stories,
    },
    tidepool_tests::{
        model::Mistake,
        runs::{Counts, Dice, Difference, Done, Figure, Figures, Game},
    },
};

impl Game for Stage {
    type Action = Action;
    type Mistake = Mistake;

    const NAME: &'static str = "fuzz";
    const MISTAKES: &'static [Mistake] = &Mistake::ALL;
    const IDL: &'static str = include_str!("../../../../idl/tidepool.json");

    /// At its end everybody leaves. Now and then one person alone acts for a while, who might be looking for a profit.
    fn script(seed: u64, run: u64, steps: u64) -> Vec<Action> {
        let mut dice = Dice::new(seed, run);
        let mut actions = vec![];
        let last = steps.saturating_sub(2) as usize;
        // How often keepers work through an epoch: never but by chance, now and then, or in all of them and little else.
        let epochs = dice.pick(&[0, 2, 2, 10]);
        while actions.len() < last {
            if dice.below(100) < epochs {
                actions.extend(stories::keepers_epoch(&mut dice));
                continue;
            }
            if dice.below(500) == 0 {
                actions.extend(stories::random(&mut dice));
                continue;
            }
            if dice.below(40) > 0 {
                actions.push(Action::random(&mut dice));
                continue;
            }
            let alone = dice.below(u64::from(PEOPLE)) as u8;
            for _ in 0..dice.below(30) {
                actions.push(Action::random_of(&mut dice, alone));
            }
        }
        actions.truncate(last);
        actions.push(if dice.below(3) > 0 { Action::ReachTargets } else { Action::random(&mut dice) });
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
        let profits = self.watch.profits;
        [
            ("profits looked for", Figure::Sum(profits.checks)),
            ("longest stretch", Figure::Most(profits.longest as u64)),
            ("epochs", Figure::Sum(self.chain.epoch())),
            ("orders of cranks compared", Figure::Sum(profits.orders)),
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
