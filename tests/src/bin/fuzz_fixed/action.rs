//! What somebody may do, in words that keep their meaning when steps around it are left out.

use {
    crate::setup::random_pool,
    serde::{Deserialize, Serialize},
    tidepool_tests::runs::Dice,
};

/// People of a run; any of them may run a pool.
pub const PEOPLE: u8 = 6;

const DAY: u32 = 86_400;

/// How much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    Units(u64),
    /// Parts of a million of what there is; more than a million asks for more.
    Ppm(u64),
    /// One of the amounts at which the answer changes, and so many units more.
    Edge(u8, i8),
}

/// The least reward that the actor wants, or the most that he gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    None,
    /// Just what the model says.
    Quote,
    /// One unit beyond: to be refused.
    Beyond,
}

/// How the actor shows that he may stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// As the pool wants it and he can.
    Fitting,
    Nothing,
    Entry(Option<u8>),
    Leaf,
    /// A leaf of his with more than there is in the tree.
    FalseLeaf,
}

/// Where a payment is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    Own,
    /// The account of somebody else, or, if it is his own, the reward vault.
    Other(u8),
}

/// Who says that he may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Authority,
    Guardian,
    WhitelistManager,
    Proposed,
    Person(u8),
}

/// An account that does not belong where it is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Impostor {
    /// A position that was closed, its address given again to nobody.
    ClosedPosition,
    /// Where a position after the next would be, for a new one.
    SkippedPosition,
    OtherPool,
    OtherUser,
    Thief,
    ThiefWithHisAccount,
    RentPayer,
    PrincipalVault,
    RewardVault,
    Mint,
    TokenProgram,
}

/// A mint of which no pool can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfit {
    OfTheOtherProgram,
    /// An account of tokens.
    NoMint,
    /// It cannot be transferred.
    WhalesToken,
}

/// Lamports to whom, before or after he is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GiftTo {
    Position,
    NextPosition,
    User,
    Entry,
    Pool,
    PrincipalVault,
    RewardVault,
    NextPool,
    NextPrincipalVault,
    NextRewardVault,
    Collection,
    Did,
    DidMint,
    DidAccount,
}

/// What somebody shows to be seen as a whale: his accounts in other pools of the creator, by a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shows {
    pub mask: u8,
    pub also: Also,
}

/// What does not belong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Also {
    Nothing,
    /// The pool that it is about.
    Itself,
    /// One of the others, twice.
    Again,
    /// A pool in which he has no account.
    Unknown,
    /// A pool of another creator.
    Foreign,
    OtherUser,
    OtherCollection,
}

/// What the authority says of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    All,
    /// A root and no users.
    RootAlone,
    /// Users and no root.
    UsersAlone,
}

/// A pool that somebody makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPool {
    pub guardian: u8,
    pub whitelist_manager: u8,
    pub lock_seconds: u64,
    pub allows_early_exit: bool,
    pub accepts_freezes: bool,
    /// Seconds from now.
    pub start_in: i32,
    pub days: u32,
    pub min_stake: u64,
    pub cap: u64,
    pub rate_bps: u16,
    pub is_open_to_all: bool,
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Stake {
        pool: u8,
        owner: u8,
        funder: Option<u8>,
        size: Size,
        rate_above: i32,
        proof: Proof,
        shows: Option<Shows>,
    },
    Claim {
        position: u16,
        by: Option<u8>,
        to: To,
    },
    /// Of the owner's positions in the pool those of the mask, the first of them twice if asked for.
    ClaimMany {
        position: u16,
        mask: u8,
        twice: bool,
        by: Option<u8>,
        to: To,
    },
    Compound {
        position: u16,
        rate_above: i32,
        proof: Proof,
    },
    RollOver {
        position: u16,
        with_reward: bool,
        rate_above: i32,
        proof: Proof,
        to: To,
    },
    Unstake {
        position: u16,
        limit: Limit,
        to: To,
    },
    EmergencyWithdraw {
        position: u16,
        limit: Limit,
        to: To,
    },
    RequestExit {
        position: u16,
    },
    CancelExit {
        position: u16,
    },
    CompleteExit {
        position: u16,
        limit: Limit,
        to: To,
    },
    SetOwnerOnly {
        pool: u8,
        user: u8,
        is_owner_only: bool,
    },
    Fund {
        pool: u8,
        funder: u8,
        size: Size,
    },
    Donate {
        pool: u8,
        by: u8,
        to_principal: bool,
        size: Size,
    },
    Gift {
        to: GiftTo,
        pool: u8,
        user: u8,
        lamports: u32,
    },
    InitializePool {
        creator: u8,
        new: NewPool,
    },
    InitializeAgain {
        pool: u8,
    },
    InitializeUnfit {
        creator: u8,
        what: Unfit,
    },
    SetTerms {
        by: Who,
        pool: u8,
        start_in: Option<i32>,
        end_in: Option<i32>,
        min_stake: Option<u64>,
        cap: Option<Size>,
        rate_bps: Option<u16>,
        is_open_to_all: Option<bool>,
    },
    SetRoles {
        by: Who,
        pool: u8,
        guardian: u8,
        whitelist_manager: u8,
    },
    Propose {
        by: Who,
        pool: u8,
        to: Option<u8>,
    },
    Accept {
        by: Who,
        pool: u8,
    },
    Pause {
        by: Who,
        pool: u8,
        functions: u8,
    },
    Resume {
        by: Who,
        pool: u8,
        functions: u8,
    },
    BeginEmergency {
        by: Who,
        pool: u8,
        reason: u16,
    },
    EndEmergency {
        by: Who,
        pool: u8,
    },
    WithdrawExcess {
        by: Who,
        pool: u8,
        size: Size,
    },
    Sweep {
        pool: u8,
    },
    ClosePool {
        by: Who,
        pool: u8,
    },
    Apply {
        pool: u8,
        user: u8,
        amount: u64,
    },
    /// `max_amount`: approve with so much, or refuse; `expires_in`: 0 for never.
    Review {
        by: Who,
        pool: u8,
        user: u8,
        max_amount: Option<u64>,
        expires_in: i32,
    },
    Admit {
        by: Who,
        pool: u8,
        users: u8,
        /// So many entries, of these users again and again.
        count: Option<u8>,
        max_amount: u64,
        expires_in: i32,
    },
    Expel {
        by: Who,
        pool: u8,
        users: u8,
        count: Option<u8>,
        reason: u16,
    },
    CloseEntry {
        pool: u8,
        user: u8,
        by: Option<u8>,
    },
    SetTree {
        by: Who,
        pool: u8,
        users: u8,
        max_amount: u64,
        levels_above: u8,
        told: Told,
    },
    SetCollection {
        creator: u8,
        by: Option<u8>,
        threshold: Size,
        /// Bytes of name, symbol and address.
        texts: [u8; 3],
    },
    MintDid {
        pool: u8,
        user: u8,
        shows: Shows,
    },
    /// And asks for another.
    BurnDid {
        number: u8,
    },
    Wrong {
        position: u16,
        what: Impostor,
    },
    /// Asks the program for all it has to say of a pool and of a position.
    Look {
        pool: u8,
        position: u16,
        size: Size,
    },
    Wait {
        seconds: u32,
    },
    /// To one of the next seconds at which something begins or ends.
    ToEdge {
        edge: u8,
        offset: i8,
    },
    /// Those who run the pools hinder them as much as they can.
    EverybodyLeaves,
}

type Make = fn(&mut Dice) -> Action;

/// How often each is tried, out of the sum.
const WEIGHTS: &[(u64, Make)] = &[
    (220, |d| Action::Stake {
        pool: pool(d),
        owner: person(d),
        funder: rarely(d),
        size: size(d),
        rate_above: rate_above(d),
        proof: proof(d),
        shows: (d.below(2) == 0).then(|| shows(d)),
    }),
    (110, |d| Action::Claim { position: position(d), by: rarely(d), to: to(d) }),
    (40, |d| Action::ClaimMany {
        position: position(d),
        mask: d.below(256) as u8,
        twice: d.below(4) == 0,
        by: rarely(d),
        to: to(d),
    }),
    (50, |d| Action::Compound { position: position(d), rate_above: rate_above(d), proof: proof(d) }),
    (50, |d| Action::RollOver {
        position: position(d),
        with_reward: d.below(2) == 0,
        rate_above: rate_above(d),
        proof: proof(d),
        to: to(d),
    }),
    (60, |d| Action::Unstake { position: position(d), limit: limit(d), to: to(d) }),
    (30, |d| Action::EmergencyWithdraw { position: position(d), limit: limit(d), to: to(d) }),
    (60, |d| Action::RequestExit { position: position(d) }),
    (5, |d| Action::CancelExit { position: position(d) }),
    (50, |d| Action::CompleteExit { position: position(d), limit: limit(d), to: to(d) }),
    (10, |d| Action::SetOwnerOnly { pool: pool(d), user: person(d), is_owner_only: d.below(3) == 0 }),
    (70, |d| Action::Fund { pool: pool(d), funder: person(d), size: size(d) }),
    (15, |d| Action::Donate { pool: pool(d), by: person(d), to_principal: d.below(2) == 0, size: size(d) }),
    (15, |d| Action::Gift {
        to: gift_to(d),
        pool: pool(d),
        user: person(d),
        lamports: d.magnitude(1_000_000_000) as u32,
    }),
    (5, |d| Action::InitializePool { creator: creator(d), new: new_pool(d) }),
    (2, |d| Action::InitializeAgain { pool: pool(d) }),
    (2, |d| Action::InitializeUnfit {
        creator: person(d),
        what: d.pick(&[Unfit::OfTheOtherProgram, Unfit::NoMint, Unfit::WhalesToken, Unfit::WhalesToken]),
    }),
    (20, |d| Action::SetTerms {
        by: who(d, Who::Authority),
        pool: pool(d),
        start_in: maybe(d, &[-100_000, -1, 0, 1, 100_000]),
        end_in: maybe(d, &[-1, 1, 100_000, 1_000_000_000, 1_000_000_000, 2_000_000_000]),
        min_stake: maybe(d, &[0, 1, 1, 1_000, 1_000_000]),
        cap: (d.below(3) == 0).then(|| size(d)),
        rate_bps: maybe(d, &[0, 1, 800, 1_600, 10_000, u16::MAX]),
        is_open_to_all: maybe(d, &[true, true, false]),
    }),
    (3, |d| Action::SetRoles {
        by: who(d, Who::Authority),
        pool: pool(d),
        guardian: person(d),
        whitelist_manager: person(d),
    }),
    (4, |d| Action::Propose { by: who(d, Who::Authority), pool: pool(d), to: often(d) }),
    (4, |d| Action::Accept { by: who(d, Who::Proposed), pool: pool(d) }),
    (8, |d| Action::Pause { by: who(d, Who::Guardian), pool: pool(d), functions: functions(d) }),
    (25, |d| Action::Resume { by: who(d, Who::Authority), pool: pool(d), functions: functions(d) }),
    (6, |d| Action::BeginEmergency { by: who(d, Who::Guardian), pool: pool(d), reason: d.below(9) as u16 }),
    (5, |d| Action::BeginEmergency { by: who(d, Who::Authority), pool: pool(d), reason: d.below(9) as u16 }),
    (8, |d| Action::EndEmergency { by: who(d, Who::Authority), pool: pool(d) }),
    (12, |d| Action::WithdrawExcess { by: who(d, Who::Authority), pool: pool(d), size: size(d) }),
    (15, |d| Action::Sweep { pool: pool(d) }),
    (1, |d| Action::ClosePool { by: who(d, Who::Authority), pool: pool(d) }),
    (12, |d| Action::Apply { pool: pool(d), user: person(d), amount: amount(d) }),
    (10, |d| Action::Review {
        by: who(d, Who::WhitelistManager),
        pool: pool(d),
        user: person(d),
        max_amount: (d.below(4) > 0).then(|| amount(d)),
        expires_in: expires_in(d),
    }),
    (20, |d| Action::Admit {
        by: who(d, Who::WhitelistManager),
        pool: pool(d),
        users: d.below(64) as u8,
        count: count(d, &[0, 7, 20]),
        max_amount: amount(d),
        expires_in: expires_in(d),
    }),
    (5, |d| Action::Expel {
        by: who(d, Who::WhitelistManager),
        pool: pool(d),
        users: d.below(64) as u8,
        count: count(d, &[0, 7, 20, 21, 21]),
        reason: d.below(9) as u16,
    }),
    (5, |d| Action::CloseEntry { pool: pool(d), user: person(d), by: rarely(d) }),
    (12, |d| Action::SetTree {
        by: who(d, Who::Authority),
        pool: pool(d),
        users: d.below(64) as u8,
        max_amount: amount(d),
        levels_above: d.pick(&[0, 0, 0, 0, 1, 17, 18, 20, 21]),
        told: d.pick_weighted(&[(8, Told::All), (1, Told::RootAlone), (1, Told::UsersAlone)]),
    }),
    (10, |d| Action::SetCollection {
        creator: creator(d),
        by: rarely(d),
        threshold: size(d),
        texts: texts(d),
    }),
    (20, |d| Action::MintDid { pool: pool(d), user: person(d), shows: shows(d) }),
    (5, |d| Action::BurnDid { number: d.below(256) as u8 }),
    (20, |d| Action::Wrong {
        position: position(d),
        what: d.pick(&[
            Impostor::ClosedPosition,
            Impostor::SkippedPosition,
            Impostor::OtherPool,
            Impostor::OtherUser,
            Impostor::Thief,
            Impostor::ThiefWithHisAccount,
            Impostor::RentPayer,
            Impostor::PrincipalVault,
            Impostor::RewardVault,
            Impostor::Mint,
            Impostor::TokenProgram,
        ]),
    }),
    (15, |d| Action::Look { pool: pool(d), position: position(d), size: size(d) }),
    (60, |d| Action::Wait { seconds: d.magnitude((20 * DAY).into()) as u32 }),
    (60, |d| Action::ToEdge { edge: d.below(5) as u8, offset: d.pick(&[-1, -1, 0, 0, 1]) }),
];

impl Action {
    pub fn random(dice: &mut Dice) -> Self {
        dice.pick_weighted(WEIGHTS)(dice)
    }

    /// What often comes next, and by chance alone would come too late.
    pub fn random_sequel(&self, dice: &mut Dice) -> Vec<Self> {
        match *self {
            Self::RequestExit { position } if dice.below(3) > 0 => {
                let notice = 7 * DAY;
                let seconds =
                    dice.pick(&[notice - 1, notice, notice, notice + DAY, 2 * notice - 1, 2 * notice]);
                let complete = Self::CompleteExit { position, limit: limit(dice), to: to(dice) };
                vec![Self::Wait { seconds }, complete]
            }
            Self::BeginEmergency { pool, .. } if dice.below(2) == 0 => {
                let mut left: Vec<Self> = (0..1 + dice.below(5)).map(|_| Self::leave(dice)).collect();
                if dice.below(2) == 0 {
                    let (by, size) = (Who::Authority, Size::Edge(dice.below(2) as u8, 0));
                    left.extend([Self::EndEmergency { by, pool }, Self::WithdrawExcess { by, pool, size }]);
                }
                left
            }
            Self::Pause { .. } if dice.below(2) == 0 => {
                (0..2 + dice.below(5)).map(|_| Self::use_what_earns(dice)).collect()
            }
            Self::Gift { to, user, .. } if to.is_of_next_pool() => {
                vec![Self::InitializePool { creator: user, new: random_pool(dice) }]
            }
            Self::Stake { pool, owner, shows: Some(_), .. } if dice.below(4) == 0 => {
                vec![Self::MintDid { pool, user: owner, shows: shows(dice) }]
            }
            _ => vec![],
        }
    }

    /// In an emergency.
    fn leave(dice: &mut Dice) -> Self {
        let (position, limit, to) = (position(dice), limit(dice), to(dice));
        match dice.below(3) {
            0 => Self::Unstake { position, limit, to },
            _ => Self::EmergencyWithdraw { position, limit, to },
        }
    }

    /// What a pause may stop.
    fn use_what_earns(dice: &mut Dice) -> Self {
        let (position, rate_above, proof) = (position(dice), rate_above(dice), proof(dice));
        match dice.below(4) {
            0 => Self::Claim { position, by: None, to: To::Own },
            1 => Self::RollOver { position, with_reward: true, rate_above, proof, to: To::Own },
            _ => Self::Compound { position, rate_above, proof },
        }
    }

    /// The same in smaller, best first.
    pub fn simpler(&self) -> Vec<Self> {
        let mut all = vec![];
        let mut with = |change: &dyn Fn(&mut Self)| {
            let mut action = *self;
            change(&mut action);
            if action != *self {
                all.push(action);
            }
        };
        with(&|action| action.make_plain());
        if let Some(size) = self.size() {
            for simpler in size.simpler() {
                with(&|action| action.set_size(simpler));
            }
        }
        if let Self::Wait { seconds } = *self {
            for less in
                [1, DAY, seconds / 2, seconds - seconds % DAY].into_iter().filter(|less| *less < seconds)
            {
                with(&|action| *action = Self::Wait { seconds: less.max(1) });
            }
        }
        all
    }

    /// Without anything unusual about it.
    fn make_plain(&mut self) {
        match self {
            Self::Stake { funder, rate_above, shows, .. } => {
                (*funder, *rate_above, *shows) = (None, -70_000, None);
            }
            Self::Claim { by, to, .. } => (*by, *to) = (None, To::Own),
            Self::ClaimMany { by, to, twice, .. } => (*by, *to, *twice) = (None, To::Own, false),
            Self::Compound { rate_above, .. } => *rate_above = -70_000,
            Self::RollOver { rate_above, to, .. } => (*rate_above, *to) = (-70_000, To::Own),
            Self::Unstake { limit, to, .. }
            | Self::EmergencyWithdraw { limit, to, .. }
            | Self::CompleteExit { limit, to, .. } => (*limit, *to) = (Limit::None, To::Own),
            _ => {}
        }
    }

    fn size(&self) -> Option<Size> {
        match self {
            Self::Stake { size, .. }
            | Self::Fund { size, .. }
            | Self::Donate { size, .. }
            | Self::SetCollection { threshold: size, .. }
            | Self::WithdrawExcess { size, .. } => Some(*size),
            _ => None,
        }
    }

    fn set_size(&mut self, new: Size) {
        match self {
            Self::Stake { size, .. }
            | Self::Fund { size, .. }
            | Self::Donate { size, .. }
            | Self::SetCollection { threshold: size, .. }
            | Self::WithdrawExcess { size, .. } => *size = new,
            _ => {}
        }
    }
}

impl GiftTo {
    fn is_of_next_pool(self) -> bool {
        matches!(self, Self::NextPool | Self::NextPrincipalVault | Self::NextRewardVault)
    }
}

impl Size {
    fn simpler(self) -> Vec<Self> {
        match self {
            Self::Units(units) => {
                let round = [1, 1_000, 1_000_000, 1_000_000_000];
                let mut all: Vec<u64> = round.into_iter().filter(|simple| *simple < units).collect();
                all.extend(
                    [units / 2, units / 10 * 10].into_iter().filter(|less| *less < units && *less > 0),
                );
                all.into_iter().map(Self::Units).collect()
            }
            Self::Ppm(500_000) => vec![Self::Units(1_000_000)],
            Self::Ppm(_) => vec![Self::Units(1_000_000), Self::Ppm(500_000)],
            Self::Edge(..) => vec![Self::Units(1_000_000)],
        }
    }
}

fn pool(dice: &mut Dice) -> u8 {
    dice.below(12) as u8
}

fn person(dice: &mut Dice) -> u8 {
    dice.below(PEOPLE.into()) as u8
}

/// Few, so that each has several pools.
pub fn creator(dice: &mut Dice) -> u8 {
    dice.below(2) as u8
}

fn rarely(dice: &mut Dice) -> Option<u8> {
    (dice.below(10) == 0).then(|| person(dice))
}

fn often(dice: &mut Dice) -> Option<u8> {
    (dice.below(10) > 0).then(|| person(dice))
}

fn maybe<T: Copy>(dice: &mut Dice, things: &[T]) -> Option<T> {
    (dice.below(3) == 0).then(|| dice.pick(things))
}

fn position(dice: &mut Dice) -> u16 {
    dice.below(1_000) as u16
}

fn to(dice: &mut Dice) -> To {
    match dice.below(15) {
        0 => To::Other(person(dice)),
        _ => To::Own,
    }
}

fn limit(dice: &mut Dice) -> Limit {
    dice.pick_weighted(&[(17, Limit::None), (2, Limit::Quote), (1, Limit::Beyond)])
}

fn proof(dice: &mut Dice) -> Proof {
    match dice.below(40) {
        0 => Proof::Nothing,
        1 => Proof::Entry(None),
        2 => Proof::Entry(Some(person(dice))),
        3 => Proof::Leaf,
        4 => Proof::FalseLeaf,
        _ => Proof::Fitting,
    }
}

/// The lowest rate he takes, compared with the pool's.
fn rate_above(dice: &mut Dice) -> i32 {
    dice.pick_weighted(&[(30, -70_000), (5, 0), (1, 1)])
}

fn who(dice: &mut Dice, right: Who) -> Who {
    match dice.below(12) {
        0 => dice.pick(&[Who::Authority, Who::Guardian, Who::WhitelistManager]),
        1 => Who::Person(person(dice)),
        _ => right,
    }
}

fn functions(dice: &mut Dice) -> u8 {
    match dice.below(20) {
        0 => dice.below(256) as u8,
        1..8 => 0b111,
        _ => 1 << dice.below(3),
    }
}

fn amount(dice: &mut Dice) -> u64 {
    match dice.below(20) {
        0 => 0,
        1 => u64::MAX,
        2..7 => dice.magnitude(1_000_000_000_000_000_000),
        _ => 1_000_000_000_000_000_000,
    }
}

fn expires_in(dice: &mut Dice) -> i32 {
    dice.pick(&[0, 0, 0, -1, 1, 100_000, 10_000_000, i32::MAX])
}

/// So many entries, sometimes; those of `unusual`, which name the same users again and again.
fn count(dice: &mut Dice, unusual: &[u8]) -> Option<u8> {
    (dice.below(4) == 0).then(|| dice.pick(unusual))
}

fn shows(dice: &mut Dice) -> Shows {
    let also = match dice.below(8) {
        0 => dice.pick(&[
            Also::Itself,
            Also::Again,
            Also::Unknown,
            Also::Foreign,
            Also::OtherUser,
            Also::OtherCollection,
        ]),
        _ => Also::Nothing,
    };
    let some = dice.below(256) as u8;
    Shows { mask: dice.pick(&[0, u8::MAX, u8::MAX, some]), also }
}

/// Mostly such as the program takes.
fn texts(dice: &mut Dice) -> [u8; 3] {
    match dice.below(10) {
        0 => dice.pick(&[[0, 1, 1], [1, 0, 1], [1, 1, 0], [33, 1, 1], [1, 11, 1], [1, 1, 201]]),
        1 => [32, 10, 200],
        // Together as long as makes a mint look like a multisig.
        2 => [12, 4, 17],
        _ => [1 + dice.below(32) as u8, 1 + dice.below(10) as u8, 1 + dice.below(200) as u8],
    }
}

fn gift_to(dice: &mut Dice) -> GiftTo {
    dice.pick(&[
        GiftTo::Position,
        GiftTo::NextPosition,
        GiftTo::NextPosition,
        GiftTo::User,
        GiftTo::Entry,
        GiftTo::Pool,
        GiftTo::PrincipalVault,
        GiftTo::RewardVault,
        GiftTo::NextPool,
        GiftTo::NextPrincipalVault,
        GiftTo::NextRewardVault,
        GiftTo::Collection,
        GiftTo::Did,
        GiftTo::DidMint,
        GiftTo::DidAccount,
    ])
}

fn new_pool(dice: &mut Dice) -> NewPool {
    let mut new = random_pool(dice);
    match dice.below(12) {
        0 => new.lock_seconds = dice.pick(&[0, 3_650 * u64::from(DAY) + 1, u64::MAX]),
        1 => new.rate_bps = 0,
        2 => new.min_stake = dice.pick(&[0, new.cap + 1]),
        3 => new.cap = u64::MAX,
        4 => new.days = 0,
        _ => {}
    }
    new
}

fn size(dice: &mut Dice) -> Size {
    match dice.below(100) {
        0..2 => Size::Units(0),
        2..10 => Size::Units(dice.magnitude(10_000)),
        10..30 => Size::Units(dice.magnitude(1_000_000_000_000)),
        30..32 => Size::Units(dice.pick(&[u64::MAX, u64::MAX / 2, 1 << 53, 1 << 32])),
        32..34 => Size::Ppm(1_000_000 + dice.magnitude(1_000_000)),
        34..60 => Size::Ppm(dice.magnitude(1_000_000)),
        60..80 => Size::Edge(dice.below(4) as u8, dice.pick(&[-1, 0, 0, 0, 1])),
        _ => Size::Ppm(1 + dice.below(300_000)),
    }
}
