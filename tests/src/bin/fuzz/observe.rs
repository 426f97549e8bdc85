//! What really is: the model's books, filled from the accounts of the chain.

use {
    crate::{
        setup::fees_of,
        stage::{Difference, KnownStake, Stage},
    },
    solana_pubkey::Pubkey,
    tidepool_client::{
        read_liquidity, read_page, read_pool, read_ticket, Liquidity as RealLiquidity, Pool as RealPool,
        Role, TicketKind as RealKind, ValidatorRecord,
    },
    tidepool_interface::pda::StakeRole,
    tidepool_tests::model::{
        Amount, Books, Keeper, Liquidity, OwnStake, Owner, Pending, Person, Pool, Queue, Settings, StakeBook,
        Stream, Ticket, TicketKind, ValidatorBook, Vaults, ROLES,
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
        Ok(())
    }

    fn observe(&self, pool: &RealPool) -> Result<Books, Difference> {
        let liquidity = read_liquidity(&self.data(&self.keys.liquidity)).map_err(broken)?;
        Ok(Books {
            pool: Pool { holders: self.holders(pool)?, proposed: self.proposed(pool)?, ..books_of(pool) },
            liquidity: liquidity_of(&liquidity),
            vaults: self.vaults(pool, &liquidity),
            people: self.people.iter().map(|person| self.person(person)).collect(),
            tickets: self.open_tickets()?,
            stakes: self.stake_books()?,
            validators: self.validator_books()?,
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

    fn stake_books(&self) -> Result<Vec<[StakeBook; 3]>, Difference> {
        let page = read_page(&self.data(&self.validators[0].page)).map_err(broken)?;
        let of = |validator: usize, role: StakeRole| StakeBook {
            lamports: self.lamports(&self.validators[validator].stake(role)),
            seen: page.records[validator].lamports(role).into(),
        };
        Ok((0..self.validators.len()).map(|index| StakeRole::ALL.map(|role| of(index, role))).collect())
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

    fn validator_books(&self) -> Result<Vec<ValidatorBook>, Difference> {
        let page = read_page(&self.data(&self.validators[0].page)).map_err(broken)?;
        let of = |record: &ValidatorRecord| ValidatorBook {
            gain_ppb: record.gain_ppb.into(),
            updated_in: record.last_update_epoch.into(),
        };
        Ok(page.records[..self.validators.len()].iter().map(of).collect())
    }

    pub fn record_uses(&self, validator: usize, role: StakeRole) -> bool {
        let page = read_page(&self.data(&self.validators[0].page));
        page.is_ok_and(|page| page.records[validator].uses(role))
    }

    fn data(&self, key: &solana_pubkey::Pubkey) -> Vec<u8> {
        self.chain.account(key).map(|account| account.data).unwrap_or_default()
    }

    fn lamports(&self, key: &solana_pubkey::Pubkey) -> Amount {
        self.chain.lamports(key).into()
    }
}

fn books_of(pool: &RealPool) -> Pool {
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
        updated: pool.validators_updated.into(),
        last_update_epoch: pool.last_update_epoch.into(),
        fees: fees_of(&pool.fees),
        pending_fees: pending(fees_of(&pool.pending_fees), pool.pending_fees_epoch),
        settings: Settings {
            reserve_target: pool.reserve_target_bps.into(),
            move_window: pool.move_window_bps.into(),
            max_validator: pool.max_validator_bps.into(),
            min_deposit: pool.min_deposit.into(),
            deposit_cap: pool.deposit_cap.into(),
            instant_cap: pool.instant_cap_per_day.into(),
        },
        paused: std::array::from_fn(|function| pool.pause_flags >> function & 1 == 1),
        pause_end: std::array::from_fn(|function| pool.pause_end_epoch[function].into()),
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
