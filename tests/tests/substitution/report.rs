//! What came of it.

use {
    crate::{
        impostors::Attempt,
        interface::Place,
        rules::{Rules, HARMLESS, LEFT_TO_OTHERS},
        trial::{Refuser, Verdict},
    },
    std::{
        collections::{BTreeMap, BTreeSet},
        io::{self, Write},
    },
    tidepool_tests::prelude::*,
};

#[derive(Default)]
pub struct Report {
    pub rows: Vec<(String, Counts)>,
    findings: Vec<String>,
    /// What the rules have met.
    met: BTreeSet<String>,
    /// Optional accounts, and whether any call passed them.
    optional: BTreeMap<String, bool>,
}

/// How the impostors of an instruction fared.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    accounts: u32,
    tidepool: u32,
    anchor: u32,
    called_program: u32,
    runtime: u32,
    harmless: u32,
    /// Accounts beyond those it asks for that changed nothing.
    pub ignored: u32,
}

impl Counts {
    pub fn of(accounts: usize) -> Self {
        Self { accounts: accounts as u32, ..Self::default() }
    }

    pub fn refused(&mut self, refuser: Refuser) {
        *match refuser {
            Refuser::Tidepool => &mut self.tidepool,
            Refuser::Anchor => &mut self.anchor,
            Refuser::CalledProgram => &mut self.called_program,
            Refuser::Runtime => &mut self.runtime,
        } += 1;
    }

    fn add(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.tidepool += other.tidepool;
        self.anchor += other.anchor;
        self.called_program += other.called_program;
        self.runtime += other.runtime;
        self.harmless += other.harmless;
        self.ignored += other.ignored;
    }

    fn line(&self, name: &str) -> String {
        let Self { accounts, tidepool, anchor, called_program, runtime, harmless, ignored } = self;
        let refused = tidepool + anchor + called_program + runtime;
        let tries = refused + harmless + ignored;
        format!(
            "  {name:<29} {accounts:>8} {tries:>6} | {refused:>6} = {tidepool:>5} + {anchor:>5} + {called_program:>3} + \
             {runtime:>3} | {harmless:>8} {ignored:>6}\n"
        )
    }
}

impl Report {
    pub fn count(&mut self, instruction: &str, attempt: &Attempt, verdict: Verdict, counts: &mut Counts) {
        match verdict {
            Verdict::Refused(refuser) => {
                let is_left_to_others = matches!(refuser, Refuser::CalledProgram | Refuser::Runtime);
                if is_left_to_others && !self.is_covered(&LEFT_TO_OTHERS, instruction, attempt) {
                    self.find(instruction, attempt, &format!("refused by {refuser:?} alone"));
                }
                counts.refused(refuser);
            }
            Verdict::Accepted if self.is_covered(&HARMLESS, instruction, attempt) => counts.harmless += 1,
            Verdict::Accepted => self.find(instruction, attempt, "accepted"),
            Verdict::Wrong(what) => self.find(instruction, attempt, &what),
        }
    }

    fn find(&mut self, instruction: &str, attempt: &Attempt, what: &str) {
        self.findings.push(format!("{instruction}: {} is {}: {what}", attempt.place, attempt.impostor));
    }

    /// An optional account proves nothing where it is left out: some call must pass it.
    pub fn passed(&mut self, instruction: &str, place: &Place, meta: &AccountMeta) {
        if place.optional {
            let name = format!("{instruction}: {}", place.name);
            *self.optional.entry(name).or_default() |= !place.is_left_out(meta);
        }
    }

    /// Whether one of the rules knows this.
    fn is_covered(&mut self, rules: &Rules, instruction: &str, attempt: &Attempt) -> bool {
        let covered = rules.find(instruction, &attempt.place, &attempt.impostor);
        let is_covered = covered.is_some();
        self.met.extend(covered);
        is_covered
    }

    /// Straight to the terminal: a test that passes should be seen to have tried something.
    pub fn print(&self, title: &str) {
        let mut text = format!(
            "\n  {title}; refused = by Tidepool + by Anchor + by programs it calls + by the runtime\n  \
             instruction                   accounts  tries | refused                               | harmless, extra ignored\n",
        );
        let mut all = Counts::default();
        for (name, counts) in &self.rows {
            text += &counts.line(name);
            all.add(counts);
        }
        text += &all.line("all");
        // Tests that are not watched would swallow what is printed.
        let _ = io::stdout().write_all(text.as_bytes());
    }

    /// # Panics
    /// If anything was found, or if a rule speaks of what never happened.
    pub fn assert_clean(&self) {
        let mut wrong = self.findings.clone();
        let expected = HARMLESS.expectations().chain(LEFT_TO_OTHERS.expectations());
        let unmet = expected.filter(|expected| !self.met.contains(expected));
        wrong.extend(unmet.map(|rule| format!("{rule}, says a rule, but it never came to that")));
        let never = self.optional.iter().filter(|(_, passed)| !**passed);
        wrong.extend(never.map(|(name, _)| format!("{name} is optional, and passed by no call")));
        assert!(wrong.is_empty(), "{} findings:\n  {}", wrong.len(), wrong.join("\n  "));
    }
}
