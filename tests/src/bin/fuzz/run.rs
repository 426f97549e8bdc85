//! A run: a pool, a script of steps, and what became of it.

use {
    crate::{
        action::{Action, PEOPLE},
        dice::Dice,
        invariants::Profits,
        setup::Setup,
        shrink::shrink,
        stage::{Difference, Done, Stage},
        stories,
    },
    std::{collections::BTreeMap, panic, time::Duration},
    tidepool_tests::model::Mistake,
};

/// What can be repeated: a start and what is done from there on.
#[derive(Clone, Debug)]
pub struct Script {
    pub seed: u64,
    pub run: u64,
    pub mistake: Option<Mistake>,
    pub actions: Vec<Action>,
}

/// Steps by kind and by how they ended.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub steps: u64,
    /// Epochs of the chains.
    pub epochs: u64,
    /// By kind: done, refused, idle.
    pub kinds: BTreeMap<String, [u64; 3]>,
    /// By name of the error.
    pub refusals: BTreeMap<String, u64>,
    /// Of runs that were played to their end.
    pub profits: Profits,
}

impl Tally {
    fn count(&mut self, action: &Action, done: &Done) {
        self.steps += 1;
        let by_kind = self.kinds.entry(action.kind()).or_default();
        match done {
            Done::Ok(_) => by_kind[0] += 1,
            Done::Idle => by_kind[2] += 1,
            Done::Refused(refusal) => {
                by_kind[1] += 1;
                *self.refusals.entry(format!("{refusal:?}")).or_default() += 1;
            }
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.epochs += other.epochs;
        self.profits.add(&other.profits);
        for (kind, counts) in &other.kinds {
            let mine = self.kinds.entry(kind.clone()).or_default();
            mine.iter_mut().zip(counts).for_each(|(mine, more)| *mine += more);
        }
        for (name, count) in &other.refusals {
            *self.refusals.entry(name.clone()).or_default() += count;
        }
    }
}

/// Where a script failed.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Number of the step, from 0.
    pub step: usize,
    pub difference: Difference,
}

impl Script {
    /// `steps` random steps, at the end of which everybody leaves. Now and then one person alone acts for a while, who might
    /// be looking for a profit.
    pub fn random(seed: u64, run: u64, steps: u64, mistake: Option<Mistake>) -> Self {
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
        Self { seed, run, mistake, actions }
    }

    /// Plays it; `watch` is told of every step.
    pub fn play(&self, mut watch: impl FnMut(&Action, &Done)) -> Result<(Profits, u64), Fault> {
        let new = caught(|| Stage::new(&Setup::new(self.seed, self.run), self.mistake));
        let mut stage = new.map_err(|difference| Fault { step: 0, difference })?;
        for (step, action) in self.actions.iter().enumerate() {
            let result = caught(|| stage.step(action));
            match result {
                Ok(done) => watch(action, &done),
                Err(difference) => return Err(Fault { step, difference }),
            }
        }
        Ok((stage.watch.profits, stage.chain.epoch()))
    }

    pub fn tally(&self) -> (Tally, Result<(), Fault>) {
        let mut tally = Tally::default();
        let result = self.play(|action, done| tally.count(action, done));
        let result = result.map(|(profits, epochs)| (tally.profits, tally.epochs) = (profits, epochs));
        (tally, result)
    }

    /// A short script that fails as this one did.
    pub fn shrunk(&self, fault: &Fault, time: Duration) -> Self {
        let script = self.actions[..=fault.step].to_vec();
        let with = |actions: &[Action]| Self { actions: actions.to_vec(), ..self.clone() };
        let actions = shrink(script, Action::simpler, time, |actions| {
            let result = with(actions).play(|_, _| ());
            result.is_err_and(|found| found.difference.kind == fault.difference.kind)
        });
        with(&actions)
    }

    /// As text that [`Script::parse`] reads: a line for the start, a line a step, and behind `#` what became of it.
    pub fn to_text(&self) -> String {
        let mut text = format!("start {} {}\n", self.seed, self.run);
        let mut lines = vec![];
        let result = self.play(|action, done| lines.push((*action, format!("{done:?}"))));
        let failed = result.err().map(|fault| {
            let words = fault.difference.to_string().replace('\n', "\n#   ");
            (self.actions.get(fault.step), format!("FAILS: {words}"))
        });
        match failed {
            Some((Some(action), words)) => lines.push((*action, words)),
            Some((None, words)) => text.push_str(&format!("# {words}\n")),
            None => {}
        }
        for (action, what) in lines {
            let action = serde_json::to_string(&action).unwrap_or_default();
            text.push_str(&format!("{action}  # {what}\n"));
        }
        text
    }

    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let mut lines = lines.filter(|line| !line.is_empty());
        let start = lines.next().ok_or("the script is empty")?;
        let [seed, run] = start
            .strip_prefix("start ")
            .map(|rest| rest.split(' '))
            .map_or([None, None], |mut numbers| [numbers.next(), numbers.next()]);
        let number = |text: Option<&str>| {
            text.and_then(|text| text.parse().ok()).ok_or(format!("{start}: not `start SEED RUN`"))
        };
        let (seed, run) = (number(seed)?, number(run)?);
        let actions: Result<Vec<Action>, String> = lines
            .map(|line| serde_json::from_str(line).map_err(|error| format!("{line}: {error}")))
            .collect();
        Ok(Self { seed, run, mistake: None, actions: actions? })
    }
}

/// A panic of the chain or of the model is a finding like any other.
fn caught<T>(step: impl FnOnce() -> Result<T, Difference>) -> Result<T, Difference> {
    let result = panic::catch_unwind(panic::AssertUnwindSafe(step));
    result.unwrap_or_else(|panic| {
        Err(Difference::new("a panic of the model or of the chain", message(&*panic)))
    })
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_back_as_it_was_written() {
        let script = Script::random(5, 3, 300, None);
        let lines: Vec<String> =
            script.actions.iter().map(|action| serde_json::to_string(action).unwrap()).collect();
        let read = Script::parse(&format!("start 5 3\n# words\n{}\n", lines.join("  # done\n"))).unwrap();
        assert_eq!((read.seed, read.run, read.actions), (5, 3, script.actions));
    }

    #[test]
    fn a_script_without_a_start_is_refused() {
        assert!(Script::parse("").is_err());
        assert!(Script::parse("start 1\n").is_err());
        assert!(Script::parse("start 1 2\nsomething\n").is_err());
    }
}
