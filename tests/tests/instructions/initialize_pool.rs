//! A pool is made for a mint.

use {
    crate::stage,
    tidepool_client::{History, Liquidity, Pool, PoolFees, PoolSettings, ValidatorPage},
    tidepool_localnet::{TOKEN_2022_PROGRAM, TOKEN_ACCOUNT_LEN},
    tidepool_tests::prelude::*,
};

/// Someone about to make a pool on the chain of a world.
struct Creation {
    world: World,
    creator: Keypair,
    mint_authority: Keypair,
    keys: PoolKeys,
    parameters: PoolParameters,
}

impl Creation {
    fn new() -> Self {
        Self::with_mint(9, false)
    }

    fn with_mint(decimals: u8, can_freeze: bool) -> Self {
        let world = stage::young(stage::all_fees());
        let chain = &world.chain;
        let creator = chain.wallet("creator", 10 * SOL).unwrap();
        let mint_authority = chain.keypair("mint authority");
        let mint = chain.keypair("new mint");
        let freezer = can_freeze.then(|| creator.pubkey());
        chain.create_mint(&mint, &mint_authority.pubkey(), decimals, freezer.as_ref()).unwrap();
        let treasury = chain.create_token_account(&mint.pubkey(), &creator.pubkey()).unwrap();
        let keys = PoolKeys::new(&mint.pubkey(), &treasury);
        let parameters = PoolParameters {
            manager: chain.keypair("manager").pubkey(),
            guardian: chain.keypair("guardian").pubkey(),
            fees: PoolFees {
                reward: 2_000,
                deposit: 50,
                ticket: 50,
                stake_withdrawal: 50,
                liquid_min: 1,
                liquid_max: 1_000,
                liquid_treasury_share: 7_500,
                insurance_share: 10_000,
                warmup: 10_000,
                referral_share: 5_000,
            },
            settings: PoolSettings {
                reserve_target_bps: 100,
                move_window_bps: 2_500,
                max_validator_bps: 9_000,
                max_move_bps: 1_000,
                breaker_bps: 1_500,
                min_deposit_lamports: 1_234,
                deposit_cap_lamports: 9_876_543_210,
                instant_cap_lamports_per_day: 4_321,
                liquidity_target_lamports: 5_678,
            },
        };
        Self { world, creator, mint_authority, keys, parameters }
    }

    fn instruction(&self) -> Instruction {
        self.keys.initialize_pool(&self.creator.pubkey(), &self.mint_authority.pubkey(), self.parameters)
    }

    fn signers(&self) -> [&Keypair; 2] {
        [&self.creator, &self.mint_authority]
    }

    fn expect_refusal(&self, refusal: TidepoolError) {
        self.world.expect_refusal(&self.instruction(), &self.signers(), refusal);
    }
}

#[test]
fn a_pool_takes_the_mint_and_starts_with_shares_nobody_can_redeem() {
    let mut creation = Creation::new();
    let instruction = creation.instruction();
    let Creation { world, creator, mint_authority, keys, parameters } = &mut creation;
    let keys = *keys;
    let (deposit, floor) = (MIN_INITIAL_DEPOSIT.0, limits::VAULT_FLOOR.0);
    let rent = world.chain.rent();
    let rent = |space| rent.minimum_balance(space);
    let clock = world.chain.clock();
    let bump = |(_, bump): (Pubkey, u8)| bump;

    let mut pool: Pool = bytemuck::Zeroable::zeroed();
    pool.version = 1;
    pool.bumps.pool = bump(pda::pool(&keys.lst_mint));
    pool.bumps.authority = bump(pda::authority(&keys.pool));
    pool.bumps.reserve = bump(pda::reserve(&keys.pool));
    pool.bumps.insurance = bump(pda::insurance(&keys.pool));
    pool.bumps.liquidity = bump(pda::liquidity(&keys.pool));
    pool.bumps.history = bump(pda::history(&keys.pool));
    pool.history = keys.history;
    pool.lst_mint = keys.lst_mint;
    (pool.lst_supply, pool.value_floor, pool.reserve_lamports) = (deposit, deposit, deposit);
    (pool.stream_start_slot, pool.stream_end_slot, pool.last_update_slot) =
        (clock.slot, clock.slot, clock.slot);
    pool.fees = parameters.fees;
    (pool.authority, pool.reserve, pool.insurance) = (keys.authority, keys.reserve, keys.insurance);
    (pool.liquidity, pool.treasury) = (keys.liquidity, keys.treasury);
    (pool.admin, pool.manager, pool.guardian) = (creator.pubkey(), parameters.manager, parameters.guardian);
    (pool.reserve_rent, pool.insurance_rent) = (floor, floor);
    pool.ticket_index = TicketIndex::ONE.0;
    pool.minimum_delegation = SOL;
    (pool.reserve_target_bps, pool.move_window_bps) = (100, 2_500);
    (pool.max_validator_bps, pool.max_move_bps, pool.breaker_bps) = (9_000, 1_000, 1_500);
    // The loosest.
    (pool.rules.max_group_bps, pool.rules.max_cluster_bps) = (10_000, 10_000);
    pool.rules.max_commission_bps = 10_000;
    (pool.min_deposit, pool.deposit_cap, pool.instant_cap_per_day) = (1_234, 9_876_543_210, 4_321);

    let mut liquidity: Liquidity = bytemuck::Zeroable::zeroed();
    liquidity.pool = keys.pool;
    (liquidity.sol_vault, liquidity.lst_vault, liquidity.lp_mint) =
        (keys.sol_vault, keys.lst_vault, keys.lp_mint);
    (liquidity.sol_lamports, liquidity.lp_supply) = (deposit, deposit);
    liquidity.target_lamports = 5_678;
    liquidity.sol_vault_rent = floor;
    liquidity.bump = bump(pda::liquidity(&keys.pool));
    liquidity.sol_vault_bump = bump(pda::liquidity_sol(&keys.pool));

    let mut history: History = bytemuck::Zeroable::zeroed();
    history.pool = keys.pool;

    let token_rent = rent(TOKEN_ACCOUNT_LEN);
    let outcome = world.expect_change(&instruction, &[creator, mint_authority], |expected| {
        expected.creates(&keys.pool, rent(Pool::SPACE), &pool);
        expected.creates(&keys.liquidity, rent(Liquidity::SPACE), &liquidity);
        expected.creates(&keys.history, rent(History::GROWTH), &history);
        expected.account(&keys.history).data.resize(History::GROWTH, 0);
        expected.gets(&keys.reserve, floor + deposit);
        expected.gets(&keys.sol_vault, floor + deposit);
        expected.gets(&keys.insurance, floor);
        expected.creates_mint(&keys.lp_mint, rent(82), &keys.authority, 9);
        for (account, mint) in
            [(keys.lst_vault, keys.lst_mint), (keys.dead_lst, keys.lst_mint), (keys.dead_lp, keys.lp_mint)]
        {
            expected.creates_token_account(&account, token_rent, &mint, &keys.authority);
        }
        expected.account(&keys.lst_mint).data[4..36].copy_from_slice(keys.authority.as_ref());
        expected.mints(&keys.lst_mint, &keys.dead_lst, deposit);
        expected.mints(&keys.lp_mint, &keys.dead_lp, deposit);
        let rents = [Pool::SPACE, Liquidity::SPACE, History::GROWTH, 82, 165, 165, 165].map(rent);
        expected.pays(&creator.pubkey(), rents.iter().sum::<u64>() + 3 * floor + 2 * deposit);
    });
    outcome.assert_told(&events::PoolInitialized {
        pool: keys.pool,
        lst_mint: keys.lst_mint,
        admin: creator.pubkey(),
        state: PoolState { value: deposit, lst_supply: deposit, withheld: 0, slot: clock.slot },
    });
    // Once more: the mint has a supply now.
    world.expect_refusal(&instruction, &[creator, mint_authority], TidepoolError::MintHasSupply);
}

/// `spl#1572`, `spl#1949`: initialize did not look at the mint.
#[test]
fn a_mint_that_is_not_ready_for_a_pool_is_refused_each_by_its_error() {
    for decimals in [0, 6, 8, 10] {
        Creation::with_mint(decimals, false).expect_refusal(TidepoolError::MintDecimals);
    }
    Creation::with_mint(9, true).expect_refusal(TidepoolError::MintHasFreezeAuthority);

    let issued = Creation::new();
    let chain = &issued.world.chain;
    chain.airdrop(&issued.mint_authority.pubkey(), SOL).unwrap();
    chain.mint_to(&issued.keys.lst_mint, &issued.keys.treasury, &issued.mint_authority, 1).unwrap();
    issued.expect_refusal(TidepoolError::MintHasSupply);

    let mut foreign = Creation::new();
    foreign.mint_authority = foreign.world.chain.keypair("somebody");
    foreign.expect_refusal(TidepoolError::NotTheMintAuthority);

    let fixed = Creation::new();
    stage::patch(&fixed.world, &fixed.keys.lst_mint, |mint| mint.data[..36].fill(0));
    fixed.expect_refusal(TidepoolError::NotTheMintAuthority);
}

#[test]
fn what_is_no_mint_of_the_token_program_is_refused() {
    type Spoil = fn(&mut Account);
    let spoil: [(&str, Spoil); 5] = [
        ("of Token-2022", |mint| mint.owner = TOKEN_2022_PROGRAM),
        ("of the system program", |mint| *mint = Account { lamports: SOL, ..Account::default() }),
        ("missing", |mint| *mint = Account::default()),
        ("uninitialized", |mint| mint.data.fill(0)),
        ("a token account", |mint| mint.data.resize(TOKEN_ACCOUNT_LEN, 1)),
    ];
    for (how, spoil) in spoil {
        let creation = Creation::new();
        stage::patch(&creation.world, &creation.keys.lst_mint, spoil);
        println!("{how}");
        creation.expect_refusal(TidepoolError::UnsupportedMint);
    }
}

/// `stake-pool#790`: huge fees passed a check of their limit. `OS-SSP-SUG-01`: fees of 100 % disable a pool.
#[test]
fn every_fee_and_share_has_a_hard_limit() {
    type Field = fn(&mut PoolParameters) -> &mut u16;
    let limits: [(Field, Bps, TidepoolError); 14] = [
        (|p| &mut p.fees.reward, limits::MAX_REWARD_FEE, TidepoolError::FeeAboveLimit),
        (|p| &mut p.fees.deposit, limits::MAX_DEPOSIT_FEE, TidepoolError::FeeAboveLimit),
        (|p| &mut p.fees.ticket, limits::MAX_TICKET_FEE, TidepoolError::FeeAboveLimit),
        (|p| &mut p.fees.stake_withdrawal, limits::MAX_STAKE_WITHDRAWAL_FEE, TidepoolError::FeeAboveLimit),
        (|p| &mut p.fees.liquid_max, limits::MAX_LIQUID_FEE, TidepoolError::FeeAboveLimit),
        (|p| &mut p.fees.liquid_treasury_share, limits::MAX_TREASURY_SHARE, TidepoolError::FeeAboveLimit),
        (|p| &mut p.fees.warmup, limits::MAX_WARMUP, TidepoolError::FeeAboveLimit),
        (|p| &mut p.fees.referral_share, limits::MAX_REFERRAL_SHARE, TidepoolError::FeeAboveLimit),
        (|p| &mut p.fees.insurance_share, Bps::ONE, TidepoolError::InvalidParameter),
        (|p| &mut p.settings.reserve_target_bps, Bps::ONE, TidepoolError::InvalidParameter),
        (|p| &mut p.settings.move_window_bps, Bps::ONE, TidepoolError::InvalidParameter),
        (|p| &mut p.settings.max_validator_bps, Bps::ONE, TidepoolError::InvalidParameter),
        (|p| &mut p.settings.max_move_bps, Bps::ONE, TidepoolError::InvalidParameter),
        (|p| &mut p.settings.breaker_bps, Bps::ONE, TidepoolError::InvalidParameter),
    ];
    let mut creation = Creation::new();
    for (field, limit, refusal) in limits {
        let allowed = *field(&mut creation.parameters);
        for above in [limit.0 + 1, 10_001.max(limit.0 + 2), u16::MAX] {
            *field(&mut creation.parameters) = above;
            creation.expect_refusal(refusal);
        }
        *field(&mut creation.parameters) = limit.0;
        assert!(allowed <= limit.0);
    }
    // At all limits at once a pool can be made, but not with a lowest fee above the highest.
    creation.parameters.fees.liquid_min = creation.parameters.fees.liquid_max + 1;
    creation.expect_refusal(TidepoolError::InvalidParameter);
    creation.parameters.fees.liquid_min -= 1;
    let create = creation.instruction();
    creation.world.chain.send(&[create], &[&creation.creator, &creation.mint_authority]).unwrap();
}

#[test]
fn both_the_creator_and_the_mint_authority_sign() {
    let creation = Creation::new();
    let (creator, authority) = (&creation.creator, &creation.mint_authority);
    let create = creation.instruction();
    let without_creator = create.clone().unsigned(&creator.pubkey());
    creation.world.expect_refusal(&without_creator, &[authority], AnchorError::AccountNotSigner);
    let without_authority = create.unsigned(&authority.pubkey());
    creation.world.expect_refusal(&without_authority, &[creator], AnchorError::AccountNotSigner);
}

#[test]
fn a_pool_lives_at_the_addresses_of_its_mint_alone() {
    let creation = Creation::new();
    let (keys, ours) = (creation.keys, creation.world.keys);
    let addresses = [
        (keys.pool, ours.pool),
        (keys.authority, ours.authority),
        (keys.reserve, ours.reserve),
        (keys.insurance, ours.insurance),
        (keys.history, ours.history),
        (keys.liquidity, ours.liquidity),
        (keys.sol_vault, ours.sol_vault),
        (keys.lst_vault, ours.lst_vault),
        (keys.lp_mint, ours.lp_mint),
        (keys.dead_lst, ours.dead_lst),
        (keys.dead_lp, ours.dead_lp),
    ];
    let wallet = creation.world.chain.keypair("a wallet").pubkey();
    for (key, of_another_pool) in addresses {
        for impostor in [of_another_pool, wallet] {
            let create = creation.instruction().with(&key, &impostor);
            creation.world.expect_refusal(&create, &creation.signers(), TidepoolError::WrongAddress);
        }
    }
    let swapped = creation.instruction().with(&keys.reserve, &wallet).with(&keys.insurance, &keys.reserve);
    creation.world.expect_refusal(&swapped, &creation.signers(), TidepoolError::WrongAddress);
}

#[test]
fn a_pool_takes_only_a_treasury_that_can_take_fees() {
    let creation = Creation::new();
    let (keys, world) = (creation.keys, &creation.world);
    let useless = [
        world.keys.treasury,                  // of another mint
        creation.creator.pubkey(),            // a wallet
        world.chain.keypair("none").pubkey(), // nothing
        keys.dead_lst,                        // not there yet
        keys.lst_mint,                        // a mint
    ];
    for treasury in useless {
        let create = creation.instruction().with(&keys.treasury, &treasury);
        world.expect_refusal(&create, &creation.signers(), TidepoolError::WrongTokenAccount);
    }
}

#[test]
fn a_pool_is_made_with_the_real_programs_alone() {
    let creation = Creation::new();
    let wrong_stake_program = u32::from(TidepoolError::WrongStakeProgram);
    let wrong_system_program = u32::from(AnchorError::InvalidProgramId);
    let real = [
        (cluster::TOKEN_PROGRAM, tidepool_interface::ID, u32::from(TidepoolError::WrongTokenProgram)),
        // The other token program is a real one, but the mint is not its.
        (cluster::TOKEN_PROGRAM, TOKEN_2022_PROGRAM, u32::from(TidepoolError::UnsupportedMint)),
        (cluster::STAKE_PROGRAM, tidepool_interface::ID, wrong_stake_program),
        (cluster::STAKE_PROGRAM, TOKEN_2022_PROGRAM, wrong_stake_program),
        (cluster::SYSTEM_PROGRAM, tidepool_interface::ID, wrong_system_program),
        (cluster::SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, wrong_system_program),
    ];
    for (program, impostor, refusal) in real {
        let create = creation.instruction().with(&program, &impostor);
        creation.world.expect_refusal(&create, &creation.signers(), refusal);
    }
}

/// `spl#2920`, INF ND-L1, OS-SCT-ADV-03: one lamport at a future address made its creation fail for ever.
#[test]
fn lamports_at_the_addresses_of_a_pool_do_not_stop_its_creation() {
    for gift in [1, 890_880, 50 * SOL] {
        let creation = Creation::new();
        let (keys, chain) = (creation.keys, &creation.world.chain);
        let all = [
            keys.pool,
            keys.authority,
            keys.reserve,
            keys.insurance,
            keys.history,
            keys.liquidity,
            keys.sol_vault,
            keys.lst_vault,
            keys.lp_mint,
            keys.dead_lst,
            keys.dead_lp,
        ];
        for key in all {
            // Less than the rent can lie there only where a runtime before the rule let it.
            chain.add_lamports(&key, gift);
        }
        let before = chain.lamports(&creation.creator.pubkey());
        let create = creation.instruction();
        chain.send(&[create], &[chain.faucet(), &creation.creator, &creation.mint_authority]).unwrap();

        let rent = |space| chain.rent().minimum_balance(space);
        let rents =
            [Pool::SPACE, Liquidity::SPACE, History::GROWTH, 82, 165, 165, 165].map(rent).iter().sum::<u64>();
        let paid = before - chain.lamports(&creation.creator.pubkey());
        assert_eq!(
            paid,
            rents + 3 * limits::VAULT_FLOOR.0 + 2 * MIN_INITIAL_DEPOSIT.0,
            "the creator pays in full, whatever lies there"
        );
        let pool = tidepool_client::read_pool(&chain.account(&keys.pool).unwrap().data).unwrap();
        assert_eq!(pool.value_floor, MIN_INITIAL_DEPOSIT.0);
        assert_eq!(chain.lamports(&keys.reserve), limits::VAULT_FLOOR.0 + MIN_INITIAL_DEPOSIT.0 + gift);
    }
}

/// The sizes of the accounts are what their rent was computed from.
#[test]
fn accounts_have_the_size_the_client_reads() {
    let world = stage::young(WorldConfig::default());
    let len = |key: &Pubkey| world.account(key).unwrap().data.len();
    assert_eq!(len(&world.keys.pool), Pool::SPACE);
    assert_eq!(len(&world.keys.liquidity), Liquidity::SPACE);
    assert_eq!(len(&world.keys.history), History::SPACE);
    assert_eq!(len(&world.validators[0].page), ValidatorPage::SPACE);
}
