//! Every account of every instruction, replaced by accounts that are not it.

use {
    crate::stage::{self, Wishes},
    tidepool_localnet::TOKEN_2022_PROGRAM,
    tidepool_tests::prelude::*,
};

/// A pool on which each of [`every_instruction`] can be executed, and what foreign accounts are taken from.
struct Ground {
    world: World,
    other: OtherPool,
    ticket: OpenTicket,
    entry: ValidatorKeys,
}

impl Ground {
    fn new() -> Self {
        let mut world = stage::staked();
        let ticket = world.order_unstake("ana", SOL).unwrap();
        world.deposit("bob", 400 * SOL).unwrap();
        world.cross_epoch();
        world.update_all().unwrap();
        world.to_move_window();
        let joins = world.chain.add_validator(&ValidatorConfig::default());
        let entry = world.keys.validator(&world.chain.validator(joins).vote, 4);
        let other = OtherPool::beside(&world);
        Self { world, other, ticket, entry }
    }

    fn wallet(&self) -> Pubkey {
        self.world.user("bob").wallet.pubkey()
    }

    /// The keypairs that sign whatever instruction is sent.
    fn signers(&self) -> [Keypair; 2] {
        [self.world.user("ana").wallet, self.world.operator.insecure_clone()]
    }

    /// Asserts that each impostor is refused for the reason beside it.
    fn refuse(&self, instruction: &Instruction, impostors: &[(Pubkey, &[Pubkey], u32)]) {
        let [ana, operator] = self.signers();
        for (key, impostors, refusal) in impostors {
            for impostor in *impostors {
                let instruction = instruction.clone().with(key, impostor);
                self.world.expect_refusal(&instruction, &[&ana, &operator], *refusal);
            }
        }
    }
}

/// Every instruction that needs a pool, ready to be executed; without the one that makes one.
fn every_instruction(ground: &Ground) -> Vec<(&'static str, Instruction)> {
    let Ground { world, ticket, entry, .. } = ground;
    let (keys, validator, ana) = (world.keys, world.validators[0], world.user("ana").wallet.pubkey());
    let mut batch = Batch::default();
    batch.add(&validator, &StakeRole::ALL).unwrap();
    vec![
        ("deposit", world.wish_deposit("ana", SOL, 0)),
        ("order_unstake", world.wish_order("ana", SOL, 0)),
        ("claim_ticket", world.wish_claim(ticket)),
        ("liquid_unstake", world.wish_liquid("ana", SOL, 0)),
        ("add_liquidity", world.wish_add("ana", SOL, 0)),
        ("remove_liquidity", world.wish_remove("ana", SOL, 0, 0)),
        ("add_validator", keys.add_validator(&world.operator.pubkey(), &ana, entry, 1, 0)),
        ("update_validators", keys.update_validators(&batch)),
        ("delegate", keys.delegate(&validator)),
        ("undelegate", keys.undelegate(&validator)),
        ("sync_pool", keys.sync_pool()),
    ]
}

fn instruction(ground: &Ground, name: &str) -> Instruction {
    let mut all = every_instruction(ground).into_iter();
    all.find(|(known, _)| *known == name).unwrap().1
}

/// What stands in the place of a referrer if there is none.
const NO_REFERRER: Pubkey = tidepool_interface::ID;

fn code(refusal: impl Into<u32>) -> u32 {
    refusal.into()
}

/// All of it is only worth something if what is tampered with would else succeed.
#[test]
fn every_instruction_succeeds_as_it_is() {
    let ground = Ground::new();
    let [ana, operator] = ground.signers();
    for (name, instruction) in every_instruction(&ground) {
        let signers = [ground.world.chain.faucet(), &ana, &operator];
        let sent = ground.world.chain.send(&[instruction], &signers);
        assert!(sent.is_ok(), "{name}: {}", sent.unwrap_err());
    }
}

/// `solido#383` (critical), `spl#1866`: a foreign reserve was accepted.
#[test]
fn a_foreign_pool_reserve_insurance_or_authority_is_refused() {
    let ground = Ground::new();
    let (keys, other) = (ground.world.keys, ground.other.keys);
    let fresh = ground.world.chain.keypair("fresh").pubkey();
    let reserves = [other.reserve, keys.insurance, keys.sol_vault, ground.wallet(), fresh];
    let insurances = [other.insurance, keys.reserve, keys.sol_vault, ground.wallet(), fresh];
    let authorities = [other.authority, keys.reserve, ground.wallet(), fresh];
    for (_, instruction) in every_instruction(&ground) {
        let names = |key: &Pubkey| instruction.accounts.iter().any(|meta| meta.pubkey == *key);
        let mut impostors: Vec<(Pubkey, &[Pubkey], u32)> = vec![];
        if names(&keys.reserve) {
            impostors.push((keys.reserve, &reserves, code(TidepoolError::WrongReserve)));
        }
        if names(&keys.insurance) {
            impostors.push((keys.insurance, &insurances, code(TidepoolError::WrongInsurance)));
        }
        if names(&keys.authority) {
            impostors.push((keys.authority, &authorities, code(TidepoolError::WrongAuthority)));
        }
        let discriminator = code(AnchorError::AccountDiscriminatorMismatch);
        let owner = code(AnchorError::AccountOwnedByWrongProgram);
        let page = [ground.world.validators[0].page];
        let no_pools = [keys.reserve, ground.world.user("ana").lst];
        impostors.push((keys.pool, &page, discriminator));
        impostors.push((keys.pool, &no_pools, owner));
        ground.refuse(&instruction, &impostors);
    }
}

/// Each instruction notices another pool by the first account that is not of it.
#[test]
fn another_pool_is_refused_by_the_accounts_that_are_not_its_own() {
    let ground = Ground::new();
    let refusals = [
        ("deposit", TidepoolError::WrongMint),
        ("order_unstake", TidepoolError::WrongMint),
        ("claim_ticket", TidepoolError::WrongReserve),
        ("liquid_unstake", TidepoolError::WrongMint),
        ("add_liquidity", TidepoolError::WrongAuthority),
        ("remove_liquidity", TidepoolError::WrongAuthority),
        ("add_validator", TidepoolError::NotTheManager),
        ("update_validators", TidepoolError::WrongReserve),
        ("delegate", TidepoolError::WrongReserve),
        ("undelegate", TidepoolError::WrongAuthority),
        ("sync_pool", TidepoolError::WrongMint),
    ];
    let pools = [ground.other.keys.pool];
    for (name, refusal) in refusals {
        ground.refuse(&instruction(&ground, name), &[(ground.world.keys.pool, &pools, code(refusal))]);
    }
}

/// solido Bramah 2021: uninitialized state was accepted, with key 0 as its manager.
#[test]
fn a_zeroed_account_of_the_program_is_no_pool() {
    let ground = Ground::new();
    let zeroed = ground.world.chain.keypair("zeroed").pubkey();
    stage::patch(&ground.world, &zeroed, |account| {
        *account = ground.world.account(&ground.world.keys.pool).unwrap();
        account.data.fill(0);
    });
    let mismatch = code(AnchorError::AccountDiscriminatorMismatch);
    for (_, instruction) in every_instruction(&ground) {
        ground.refuse(&instruction, &[(ground.world.keys.pool, &[zeroed], mismatch)]);
    }
}

#[test]
fn foreign_mints_and_token_accounts_are_refused() {
    let ground = Ground::new();
    let (keys, other) = (ground.world.keys, &ground.other);
    let (ana, bob) = (ground.world.user("ana"), ground.world.user("bob"));
    let mint = code(TidepoolError::WrongMint);
    let account = code(TidepoolError::WrongTokenAccount);
    let liquidity = code(TidepoolError::WrongLiquidity);
    let lst_mints = [other.keys.lst_mint, keys.lp_mint, bob.lst];
    let lp_mints = [other.keys.lp_mint, keys.lst_mint, bob.lp];
    let no_lst = [ana.lp, other.lst, keys.lst_mint, ana.wallet.pubkey(), keys.dead_lp];
    let no_lp = [ana.lst, other.lp, keys.lp_mint, keys.dead_lst, keys.reserve];

    ground.refuse(
        &instruction(&ground, "deposit"),
        &[
            (keys.lst_mint, &lst_mints, mint),
            (ana.lst, &no_lst[..3], account),
            (ana.lst, &no_lst[4..], account),
        ],
    );
    ground.refuse(
        &instruction(&ground, "order_unstake"),
        &[(keys.lst_mint, &lst_mints, mint), (ana.lst, &no_lst, account)],
    );
    ground.refuse(
        &instruction(&ground, "liquid_unstake"),
        &[(keys.lst_mint, &lst_mints, mint), (ana.lst, &no_lst[..3], account)],
    );
    ground.refuse(
        &instruction(&ground, "add_liquidity"),
        &[(keys.lp_mint, &lp_mints, liquidity), (ana.lp, &no_lp, account)],
    );
    ground.refuse(
        &instruction(&ground, "remove_liquidity"),
        &[
            (keys.lp_mint, &lp_mints, liquidity),
            (keys.lst_mint, &lst_mints, mint),
            (ana.lp, &no_lp, account),
            (ana.lst, &no_lst[1..4], account),
        ],
    );
    ground.refuse(&instruction(&ground, "sync_pool"), &[(keys.lst_mint, &lst_mints, mint)]);
}

#[test]
fn foreign_liquidity_and_vaults_are_refused() {
    let ground = Ground::new();
    let (keys, other) = (ground.world.keys, ground.other.keys);
    let refusal = code(TidepoolError::WrongLiquidity);
    let sol_vaults = [other.sol_vault, keys.reserve, keys.insurance, ground.wallet()];
    let lst_vaults = [other.lst_vault, keys.dead_lst, ground.world.user("bob").lst];
    for name in ["deposit", "liquid_unstake", "add_liquidity", "remove_liquidity", "sync_pool"] {
        let instruction = instruction(&ground, name);
        ground.refuse(&instruction, &[(keys.liquidity, &[other.liquidity], refusal)]);
        ground.refuse(&instruction, &[(keys.sol_vault, &sol_vaults, refusal)]);
        if name != "add_liquidity" {
            ground.refuse(&instruction, &[(keys.lst_vault, &lst_vaults, refusal)]);
        }
        let page = [ground.world.validators[0].page];
        let mismatch = code(AnchorError::AccountDiscriminatorMismatch);
        ground.refuse(&instruction, &[(keys.liquidity, &page, mismatch)]);
    }
}

#[test]
fn fees_go_to_the_treasury_alone() {
    let ground = Ground::new();
    let (keys, other) = (ground.world.keys, ground.other.keys);
    let thieves = [other.treasury, ground.world.user("bob").lst, keys.dead_lst, ground.wallet()];
    let sync = instruction(&ground, "sync_pool");
    ground.refuse(&sync, &[(keys.treasury, &thieves, code(TidepoolError::WrongTreasury))]);
}

#[test]
fn a_page_of_another_pool_is_refused() {
    let ground = Ground::new();
    let page = ground.world.validators[0].page;
    let theirs = [ground.other.validator.page];
    for name in ["delegate", "undelegate", "update_validators"] {
        let instruction = instruction(&ground, name);
        ground.refuse(&instruction, &[(page, &theirs, code(TidepoolError::WrongPool))]);
    }
}

/// Quantstamp QSP-2, Neodyme 2021: any program could be given as token program.
#[test]
fn only_the_real_programs_are_called() {
    let ground = Ground::new();
    let fake = tidepool_interface::ID;
    let invalid = code(AnchorError::InvalidProgramId);
    for (_, instruction) in every_instruction(&ground) {
        let names = |key: &Pubkey| instruction.accounts.iter().any(|meta| meta.pubkey == *key);
        if names(&cluster::TOKEN_PROGRAM) {
            let refusal = code(TidepoolError::WrongTokenProgram);
            ground.refuse(&instruction, &[(cluster::TOKEN_PROGRAM, &[TOKEN_2022_PROGRAM], refusal)]);
            ground.refuse(&instruction, &[(cluster::TOKEN_PROGRAM, &[fake, ground.wallet()], invalid)]);
        }
        if names(&cluster::STAKE_PROGRAM) {
            let refusal = code(TidepoolError::WrongStakeProgram);
            ground.refuse(&instruction, &[(cluster::STAKE_PROGRAM, &[fake, ground.wallet()], refusal)]);
        }
        if names(&cluster::SYSTEM_PROGRAM) {
            ground.refuse(&instruction, &[(cluster::SYSTEM_PROGRAM, &[fake, ground.wallet()], invalid)]);
        }
    }
}

/// solido Bramah 2021: a read-only or unsigned account passed. Every flag of every instruction is needed.
#[test]
fn no_account_may_be_read_only_or_unsigned_that_is_written_or_signs() {
    let ground = Ground::new();
    let [ana, operator] = ground.signers();
    let signers = [&ana, &operator];
    for (name, instruction) in every_instruction(&ground) {
        // An account that pays for the transaction is writable whatever the instruction says; none does here.
        let faucet = ground.world.chain.faucet().pubkey();
        for meta in instruction.accounts.iter().filter(|meta| meta.pubkey != faucet) {
            let remaining =
                name == "update_validators" && ground.world.validators[0].stakes.contains(&meta.pubkey);
            if meta.is_writable && !remaining {
                let read_only = instruction.clone().read_only(&meta.pubkey);
                ground.world.expect_failure(&[read_only], &signers);
            }
            if meta.is_signer {
                let unsigned = instruction.clone().unsigned(&meta.pubkey);
                ground.world.expect_refusal(&unsigned, &signers, AnchorError::AccountNotSigner);
            }
        }
    }
}

/// Neodyme SPL 2021: pool and list could be the same account. Here no account may stand in two places, but for two that
/// cost nobody else anything: a signer may be the other signer too, and a referrer, who may be anything, is not looked at
/// unless he can be paid.
#[test]
fn no_account_may_stand_in_the_place_of_another() {
    let ground = Ground::new();
    let [ana, operator] = ground.signers();
    for (name, instruction) in every_instruction(&ground) {
        for place in 0..instruction.accounts.len() {
            for other in 0..instruction.accounts.len() {
                let (this, that) = (&instruction.accounts[place], &instruction.accounts[other]);
                if this.pubkey == that.pubkey || this.is_signer || !(this.is_writable || that.is_writable) {
                    continue;
                }
                let is_nobody = name == "deposit" && this.pubkey == NO_REFERRER;
                if is_nobody {
                    continue;
                }
                println!("{name}: account {place} is account {other}");
                let mut aliased = instruction.clone();
                aliased.accounts[place].pubkey = that.pubkey;
                ground.world.expect_failure(&[aliased], &[&ana, &operator]);
            }
        }
    }
}

#[test]
fn no_account_may_be_missing() {
    let ground = Ground::new();
    let [ana, operator] = ground.signers();
    let may_be_left_out =
        [StakeRole::Onramp, StakeRole::Offramp].map(|role| ground.world.validators[0].stake(role));
    for (name, instruction) in every_instruction(&ground) {
        for place in 0..instruction.accounts.len() {
            if name == "update_validators" && may_be_left_out.contains(&instruction.accounts[place].pubkey) {
                continue;
            }
            println!("{name} without account {place}");
            let missing = instruction.clone().without(place);
            ground.world.expect_failure(&[missing], &[&ana, &operator]);
        }
    }
}
