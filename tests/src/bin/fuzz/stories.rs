//! Steps in a row that lead to what single ones reach too seldom: keepers' epochs, a long silence, a validator that leaves and
//! comes back by itself, a bond's and the insurance's notice.

use {
    crate::action::{bid, commission, role, size, user, validator, Action, Size, Who},
    tidepool_tests::runs::Dice,
};

const SOL: u64 = 1_000_000_000;

/// One of the stories. A step of it is missing now and then, and others come between.
pub fn random(dice: &mut Dice) -> Vec<Action> {
    let stories: [fn(&mut Dice) -> Vec<Action>; 4] = [silence, return_of_a_validator, bond, insurance];
    let mut all = vec![];
    for action in dice.pick(&stories)(dice) {
        if dice.below(50) > 0 {
            all.push(action);
        }
        if dice.below(6) == 0 {
            all.push(Action::random(dice));
        }
    }
    all
}

/// An epoch begins and keepers work in it, in any order; every crank is missing now and then.
pub fn keepers_epoch(dice: &mut Dice) -> Vec<Action> {
    let missing = dice.pick(&[0, 0, 1, 4, 8]);
    let mut at_edge = vec![Action::Sync];
    match dice.below(2) {
        0 => at_edge.push(Action::Update { validators: 15, all_accounts: false }),
        _ => {
            at_edge.extend((0..4).map(|index| Action::Update { validators: 1 << index, all_accounts: false }))
        }
    }
    let mut in_window = vec![];
    for validator in 0..4 {
        at_edge.extend([Action::Review { validator }, Action::SettleBond { validator }]);
        in_window.extend([Action::Undelegate { validator }, Action::Delegate { validator }]);
    }
    dice.shuffle(&mut at_edge);
    dice.shuffle(&mut in_window);
    let mut all = at_edge;
    all.push(Action::ToMoveWindow);
    all.extend(in_window);
    all.retain(|_| dice.below(10) >= missing);
    all.insert(0, NEXT_EPOCH);
    all
}

const NEXT_EPOCH: Action = Action::Epoch { at_edge: false };

/// A validator stops voting for so long that anyone may deactivate its stake.
fn silence(dice: &mut Dice) -> Vec<Action> {
    let silent = validator(dice);
    let mut all = vec![Action::SetUptime { validator: silent, bps: 0 }];
    all.extend([NEXT_EPOCH; 6]);
    for _ in 0..1 + dice.below(3) {
        let (role, witness) = (role(dice), (silent + 1) % 4);
        all.push(Action::DeactivateDelinquent { validator: silent, role, witness });
    }
    if dice.below(3) > 0 {
        all.push(Action::SetUptime { validator: silent, bps: 10_000 });
    }
    all
}

/// The manager lets a validator go; once it is removed it opens a bond and joins.
fn return_of_a_validator(dice: &mut Dice) -> Vec<Action> {
    let validator = validator(dice);
    let mut all = vec![Action::Drain { by: Who::Manager, validator }];
    for _ in 0..1 + dice.below(3) {
        all.extend([
            Action::Undelegate { validator },
            NEXT_EPOCH,
            Action::Update { validators: 15, all_accounts: true },
        ]);
    }
    all.extend([
        Action::Review { validator },
        Action::SettleBond { validator },
        Action::Remove { validator },
    ]);
    all.push(Action::OpenBond { validator, commission_bps: commission(dice), bid_ppb: bid(dice) });
    all.push(Action::PostBond { user: user(dice), validator, size: size(dice) });
    let join_bond = dice.pick(&[0, 1, 1_000_000_000]);
    all.push(Action::SetRules {
        by: Who::Admin,
        shares: [10_000, 10_000, 10_000, 0, 0, dice.pick(&[0, 10])],
        numbers: [dice.pick(&[0, 0, 100]), 50, join_bond],
    });
    all.push(Action::Join { validator });
    all
}

/// An owner takes a bond back, after the notice; then anyone may let a validator go that joined with it.
fn bond(dice: &mut Dice) -> Vec<Action> {
    let validator = validator(dice);
    let mut all = vec![
        Action::OpenBond { validator, commission_bps: commission(dice), bid_ppb: bid(dice) },
        Action::PostBond { user: user(dice), validator, size: size(dice) },
        Action::AskForBond { validator, size: size(dice) },
    ];
    for _ in 0..3 {
        let update = Action::Update { validators: 15, all_accounts: false };
        all.extend([NEXT_EPOCH, update, Action::Review { validator }, Action::SettleBond { validator }]);
    }
    all.extend([Action::WithdrawBond { validator }, Action::SettleBond { validator }]);
    if dice.below(2) == 0 {
        all.push(Action::Drain { by: Who::Stranger, validator });
    }
    all
}

/// Money leaves the insurance, after the notice, or too late.
fn insurance(dice: &mut Dice) -> Vec<Action> {
    let given = Size::Units(dice.magnitude(20 * SOL));
    let mut all = vec![
        Action::FundInsurance { user: user(dice), size: given },
        Action::ProposeInsurance { by: Who::Admin, size: size(dice), to: user(dice) },
    ];
    all.extend(vec![NEXT_EPOCH; dice.pick(&[14, 14, 14, 27, 28])]);
    all.push(Action::Update { validators: 15, all_accounts: false });
    all.push(Action::WithdrawInsurance { by: Who::Admin });
    all
}
