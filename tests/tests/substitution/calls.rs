//! A valid call of every instruction. Who adds an instruction adds a line here.

use {
    crate::scene::{enter, order, Scene, TERMS},
    tidepool_client::{BondTerms, NewWeight, Role},
    tidepool_interface::header::Function,
    tidepool_localnet::TOKEN_2022_PROGRAM,
    tidepool_tests::prelude::*,
};

/// An instruction that succeeds on the scene it was built for.
pub struct Call {
    pub instruction: Instruction,
    /// Names of the accounts that follow those of the interface.
    pub remaining: Vec<&'static str>,
}

impl From<Instruction> for Call {
    fn from(instruction: Instruction) -> Self {
        Self { instruction, remaining: vec![] }
    }
}

/// Brings the scene to a state in which the call succeeds and has something to do, and builds it. Whatever may be another
/// account is one: two places with the same account in them hide each other.
pub type Build = fn(&mut Scene) -> Call;

/// By name of the instruction; one may be called in several ways.
pub const CALLS: &[(&str, Build)] = &[
    ("initialize_pool", initialize_pool),
    ("add_validator", |s| add_validator(s, FREE_PLACE)),
    ("add_validator", |s| add_validator(s, 2 * limits::RECORDS_PER_PAGE)),
    ("join_pool", |s| join_pool(s, FREE_PLACE)),
    ("join_pool", |s| join_pool(s, 2 * limits::RECORDS_PER_PAGE)),
    ("set_weights", set_weights),
    ("drain_validator", |s| s.keys.drain_validator(&s.manager.pubkey(), &s.validator).into()),
    ("remove_validator", remove_validator),
    ("review_validator", |s| s.keys.review_validator(&s.validator).into()),
    ("open_bond", open_bond),
    ("post_bond", |s| s.keys.post_bond(&s.validator.vote, &s.ana.wallet.pubkey(), SOL).into()),
    ("set_bond_terms", |s| {
        let worse = BondTerms { bid_ppb: 0, ..TERMS };
        s.keys.set_bond_terms(&s.validator.vote, &s.identity.pubkey(), worse).into()
    }),
    ("request_bond_withdrawal", |s| {
        s.keys.request_bond_withdrawal(&s.validator.vote, &s.identity.pubkey(), SOL).into()
    }),
    ("withdraw_bond", withdraw_bond),
    ("settle_bond", |s| {
        s.world.review(0).unwrap();
        s.keys.settle_bond(&s.validator).into()
    }),
    ("fund_insurance", |s| s.keys.fund_insurance(&s.ana.wallet.pubkey(), SOL).into()),
    ("propose_insurance_withdrawal", |s| {
        let (operator, bob) = (s.world.operator.pubkey(), s.bob.wallet.pubkey());
        s.keys.propose_insurance_withdrawal(&operator, SOL, &bob).into()
    }),
    ("cancel_insurance_withdrawal", |s| {
        propose_insurance_withdrawal(s);
        s.keys.cancel_insurance_withdrawal(&s.world.operator.pubkey()).into()
    }),
    ("withdraw_insurance", |s| {
        propose_insurance_withdrawal(s);
        (0..limits::INSURANCE_NOTICE_EPOCHS).for_each(|_| s.world.cross_epoch());
        s.world.update_all().unwrap();
        s.keys.withdraw_insurance(&s.world.operator.pubkey(), &s.bob.wallet.pubkey()).into()
    }),
    ("deposit", |s| {
        s.keys.deposit_referred(&s.ana.wallet.pubkey(), &s.ana.lst, Some(&s.carl.lst), 300 * SOL, 0).into()
    }),
    ("deposit_stake", |s| {
        s.keys.deposit_stake(&s.ana.wallet.pubkey(), &s.stake, &s.validator, &s.ana.lst, 0).into()
    }),
    ("withdraw_stake", withdraw_stake),
    ("order_unstake", order_unstake),
    ("claim_ticket", |s| {
        leave_gap(s);
        let [ticket, _] = &s.tickets;
        s.keys.claim_ticket(&ticket.key, &ticket.owner, &ticket.rent_payer).into()
    }),
    ("cancel_ticket", |s| {
        leave_gap(s);
        let [ticket, _] = &s.tickets;
        s.keys.cancel_ticket(&ticket.key, &ticket.owner, &ticket.rent_payer, &s.ana.lst, 0).into()
    }),
    ("release_ticket", release_ticket),
    ("transfer_ticket", |s| {
        leave_gap(s);
        let [ticket, _] = &s.tickets;
        s.keys.transfer_ticket(&ticket.key, &ticket.owner, &s.bob.wallet.pubkey()).into()
    }),
    ("liquid_unstake", |s| s.keys.liquid_unstake(&s.ana.wallet.pubkey(), &s.ana.lst, SOL, 0).into()),
    ("add_liquidity", |s| s.keys.add_liquidity(&s.ana.wallet.pubkey(), &s.ana.lp, SOL, 0).into()),
    ("remove_liquidity", |s| {
        s.keys.remove_liquidity(&s.ana.wallet.pubkey(), &s.ana.lp, &s.ana.lst, SOL, 0, 0).into()
    }),
    ("recycle_liquidity", |s| s.keys.recycle_liquidity(&s.rent_payer.pubkey(), NONCE).into()),
    ("collect_recycled", collect_recycled),
    ("update_validators", update_validators),
    ("delegate", |s| s.keys.delegate(&s.validator).into()),
    ("undelegate", undelegate),
    ("sync_pool", sync_pool),
    ("propose_role", |s| {
        s.keys.propose_role(&s.world.operator.pubkey(), Role::Guardian, &s.bob.wallet.pubkey()).into()
    }),
    ("accept_role", |s| {
        propose(s, Role::Admin, s.bob.wallet.pubkey());
        s.keys.accept_role(&s.bob.wallet.pubkey(), Role::Admin).into()
    }),
    ("accept_role", |s| {
        propose(s, Role::Treasury, s.bob.lst);
        s.keys.accept_treasury(&s.bob.wallet.pubkey(), &s.bob.lst).into()
    }),
    ("cancel_role_proposal", |s| {
        propose(s, Role::Admin, s.bob.wallet.pubkey());
        s.keys.cancel_role_proposal(&s.world.operator.pubkey(), Role::Admin).into()
    }),
    ("set_fees", |s| s.keys.set_fees(&s.world.operator.pubkey(), s.parameters.fees).into()),
    ("set_parameters", |s| s.keys.set_parameters(&s.world.operator.pubkey(), s.parameters.settings).into()),
    ("set_validator_rules", |s| {
        let rules = s.world.pool().rules;
        s.keys.set_validator_rules(&s.world.operator.pubkey(), rules).into()
    }),
    ("pause", |s| s.keys.pause(&s.guardian.pubkey(), Function::Deposit.bit()).into()),
    ("resume", |s| {
        let pause = s.keys.pause(&s.guardian.pubkey(), Function::Deposit.bit());
        s.world.send(&[pause], &[&s.guardian]).unwrap();
        s.keys.resume(&s.guardian.pubkey(), Function::Deposit.bit()).into()
    }),
    // The history of the scene's own pool is whole.
    ("extend_history", |s| s.other.keys.extend_history(&s.rent_payer.pubkey()).into()),
    ("get_rate", |s| s.keys.get_rate().into()),
    ("get_safety", |s| s.keys.get_safety().into()),
    ("get_apy", |s| s.keys.get_apy(7).into()),
    ("preview_deposit", |s| s.keys.preview_deposit(SOL).into()),
    ("preview_order_unstake", |s| s.keys.preview_order_unstake(SOL).into()),
    ("preview_liquid_unstake", |s| s.keys.preview_liquid_unstake(SOL).into()),
];

/// Number of a record that no validator stands in.
const FREE_PLACE: usize = 9;

/// Of tickets that are not there yet.
const NONCE: u64 = 1 << 40;

/// On a mint of the same program as the scene's.
fn initialize_pool(s: &mut Scene) -> Call {
    let (creator, authority) = (s.wallet("creator"), s.wallet("mint authority"));
    let (chain, mint) = (&s.world.chain, s.world.chain.keypair("new mint"));
    match s.keys.token_program {
        TOKEN_2022_PROGRAM => {
            let authority = s.keypair(&authority).unwrap();
            chain.create_mint_2022(&mint, authority, limits::DECIMALS, &[]).unwrap();
        }
        _ => chain.create_mint(&mint, &authority, limits::DECIMALS, None).unwrap(),
    }
    let treasury = chain.create_token_account(&mint.pubkey(), &creator).unwrap();
    let keys = PoolKeys::new(&mint.pubkey(), &treasury).with_token_program(&s.keys.token_program);
    keys.initialize_pool(&creator, &authority, s.parameters).into()
}

/// As record number `index` of the pool: the first of a page makes the page.
fn add_validator(s: &mut Scene, index: usize) -> Call {
    let joins = s.world.chain.add_validator(&ValidatorConfig::default());
    let validator = s.keys.validator(&s.world.chain.validator(joins).vote, index);
    s.keys.add_validator(&s.manager.pubkey(), &s.rent_payer.pubkey(), &validator, 1, 0).into()
}

/// Anyone enters a validator that is new on the chain and has a bond, as record number `index` of the pool.
fn join_pool(s: &mut Scene, index: usize) -> Call {
    let joins = s.world.chain.add_validator(&ValidatorConfig::default());
    s.world.open_bond(joins, TERMS, 5 * SOL).unwrap();
    s.world.set_rules(|rules| (rules.join_weight, rules.join_bond_lamports) = (1, 5 * SOL)).unwrap();
    let validator = s.keys.validator(&s.world.chain.validator(joins).vote, index);
    s.keys.join_pool(&s.rent_payer.pubkey(), &validator).into()
}

fn set_weights(s: &mut Scene) -> Call {
    let ValidatorKeys { vote, page, slot_in_page, .. } = s.validator;
    let new = NewWeight { slot_in_page, vote, weight: 200, group: 7 };
    s.keys.set_weights(&s.manager.pubkey(), &page, vec![new]).into()
}

/// One that never had stake: its accounts are closed by the next update. Its bond owes nothing.
fn remove_validator(s: &mut Scene) -> Call {
    let validator = enter(&mut s.world, FREE_PLACE, &s.manager);
    let joined = s.world.chain.validators().len() - 1;
    s.world.open_bond(joined, TERMS, SOL).unwrap();
    let drain = s.keys.drain_validator(&s.manager.pubkey(), &validator);
    s.world.send(&[drain], &[&s.manager]).unwrap();
    s.world.update_all().unwrap();
    s.keys.remove_validator(&validator).into()
}

/// Of a validator that has none.
fn open_bond(s: &mut Scene) -> Call {
    let vote = s.world.validators[2].vote;
    let identity = s.world.chain.validator(2).identity.insecure_clone();
    s.keyring.push(identity.insecure_clone());
    s.keys.open_bond(&vote, &identity.pubkey(), &s.rent_payer.pubkey(), TERMS).into()
}

fn withdraw_bond(s: &mut Scene) -> Call {
    s.world.request_bond_withdrawal(0, SOL).unwrap();
    (0..limits::BOND_NOTICE_EPOCHS).for_each(|_| s.world.cross_epoch());
    s.keys.withdraw_bond(&s.validator.vote, &s.identity.pubkey()).into()
}

/// To bob.
fn propose_insurance_withdrawal(s: &mut Scene) {
    let bob = s.bob.wallet.pubkey();
    s.world.propose_insurance_withdrawal(SOL / 100, &bob).unwrap();
}

/// From the validator that has most.
fn withdraw_stake(s: &mut Scene) -> Call {
    let all = 0..s.world.validators.len();
    let largest = all.max_by_key(|index| s.world.record(*index).staked_lamports).unwrap();
    let new = s.world.prepare_stake().unwrap();
    let validator = s.world.validators[largest];
    s.keys.withdraw_stake(&s.ana.wallet.pubkey(), &new, &validator, &s.ana.lst, 10 * SOL, 0).into()
}

fn order_unstake(s: &mut Scene) -> Call {
    s.keys.order_unstake(&s.ana.wallet.pubkey(), &s.rent_payer.pubkey(), &s.ana.lst, SOL, 0, NONCE).into()
}

/// A ticket was cancelled between two that wait.
fn leave_gap(s: &mut Scene) -> OpenTicket {
    let [_, gap, _] = ["bob", "ana", "carl"].map(|name| {
        let lst = s.world.lst_of(name);
        order(&mut s.world, name, lst, &s.rent_payer, 1)
    });
    let cancel = s.keys.cancel_ticket(&gap.key, &gap.owner, &gap.rent_payer, &s.ana.lst, 0);
    s.world.send(&[cancel], &[&s.ana.wallet]).unwrap();
    s.name("cancelled ticket", gap.key);
    gap
}

/// SOL has come for the ticket in front of the gap.
fn release_ticket(s: &mut Scene) -> Call {
    let gap = leave_gap(s);
    s.world.deposit("bob", 2_000 * SOL).unwrap();
    s.keys.release_ticket(&gap.key, &gap.rent_payer).into()
}

/// A ticket of the liquidity pool, filled and of age.
fn collect_recycled(s: &mut Scene) -> Call {
    s.world.cross_epoch();
    leave_gap(s);
    s.keys.collect_recycled(&s.recycled.key, &s.recycled.rent_payer).into()
}

/// All three accounts of a validator are in use, and there is something to do with each.
fn update_validators(s: &mut Scene) -> Call {
    s.world.delegate(0).unwrap();
    order_all(s);
    s.world.undelegate(0).unwrap();
    assert!([StakeRole::Onramp, StakeRole::Offramp].iter().all(|role| s.world.record(0).uses(*role)));
    s.world.cross_epoch();
    let mut batch = Batch::default();
    batch.add(&s.validator, &StakeRole::ALL).unwrap();
    let instruction = s.keys.update_validators(&batch);
    Call { instruction, remaining: vec!["page", "main", "onramp", "offramp"] }
}

/// For a ticket that waits.
fn undelegate(s: &mut Scene) -> Call {
    order_all(s);
    s.keys.undelegate(&s.validator).into()
}

/// More than the reserve can pay, and a slot ago: tickets of a slot move no stake in it.
fn order_all(s: &mut Scene) {
    for name in ["ana", "bob", "carl"] {
        let lst = s.world.lst_of(name);
        s.world.order_unstake(name, lst).unwrap();
    }
    s.world.advance(|chain| chain.next_slot());
}

/// There is something to be found in every vault.
fn sync_pool(s: &mut Scene) -> Call {
    for vault in [s.keys.reserve, s.keys.insurance, s.keys.sol_vault] {
        s.world.give(&vault, SOL).unwrap();
    }
    s.keys.sync_pool().into()
}

fn propose(s: &mut Scene, role: Role, successor: Pubkey) {
    let operator = s.world.operator.insecure_clone();
    let propose = s.keys.propose_role(&operator.pubkey(), role, &successor);
    s.world.send(&[propose], &[&operator]).unwrap();
}
