//! Tickets and races for SOL.

use {
    crate::stage::{self, Wishes},
    tidepool_client::Ticket,
    tidepool_tests::prelude::*,
};

/// Nothing in the reserve, everything staked at a rate of one; `orders` of ana wait.
fn dry(orders: &[u64]) -> (World, Vec<OpenTicket>) {
    let mut world = stage::funded(WorldConfig::default().without_fees());
    world.run_epoch().unwrap();
    let free = world.pool().free_reserve().unwrap().0;
    if free > 0 {
        world.order_unstake("bob", free).unwrap(); // in front of the others, takes what is there
    }
    let tickets = orders.iter().map(|lamports| world.order_unstake("ana", *lamports).unwrap()).collect();
    (world, tickets)
}

/// marinade `TicketNotReady`: due tickets raced for one balance, and later ones overtook earlier ones.
#[test]
fn a_ticket_is_paid_in_order_whoever_claims_first() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (mut world, tickets) = dry(&[10 * SOL, 20 * SOL, 30 * SOL]);
        world.deposit("bob", 25 * SOL).unwrap();
        world.cross_epoch();
        for index in order {
            let before = world.sol_of("ana");
            let paid = [10 * SOL, 15 * SOL, 0][index];
            match paid {
                0 => drop(world.expect_refusal(
                    &world.wish_claim(&tickets[index]),
                    &[],
                    TidepoolError::TicketNotFilled,
                )),
                _ => drop(world.claim(&tickets[index]).unwrap()),
            }
            assert_eq!(world.sol_of("ana") - before, paid, "ticket {index} in order {order:?}");
        }
    }
}

/// `stake-pool` 0e56295, Neodyme SPL 2022-12 (critical), `spl#3714`: the reserve could be emptied, its rent too.
#[test]
fn the_reserve_keeps_its_rent_whatever_leaves_it() {
    // By claims.
    let mut world = stage::young(WorldConfig::default().without_fees());
    let (rent, keys) = (world.pool().reserve_rent, world.keys);
    world.deposit("ana", 10 * SOL).unwrap();
    let all = world.pool().reserve_lamports;
    let [ticket, late] = [10 * SOL, 1].map(|lst| {
        if lst == 1 {
            world.deposit("bob", 1).unwrap();
            return world.order_unstake("bob", 1).unwrap();
        }
        world.order_unstake("ana", lst).unwrap()
    });
    world.cross_epoch();
    world.claim(&ticket).unwrap();
    world.claim(&late).unwrap();
    assert_eq!(
        world.chain.lamports(&keys.reserve),
        rent + all - 10 * SOL,
        "the deposit behind the dead shares"
    );

    // By delegation: all of it, and after that a claim finds nothing.
    let config = WorldConfig::default().without_fees().with_validators(vec![ValidatorConfig::default()]);
    let mut world = stage::young(config);
    world.deposit("ana", 10 * SOL).unwrap();
    world.to_move_window();
    world.delegate(0).unwrap();
    assert_eq!(world.chain.lamports(&world.keys.reserve), rent);
    assert_eq!(world.pool().reserve_lamports, 0);
    let ticket = world.order_unstake("ana", SOL).unwrap();
    world.cross_epoch();
    world.expect_refusal(&world.wish_claim(&ticket), &[], TidepoolError::TicketNotFilled);
    // One lamport comes, one lamport goes.
    world.deposit("ana", 1).unwrap();
    world.claim(&ticket).unwrap();
    world.expect_refusal(&world.wish_claim(&ticket), &[], TidepoolError::TicketNotFilled);
    assert_eq!(world.chain.lamports(&world.keys.reserve), rent);
}

/// marinade claim.rs (`SystemAccount`): only a wallet could be paid.
#[test]
fn any_kind_of_account_is_paid() {
    type Becomes = fn(&World, &Pubkey);
    let owners: [(&str, Becomes); 3] = [
        ("a wallet", |_, _| ()),
        ("an account of a program, with data", |world, owner| {
            stage::patch(world, owner, |account| {
                account.data = vec![7; 300];
                account.lamports = SOL;
                account.owner = tidepool_interface::ID;
            });
        }),
        ("a token account", |world, owner| {
            let token_account = world.account(&world.keys.treasury).unwrap();
            world.chain.set_account(owner, &token_account);
        }),
    ];
    for (what, becomes) in owners {
        let mut world = stage::earning();
        let ana = world.user("ana");
        let owner = world.chain.wallet("owner", SOL).unwrap();
        let lst = world.chain.create_token_account(&world.keys.lst_mint, &owner.pubkey()).unwrap();
        world.chain.transfer_tokens(&ana.lst, &lst, &ana.wallet, SOL).unwrap();
        let payer = world.chain.faucet().pubkey();
        let order = world.keys.order_unstake(&owner.pubkey(), &payer, &lst, SOL, 0, 0);
        let key = pda::ticket(&world.keys.pool, &owner.pubkey(), 0).0;
        let ticket = OpenTicket { key, owner: owner.pubkey(), rent_payer: payer };
        world.tickets.push(ticket.clone());
        world.send(&[order], &[&owner]).unwrap();
        becomes(&world, &owner.pubkey());
        expect_paid(world, &ticket, what);
    }
}

/// As above, for owners that no keypair can be: the ticket is theirs by what its account says.
#[test]
fn a_vault_without_a_keypair_is_paid() {
    let mut world = stage::earning();
    let ticket = world.order_unstake("ana", SOL).unwrap();
    let vault = pda::reserve(&Pubkey::new_unique()).0; // an address of a program, like a Squads vault
    const OWNER: usize = 8 + 32;
    stage::patch(&world, &ticket.key, |account| {
        account.data[OWNER..OWNER + 32].copy_from_slice(vault.as_ref())
    });
    expect_paid(world, &OpenTicket { owner: vault, ..ticket }, "a vault");
}

fn expect_paid(mut world: World, ticket: &OpenTicket, what: &str) {
    world.cross_epoch();
    let owed = world.ticket(ticket).unwrap().lamports;
    let before = world.chain.lamports(&ticket.owner);
    world.ledger.paid_out += i128::from(owed); // to nobody the world knows
    world.claim(ticket).unwrap();
    assert_eq!(world.chain.lamports(&ticket.owner) - before, owed, "{what}");
}

/// Marinade forum 448: 1.5 M SOL lay unclaimed, because owners had to come back.
#[test]
fn anybody_claims_for_everybody_and_nothing_expires() {
    let mut world = stage::earning();
    let tickets: Vec<OpenTicket> =
        ["ana", "bob", "ana"].map(|name| world.order_unstake(name, SOL).unwrap()).to_vec();
    (0..25).for_each(|_| world.cross_epoch());
    let stranger = world.chain.wallet("stranger", SOL).unwrap();
    let payer = world.chain.faucet().pubkey();
    let rent = world.chain.rent().minimum_balance(Ticket::SPACE);
    let before = (world.sol_of("ana"), world.sol_of("bob"), world.chain.lamports(&payer));
    let owed: Vec<u64> = tickets.iter().map(|ticket| world.ticket(ticket).unwrap().lamports).collect();
    let claims: Vec<Instruction> = tickets.iter().map(|ticket| world.wish_claim(ticket)).collect();
    // A stranger signs, alone.
    world.ledger.paid_out += i128::from(owed.iter().sum::<u64>());
    world.chain.send(&claims, &[&stranger]).unwrap();
    assert_eq!(world.sol_of("ana") - before.0, owed[0] + owed[2]);
    assert_eq!(world.sol_of("bob") - before.1, owed[1]);
    assert_eq!(world.chain.lamports(&payer) - before.2, 3 * rent);
}

/// marinade order_unstake/claim: when an order became due depended on whether a bot had run, and on half an hour more.
#[test]
fn an_order_is_due_in_the_next_epoch_whatever_the_cranks_do() {
    for (slot_of_order, cranks) in [(2, false), (62, false), (62, true)] {
        let mut world = stage::funded(stage::all_fees());
        world.advance(|chain| chain.jump_to(slot_of_order + 1));
        let ticket = world.next_ticket("ana");
        let outcome = world.send_order("ana", SOL).unwrap();
        let due = told::<events::UnstakeOrdered>(&outcome)[0].claimable_epoch;
        assert_eq!(due, world.chain.epoch() + 1);
        if cranks {
            world.sync().unwrap();
            world.update_all().unwrap();
        }
        world.advance(|chain| chain.next_epoch());
        assert_eq!((world.chain.epoch(), world.chain.slot()), (due, 64), "the first slot of it");
        world.claim(&ticket).unwrap();
    }
}

/// `solido#391`: with an unstaking account on the largest validator every withdrawal failed.
#[test]
fn all_exits_work_while_stake_moves_everywhere() {
    let mut world = stage::staked();
    world.deposit("bob", 400 * SOL).unwrap();
    world.to_move_window();
    for index in 0..4 {
        world.delegate(index).unwrap();
    }
    world.order_unstake("ana", 300 * SOL).unwrap();
    stage::slots(&mut world, 1); // orders of this very slot send nothing to cool down
    for index in 0..4 {
        world.undelegate(index).unwrap();
    }
    for index in 0..4 {
        let record = world.record(index);
        assert!(record.uses(StakeRole::Onramp), "validator {index}");
    }
    assert!((0..4).any(|index| world.record(index).uses(StakeRole::Offramp)));

    world.liquid_unstake("ana", SOL).unwrap();
    world.remove_liquidity("bob", SOL).unwrap();
    let ticket = world.order_unstake("bob", 5 * SOL).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert!(world.ticket(&ticket).is_none());
}

/// marinade `ReusingDelayedUnstakeTicket`: a closed ticket was revived in the same transaction.
#[test]
fn a_claimed_ticket_is_gone_even_if_its_rent_comes_back() {
    let mut world = stage::earning();
    let ticket = world.order_unstake("ana", SOL).unwrap();
    world.cross_epoch();
    let claim = world.wish_claim(&ticket);
    let rent = world.chain.lamports(&ticket.key);
    let faucet = world.chain.faucet().pubkey();
    let refund = solana_system_interface::instruction::transfer(&faucet, &ticket.key, rent);
    let revived = [claim.clone(), refund, claim.clone()];
    world.expect_refusal_of_all(&revived, &[], AnchorError::AccountOwnedByWrongProgram);
    let twice = [claim.clone(), claim.clone()];
    world.expect_refusal_of_all(&twice, &[], AnchorError::AccountNotInitialized);
    world.claim(&ticket).unwrap();
    world.expect_refusal(&claim, &[], AnchorError::AccountNotInitialized);
}

/// OriginProtocol/arm-oeth#240, `solido#453`: tickets kept their face value while the rest took the loss.
#[test]
fn a_loss_costs_tickets_and_holders_alike_whatever_the_order_of_claims() {
    let mut paid = vec![];
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let (mut world, tickets) = dry(&[100 * SOL, 200 * SOL, 50 * SOL]);
        let before = world.pool();
        let owed = before.queue().liabilities().unwrap().0;
        let loss = before.withheld + (before.value_floor + owed) / 10;
        world.slash(0, loss).unwrap();
        world.update([0]).unwrap();
        let after = world.pool();
        let owed_now = after.queue().liabilities().unwrap().0;
        let tenth = |part: u64, whole: u64| (i128::from(part) - i128::from(whole / 10 * 9)).abs() < 100;
        assert!(tenth(owed_now, owed) && tenth(after.value_floor, before.value_floor));

        world.deposit("bob", 400 * SOL).unwrap();
        world.cross_epoch();
        let each = order.map(|index| {
            let before = world.sol_of("ana");
            world.claim(&tickets[index]).unwrap();
            (index, world.sol_of("ana") - before)
        });
        let mut each = each.to_vec();
        each.sort_unstable();
        assert!(each.iter().all(|(_, lamports)| *lamports > 0));
        paid.push(each);
    }
    assert!(paid.iter().all(|each| *each == paid[0]), "{paid:?}");
}

/// `spl#2920`: lamports at a future address made its creation fail for ever.
#[test]
fn lamports_at_the_address_of_a_ticket_do_not_stop_an_order() {
    for gift in [1, 890_880, 3_000_000] {
        let mut world = stage::earning();
        let next = world.next_ticket("ana");
        world.chain.add_lamports(&next.key, gift);
        let ticket = world.order_unstake("ana", SOL).unwrap();
        assert_eq!(ticket, next);
        let rent = world.chain.rent().minimum_balance(Ticket::SPACE);
        assert_eq!(world.chain.lamports(&ticket.key), rent + gift);
        world.cross_epoch();
        let before = world.chain.lamports(&ticket.rent_payer);
        let outcome = world.claim(&ticket).unwrap();
        assert_eq!(world.chain.lamports(&ticket.rent_payer), before + rent + gift - outcome.fee);
    }
}

/// The same for a ticket of the liquidity pool: what lies at its address comes back with the rent.
#[test]
fn lamports_at_the_address_of_a_recycled_ticket_do_not_stop_a_recycling() {
    for (gift, nonce) in [(1, 0), (890_880, 7), (3_000_000, u64::MAX)] {
        let mut world = stage::in_the_window();
        let (keys, payer) = (world.keys, world.chain.faucet().pubkey());
        let key = pda::ticket(&keys.pool, &keys.sol_vault, nonce).0;
        world.chain.add_lamports(&key, gift);
        let ticket = OpenTicket { key, owner: keys.sol_vault, rent_payer: payer };
        world.tickets.push(ticket);
        let recycle = keys.recycle_liquidity(&payer, nonce);
        world.send(&[recycle], &[]).unwrap();
        let rent = world.chain.rent().minimum_balance(Ticket::SPACE);
        assert_eq!(world.chain.lamports(&key), rent + gift);
        assert!(world.liquidity().ticket_units > 0);
        stage::slots(&mut world, 1);
        world.run_epoch().unwrap();
        let before = world.chain.lamports(&payer);
        let collect = keys.collect_recycled(&key, &payer);
        let outcome = world.send(&[collect], &[]).unwrap();
        assert_eq!(world.liquidity().ticket_units, 0);
        assert_eq!(world.chain.lamports(&payer), before + rent + gift - outcome.fee);
    }
}

/// Marinade forum 481, by way of a ticket: SOL that waits in a ticket is never staked. Whoever orders in front of the window in
/// which stake moves, and turns the ticket back into LST when the next rewards are found, has no part in them.
#[test]
fn sol_that_waits_in_a_ticket_over_every_edge_earns_nothing() {
    for warmup in [0, 10_000] {
        let config = stage::all_fees().with_parameters(|p| {
            (p.fees.warmup, p.fees.ticket, p.fees.deposit) = (warmup, 0, 0);
        });
        let mut world = stage::funded(config);
        world.add_user("eve", 2_000 * SOL).unwrap();
        for _ in 0..3 {
            world.run_epoch().unwrap();
        }
        let before = world.sol_of("eve");
        world.deposit("eve", 1_000 * SOL).unwrap();
        let mut ticket = None;
        for _ in 0..5 {
            // The last slot in which stake does not move yet.
            world.advance(|chain| chain.jump_to(chain.first_slot(chain.epoch()) + 47));
            let all = world.lst_of("eve");
            let order = world.order_unstake("eve", all).unwrap();
            ticket = Some(order.clone());
            world.to_move_window();
            world.move_stake().unwrap();
            world.cross_epoch();
            world.update_all().unwrap();
            world.sync().unwrap();
            world.cancel(&order).unwrap();
        }
        world.advance(|chain| chain.jump_to(chain.first_slot(chain.epoch()) + 47));
        let all = world.lst_of("eve");
        let last = world.order_unstake("eve", all).unwrap();
        assert!(ticket.is_some_and(|ticket| ticket != last));
        world.run_epoch().unwrap();
        assert!(world.ticket(&last).is_none());
        let after = world.sol_of("eve");
        assert!(after <= before, "warm-up {warmup}: {} lamports earned", after - before);
    }
}

/// INF OS-SCT-ADV-01, Sec3 P1-I-05: between both parts of an operation something in the middle changed what the second part
/// believed, because an index was kept and not a key. A ticket is whole in itself: whatever becomes of those around it, it is
/// the same, to the byte, and pays the same.
#[test]
fn what_becomes_of_other_tickets_changes_none() {
    let (mut world, first, tickets) = stage::queueing(&[7 * SOL, 11 * SOL, 13 * SOL]);
    let ticket = &tickets[1];
    let (state, owed) = (world.account(&ticket.key).unwrap(), world.ticket(ticket).unwrap().lamports);
    let same = |world: &World| assert_eq!(world.account(&ticket.key).unwrap(), state);
    world.cancel(&tickets[0]).unwrap();
    same(&world);
    world.order_unstake("bob", 17 * SOL).unwrap();
    world.cancel(&tickets[2]).unwrap();
    same(&world);
    world.cancel(&first).unwrap();
    same(&world);
    world.release(&tickets[0]).unwrap();
    same(&world);
    stage::gift(&mut world, 50 * SOL);
    world.release(&tickets[2]).unwrap();
    same(&world);
    world.cross_epoch();
    let before = world.sol_of("ana");
    world.claim(ticket).unwrap();
    assert_eq!(world.sol_of("ana") - before, owed);
}

/// Neodyme SPL 2022-12, `spl#3806`: a loop over all entries could outgrow the budget for ever.
#[test]
fn the_cost_of_users_does_not_grow_with_tickets_or_validators() {
    let cost = |tickets: u64, validators: usize| {
        let config = stage::all_fees().with_validators(vec![ValidatorConfig::default(); validators]);
        let mut world = stage::funded(config);
        let orders: Vec<OpenTicket> =
            (0..tickets).map(|_| world.order_unstake("ana", SOL).unwrap()).collect();
        world.cross_epoch();
        let deposit = world.deposit("ana", SOL).unwrap();
        let exit = world.liquid_unstake("ana", SOL).unwrap();
        let sync = world.sync().unwrap();
        let claim = world.claim(&orders[0]).unwrap();
        [deposit, exit, sync, claim].map(|outcome| outcome.compute_units)
    };
    let (few, many) = (cost(1, 1), cost(40, 12));
    for (few, many) in few.into_iter().zip(many) {
        assert!(many <= few + 500, "{few} CU with few, {many} with many");
    }
}
