//! A pool whose LST is a mint of Token-2022: all of it works, harmful extensions are refused, and no extension of a token
//! account holds anybody else up.

use {
    tidepool_client::events::{Deposited, PoolSynced},
    tidepool_localnet::{
        extensions,
        world::{typical_parameters, StartError},
        AccountExtension, MintExtension, TOKEN_2022_PROGRAM,
    },
    tidepool_tests::prelude::*,
};

/// What a mint of a pool may have.
const HARMLESS: [MintExtension; 4] = [
    MintExtension::MetadataPointer,
    MintExtension::TokenMetadata,
    MintExtension::GroupPointer,
    MintExtension::GroupMemberPointer,
];

/// Where a token account says whether it is frozen.
const STATE: usize = 108;
const FROZEN: u8 = 2;

/// Refusals by Token-2022 itself.
#[derive(Clone, Copy, Debug)]
enum Token2022 {
    NoMemo = 36,
    CpiGuardTransferBlocked = 42,
    CpiGuardBurnBlocked = 43,
}

impl From<Token2022> for u32 {
    fn from(refusal: Token2022) -> Self {
        refusal as u32
    }
}

/// Fees of every kind.
fn with_fees() -> WorldConfig {
    WorldConfig::default().with_parameters(|p| {
        p.fees.deposit = 30;
        p.fees.ticket = 20;
        p.fees.referral_share = 5_000;
    })
}

/// A pool on a mint with everything harmless.
fn start() -> World {
    World::start(with_fees().on_token_2022(&HARMLESS))
        .unwrap()
        .with_user("ana", 20_000 * SOL)
        .unwrap()
        .with_user("bob", 20_000 * SOL)
        .unwrap()
}

/// [`start`], with stake that earns and with liquidity.
fn earning() -> World {
    let mut world = start();
    for (name, sol) in [("ana", 500), ("bob", 300)] {
        world.deposit(name, sol * SOL).unwrap();
        world.add_liquidity(name, sol / 2 * SOL).unwrap();
    }
    run_epochs(&mut world, 3);
    world
}

fn run_epochs(world: &mut World, epochs: usize) {
    for _ in 0..epochs {
        world.run_epoch().unwrap();
    }
}

fn treasurer(world: &World) -> Keypair {
    world.chain.wallet("treasury", SOL).unwrap()
}

/// A mint of Token-2022 with an extension written into it, and the instruction that would make a pool of it.
fn pool_with(world: &World, id: u16, value: &[u8]) -> Instruction {
    let operator = &world.operator;
    let mint = world.chain.fresh_keypair();
    world.chain.create_mint_2022(&mint, operator, 9, &[]).unwrap();
    let treasury = world.chain.create_token_account(&mint.pubkey(), &operator.pubkey()).unwrap();
    world.chain.write_extension(&mint.pubkey(), id, value);
    let keys = PoolKeys::new(&mint.pubkey(), &treasury).with_token_program(&TOKEN_2022_PROGRAM);
    keys.initialize_pool(&operator.pubkey(), &operator.pubkey(), typical_parameters())
}

// ---- what works

#[test]
fn sol_goes_in_is_staked_earns_and_comes_out() {
    let mut world = start();
    assert_eq!(world.chain.token_program_of(&world.keys.lst_mint), TOKEN_2022_PROGRAM);
    assert_eq!(world.chain.token_program_of(&world.keys.lp_mint), TOKEN_2022_PROGRAM);
    let on_the_mint = extensions(&world.account(&world.keys.lst_mint).unwrap().data);
    let ids: Vec<u16> = on_the_mint.iter().map(|extension| extension.id).collect();
    assert_eq!(ids, [18, 20, 22, 19]);

    world.deposit("ana", 400 * SOL).unwrap();
    world.deposit("bob", 1_000 * SOL).unwrap();
    world.add_liquidity("bob", 500 * SOL).unwrap();
    let at_first = world.rate();
    run_epochs(&mut world, 4);
    assert!(world.rate() > at_first);
    let fees = world.chain.token_balance(&world.keys.treasury);
    assert!(fees > 0);

    let ticket = world.order_unstake("ana", 100 * SOL).unwrap();
    let owed = world.ticket(&ticket).unwrap().lamports;
    let before = world.sol_of("ana");
    run_epochs(&mut world, 4);
    assert!(world.ticket(&ticket).is_none());
    assert_eq!(world.sol_of("ana"), before + owed);

    world.liquid_unstake("ana", 50 * SOL).unwrap();
    world.remove_liquidity("bob", 400 * SOL).unwrap();
    world.sync().unwrap();
    assert!(world.chain.token_balance(&world.keys.treasury) > fees, "fees of exits and rewards");
    assert!(world.lst_of("bob") > 990 * SOL, "liquidity is part LST");
    assert_eq!(world.difference(), 0);
}

#[test]
fn a_cancelled_ticket_becomes_lst_again() {
    let mut world = earning();
    let ana = world.user("ana");
    let before = world.lst_of("ana");
    let ticket = world.order_unstake("ana", 100 * SOL).unwrap();
    let cancel = world.keys.cancel_ticket(&ticket.key, &ticket.owner, &ticket.rent_payer, &ana.lst, 0);
    world.send(&[cancel], &[&ana.wallet]).unwrap();
    assert!((before - SOL..=before).contains(&world.lst_of("ana")));
}

#[test]
fn stake_goes_in_and_out() {
    let mut world = earning();
    let stake = world.add_stake("ana", 0, 100 * SOL).unwrap();
    run_epochs(&mut world, 2);
    let before = world.lst_of("ana");
    world.deposit_stake("ana", &stake, 0).unwrap();
    let lst = world.lst_of("ana") - before;
    assert!((98 * SOL..=100 * SOL).contains(&lst), "{lst}");

    let withdrawn = world.withdraw_stake("ana", 50 * SOL, 0).unwrap();
    assert_eq!(world.lst_of("ana"), before + lst - 50 * SOL);
    assert!(world.chain.lamports(&withdrawn) > 49 * SOL);
}

#[test]
fn lst_of_the_liquidity_pool_becomes_a_ticket_of_its_own() {
    let mut world = earning();
    world.liquid_unstake("bob", 100 * SOL).unwrap();
    world.to_move_window();
    let (keys, rent_payer) = (world.keys, world.chain.faucet().pubkey());
    let held = world.liquidity().lst_amount;
    assert!(held > 99 * SOL);
    let (vault, supply) =
        (world.chain.token_balance(&keys.lst_vault), world.chain.mint_supply(&keys.lst_mint));
    let key = pda::ticket(&keys.pool, &keys.sol_vault, 3).0;
    world.tickets.push(OpenTicket { key, owner: keys.sol_vault, rent_payer });
    world.send(&[keys.recycle_liquidity(&rent_payer, 3)], &[]).unwrap();
    assert_eq!(world.chain.token_balance(&keys.lst_vault), vault - held);
    assert_eq!(world.chain.mint_supply(&keys.lst_mint), supply - held);
}

/// `spl#4770`, `spl#5610`: a list that was too strict kept real mints out.
#[test]
fn a_pool_may_have_any_harmless_extension_or_none() {
    for wanted in [&[][..], &HARMLESS[..1], &HARMLESS[1..2], &HARMLESS[2..3], &HARMLESS[3..]] {
        let mut world = World::start(with_fees().on_token_2022(wanted))
            .unwrap_or_else(|error| panic!("{wanted:?}: {error}"))
            .with_user("ana", 100 * SOL)
            .unwrap();
        world.deposit("ana", 10 * SOL).unwrap();
        world.order_unstake("ana", SOL).unwrap();
    }
}

#[test]
fn accounts_with_an_immutable_owner_take_and_give_everything() {
    let mut world = earning();
    let ana = world.user("ana");
    let me = ana.wallet.pubkey();
    let (keys, chain) = (world.keys, &world.chain);
    let lst = chain.create_associated_token_account(&keys.lst_mint, &me).unwrap();
    let lp = chain.create_associated_token_account(&keys.lp_mint, &me).unwrap();
    for account in [lst, lp] {
        let extensions = extensions(&chain.account(&account).unwrap().data);
        assert_eq!(
            extensions.iter().map(|it| it.id).collect::<Vec<_>>(),
            [AccountExtension::ImmutableOwner.id()]
        );
    }
    world.liquid_unstake("bob", 50 * SOL).unwrap();
    let mut send = |instruction: Instruction| world.send(&[instruction], &[&ana.wallet]).unwrap();
    send(keys.deposit(&me, &lst, 200 * SOL, 0)); // partly bought, partly minted
    send(keys.add_liquidity(&me, &lp, 100 * SOL, 0));
    send(keys.liquid_unstake(&me, &lst, 50 * SOL, 0));
    let shares = world.chain.token_balance(&lp);
    let before = world.chain.token_balance(&lst);
    let remove = keys.remove_liquidity(&me, &lp, &lst, shares, 0, 0);
    world.send(&[remove], &[&ana.wallet]).unwrap();
    assert_eq!(world.chain.token_balance(&lp), 0);
    assert!(world.chain.token_balance(&lst) > before);
    let rent_payer = world.chain.faucet().pubkey();
    let order = keys.order_unstake(&me, &rent_payer, &lst, 10 * SOL, 0, 99);
    let key = pda::ticket(&keys.pool, &me, 99).0;
    world.tickets.push(OpenTicket { key, owner: me, rent_payer });
    world.send(&[order], &[&ana.wallet]).unwrap();
}

// ---- mints that are refused

/// Neodyme SPL 2022-12: extensions on the mint held exits hostage. inf-1.5 NOTES.md, OS-SCT-ADV-05: that mints with
/// transfer fees and hooks are not supported was a sentence in a document and no line of code.
#[test]
fn every_other_extension_is_refused_by_its_name() {
    for extension in MintExtension::ALL.into_iter().filter(|it| !HARMLESS.contains(it)) {
        let refused = World::start(with_fees().on_token_2022(&[extension])).err();
        let Some(StartError::Refused(failure)) = refused else { panic!("{extension:?}: {refused:?}") };
        let code = TidepoolError::RefusedMintExtension.into();
        assert_eq!(failure.custom_error_code(), Some(code), "{extension:?}: {failure}");
        // What an extension needs lies before it and may be what is refused.
        let named =
            extension.needs().iter().copied().chain([extension]).find(|it| !HARMLESS.contains(it)).unwrap();
        let line = format!("Program log: mint extension {}: {named:?}", named.id());
        assert!(failure.logs.contains(&line), "{extension:?}: {failure}");
    }
}

#[test]
fn every_number_but_the_harmless_ones_is_refused_known_or_not() {
    let world = World::start(with_fees()).unwrap();
    let mut refused = vec![];
    let all = (1..=64).chain([255, 256, 0x1200, 0x7fff, u16::MAX - 2, u16::MAX]);
    for id in all.clone().filter(|id| !HARMLESS.iter().any(|it| it.id() == *id)) {
        let create = pool_with(&world, id, &[0; 5]);
        let failure = world.expect_refusal(&create, &[&world.operator], TidepoolError::RefusedMintExtension);
        let told = |line: &String| line.starts_with(&format!("Program log: mint extension {id}: "));
        assert!(failure.logs.iter().any(told), "{id}: {failure}");
        refused.push(id);
    }
    assert_eq!(refused.len() + HARMLESS.len(), all.count());
}

#[test]
fn extensions_alone_and_after_harmless_ones_are_refused() {
    let world = World::start(with_fees()).unwrap();
    let create = pool_with(&world, MintExtension::MetadataPointer.id(), &[0; 64]);
    let mint = create.accounts[2].pubkey;
    world.chain.write_extension(&mint, MintExtension::TransferHook.id(), &[0; 64]);
    world.expect_refusal(&create, &[&world.operator], TidepoolError::RefusedMintExtension);
}

#[test]
fn a_mint_whose_extensions_cannot_be_read_is_refused() {
    let world = World::start(with_fees()).unwrap();
    let create = pool_with(&world, MintExtension::MetadataPointer.id(), &[0; 64]);
    let mint = create.accounts[2].pubkey;
    let mut account = world.account(&mint).unwrap();
    account.data.truncate(account.data.len() - 1);
    world.chain.set_account(&mint, &account);
    world.expect_refusal(&create, &[&world.operator], TidepoolError::UnsupportedMint);
}

/// A mint with a freeze authority is refused under Token-2022 as under the classic program.
#[test]
fn a_mint_that_can_freeze_is_refused() {
    const FREEZE_AUTHORITY: usize = 46;
    let world = World::start(with_fees()).unwrap();
    let create = pool_with(&world, MintExtension::MetadataPointer.id(), &[0; 64]);
    let mint = create.accounts[2].pubkey;
    let mut account = world.account(&mint).unwrap();
    account.data[FREEZE_AUTHORITY] = 1;
    world.chain.set_account(&mint, &account);
    world.expect_refusal(&create, &[&world.operator], TidepoolError::MintHasFreezeAuthority);
}

/// Quantstamp QSP-2, Neodyme SPL 2021: any program could be given as the token program.
#[test]
fn no_other_program_is_taken_for_the_mints_token_program() {
    let mut world = earning();
    let ticket = world.order_unstake("ana", SOL).unwrap();
    let ana = world.user("ana");
    let (me, validator) = (ana.wallet.pubkey(), world.validators[0]);
    let (stake, blank) = (world.add_stake("ana", 0, 10 * SOL).unwrap(), world.prepare_stake().unwrap());
    for (program, refusal) in [
        (cluster::TOKEN_PROGRAM, TidepoolError::WrongTokenProgram.into()),
        (cluster::STAKE_PROGRAM, AnchorError::InvalidProgramId.into()),
    ] {
        let keys = world.keys.with_token_program(&program);
        for (name, instruction) in [
            ("deposit", keys.deposit(&me, &ana.lst, SOL, 0)),
            ("order", keys.order_unstake(&me, &me, &ana.lst, SOL, 0, 77)),
            ("cancel", keys.cancel_ticket(&ticket.key, &me, &ticket.rent_payer, &ana.lst, 0)),
            ("deposit stake", keys.deposit_stake(&me, &stake, &validator, &ana.lst, 0)),
            ("withdraw stake", keys.withdraw_stake(&me, &blank, &validator, &ana.lst, SOL, 0)),
            ("recycle", keys.recycle_liquidity(&me, 78)),
            ("liquid unstake", keys.liquid_unstake(&me, &ana.lst, SOL, 0)),
            ("add", keys.add_liquidity(&me, &ana.lp, SOL, 0)),
            ("remove", keys.remove_liquidity(&me, &ana.lp, &ana.lst, SOL, 0, 0)),
            ("sync", keys.sync_pool()),
        ] {
            let failure = world.expect_failure(&[instruction], &[&ana.wallet]);
            assert_eq!(failure.custom_error_code(), Some(refusal), "{name} by {program}: {failure}");
        }
    }
}

#[test]
fn a_pool_is_not_made_by_another_program_or_of_another_programs_mint() {
    let world = World::start(with_fees()).unwrap();
    let signer = world.operator.insecure_clone();
    let create = pool_with(&world, MintExtension::MetadataPointer.id(), &[0; 64]);
    let mint = create.accounts[2].pubkey;
    for (program, refusal) in [
        (cluster::TOKEN_PROGRAM, TidepoolError::UnsupportedMint),
        (cluster::STAKE_PROGRAM, TidepoolError::WrongTokenProgram),
    ] {
        let elsewhere = create.clone().with(&TOKEN_2022_PROGRAM, &program);
        world.expect_refusal(&elsewhere, &[&signer], refusal);
    }
    let mut account = world.account(&mint).unwrap();
    account.owner = cluster::STAKE_PROGRAM;
    world.chain.set_account(&mint, &account);
    world.expect_refusal(&create, &[&signer], TidepoolError::UnsupportedMint);
    // Extensions belong to Token-2022 alone.
    account.owner = cluster::TOKEN_PROGRAM;
    world.chain.set_account(&mint, &account);
    let classic = create.with(&TOKEN_2022_PROGRAM, &cluster::TOKEN_PROGRAM);
    world.expect_refusal(&classic, &[&signer], TidepoolError::UnsupportedMint);
}

#[test]
fn a_mint_makes_one_pool() {
    let world = World::start(with_fees().on_token_2022(&HARMLESS)).unwrap();
    let operator = world.operator.pubkey();
    let again = world.keys.initialize_pool(&operator, &operator, typical_parameters());
    world.expect_refusal(&again, &[&world.operator], TidepoolError::MintHasSupply);
}

// ---- hostile token accounts

/// Everything users and keepers do, in a pool whose treasury has been tampered with.
fn expect_no_obstacle(mut world: World, how: &str) -> World {
    let ticket = world.order_unstake("ana", 20 * SOL).unwrap();
    world.deposit("bob", 50 * SOL).unwrap();
    world.liquid_unstake("ana", 30 * SOL).unwrap();
    world.sync().unwrap_or_else(|failure| panic!("{how}: {failure}"));
    world.add_liquidity("bob", 10 * SOL).unwrap();
    world.remove_liquidity("bob", 5 * SOL).unwrap();
    run_epochs(&mut world, 3);
    assert!(world.ticket(&ticket).is_none(), "{how}: the ticket is paid");
    world.liquid_unstake("bob", SOL).unwrap();
    world.sync().unwrap();
    world
}

/// Neodyme SPL 2021, `spl#2277`, `solido#400`: whoever held the fee account could block every exit by closing or
/// spoiling it.
#[test]
fn a_treasury_that_takes_nothing_blocks_nobody() {
    type Spoil = fn(&World, &Keypair);
    let closed: Spoil = |world, owner| {
        let (chain, treasury) = (&world.chain, world.keys.treasury);
        chain.burn(&treasury, owner, chain.token_balance(&treasury)).unwrap();
        chain.close_token_account(&treasury, owner).unwrap();
    };
    let frozen: Spoil = |world, _| {
        let mut account = world.account(&world.keys.treasury).unwrap();
        account.data[STATE] = FROZEN;
        world.chain.set_account(&world.keys.treasury, &account);
    };
    let of_another_mint: Spoil = |world, owner| {
        let other = world.chain.create_token_account(&world.keys.lp_mint, &owner.pubkey()).unwrap();
        world.chain.set_account(&world.keys.treasury, &world.account(&other).unwrap());
    };
    let of_the_classic_program: Spoil = |world, owner| {
        let mint = world.chain.fresh_keypair();
        world.chain.create_mint(&mint, &owner.pubkey(), 9, None).unwrap();
        let other = world.chain.create_token_account(&mint.pubkey(), &owner.pubkey()).unwrap();
        world.chain.set_account(&world.keys.treasury, &world.account(&other).unwrap());
    };
    let a_mint: Spoil = |world, _| {
        world.chain.set_account(&world.keys.treasury, &world.account(&world.keys.lst_mint).unwrap());
    };
    for (how, spoil) in [
        ("closed", closed),
        ("frozen", frozen),
        ("of another mint", of_another_mint),
        ("of the classic token program", of_the_classic_program),
        ("a mint", a_mint),
    ] {
        let world = earning();
        spoil(&world, &treasurer(&world));
        let before = world.account(&world.keys.treasury);
        let world = expect_no_obstacle(world, how);
        assert_eq!(world.account(&world.keys.treasury), before, "{how}: nothing reached it");
    }
}

#[test]
fn a_treasury_with_extensions_still_gets_its_fees() {
    use AccountExtension::*;
    for wanted in [&[MemoTransfer][..], &[CpiGuard], &[MemoTransfer, CpiGuard]] {
        let world = earning();
        let (keys, owner) = (world.keys, treasurer(&world));
        for extension in wanted {
            world.chain.extend_token_account(&keys.treasury, &owner, *extension).unwrap();
        }
        let before = world.chain.token_balance(&keys.treasury);
        let mut world = expect_no_obstacle(world, &format!("{wanted:?}"));
        let fees = world.chain.token_balance(&keys.treasury);
        assert!(fees > before, "{wanted:?}");

        // The share of exit fees too, which a transfer would not bring past the memo.
        world.sync().unwrap();
        world.liquid_unstake("ana", 10 * SOL).unwrap();
        let due = world.liquidity().treasury_lst_due;
        assert!(due > 0);
        let before = world.chain.token_balance(&keys.treasury);
        let outcome = world.sync().unwrap();
        assert!(world.chain.token_balance(&keys.treasury) >= before + due, "{wanted:?}");
        assert!(told::<PoolSynced>(&outcome)[0].fee_shares >= due);
    }
}

#[test]
fn a_treasury_that_is_thawed_gets_what_comes_from_then_on() {
    let mut world = earning();
    let treasury = world.keys.treasury;
    let thawed = world.account(&treasury).unwrap();
    let mut frozen = thawed.clone();
    frozen.data[STATE] = FROZEN;
    world.chain.set_account(&treasury, &frozen);
    run_epochs(&mut world, 1);
    assert_eq!(world.account(&treasury), Some(frozen));
    assert_eq!(world.pool().fee_shares_due, 0, "the holders keep the fees");

    world.chain.set_account(&treasury, &thawed);
    let before = world.chain.token_balance(&treasury);
    run_epochs(&mut world, 1);
    assert!(world.chain.token_balance(&treasury) > before);
}

#[test]
fn a_referrer_that_cannot_be_paid_blocks_nobody() {
    use AccountExtension::*;
    let mut world = earning();
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let (keys, chain) = (world.keys, &world.chain);
    let account = |extensions: &[AccountExtension]| {
        chain.create_token_account_2022(&keys.lst_mint, &bob.wallet, extensions).unwrap()
    };
    let frozen = account(&[]);
    let mut state = chain.account(&frozen).unwrap();
    state.data[STATE] = FROZEN;
    chain.set_account(&frozen, &state);
    let closed = account(&[]);
    chain.close_token_account(&closed, &bob.wallet).unwrap();
    let (memo, guarded, fixed) = (account(&[MemoTransfer]), account(&[CpiGuard]), account(&[ImmutableOwner]));
    for (referrer, is_paid) in [
        (frozen, false),
        (closed, false),
        (keys.lp_mint, false),
        (bob.lp, false),
        (memo, true),
        (guarded, true),
        (fixed, true),
    ] {
        let deposit = keys.deposit_referred(&ana.wallet.pubkey(), &ana.lst, Some(&referrer), 10 * SOL, 0);
        let outcome = world.send(&[deposit], &[&ana.wallet]).unwrap();
        let paid = told::<Deposited>(&outcome)[0].referral_shares;
        assert_eq!(paid > 0, is_paid, "{referrer}");
    }
}

/// What an owner asks of his own account holds for Tidepool too. It is told by Token-2022's own error, it costs nothing, and
/// every way out stays open through another account.
#[test]
fn what_an_owner_forbids_his_own_account_holds_and_leaves_a_way_out() {
    use AccountExtension::*;
    let mut world = earning();
    let ana = world.user("ana");
    let (me, keys) = (ana.wallet.pubkey(), world.keys);
    let memo = world.chain.create_token_account_2022(&keys.lst_mint, &ana.wallet, &[MemoTransfer]).unwrap();
    world.liquid_unstake("bob", 50 * SOL).unwrap();
    let remove = |to: &Pubkey| keys.remove_liquidity(&me, &ana.lp, to, 10 * SOL, 0, 0);
    world.expect_refusal(&remove(&memo), &[&ana.wallet], Token2022::NoMemo);
    world.send(&[remove(&ana.lst)], &[&ana.wallet]).unwrap();

    world.chain.extend_token_account(&ana.lst, &ana.wallet, CpiGuard).unwrap();
    let sell = keys.liquid_unstake(&me, &ana.lst, SOL, 0);
    world.expect_refusal(&sell, &[&ana.wallet], Token2022::CpiGuardTransferBlocked);
    let order = keys.order_unstake(&me, &me, &ana.lst, SOL, 0, 5);
    world.expect_refusal(&order, &[&ana.wallet], Token2022::CpiGuardBurnBlocked);
    let plain = world.chain.create_token_account(&keys.lst_mint, &me).unwrap();
    world.chain.transfer_checked(&ana.lst, &plain, &ana.wallet, SOL).unwrap();
    let sell = keys.liquid_unstake(&me, &plain, SOL, 0);
    world.send(&[sell], &[&ana.wallet]).unwrap();
}
