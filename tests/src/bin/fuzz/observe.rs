//! What really is: the model's books, filled from the accounts of the chain.

use {
    crate::{
        setup::{fees_of, rules_of},
        stage::{KnownStake, Stage},
    },
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::{
        read_bond, read_liquidity, read_page, read_pool, read_ticket, BondTerms, Gains as RealGains,
        Liquidity as RealLiquidity, Pool as RealPool, Role, TicketKind as RealKind, ValidatorKeys,
        ValidatorPage, ValidatorRecord,
    },
    tidepool_interface::{header::BREAKER, pda::StakeRole},
    tidepool_tests::{
        model::{
            Amount, Bond, Books, Gains, Keeper, Liquidity, Means, OwnStake, Owner, Pending, Person, Pool,
            Queue, Settings, StakeBook, Status, Stream, Sums, Terms, Ticket, TicketKind, ValidatorBook,
            Vaults, Withdrawal, ROLES,
        },
        runs::Difference,
    },
};

impl Stage {
    /// Compares every account with the model.
    pub fn compare(&self) -> Result<(), Difference> {
        let pool = read_pool(&self.data(&self.keys.pool)).map_err(broken)?;
        let real = self.observe(&pool)?;
        if real != self.model.books {
            return Err(difference(&self.model.books, &real));
        }
        let (value, stake) = (Amount::from(pool.value_floor), Amount::from(pool.stake_lamports));
        if value != real.value() || stake != real.stake() {
            let text = format!("value {value}, stake {stake}; it is {} and {}", real.value(), real.stake());
            return Err(Difference::new("the pool's sums", text));
        }
        compare_sums(&pool, &real)
    }

    fn observe(&self, pool: &RealPool) -> Result<Books, Difference> {
        let liquidity = read_liquidity(&self.data(&self.keys.liquidity)).map_err(broken)?;
        let page = read_page(&self.data(&self.validators[0].page)).map_err(broken)?;
        Ok(Books {
            pool: Pool {
                holders: self.holders(pool)?,
                proposed: self.proposed(pool)?,
                insurance_withdrawal: self.insurance_withdrawal(pool)?,
                entries: self.history_entries(),
                ..books_of(pool)
            },
            liquidity: liquidity_of(&liquidity),
            vaults: self.vaults(pool, &liquidity),
            people: self.people.iter().map(|person| self.person(person)).collect(),
            tickets: self.open_tickets()?,
            stakes: self.stake_books(&page),
            validators: self.validator_books(&page),
            bonds: self.bonds()?,
            bond_gifts: self.bond_gifts(),
            bond_owners: self.bond_owners(),
            own_stakes: self.own_stakes(),
        })
    }

    fn vaults(&self, pool: &RealPool, liquidity: &RealLiquidity) -> Vaults {
        const TOKEN_STATE: usize = 108;
        let above = |key, rent| self.lamports(key) - Amount::from(rent);
        let tokens = |key| Amount::from(self.chain.token_balance(key));
        let supply = |key| Amount::from(self.chain.mint_supply(key));
        let (hollow, at_first) = &self.elsewhere;
        Vaults {
            reserve: above(&self.keys.reserve, pool.reserve_rent),
            insurance: above(&self.keys.insurance, pool.insurance_rent),
            liquidity_sol: above(&self.keys.sol_vault, liquidity.sol_vault_rent),
            liquidity_lst: tokens(&self.keys.lst_vault),
            lst_minted: supply(&self.keys.lst_mint),
            lp_minted: supply(&self.keys.lp_mint),
            treasury_lst: tokens(&self.first_treasury),
            treasury_is_usable: self.data(&self.first_treasury)[TOKEN_STATE] == 1,
            elsewhere: hollow.iter().map(|key| self.lamports(key)).sum::<Amount>() - Amount::from(*at_first),
            dead_lst: tokens(&self.keys.dead_lst),
            dead_lp: tokens(&self.keys.dead_lp),
        }
    }

    fn person(&self, user: &tidepool_localnet::world::User) -> Person {
        Person {
            sol: self.lamports(&solana_signer::Signer::pubkey(&user.wallet)),
            lst: self.chain.token_balance(&user.lst).into(),
            lp: self.chain.token_balance(&user.lp).into(),
        }
    }

    fn open_tickets(&self) -> Result<Vec<Ticket>, Difference> {
        let mut open = vec![];
        for known in &self.tickets {
            let Some(account) = self.chain.account(&known.key) else { continue };
            let ticket = read_ticket(&account.data).map_err(broken)?;
            let owner = match ticket.owner == self.keys.sol_vault {
                true => Owner::LiquidityPool,
                false => Owner::Person(self.person_of(&ticket.owner)?),
            };
            open.push(Ticket {
                id: known.id,
                kind: match ticket.kind {
                    RealKind::Order => TicketKind::Order,
                    RealKind::Recycled => TicketKind::Recycled,
                    RealKind::Cancelled => TicketKind::Cancelled,
                },
                owner,
                rent_payer: self.person_of(&ticket.rent_payer).ok(),
                held: account.lamports.into(),
                start: ticket.queue_start as Amount,
                units: ticket.units.into(),
                paid: ticket.paid_units.into(),
                lamports: ticket.lamports.into(),
                lst: ticket.lst_amount.into(),
                epoch: ticket.created_epoch.into(),
            });
        }
        Ok(open)
    }

    fn own_stakes(&self) -> Vec<OwnStake> {
        let of = |known: &KnownStake| OwnStake {
            id: known.id,
            owner: known.owner,
            lamports: self.lamports(&known.key),
            stake: self.chain.delegation(&known.key).map_or(0, |delegation| delegation.stake.into()),
        };
        self.stakes.iter().map(of).collect()
    }

    /// Forgets the tickets that are closed; after a comparison, so that one closed by mistake is seen.
    pub fn forget_closed(&mut self) {
        let chain = &self.chain;
        self.tickets.retain(|ticket| chain.lamports(&ticket.key) > 0);
    }

    fn person_of(&self, key: &solana_pubkey::Pubkey) -> Result<usize, Difference> {
        let place = self.people.iter().position(|user| solana_signer::Signer::pubkey(&user.wallet) == *key);
        place.ok_or_else(|| Difference::new("a ticket's owner", format!("{key} is nobody")))
    }

    fn stake_books(&self, page: &ValidatorPage) -> Vec<[StakeBook; 3]> {
        let of = |index: usize, role: StakeRole| StakeBook {
            now: self.stake(index, role),
            seen: page.records[index].lamports(role).into(),
        };
        (0..self.validators.len()).map(|index| StakeRole::ALL.map(|role| of(index, role))).collect()
    }

    fn validator_books(&self, page: &ValidatorPage) -> Vec<ValidatorBook> {
        page.records[..self.validators.len()].iter().map(validator_of).collect()
    }

    fn bonds(&self) -> Result<Vec<Option<Bond>>, Difference> {
        self.validators.iter().map(|validator| self.bond_of(&validator.vote)).collect()
    }

    fn bond_of(&self, vote: &Pubkey) -> Result<Option<Bond>, Difference> {
        let account = self.chain.account(&self.keys.bond(vote)).unwrap_or_default();
        if account.owner != tidepool_interface::ID {
            return Ok(None);
        }
        let bond = read_bond(&account.data).map_err(broken)?;
        let terms = |terms: &BondTerms| Terms {
            commission: terms.commission_bps.into(),
            bid_ppb: terms.bid_ppb.into(),
        };
        Ok(Some(Bond {
            posted: bond.lamports.into(),
            held: account.lamports.into(),
            terms: terms(&bond.terms),
            pending: pending(terms(&bond.pending_terms), bond.pending_terms_epoch),
            asked: bond.withdrawal_lamports.into(),
            asked_from: bond.withdrawal_epoch.into(),
            settled_in: bond.settled_epoch.into(),
            settled_stake: bond.settled_stake.into(),
            min_credits: bond.settled_min_credits_bps.into(),
        }))
    }

    /// What lies where a bond is to be.
    fn bond_gifts(&self) -> Vec<Amount> {
        let of = |validator: &ValidatorKeys| {
            let account = self.chain.account(&self.keys.bond(&validator.vote)).unwrap_or_default();
            if account.owner == tidepool_interface::ID {
                0
            } else {
                account.lamports.into()
            }
        };
        self.validators.iter().map(of).collect()
    }

    fn bond_owners(&self) -> Vec<Amount> {
        let of = |index| self.lamports(&Signer::pubkey(&self.chain.validator(index).withdrawer));
        (0..self.validators.len()).map(of).collect()
    }

    fn insurance_withdrawal(&self, pool: &RealPool) -> Result<Option<Withdrawal>, Difference> {
        if pool.insurance_withdrawal_lamports == 0 {
            return Ok(None);
        }
        Ok(Some(Withdrawal {
            lamports: pool.insurance_withdrawal_lamports.into(),
            to: self.person_of(&pool.insurance_withdrawal_to)?,
            from: pool.insurance_withdrawal_epoch.into(),
        }))
    }

    /// Entries ever made stand behind the discriminator and the pool's key.
    fn history_entries(&self) -> Amount {
        let data = self.data(&self.keys.history);
        data[40..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes).into())
    }

    fn holders(&self, pool: &RealPool) -> Result<[Keeper; ROLES], Difference> {
        let of = |role| self.keeper(role, &pool.holder(role));
        Ok([of(Role::Admin)?, of(Role::Manager)?, of(Role::Guardian)?, of(Role::Treasury)?])
    }

    fn proposed(&self, pool: &RealPool) -> Result<[Option<Keeper>; ROLES], Difference> {
        let mut all = [None; ROLES];
        for role in Role::ALL {
            let key = pool.proposed[role as usize];
            if key != Pubkey::default() {
                all[role as usize] = Some(self.keeper(role, &key)?);
            }
        }
        Ok(all)
    }

    fn keeper(&self, role: Role, key: &Pubkey) -> Result<Keeper, Difference> {
        let people = (0..self.people.len()).map(Keeper::Person);
        let mut all = [Keeper::Founder, Keeper::Watchman].into_iter().chain(people);
        let found = all.find(|who| self.address_of(role, *who) == *key);
        found.ok_or_else(|| Difference::new("a role", format!("{role:?} is {key}")))
    }

    fn data(&self, key: &solana_pubkey::Pubkey) -> Vec<u8> {
        self.chain.account(key).map(|account| account.data).unwrap_or_default()
    }

    fn lamports(&self, key: &solana_pubkey::Pubkey) -> Amount {
        self.chain.lamports(key).into()
    }
}

/// What the pool adds up over its validators is what they have.
fn compare_sums(pool: &RealPool, real: &Books) -> Result<(), Difference> {
    let groups = pool.group_weights.iter().map(|weight| Amount::from(*weight));
    let are_groups = groups.enumerate().skip(1).all(|(group, weight)| {
        let has_members = || real.validators.iter().any(|validator| validator.group == group as Amount);
        weight == if has_members() { real.group_weight(group as Amount) } else { 0 }
    });
    let sums: [(&str, Amount, Amount); 5] = [
        ("validators", pool.validator_count.into(), real.listed()),
        ("weight", pool.total_weight.into(), real.total_weight()),
        ("stake", pool.staked_lamports.into(), real.staked()),
        ("cooling stake", pool.cooling_lamports.into(), real.cooling()),
        ("bonds", pool.bond_lamports.into(), real.backing()),
    ];
    match sums.iter().find(|(_, is, should)| is != should) {
        Some((what, is, should)) => {
            Err(Difference::new(format!("the pool's sum of {what}"), format!("{is}; it is {should}")))
        }
        None if !are_groups => Err(Difference::new("the groups' weights", "are not those of their members")),
        None => Ok(()),
    }
}

fn validator_of(record: &ValidatorRecord) -> ValidatorBook {
    ValidatorBook {
        status: match record.status {
            0 => Status::Free,
            1 => Status::Active,
            _ => Status::Draining,
        },
        weight: record.weight.into(),
        score: record.score_bps.into(),
        group: record.group.into(),
        staked: record.staked_lamports.into(),
        opening: record.opening_stake_lamports.into(),
        opened_in: record.opening_epoch.into(),
        cooling: record.cooling_lamports.into(),
        main_cooling: record.main_cooling_lamports.into(),
        in_use: StakeRole::ALL.map(|role| record.uses(role)),
        gain_ppb: record.gain_ppb.into(),
        updated_in: record.last_update_epoch.into(),
        moved_in: record.last_move_epoch.into(),
        reviewed_in: record.reviewed_epoch.into(),
        entered_in: record.entered_epoch.into(),
        verdict: record.verdict.into(),
        commission: record.commission_bps.into(),
        highest_commission: record.highest_commission_bps.into(),
        credit_ratio: record.credit_ratio_bps.into(),
        bond: record.bond_lamports.into(),
        bid_ppb: record.bid_ppb.into(),
        lost: record.lost_lamports.into(),
        has_joined: record.has_joined != 0,
    }
}

fn gains_of(gains: &RealGains) -> Gains {
    Gains {
        delegation: gains.delegation.into(),
        free: gains.free.into(),
        fees: gains.fees.into(),
        bonds: gains.bonds.into(),
        gifts: gains.gifts.into(),
    }
}

/// What the reviews have added up, and the means of an earlier epoch.
fn reviews_of(pool: &RealPool) -> (Sums, Option<Means>) {
    let review = &pool.review;
    let wide = |number| u128::from(number) as Amount;
    let sums = Sums {
        stake: review.stake.into(),
        credits: wide(review.credits),
        kept: wide(review.kept_credits),
        gain: wide(review.gain),
        bid: wide(review.bid),
    };
    let means = Means {
        epoch: review.means_epoch.into(),
        credits: review.mean_credits.into(),
        kept: review.mean_kept_credits.into(),
        gain: review.mean_gain_ppb.into(),
        bid: review.mean_bid_ppb.into(),
    };
    (sums, (review.means_epoch > 0).then_some(means))
}

fn books_of(pool: &RealPool) -> Pool {
    let (reviewed, means) = reviews_of(pool);
    let wide = |number| u128::from(number) as Amount;
    Pool {
        supply: pool.lst_supply.into(),
        fee_shares_due: pool.fee_shares_due.into(),
        stream: Stream {
            amount: pool.stream_amount.into(),
            withheld: pool.withheld.into(),
            start: pool.stream_start_slot.into(),
            end: pool.stream_end_slot.into(),
        },
        reserve: pool.reserve_lamports.into(),
        insurance: pool.insurance_lamports.into(),
        insurance_due: pool.insurance_due.into(),
        loss_carry: pool.loss_carry.into(),
        queue: Queue {
            total: wide(pool.ticket_total),
            filled: wide(pool.ticket_filled),
            settled: wide(pool.ticket_settled),
            cancelled: wide(pool.ticket_cancelled),
            index: pool.ticket_index.into(),
        },
        tickets_ordered: pool.tickets_ordered.into(),
        order_slot: pool.order_slot.into(),
        total_before: wide(pool.ticket_total_before),
        cancelled_before: wide(pool.ticket_cancelled_before),
        gain_ppb: pool.gain_ppb.into(),
        last_gain_ppb: pool.last_gain_ppb.into(),
        counted_epoch: pool.counted_epoch.into(),
        to_find: pool.epochs_to_find.into(),
        updated: pool.validators_updated.into(),
        last_update_epoch: pool.last_update_epoch.into(),
        fees: fees_of(&pool.fees),
        pending_fees: pending(fees_of(&pool.pending_fees), pool.pending_fees_epoch),
        settings: Settings {
            reserve_target: pool.reserve_target_bps.into(),
            move_window: pool.move_window_bps.into(),
            max_validator: pool.max_validator_bps.into(),
            max_move: pool.max_move_bps.into(),
            breaker: pool.breaker_bps.into(),
            min_deposit: pool.min_deposit.into(),
            deposit_cap: pool.deposit_cap.into(),
            instant_cap: pool.instant_cap_per_day.into(),
        },
        paused: std::array::from_fn(|function| pool.pause_flags >> function & 1 == 1),
        pause_end: std::array::from_fn(|function| pool.pause_end_epoch[function].into()),
        rules: rules_of(&pool.rules),
        reviewed,
        means,
        moved: pool.moved_lamports.into(),
        epoch_gain: pool.epoch_gain.into(),
        epoch_loss: pool.epoch_loss.into(),
        breaker: pool.pause_flags & BREAKER != 0,
        breaker_end: pool.breaker_end_epoch.into(),
        gains: gains_of(&pool.gains),
        loss: pool.loss.into(),
        synced_in: pool.last_sync_epoch.into(),
        insured_loss: pool.insured_loss.into(),
        instant_used: pool.instant_used.into(),
        instant_used_at: pool.instant_used_at.into(),
        ..Pool::default()
    }
}

fn pending<T>(new: T, from: u64) -> Option<Pending<T>> {
    (from != 0).then(|| Pending { new, from: from.into() })
}

fn liquidity_of(liquidity: &RealLiquidity) -> Liquidity {
    Liquidity {
        sol: liquidity.sol_lamports.into(),
        lst: liquidity.lst_amount.into(),
        lp_supply: liquidity.lp_supply.into(),
        treasury_due: liquidity.treasury_lst_due.into(),
        target: liquidity.target_lamports.into(),
        pending_target: pending(liquidity.pending_target_lamports.into(), liquidity.pending_target_epoch),
        ticket_units: liquidity.ticket_units.into(),
        add_slot: liquidity.add_slot.into(),
        added: liquidity.added_lamports.into(),
        exit_slot: liquidity.exit_slot.into(),
        exit_fees: liquidity.slot_fees.into(),
    }
}

fn broken(error: tidepool_client::ReadError) -> Difference {
    Difference::new("an account", error.to_string())
}

/// The lines in which both differ, in the words of the books.
fn difference(model: &Books, real: &Books) -> Difference {
    let (model, real) = (format!("{model:#?}"), format!("{real:#?}"));
    let mut place = vec![];
    let mut lines = vec![];
    for (expected, found) in model.lines().zip(real.lines()) {
        let depth = (expected.len() - expected.trim_start().len()) / 4;
        place.truncate(depth);
        place.push(expected.trim().trim_end_matches([' ', '{', '[', ',', '(']).to_string());
        if expected != found {
            let path = place[1.min(place.len() - 1)..].join(" / ");
            lines.push((path, format!("model {}, program {}", expected.trim(), found.trim())));
        }
    }
    if model.lines().count() != real.lines().count() {
        lines.push(("number of tickets".to_string(), String::new()));
    }
    let field = |path: &str| path.split(": ").next().unwrap_or_default().to_string();
    let kind = lines.first().map_or_else(String::new, |(path, _)| field(path));
    let text = lines.iter().map(|(path, text)| format!("\n  {}: {text}", field(path))).collect::<String>();
    Difference::new(format!("books differ in {kind}"), text)
}
