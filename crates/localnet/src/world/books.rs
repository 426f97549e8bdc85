//! The invariants of the pool, checked against raw accounts after every step, and a ledger of all lamports that went in
//! and out, kept from wallets and stake rewards alone: it knows nothing of the program's own books.

use {
    super::World,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    std::{cmp::Ordering, collections::BTreeMap},
    tidepool_client::{read_bond, read_ticket, Liquidity, Pool, Ticket, TicketKind, ValidatorRecord},
    tidepool_interface::limits,
    tidepool_math::{Lamports, Rate, Shares},
};

/// Lamports that crossed the border of the pool since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// From the wallets of users and of the operator.
    pub paid_in: i128,
    /// To them.
    pub paid_out: i128,
    /// From the cluster to the pool's stake accounts, less what was slashed.
    pub rewards: i128,
    /// From strangers.
    pub gifts: u64,
}

impl Ledger {
    /// What the pool should hold.
    pub fn expected(&self) -> i128 {
        self.paid_in + self.rewards + i128::from(self.gifts) - self.paid_out
    }
}

/// What the next step is compared with.
#[derive(Clone, Copy)]
pub(super) struct Snapshot {
    rate: Rate,
    ticket_index: u64,
    has_tickets: bool,
    loss_carry: u64,
    lp: Rate,
}

impl World {
    /// Lamports of every account the pool controls.
    pub fn held(&self) -> i128 {
        self.held_accounts().iter().map(|key| i128::from(self.chain.lamports(key))).sum()
    }

    /// Ledger less holdings: 0 while every lamport is accounted for.
    pub fn difference(&self) -> i128 {
        self.ledger.expected() - self.held()
    }

    pub(super) fn held_accounts(&self) -> Vec<Pubkey> {
        let keys = &self.keys;
        let mut all = vec![
            keys.pool,
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
        for validator in &self.validators {
            all.extend(validator.stakes);
            all.push(validator.page);
            all.push(validator.entry);
        }
        all.extend(&self.bonds);
        all.sort();
        all.dedup();
        all
    }

    pub(super) fn stake_lamports(&self) -> i128 {
        let stakes = self.validators.iter().flat_map(|validator| validator.stakes);
        stakes.map(|key| i128::from(self.chain.lamports(&key))).sum()
    }

    pub(super) fn wallets(&self) -> BTreeMap<Pubkey, u64> {
        let users = self.users().map(|(_, user)| user.wallet.pubkey());
        let all = users.chain([self.operator.pubkey()]).chain(self.vaults.iter().copied());
        all.map(|key| (key, self.chain.lamports(&key))).collect()
    }

    pub(super) fn settle_ledger(&mut self, before: &BTreeMap<Pubkey, u64>) {
        for (key, before) in before {
            let change = i128::from(self.chain.lamports(key)) - i128::from(*before);
            if change > 0 {
                self.ledger.paid_out += change;
            } else {
                self.ledger.paid_in -= change;
            }
        }
    }

    /// Checks everything; `succeeded`: whether the step did something, so that the state may have moved.
    pub(super) fn check_books(&mut self, succeeded: bool) {
        if self.account(&self.keys.pool).is_none() {
            return; // the pool is still being made
        }
        self.tickets.retain(|ticket| self.chain.account(&ticket.key).is_some_and(|a| !a.data.is_empty()));
        let pool = self.pool();
        let liquidity = self.liquidity();
        let records = self.records();
        let mut wrong = vec![];
        let mut must = |holds: bool, what: String| {
            if !holds {
                wrong.push(what);
            }
        };
        self.check_reserve(&pool, &mut must);
        self.check_sums(&pool, &records, &mut must);
        self.check_bonds(&mut must);
        self.check_supply(&pool, &mut must);
        self.check_tickets(&pool, &liquidity, &mut must);
        self.check_liquidity(&liquidity, &mut must);
        must(self.difference() == 0, format!("ledger and holdings differ by {}", self.difference()));
        let now = self.snapshot(&pool, &liquidity);
        if let Some(last) = &self.last {
            check_rates(last, &now, succeeded, &mut must);
        }
        self.last = Some(now);
        assert!(wrong.is_empty(), "books broken in slot {}:\n  {}", self.chain.slot(), wrong.join("\n  "));
    }

    fn snapshot(&self, pool: &Pool, liquidity: &Liquidity) -> Snapshot {
        let rate = self.rate();
        let value = liquidity
            .as_math(pool)
            .ok()
            .and_then(|books| books.value_floor(&rate).ok())
            .unwrap_or(Lamports::ZERO);
        Snapshot {
            rate,
            ticket_index: pool.ticket_index,
            has_tickets: pool.queue().settled < pool.queue().total,
            loss_carry: pool.loss_carry,
            lp: Rate { value, supply: Shares(liquidity.lp_supply) },
        }
    }

    fn check_reserve(&self, pool: &Pool, must: &mut impl FnMut(bool, String)) {
        let lamports = self.chain.lamports(&self.keys.reserve);
        let reserved = pool.queue().reserved().map(|reserved| reserved.0);
        must(
            lamports >= pool.reserve_rent + pool.reserve_lamports,
            format!("reserve holds {lamports}, books say {}", pool.reserve_lamports),
        );
        must(
            reserved.is_ok_and(|reserved| reserved <= pool.reserve_lamports),
            format!("{reserved:?} reserved of {}", pool.reserve_lamports),
        );
        let insurance = self.chain.lamports(&self.keys.insurance);
        must(
            insurance >= pool.insurance_rent + pool.insurance_lamports,
            format!("insurance holds {insurance}, books say {}", pool.insurance_lamports),
        );
    }

    fn check_sums(&self, pool: &Pool, records: &[ValidatorRecord], must: &mut impl FnMut(bool, String)) {
        let in_records: u64 = records.iter().flat_map(|record| record.lamports).sum();
        must(
            in_records == pool.stake_lamports,
            format!("records hold {in_records}, the pool says {}", pool.stake_lamports),
        );
        let cooling: u64 = records.iter().map(|r| r.cooling_lamports + r.main_cooling_lamports).sum();
        must(
            cooling == pool.cooling_lamports,
            format!("records cool {cooling}, the pool says {}", pool.cooling_lamports),
        );
        let staked: u64 = records.iter().map(|record| record.staked_lamports).sum();
        must(
            staked == pool.staked_lamports,
            format!("records have {staked} staked, the pool says {}", pool.staked_lamports),
        );
        let weight: u64 = records.iter().map(ValidatorRecord::effective_weight).sum();
        must(
            weight == pool.total_weight,
            format!("records weigh {weight}, the pool says {}", pool.total_weight),
        );

        for group in 1..limits::MAX_GROUPS as u16 {
            let of_group = records.iter().filter(|record| record.group == group);
            let weight: u64 = of_group.map(ValidatorRecord::effective_weight).sum();
            must(
                weight == pool.group_weight(group),
                format!("group {group} weighs {weight}, the pool says {}", pool.group_weight(group)),
            );
        }
        let bonds: u64 = records.iter().map(|record| record.bond_lamports).sum();
        must(
            bonds == pool.bond_lamports,
            format!("records have {bonds} of bonds, the pool says {}", pool.bond_lamports),
        );

        let assets = u128::from(pool.reserve_lamports) + u128::from(pool.stake_lamports);
        let tickets = pool.queue().liabilities().map_or(u128::MAX, |lamports| lamports.0.into());
        let parts = [pool.value_floor, pool.withheld, pool.insurance_due].map(u128::from);
        let claims = parts.iter().sum::<u128>().saturating_add(tickets);
        must(assets == claims, format!("assets {assets}, claims on them {claims}"));
        must(
            pool.withheld <= pool.stream_amount,
            format!("withheld {} of {}", pool.withheld, pool.stream_amount),
        );
    }

    fn check_bonds(&self, must: &mut impl FnMut(bool, String)) {
        let opened = self.bonds.iter().filter_map(|key| Some((key, self.account(key)?)));
        for (key, account) in opened {
            let Ok(bond) = read_bond(&account.data) else { continue };
            must(
                account.lamports >= bond.lamports,
                format!("bond {key} holds {}, it says {}", account.lamports, bond.lamports),
            );
        }
    }

    fn check_supply(&self, pool: &Pool, must: &mut impl FnMut(bool, String)) {
        let minted = self.chain.mint_supply(&self.keys.lst_mint);
        let issued = pool.lst_supply - pool.fee_shares_due;
        must(minted <= issued, format!("{minted} LST minted, {issued} issued"));
    }

    fn check_tickets(&self, pool: &Pool, liquidity: &Liquidity, must: &mut impl FnMut(bool, String)) {
        let queue = pool.queue();
        must(
            queue.settled <= queue.filled && queue.filled <= queue.total,
            format!("queue out of order: {queue:?}"),
        );
        let known = self.tickets.iter().filter_map(|ticket| read_ticket(&self.data(&ticket.key)).ok());
        let tickets: Vec<Ticket> = known.collect();
        for Ticket { index, units, paid_units, .. } in &tickets {
            must(paid_units <= units, format!("ticket {index} of {units} units is paid for {paid_units}"));
        }
        let mut ranges: Vec<(u128, u128)> = tickets
            .iter()
            .map(|ticket| (ticket.queue_start, ticket.queue_start + u128::from(ticket.units)))
            .collect();
        ranges.sort_unstable();
        must(
            ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0)
                && ranges.last().is_none_or(|last| last.1 <= queue.total),
            format!("tickets overlap or leave the queue: {ranges:?} of {queue:?}"),
        );
        let sum = |kind: TicketKind| -> u128 {
            let units = tickets.iter().filter(|ticket| ticket.kind == kind).map(Ticket::unpaid_units);
            units.map(u128::from).sum()
        };
        let (orders, recycled) = (sum(TicketKind::Order), sum(TicketKind::Recycled));
        let gaps = sum(TicketKind::Cancelled);
        must(gaps == queue.cancelled, format!("gaps have {gaps} units of {queue:?}"));
        let open = (queue.total - queue.settled).checked_sub(queue.cancelled);
        must(
            open == Some(orders + recycled),
            format!("open tickets hold {orders} + {recycled} units of {queue:?}"),
        );
        must(
            recycled == u128::from(liquidity.ticket_units),
            format!("the liquidity pool's tickets hold {recycled} units, it says {}", liquidity.ticket_units),
        );
    }

    fn check_liquidity(&self, liquidity: &Liquidity, must: &mut impl FnMut(bool, String)) {
        let sol = self.chain.lamports(&self.keys.sol_vault);
        must(
            sol >= liquidity.sol_vault_rent + liquidity.sol_lamports,
            format!("SOL vault holds {sol}, books say {}", liquidity.sol_lamports),
        );
        let lst = self.chain.token_balance(&self.keys.lst_vault);
        must(
            lst >= liquidity.lst_amount + liquidity.treasury_lst_due,
            format!("LST vault holds {lst}, books say {}", liquidity.lst_amount),
        );
        let lp = self.chain.mint_supply(&self.keys.lp_mint);
        must(lp <= liquidity.lp_supply, format!("{lp} LP minted, {} issued", liquidity.lp_supply));
    }
}

fn check_rates(last: &Snapshot, now: &Snapshot, succeeded: bool, must: &mut impl FnMut(bool, String)) {
    let lost = now.loss_carry > last.loss_carry;
    must(
        lost || now.rate.cmp(&last.rate) != Ordering::Less,
        format!("the rate fell from {:?} to {:?} without a loss", last.rate, now.rate),
    );
    // The LST of a vault is valued to the lamport, which is much for a vault of little more than the dead shares.
    let lp = Rate { value: Lamports(now.lp.value.0.saturating_add(1)), ..now.lp };
    must(
        lost || lp.cmp(&last.lp) != Ordering::Less,
        format!("liquidity shares fell from {:?} to {:?} without a loss", last.lp, now.lp),
    );
    must(
        !last.has_tickets || now.ticket_index <= last.ticket_index,
        "the ticket index rose under open tickets".to_string(),
    );
    must(
        succeeded || now.rate == last.rate,
        format!("a refused step moved the rate from {:?} to {:?}", last.rate, now.rate),
    );
}
