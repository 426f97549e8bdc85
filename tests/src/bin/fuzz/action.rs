//! What somebody may do, in words that keep their meaning when steps around it are left out.

use {
    crate::setup::{random_commission, random_fees, random_rules, random_settings, random_uptime},
    serde::{Deserialize, Serialize},
    tidepool_tests::runs::Dice,
};

/// People of a run.
pub const PEOPLE: u8 = 5;

/// How much of what somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// Base units.
    Units(u64),
    /// Parts of a million of what there is; more than a million asks for more.
    Ppm(u64),
}

/// The least the actor wants out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Least {
    Nothing,
    /// Just what the model says comes out.
    Quote,
    /// One more: to be refused.
    OneMore,
}

/// Where a stranger's lamports go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Reserve,
    Insurance,
    LiquiditySol,
    /// A stake account: validator, role.
    Stake(u8, u8),
    /// An open ticket.
    Ticket(u16),
    /// The address of somebody's next ticket.
    NextTicket(u8),
    /// Some account of the pool that holds no money.
    /// The bond of a validator, or where it is to be.
    Bond(u8),
    Elsewhere(u8),
}

/// Where somebody's tokens go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    Person(u8),
    LiquidityVault,
    Treasury,
    Dead,
}

/// Who says that he may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Admin,
    Manager,
    Guardian,
    Stranger,
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Deposit {
        user: u8,
        size: Size,
        least: Least,
        referrer: Option<u8>,
    },
    Order {
        user: u8,
        size: Size,
        least: Least,
        pays_rent: bool,
    },
    /// Claims, collects or releases a ticket, as its kind wants.
    Claim {
        ticket: u16,
    },
    /// As a ticket of the liquidity pool, whatever it is; of half of the numbers it is one, if there is any.
    Collect {
        ticket: u16,
    },
    /// As a gap, in the same way.
    Release {
        ticket: u16,
    },
    Cancel {
        ticket: u16,
        by: Option<u8>,
        least: Least,
    },
    Transfer {
        ticket: u16,
        by: Option<u8>,
        to: u8,
    },
    LiquidUnstake {
        user: u8,
        size: Size,
        least: Least,
    },
    AddLiquidity {
        user: u8,
        size: Size,
        least: Least,
    },
    RemoveLiquidity {
        user: u8,
        size: Size,
        least: Least,
    },
    Recycle {
        pays_rent: Option<u8>,
    },
    /// Somebody outside gives a person an empty stake account.
    PrepareStake {
        user: u8,
    },
    /// Somebody outside gives a person stake that begins to warm up.
    MakeStake {
        user: u8,
        validator: u8,
        lamports: u64,
    },
    /// One of the stakes people have; to its own validator unless another is named.
    DepositStake {
        stake: u8,
        validator: Option<u8>,
        least: Least,
    },
    WithdrawStake {
        user: u8,
        validator: u8,
        size: Size,
        least: Least,
    },
    Gift {
        to: Place,
        lamports: u64,
    },
    BurnLst {
        user: u8,
        size: Size,
    },
    BurnLp {
        user: u8,
        size: Size,
    },
    SendLst {
        user: u8,
        size: Size,
        to: Holder,
    },
    SendLp {
        user: u8,
        size: Size,
        to: Holder,
    },
    /// All validators of the mask, and of each all accounts or only those in use.
    Update {
        validators: u8,
        all_accounts: bool,
    },
    Sync,
    Delegate {
        validator: u8,
    },
    Undelegate {
        validator: u8,
    },
    /// So many slots later in this epoch, at most its last.
    Slots {
        slots: u8,
    },
    /// To the part of the epoch in which stake moves.
    ToMoveWindow,
    /// Over the edge with everybody's votes; `at_edge`: to the slot in which rewards are still to be paid.
    Epoch {
        at_edge: bool,
    },
    /// The next step of the rent, down or up, is announced; it holds from the next epoch on.
    ChangeRent,
    /// A validator loses stake of one of its accounts.
    Slash {
        validator: u8,
        role: u8,
        ppm: u64,
    },
    Review {
        validator: u8,
    },
    Remove {
        validator: u8,
    },
    /// Share of the votes it casts from now on.
    SetUptime {
        validator: u8,
        bps: u16,
    },
    SetCommission {
        validator: u8,
        bps: u16,
    },
    /// By a stranger, if the cluster lets him.
    DeactivateDelinquent {
        validator: u8,
        role: u8,
        witness: u8,
    },
    SetWeight {
        by: Who,
        validator: u8,
        weight: u32,
        group: u16,
    },
    Drain {
        by: Who,
        validator: u8,
    },
    Add {
        by: Who,
        validator: u8,
        weight: u32,
        group: u16,
    },
    /// Group, cluster, commission, credits, lag, score gain; stake per bond, weight and bond of those who join.
    SetRules {
        by: Who,
        shares: [u16; 6],
        numbers: [u32; 3],
    },
    Join {
        validator: u8,
    },
    OpenBond {
        validator: u8,
        commission_bps: u16,
        bid_ppb: u32,
    },
    SetTerms {
        validator: u8,
        commission_bps: u16,
        bid_ppb: u32,
    },
    PostBond {
        user: u8,
        validator: u8,
        size: Size,
    },
    AskForBond {
        validator: u8,
        size: Size,
    },
    WithdrawBond {
        validator: u8,
    },
    SettleBond {
        validator: u8,
    },
    FundInsurance {
        user: u8,
        size: Size,
    },
    ProposeInsurance {
        by: Who,
        size: Size,
        to: u8,
    },
    CancelInsurance {
        by: Who,
    },
    WithdrawInsurance {
        by: Who,
    },
    /// Somebody else changes whether the treasury can be paid.
    Treasury {
        is_usable: bool,
    },
    /// Fees in the order of `PoolFees`.
    SetFees {
        by: Who,
        fees: [u16; 10],
    },
    /// Reserve target, move window, validator's and movement's caps, breaker; least deposit, deposit cap, daily cap of instant exits,
    /// liquidity target.
    SetParameters {
        by: Who,
        shares: [u16; 5],
        lamports: [u64; 4],
    },
    /// Role and successor by number; one past the people is the founder, the next the first guardian.
    ProposeRole {
        by: Who,
        role: u8,
        to: u8,
    },
    CancelRole {
        by: Who,
        role: u8,
    },
    AcceptRole {
        role: u8,
        by: Option<u8>,
    },
    Pause {
        by: Who,
        functions: u8,
    },
    Resume {
        by: Who,
        functions: u8,
    },
    /// With limits that let it, keepers bring the pool to its targets, and there it stays.
    ReachTargets,
    /// Keepers of a few epochs, while everybody takes out all there is and is paid.
    EverybodyLeaves,
}

type Make = fn(&mut Dice) -> Action;

/// How often each is tried, out of the sum.
const WEIGHTS: &[(u64, Make)] = &[
    (180, |d| Action::Deposit { user: user(d), size: size(d), least: least(d), referrer: maybe_user(d) }),
    (120, |d| Action::Order { user: user(d), size: size(d), least: least(d), pays_rent: d.below(4) == 0 }),
    (160, |d| Action::Claim { ticket: ticket(d) }),
    (6, |d| Action::Collect { ticket: ticket(d) }),
    (6, |d| Action::Release { ticket: ticket(d) }),
    (40, |d| Action::Cancel { ticket: ticket(d), by: rarely_user(d), least: least(d) }),
    (10, |d| Action::Transfer { ticket: ticket(d), by: rarely_user(d), to: user(d) }),
    (15, |d| Action::Recycle { pays_rent: rarely_user(d) }),
    (6, |d| Action::MakeStake {
        user: user(d),
        validator: d.below(4) as u8,
        lamports: d.magnitude(5_000 * SOL),
    }),
    (15, |d| Action::DepositStake { stake: d.below(100) as u8, validator: rarely_user(d), least: least(d) }),
    (20, |d| Action::WithdrawStake {
        user: user(d),
        validator: d.below(4) as u8,
        size: size(d),
        least: least(d),
    }),
    (130, |d| Action::LiquidUnstake { user: user(d), size: size(d), least: least(d) }),
    (70, |d| Action::AddLiquidity { user: user(d), size: size(d), least: least(d) }),
    (60, |d| Action::RemoveLiquidity { user: user(d), size: size(d), least: least(d) }),
    (30, |d| Action::Gift { to: place(d), lamports: d.magnitude(50 * SOL) }),
    (8, |d| Action::BurnLst { user: user(d), size: size(d) }),
    (4, |d| Action::BurnLp { user: user(d), size: size(d) }),
    (15, |d| Action::SendLst { user: user(d), size: size(d), to: holder(d) }),
    (5, |d| Action::SendLp { user: user(d), size: size(d), to: holder(d) }),
    (60, |d| Action::Update { validators: 1 + d.below(15) as u8, all_accounts: d.below(2) == 0 }),
    (50, |_| Action::Sync),
    (25, |d| Action::Delegate { validator: d.below(4) as u8 }),
    (25, |d| Action::Undelegate { validator: d.below(4) as u8 }),
    (40, |d| Action::Slots { slots: d.magnitude(20) as u8 }),
    (8, |_| Action::ToMoveWindow),
    (12, |d| Action::Epoch { at_edge: d.below(4) == 0 }),
    (5, |d| Action::Slash { validator: validator(d), role: role(d), ppm: d.magnitude(1_000_000) }),
    (40, |d| Action::Review { validator: validator(d) }),
    (3, |d| Action::SetUptime { validator: validator(d), bps: random_uptime(d) }),
    (3, |d| Action::SetUptime { validator: validator(d), bps: 0 }),
    (6, |d| Action::SetCommission { validator: validator(d), bps: random_commission(d) }),
    (20, |d| Action::DeactivateDelinquent {
        validator: validator(d),
        role: d.below(3) as u8,
        witness: validator(d),
    }),
    (6, |d| Action::SetWeight {
        by: manager(d),
        validator: validator(d),
        weight: weight(d),
        group: d.pick(&[0, 0, 1, 1, 2, 127, 128]),
    }),
    (6, |d| {
        let (shares, numbers) = random_rules(d);
        Action::SetRules { by: who(d), shares, numbers }
    }),
    (3, |d| Action::Drain { by: manager(d), validator: validator(d) }),
    (10, |d| Action::Remove { validator: validator(d) }),
    (12, |d| Action::Add {
        by: manager(d),
        validator: validator(d),
        weight: weight(d),
        group: d.pick(&[0, 0, 1, 2, 128]),
    }),
    (4, |d| Action::Join { validator: validator(d) }),
    (4, |d| Action::OpenBond { validator: validator(d), commission_bps: commission(d), bid_ppb: bid(d) }),
    (6, |d| Action::SetTerms { validator: validator(d), commission_bps: commission(d), bid_ppb: bid(d) }),
    (12, |d| Action::PostBond { user: user(d), validator: validator(d), size: size(d) }),
    (5, |d| Action::AskForBond { validator: validator(d), size: size(d) }),
    (8, |d| Action::WithdrawBond { validator: validator(d) }),
    (25, |d| Action::SettleBond { validator: validator(d) }),
    (3, |d| Action::FundInsurance { user: user(d), size: Size::Units(d.magnitude(20 * SOL)) }),
    (2, |d| Action::ProposeInsurance { by: who(d), size: size(d), to: user(d) }),
    (3, |d| Action::CancelInsurance { by: who(d) }),
    (4, |d| Action::WithdrawInsurance { by: who(d) }),
    (4, |d| Action::SetFees { by: who(d), fees: bytemuck::cast(random_fees(d)) }),
    (4, |d| {
        let s = random_settings(d);
        Action::SetParameters {
            by: who(d),
            shares: [
                s.reserve_target_bps,
                s.move_window_bps,
                s.max_validator_bps,
                s.max_move_bps,
                s.breaker_bps,
            ],
            lamports: [
                s.min_deposit_lamports,
                s.deposit_cap_lamports,
                s.instant_cap_lamports_per_day,
                s.liquidity_target_lamports,
            ],
        }
    }),
    (5, |d| Action::ProposeRole { by: who(d), role: d.below(4) as u8, to: d.below(7) as u8 }),
    (3, |d| Action::CancelRole { by: who(d), role: d.below(4) as u8 }),
    (6, |d| Action::AcceptRole { role: d.below(4) as u8, by: rarely_user(d) }),
    (1, |d| Action::Pause { by: who(d), functions: functions(d) }),
    (4, |d| Action::Resume { by: who(d), functions: functions(d) }),
    (3, |_| Action::Resume { by: Who::Admin, functions: 0b1001_1111 }),
    (1, |_| Action::ChangeRent),
    (2, |d| Action::Treasury { is_usable: d.below(3) > 0 }),
];

const SOL: u64 = 1_000_000_000;

impl Action {
    pub fn random(dice: &mut Dice) -> Self {
        dice.pick_weighted(WEIGHTS)(dice)
    }

    /// Something that `user` does, or a keeper.
    pub fn random_of(dice: &mut Dice, user: u8) -> Self {
        loop {
            let mut action = Self::random(dice);
            action.set_user(user);
            match &mut action {
                Self::Cancel { by, .. } | Self::Transfer { by, .. } => *by = Some(user),
                Self::Deposit { referrer, .. } => *referrer = None,
                Self::Recycle { pays_rent } => *pays_rent = None,
                _ => {}
            }
            let is_from_outside = matches!(
                action,
                Self::Gift { .. }
                    | Self::MakeStake { .. }
                    | Self::Epoch { .. }
                    | Self::Slash { .. }
                    | Self::ChangeRent
                    | Self::SetUptime { .. }
                    | Self::SetCommission { .. }
                    | Self::DeactivateDelinquent { .. }
                    | Self::Treasury { .. }
            );
            if !is_from_outside {
                return action;
            }
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
        match self {
            Self::Deposit { size, .. }
            | Self::Order { size, .. }
            | Self::LiquidUnstake { size, .. }
            | Self::AddLiquidity { size, .. }
            | Self::RemoveLiquidity { size, .. }
            | Self::WithdrawStake { size, .. } => {
                with(&|action| action.set_user(0));
                with(&|action| action.set_least(Least::Nothing));
                with(&|action| action.forget_referrer());
                size.simpler().iter().for_each(|size| with(&|action| action.set_size(*size)));
            }
            Self::BurnLst { size, .. }
            | Self::BurnLp { size, .. }
            | Self::SendLst { size, .. }
            | Self::SendLp { size, .. }
            | Self::PostBond { size, .. }
            | Self::FundInsurance { size, .. }
            | Self::AskForBond { size, .. } => {
                with(&|action| action.set_user(0));
                size.simpler().iter().for_each(|size| with(&|action| action.set_size(*size)));
            }
            Self::Gift { to, lamports } => {
                simpler_numbers(*lamports)
                    .into_iter()
                    .for_each(|lamports| with(&|action| *action = Self::Gift { to: *to, lamports }));
            }
            Self::Claim { .. } => with(&|action| *action = Self::Claim { ticket: 0 }),
            Self::Cancel { by, .. } => {
                with(&|action| action.set_least(Least::Nothing));
                with(&|action| *action = Self::Cancel { ticket: 0, by: *by, least: Least::Nothing });
            }
            Self::DepositStake { .. } => with(&|action| action.set_least(Least::Nothing)),
            Self::MakeStake { user, validator, lamports } => {
                simpler_numbers(*lamports).into_iter().for_each(|lamports| {
                    with(&|action| {
                        *action = Self::MakeStake { user: *user, validator: *validator, lamports };
                    });
                });
            }
            Self::Slots { .. } => with(&|action| *action = Self::Slots { slots: 1 }),
            Self::Update { validators, .. } => {
                (0..4).filter(|bit| validators >> bit & 1 == 1).for_each(|bit| {
                    let validators = 1 << bit;
                    with(&|action| *action = Self::Update { validators, all_accounts: false });
                });
            }
            Self::Slash { validator, role, ppm } => {
                simpler_numbers(*ppm).into_iter().for_each(|ppm| {
                    with(&|action| *action = Self::Slash { validator: *validator, role: *role, ppm });
                });
            }
            _ => {}
        }
        all
    }

    fn set_user(&mut self, new: u8) {
        match self {
            Self::Deposit { user, .. }
            | Self::Order { user, .. }
            | Self::LiquidUnstake { user, .. }
            | Self::AddLiquidity { user, .. }
            | Self::RemoveLiquidity { user, .. }
            | Self::BurnLst { user, .. }
            | Self::BurnLp { user, .. }
            | Self::SendLst { user, .. }
            | Self::SendLp { user, .. }
            | Self::PostBond { user, .. }
            | Self::FundInsurance { user, .. }
            | Self::WithdrawStake { user, .. } => *user = new,
            _ => {}
        }
    }

    fn forget_referrer(&mut self) {
        if let Self::Deposit { referrer, .. } = self {
            *referrer = None;
        }
    }

    fn set_size(&mut self, new: Size) {
        match self {
            Self::Deposit { size, .. }
            | Self::Order { size, .. }
            | Self::LiquidUnstake { size, .. }
            | Self::AddLiquidity { size, .. }
            | Self::RemoveLiquidity { size, .. }
            | Self::BurnLst { size, .. }
            | Self::BurnLp { size, .. }
            | Self::SendLst { size, .. }
            | Self::SendLp { size, .. }
            | Self::PostBond { size, .. }
            | Self::FundInsurance { size, .. }
            | Self::AskForBond { size, .. }
            | Self::WithdrawStake { size, .. } => *size = new,
            _ => {}
        }
    }

    fn set_least(&mut self, new: Least) {
        match self {
            Self::Deposit { least, .. }
            | Self::Order { least, .. }
            | Self::LiquidUnstake { least, .. }
            | Self::AddLiquidity { least, .. }
            | Self::RemoveLiquidity { least, .. }
            | Self::Cancel { least, .. }
            | Self::DepositStake { least, .. }
            | Self::WithdrawStake { least, .. } => *least = new,
            _ => {}
        }
    }
}

impl Size {
    fn simpler(&self) -> Vec<Self> {
        match *self {
            Self::Units(units) => simpler_numbers(units).into_iter().map(Self::Units).collect(),
            Self::Ppm(ppm) => {
                let mut all = vec![Self::Units(SOL)];
                all.extend([1_000_000, 500_000].into_iter().filter(|simple| *simple < ppm).map(Self::Ppm));
                all.extend(simpler_numbers(ppm).into_iter().map(Self::Ppm));
                all
            }
        }
    }
}

/// Round ones first, then halves.
fn simpler_numbers(number: u64) -> Vec<u64> {
    let round = [1, 1_000, 1_000_000, SOL];
    let mut all: Vec<u64> = round.into_iter().filter(|simple| *simple < number).collect();
    all.extend([number / 2, number / 10 * 10].into_iter().filter(|less| *less < number && *less > 0));
    all
}

pub fn user(dice: &mut Dice) -> u8 {
    dice.below(u64::from(PEOPLE)) as u8
}

fn maybe_user(dice: &mut Dice) -> Option<u8> {
    (dice.below(2) == 0).then(|| user(dice))
}

fn rarely_user(dice: &mut Dice) -> Option<u8> {
    (dice.below(10) == 0).then(|| user(dice))
}

fn ticket(dice: &mut Dice) -> u16 {
    dice.below(1_000) as u16
}

fn who(dice: &mut Dice) -> Who {
    dice.pick_weighted(&[(8, Who::Admin), (3, Who::Guardian), (1, Who::Stranger), (1, Who::Manager)])
}

fn manager(dice: &mut Dice) -> Who {
    dice.pick_weighted(&[(15, Who::Manager), (1, Who::Admin), (1, Who::Stranger)])
}

pub fn validator(dice: &mut Dice) -> u8 {
    dice.below(4) as u8
}

/// Most stake lies in main accounts.
pub fn role(dice: &mut Dice) -> u8 {
    dice.pick(&[0, 0, 0, 1, 2])
}

fn weight(dice: &mut Dice) -> u32 {
    dice.pick(&[0, 1, 100, 100, 10_000, u32::MAX])
}

pub fn commission(dice: &mut Dice) -> u16 {
    dice.pick(&[0, 500, 1_000, 10_000, 10_001])
}

/// Lamports a SOL and epoch; more than a validator could pay from what it earns now and then.
pub fn bid(dice: &mut Dice) -> u32 {
    dice.pick(&[0, 0, 1, 20_000, 200_000, u32::MAX])
}

/// Some of the five, rarely none or one that does not exist.
fn functions(dice: &mut Dice) -> u8 {
    match dice.below(20) {
        0 => dice.below(256) as u8,
        1..4 => 0b1_1111,
        _ => 1 << dice.below(5),
    }
}

pub fn size(dice: &mut Dice) -> Size {
    match dice.below(100) {
        0..2 => Size::Units(0),
        2..12 => Size::Units(dice.magnitude(10_000)),
        12..32 => Size::Units(dice.magnitude(1_000 * SOL)),
        32..34 => Size::Units(dice.pick(&[u64::MAX, u64::MAX / 2, 1 << 53, 1 << 32])),
        34..46 => Size::Ppm(1_000_000),
        46..50 => Size::Ppm(1_000_000 + dice.magnitude(1_000_000)),
        50..75 => Size::Ppm(dice.magnitude(1_000_000)),
        _ => Size::Ppm(1 + dice.below(1_000_000)),
    }
}

fn least(dice: &mut Dice) -> Least {
    dice.pick_weighted(&[(17, Least::Nothing), (2, Least::Quote), (1, Least::OneMore)])
}

fn place(dice: &mut Dice) -> Place {
    match dice.below(10) {
        0 => Place::Reserve,
        1 => Place::Insurance,
        2 => Place::LiquiditySol,
        3..6 => Place::Stake(dice.below(4) as u8, dice.below(3) as u8),
        6 => Place::Ticket(dice.below(1_000) as u16),
        7 => Place::NextTicket(user(dice)),
        8 => Place::Bond(validator(dice)),
        _ => Place::Elsewhere(dice.below(16) as u8),
    }
}

fn holder(dice: &mut Dice) -> Holder {
    match dice.below(8) {
        0..2 => Holder::LiquidityVault,
        2 => Holder::Treasury,
        3 => Holder::Dead,
        _ => Holder::Person(user(dice)),
    }
}
