//! What will be done when. It begins with what the plan says, and whatever happens adds what follows from it, at times the
//! chain names: the end of a lock, of an emergency, of the time for which forfeits are locked.

use {
    super::tier::Tier,
    std::collections::{BTreeMap, VecDeque},
};

/// People by their place in the plan, positions by theirs among all that were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Stake { person: usize },
    TryWithoutApproval,
    Apply { person: usize },
    Approve { person: usize },
    MintDid { person: usize },
    GiveDidAway { person: usize },
    Compound { position: usize },
    Fund { tier: Tier, amount: u64 },
    BeginEmergency { tier: Tier },
    LeaveInEmergency { position: usize },
    TakeAllUnpromised { tier: Tier },
    EndOfEmergency { tier: Tier },
    EndOfForfeitLock { tier: Tier, amount: u64 },
    LookAhead,
    NoticeIdle { position: usize },
    TryTooEarly { position: usize },
    RollOver { position: usize },
    Unstake { position: usize },
    Close { tier: Tier },
}

#[derive(Debug, Default)]
pub struct Agenda(BTreeMap<i64, VecDeque<Act>>);

impl Agenda {
    /// After all that stands there for the same second.
    pub fn add(&mut self, unix_time: i64, act: Act) {
        self.0.entry(unix_time).or_default().push_back(act);
    }

    pub fn next_time(&self) -> Option<i64> {
        self.0.keys().next().copied()
    }

    /// Takes the next act off the agenda.
    pub fn next(&mut self) -> Option<Act> {
        let mut first = self.0.first_entry()?;
        let act = first.get_mut().pop_front();
        if first.get().is_empty() {
            first.remove();
        }
        act
    }
}
