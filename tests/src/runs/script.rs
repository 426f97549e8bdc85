//! A run: a start, a script of steps, and what became of it.

use {
    super::{shrink::shrink, Counts, Difference, Done, Figures, Game},
    std::{collections::BTreeMap, fmt::Debug, panic, time::Duration},
};

/// What can be repeated: a start and what is done from there on.
pub struct Script<G: Game> {
    pub seed: u64,
    pub run: u64,
    pub mistake: Option<G::Mistake>,
    pub actions: Vec<G::Action>,
}

/// Steps by kind and by how they ended.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub steps: u64,
    /// By kind: done, refused, idle.
    pub kinds: BTreeMap<String, [u64; 3]>,
    /// By name of the error.
    pub refusals: BTreeMap<String, u64>,
    /// Of runs that were played to their end.
    pub figures: Figures,
    pub calls: Counts,
}

impl Tally {
    fn count(&mut self, action: &impl Debug, done: &Done) {
        self.steps += 1;
        let by_kind = self.kinds.entry(kind(action)).or_default();
        match done {
            Done::Ok(_) => by_kind[0] += 1,
            Done::Idle => by_kind[2] += 1,
            Done::Refused(refusal) => {
                by_kind[1] += 1;
                *self.refusals.entry(refusal.clone()).or_default() += 1;
            }
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        for (name, figure) in &other.figures {
            let sum = self.figures.get(name).map_or(*figure, |mine| mine.and(*figure));
            self.figures.insert(name, sum);
        }
        for (kind, counts) in &other.kinds {
            let mine = self.kinds.entry(kind.clone()).or_default();
            mine.iter_mut().zip(counts).for_each(|(mine, more)| *mine += more);
        }
        for (name, counts) in &other.calls {
            let mine = self.calls.entry(name.clone()).or_default();
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

impl<G: Game> Script<G> {
    pub fn random(seed: u64, run: u64, steps: u64, mistake: Option<G::Mistake>) -> Self {
        Self { seed, run, mistake, actions: G::script(seed, run, steps) }
    }

    /// Plays it; `watch` is told of every step.
    pub fn play(&self, mut watch: impl FnMut(&G::Action, &Done)) -> Result<(Figures, Counts), Fault> {
        let new = caught(|| G::start(self.seed, self.run, self.mistake));
        let mut game = new.map_err(|difference| Fault { step: 0, difference })?;
        for (step, action) in self.actions.iter().enumerate() {
            let result = caught(|| game.step(action));
            match result {
                Ok(done) => watch(action, &done),
                Err(difference) => return Err(Fault { step, difference }),
            }
        }
        Ok((game.figures(), game.calls()))
    }

    pub fn tally(&self) -> (Tally, Result<(), Fault>) {
        let mut tally = Tally::default();
        let result = self.play(|action, done| tally.count(action, done));
        let result = result.map(|(figures, calls)| (tally.figures, tally.calls) = (figures, calls));
        (tally, result)
    }

    /// A short script that fails as this one did.
    pub fn shrunk(&self, fault: &Fault, time: Duration) -> Self {
        let script = self.actions[..=fault.step].to_vec();
        let with = |actions: &[G::Action]| self.with(actions.to_vec());
        let actions = shrink(script, G::simpler, time, |actions| {
            let result = with(actions).play(|_, _| ());
            result.is_err_and(|found| found.difference.kind == fault.difference.kind)
        });
        with(&actions)
    }

    fn with(&self, actions: Vec<G::Action>) -> Self {
        Self { seed: self.seed, run: self.run, mistake: self.mistake, actions }
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
        let actions: Result<Vec<G::Action>, String> = lines
            .map(|line| serde_json::from_str(line).map_err(|error| format!("{line}: {error}")))
            .collect();
        Ok(Self { seed, run, mistake: None, actions: actions? })
    }
}

/// The name of a step, without what it is done with.
fn kind(action: &impl Debug) -> String {
    let text = format!("{action:?}");
    text.split(' ').next().unwrap_or_default().to_string()
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
    use {super::*, crate::runs::Figure};

    /// Adds numbers; its model is wrong from a sum on.
    struct Adder(u64);

    impl Game for Adder {
        type Action = u64;
        type Mistake = ();
        const NAME: &'static str = "adder";
        const MISTAKES: &'static [()] = &[()];
        const IDL: &'static str = r#"{"instructions": []}"#;

        fn script(seed: u64, _: u64, steps: u64) -> Vec<u64> {
            (seed..seed + steps).collect()
        }

        fn simpler(action: &u64) -> Vec<u64> {
            action.checked_sub(1).into_iter().collect()
        }

        fn start(_: u64, _: u64, _: Option<()>) -> Result<Self, Difference> {
            Ok(Self(0))
        }

        fn step(&mut self, action: &u64) -> Result<Done, Difference> {
            self.0 += action;
            match self.0 {
                100.. => Err(Difference::new("too much", "")),
                _ => Ok(Done::Ok(String::new())),
            }
        }

        fn figures(&self) -> Figures {
            [("sum", Figure::Sum(self.0)), ("most", Figure::Most(self.0))].into()
        }

        fn calls(&self) -> Counts {
            [("add".to_string(), [self.0, 0])].into()
        }
    }

    #[test]
    fn a_script_is_read_back_as_it_was_written() {
        let script = Script::<Adder>::random(5, 3, 6, None);
        let read = Script::<Adder>::parse(&script.to_text()).unwrap();
        assert_eq!((read.seed, read.run, read.actions), (5, 3, script.actions));
    }

    #[test]
    fn a_script_without_a_start_is_refused() {
        assert!(Script::<Adder>::parse("").is_err());
        assert!(Script::<Adder>::parse("start 1\n").is_err());
        assert!(Script::<Adder>::parse("start 1 2\nsomething\n").is_err());
    }

    #[test]
    fn a_failing_script_is_shortened_to_what_fails() {
        let script = Script::<Adder>::random(20, 0, 50, None);
        let fault = script.play(|_, _| ()).unwrap_err();
        let short = script.shrunk(&fault, Duration::from_secs(60));
        assert_eq!(short.actions.iter().sum::<u64>(), 100);
        assert!(short.to_text().contains("FAILS: too much"));
    }

    #[test]
    fn figures_of_runs_come_together() {
        let mut tally = Tally::default();
        for actions in [vec![1, 2], vec![4]] {
            let script = Script::<Adder> { seed: 0, run: 0, mistake: None, actions };
            tally.add(&script.tally().0);
        }
        assert_eq!(tally.figures, [("sum", Figure::Sum(7)), ("most", Figure::Most(4))].into());
        assert_eq!(tally.calls, [("add".to_string(), [7, 0])].into());
    }
}
