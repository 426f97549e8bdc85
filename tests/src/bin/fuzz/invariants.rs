//! What must hold whatever happens (docs/auditors.md), in exact numbers.

use {
    crate::action::{Action, Holder, Place},
    num_bigint::BigInt,
    tidepool_tests::{
        model::{
            numbers::{ceil, floor},
            Amount, Books, Keeper, Model, OwnStake, Owner, Rate, StakeBook, Ticket, TicketKind,
            ValidatorBook, ONE, TREASURY,
        },
        runs::Difference,
    },
};

/// A stretch of one epoch in which one person alone acts and nothing comes from outside: it cannot make him richer.
struct Span {
    user: usize,
    epoch: Amount,
    /// What he had at the start, at the prices of those who come, rounded up.
    put_in: Amount,
    actions: usize,
}

/// Follows a run from step to step.
#[derive(Default)]
pub struct Watch {
    span: Option<Span>,
    pub profits: Profits,
}

/// How hard a profit was looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Profits {
    /// Steps after which somebody's profit was computed.
    pub checks: u64,
    /// Steps of the longest stretch.
    pub longest: usize,
    /// Epochs whose cranks were tried in another order.
    pub orders: u64,
}

impl Watch {
    /// Checks the step from `before` to `after`.
    pub fn check(&mut self, action: &Action, before: &Model, after: &Model) -> Result<(), Difference> {
        let mut wrong = vec![];
        let mut must = |holds: bool, what: &str| {
            if !holds {
                wrong.push(what.to_string());
            }
        };
        check_books(&after.books, &mut must);
        check_validators(&after.books, &mut must);
        if matches!(action, Action::Delegate { .. } | Action::Undelegate { .. }) {
            must(leaves_enough(before, after), "no move leaves less than the minimum delegation");
        }
        if *action == Action::Sync {
            let issued = after.books.pool.supply - after.books.pool.fee_shares_due;
            must(after.books.vaults.lst_minted == issued, "after a sync the mint has what was issued");
        }
        let (was, is) = (before.touched(), after.touched());
        let has_lost =
            matches!(action, Action::Update { .. }) && is.books.pool.loss_carry > was.books.pool.loss_carry;
        if !has_lost {
            check_prices(action, &was, &is, &mut must);
        }
        let from_outside = wealth(&after.books) - wealth(&before.books);
        must(from_outside == given(action, before, after), "no lamport comes from nowhere or is gone");
        self.check_profit(action, &was, &is, &mut must);
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(Difference::new(wrong[0].clone(), format!("broken by {action:?}: {wrong:?}"))),
        }
    }

    fn check_profit(&mut self, action: &Action, was: &Model, is: &Model, must: &mut impl FnMut(bool, &str)) {
        if let Some(actor) = actor(action, was, is) {
            let is_his = |span: &Span| span.user == actor && span.epoch == is.cluster.epoch;
            if !self.span.as_ref().is_some_and(is_his) {
                self.span = None;
            }
            if self.span.is_none() && !has_unbooked(&was.books) {
                let put_in = at_entry_prices(was, actor);
                self.span = Some(Span { user: actor, epoch: is.cluster.epoch, put_in, actions: 0 });
            }
        }
        if breaks_span(action, was, is) {
            self.span = None;
        }
        if let Some(span) = &mut self.span {
            span.actions += 1;
            self.profits.checks += 1;
            self.profits.longest = self.profits.longest.max(span.actions);
            let gets_out = at_exit_prices(is, span.user);
            let text = "nobody gets more out within an epoch than he has put in";
            must(gets_out <= span.put_in, text);
        }
    }
}

fn check_books(books: &Books, must: &mut impl FnMut(bool, &str)) {
    let Books { pool, liquidity, vaults, people, tickets, .. } = books;
    let queue = &pool.queue;
    must(vaults.reserve >= pool.reserve, "the reserve holds what the books say");
    must(pool.reserve >= queue.reserved(), "the reserve can pay all tickets that are covered");
    must(vaults.insurance >= pool.insurance, "the insurance holds what the books say");
    must(vaults.liquidity_sol >= liquidity.sol, "the SOL vault holds what the books say");
    must(vaults.liquidity_lst >= liquidity.lst + liquidity.treasury_due, "so does the LST vault");
    must(books.value() >= 0 && pool.stream.withheld >= 0, "nothing is negative");
    must(pool.stream.withheld <= pool.stream.amount, "no more is withheld than was streamed");

    must(vaults.lst_minted <= pool.supply - pool.fee_shares_due, "no LST exists that was not issued");
    let held: Amount = people.iter().map(|person| person.lst).sum();
    let in_vaults = vaults.liquidity_lst + vaults.treasury_lst + vaults.dead_lst;
    must(vaults.lst_minted == held + in_vaults, "somebody has every LST");
    let held: Amount = people.iter().map(|person| person.lp).sum();
    must(vaults.lp_minted == held + vaults.dead_lp, "somebody has every LP token");
    must(vaults.lp_minted <= liquidity.lp_supply, "no LP token exists that was not issued");

    let is_ordered = 0 <= queue.settled && queue.settled <= queue.filled && queue.filled <= queue.total;
    must(is_ordered && (0..=ONE).contains(&queue.index), "settled ≤ filled ≤ total, index ≤ 1");
    let units = |kind: fn(TicketKind) -> bool| -> Amount {
        let some = tickets.iter().filter(|ticket| kind(ticket.kind));
        some.map(|ticket| ticket.units - ticket.paid).sum()
    };
    must(units(|kind| kind == TicketKind::Cancelled) == queue.cancelled, "the gaps are what was cancelled");
    let recycled = units(|kind| kind == TicketKind::Recycled);
    must(recycled == liquidity.ticket_units, "the liquidity pool has the tickets its books say");
    must(
        units(|kind| kind != TicketKind::Cancelled) == queue.open(),
        "the open tickets are what is not settled",
    );
    let in_line = tickets.windows(2).all(|pair| pair[0].start + pair[0].units <= pair[1].start);
    must(in_line, "tickets stand in line in the order they were ordered");
    let overpaid = tickets.iter().any(|ticket| ticket.paid > queue.covered(ticket.start, ticket.units));
    must(!overpaid, "no ticket is paid that is not covered");
}

fn check_validators(books: &Books, must: &mut impl FnMut(bool, &str)) {
    for (validator, accounts) in books.validators.iter().zip(&books.stakes) {
        let [main, onramp, offramp] = accounts.map(|account| account.seen);
        if !validator.is_listed() {
            must(*validator == ValidatorBook::default(), "nothing is written down of one who left");
            must(main + onramp + offramp == 0, "nothing is left with one who left");
        }
        must(validator.staked <= main + onramp, "no more is staked than was seen");
        let cools = validator.cooling <= offramp && validator.main_cooling <= main;
        must(cools, "no more cools down than was seen");
        must(validator.score <= 20_000, "no score is above the best");
    }
    let are_backed = books.bonds.iter().flatten().all(|bond| bond.held >= bond.posted && bond.posted >= 0);
    must(are_backed, "a bond holds what was posted");
}

/// An account in which there was enough, or nothing, has enough or nothing afterwards.
fn leaves_enough(before: &Model, after: &Model) -> bool {
    let least = after.cluster.minimum_delegation;
    let is_enough = |account: &StakeBook| account.now.is_idle() || account.now.delegated >= least;
    let pairs = before.books.stakes.iter().flatten().zip(after.books.stakes.iter().flatten());
    pairs.into_iter().all(|(was, is)| !is_enough(was) || is_enough(is))
}

/// Without a loss no price falls: the rate, the rate with all rewards that are found, a liquidity share at either.
///
/// LST that is recycled leaves at the rate: its part of withheld rewards stays with the holders.
fn check_prices(action: &Action, was: &Model, is: &Model, must: &mut impl FnMut(bool, &str)) {
    let recycles = matches!(action, Action::Recycle { .. });
    // An order and a payment of the liquidity pool's own each round to the lamport.
    let pays = matches!(action, Action::Claim { .. } | Action::Collect { .. });
    let rounding = if recycles || pays { 2 } else { 0 };
    // The treasury's part of a gain is minted at the rate: it has its part of withheld rewards too.
    let takes_fees = matches!(action, Action::Update { .. } | Action::Sync | Action::SettleBond { .. })
        && is.books.pool.supply > was.books.pool.supply;
    must(!is.rate().is_below(&was.rate()), "the rate never falls without a loss");
    must(takes_fees || !is.found_rate().is_below(&was.found_rate()), "nor does it with all rewards found");
    for (name, rate) in [("rate", Model::rate as fn(&Model) -> Rate), ("found rate", Model::found_rate)] {
        if (recycles || takes_fees) && name == "found rate" {
            continue;
        }
        let before = share_value(&was.books, &rate(was), -rounding);
        let after = share_value(&is.books, &rate(is), 0);
        let falls = after.0 * &before.1 < before.0 * &after.1;
        must(!falls, &format!("a liquidity share never falls without a loss, at the {name}"));
    }
    let index = |model: &Model| model.books.pool.queue.index;
    must(was.books.pool.queue.open() == 0 || index(is) == index(was), "the index falls with a loss only");
}

/// What a liquidity share is worth: `(SOL + tickets + LST × rate) / shares`, as an exact fraction.
fn share_value(books: &Books, rate: &Rate, rounding: Amount) -> (BigInt, BigInt) {
    let big = BigInt::from;
    let (supply, value) = (big(rate.supply), big(rate.value));
    let sol = big(books.liquidity.sol + rounding) * big(ONE) * &supply;
    let tickets = big(books.liquidity.ticket_units) * big(books.pool.queue.index) * &supply;
    let lst = big(books.liquidity.lst) * big(ONE) * &value;
    (sol + tickets + lst, supply * big(ONE) * big(books.liquidity.lp_supply))
}

/// All lamports of the pool and of those who use it.
fn wealth(books: &Books) -> Amount {
    let vaults = &books.vaults;
    vaults.reserve
        + vaults.insurance
        + vaults.liquidity_sol
        + vaults.elsewhere
        + books.people.iter().map(|person| person.sol).sum::<Amount>()
        + books.tickets.iter().map(|ticket| ticket.held).sum::<Amount>()
        + all_bonds(books)
        + all_stakes(books)
}

/// Bonds, what lies where one is to be, and wallets of their owners.
fn all_bonds(books: &Books) -> Amount {
    let held: Amount = books.bonds.iter().flatten().map(|bond| bond.held).sum();
    held + books.bond_gifts.iter().sum::<Amount>() + books.bond_owners.iter().sum::<Amount>()
}

fn all_stakes(books: &Books) -> Amount {
    let own: Amount = books.own_stakes.iter().map(|stake| stake.lamports).sum();
    own + books.stakes.iter().flatten().map(|stake| stake.now.lamports).sum::<Amount>()
}

/// What came from outside with a step: gifts, rewards, the rent of tickets that the faucet pays.
fn given(action: &Action, before: &Model, after: &Model) -> Amount {
    let faucets = |model: &Model| -> Amount {
        let tickets = model.books.tickets.iter();
        tickets.filter(|ticket| ticket.rent_payer.is_none()).map(|ticket| ticket.held).sum()
    };
    let tickets = |model: &Model| -> Amount { model.books.tickets.iter().map(|ticket| ticket.held).sum() };
    match action {
        Action::Gift { to: Place::NextTicket(_), .. } => 0,
        Action::Gift { to: Place::Bond(_) | Place::Stake(..), lamports } => {
            let came = wealth(&after.books) - wealth(&before.books);
            came.max((*lamports).into()).min(after.cluster.wallet_rent.max((*lamports).into()))
        }
        Action::Gift { lamports, .. } => (*lamports).into(),
        Action::Order { pays_rent: true, .. } | Action::Recycle { pays_rent: Some(_) } => {
            let new = tickets(after) - tickets(before);
            if new > 0 {
                new - after.cluster.ticket_rent // what strangers had sent to its address
            } else {
                0
            }
        }
        Action::Order { .. }
        | Action::Claim { .. }
        | Action::Collect { .. }
        | Action::Release { .. }
        | Action::Cancel { .. }
        | Action::Recycle { .. } => faucets(after) - faucets(before),
        Action::PrepareStake { .. }
        | Action::MakeStake { .. }
        | Action::Slots { .. }
        | Action::ToMoveWindow
        | Action::Epoch { .. }
        | Action::DeactivateDelinquent { .. }
        | Action::Slash { .. } => all_stakes(&after.books) - all_stakes(&before.books),
        Action::OpenBond { .. } if all_bonds(&after.books) > all_bonds(&before.books) => {
            after.cluster.bond_rent
        }
        // Who lets a validator join pays for its accounts.
        Action::Join { .. } if after.books.listed() > before.books.listed() => 3 * after.cluster.stake_rent,
        _ => 0,
    }
}

/// Who does it, if it is one of those who could profit.
fn actor(action: &Action, was: &Model, is: &Model) -> Option<usize> {
    let owner_of = |ticket: u16, by: Option<u8>| {
        let place = usize::from(ticket).checked_rem(was.books.tickets.len())?;
        match (by, was.books.tickets[place].owner) {
            (Some(user), _) => Some(user.into()),
            (None, Owner::Person(owner)) => Some(owner),
            (None, Owner::LiquidityPool) => None,
        }
    };
    match action {
        Action::Cancel { ticket, by, .. } | Action::Transfer { ticket, by, .. } => owner_of(*ticket, *by),
        Action::Recycle { pays_rent } => pays_rent.map(usize::from),
        Action::DepositStake { .. } => {
            let is_gone = |own: &&OwnStake| !is.books.own_stakes.contains(own);
            was.books.own_stakes.iter().find(is_gone).map(|own| own.owner)
        }
        Action::WithdrawStake { user, .. } => Some(usize::from(*user)),
        Action::Deposit { user, .. }
        | Action::Order { user, .. }
        | Action::LiquidUnstake { user, .. }
        | Action::AddLiquidity { user, .. }
        | Action::RemoveLiquidity { user, .. }
        | Action::BurnLst { user, .. }
        | Action::BurnLp { user, .. }
        | Action::SendLst { user, .. }
        | Action::PostBond { user, .. }
        | Action::FundInsurance { user, .. }
        | Action::SendLp { user, .. } => Some(usize::from(*user)),
        _ => None,
    }
}

/// Whether something may have come to people that none of them did: then nothing can be said of their profit.
fn breaks_span(action: &Action, was: &Model, is: &Model) -> bool {
    match action {
        Action::Gift { .. }
        | Action::Epoch { .. }
        | Action::Slash { .. }
        | Action::Treasury { .. }
        | Action::SettleBond { .. }
        | Action::WithdrawInsurance { .. }
        | Action::PrepareStake { .. }
        | Action::MakeStake { .. } => true,
        // What strangers have sent to the address of his next ticket comes to who pays its rent.
        Action::Order { user, .. } => {
            let user = usize::from(*user);
            rents_of(&is.books, user) - rents_of(&was.books, user) > is.cluster.ticket_rent
        }
        Action::SendLst { to: Holder::Person(_), .. } | Action::SendLp { to: Holder::Person(_), .. } => false,
        // Fees of earlier days fall to the treasury, who may be one of the people, or to the holders.
        Action::Sync => {
            let Books { pool, liquidity, vaults, .. } = &was.books;
            let is_paid = pool.holders[TREASURY] == Keeper::Founder && vaults.treasury_is_usable;
            pool.fee_shares_due + liquidity.treasury_due > 0 && !is_paid
        }
        // Rewards are paid into the stake accounts of people too.
        _ => was.cluster.pays_rewards || was.cluster.epoch != is.cluster.epoch,
    }
}

/// Whether the books do not know yet of something that holders will get.
fn has_unbooked(books: &Books) -> bool {
    let Books { pool, liquidity, vaults, stakes, .. } = books;
    vaults.reserve != pool.reserve
        || vaults.liquidity_sol != liquidity.sol
        || vaults.liquidity_lst != liquidity.lst + liquidity.treasury_due
        || vaults.lst_minted != pool.supply - pool.fee_shares_due
        || vaults.lp_minted != liquidity.lp_supply
        || stakes.iter().flatten().any(|stake| stake.now.is_open && stake.now.lamports != stake.seen)
}

/// All that somebody has, if all rewards that are found count in full, rounded up.
fn at_entry_prices(model: &Model, user: usize) -> Amount {
    let (books, rate) = (&model.books, model.found_rate());
    let person = books.people[user];
    let index = books.pool.queue.index;
    let own_tickets = ceil(books.liquidity.ticket_units, index, ONE);
    let liquidity = books.liquidity.sol + own_tickets + rate.lamports_ceil(books.liquidity.lst);
    let worth = |ticket: &Ticket| ceil(ticket.units - ticket.paid, index, ONE);
    let tickets: Amount = tickets_of(books, user).map(worth).sum();
    let shares = rate.lamports_ceil(person.lst) + ceil(person.lp, liquidity, books.liquidity.lp_supply);
    person.sol + shares + tickets + rents_of(books, user) + stakes_of(books, user)
}

/// All that somebody has, at the prices of those who leave, rounded down.
fn at_exit_prices(model: &Model, user: usize) -> Amount {
    let (books, rate) = (&model.books, model.rate());
    let person = books.people[user];
    let index = books.pool.queue.index;
    let own_tickets = floor(books.liquidity.ticket_units, index, ONE);
    let liquidity = books.liquidity.sol + own_tickets + rate.lamports(books.liquidity.lst);
    let worth = |ticket: &Ticket| floor(ticket.units - ticket.paid, index, ONE);
    let tickets: Amount = tickets_of(books, user).map(worth).sum();
    let shares = rate.lamports(person.lst) + floor(person.lp, liquidity, books.liquidity.lp_supply);
    person.sol + shares + tickets + rents_of(books, user) + stakes_of(books, user)
}

fn stakes_of(books: &Books, user: usize) -> Amount {
    let own = books.own_stakes.iter().filter(|stake| stake.owner == user);
    own.map(|stake| stake.lamports).sum()
}

fn tickets_of(books: &Books, user: usize) -> impl Iterator<Item = &Ticket> {
    let is_his =
        move |ticket: &&Ticket| ticket.kind == TicketKind::Order && ticket.owner == Owner::Person(user);
    books.tickets.iter().filter(is_his)
}

/// What comes back to somebody when tickets close.
fn rents_of(books: &Books, user: usize) -> Amount {
    let his = books.tickets.iter().filter(|ticket| ticket.rent_payer == Some(user));
    his.map(|ticket| ticket.held).sum()
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::action::{Least, Size},
        tidepool_tests::model::{Cluster, Fees, NewTicket, Person, Settings},
    };

    const SOL: Amount = 1_000_000_000;

    fn model() -> Model {
        let cluster = Cluster {
            slot: 5,
            epoch: 1,
            time: 0,
            first_slot: 0,
            slots_per_epoch: 32,
            pays_rewards: false,
            minimum_delegation: SOL,
            wallet_rent: 890_880,
            ticket_rent: 2_000_000,
            stake_rent: 2_282_880,
            bond_rent: 3,
            all_stake: 0,
            history_room: 0,
        };
        let person = Person { sol: 10 * SOL, ..Person::default() };
        Model::new(cluster, Fees::default(), Settings::default(), 0, vec![person; 2], &[100])
    }

    fn deposit(user: u8) -> Action {
        Action::Deposit { user, size: Size::Units(SOL as u64), least: Least::Nothing, referrer: None }
    }

    /// What is wrong with a deposit of the first person after which `fault` changes the books.
    fn wrong_with(fault: impl FnOnce(&mut Books)) -> Option<String> {
        let before = model();
        let mut after = before.clone();
        after.deposit(0, None, SOL, 0).unwrap();
        fault(&mut after.books);
        Watch::default().check(&deposit(0), &before, &after).err().map(|difference| difference.kind)
    }

    #[test]
    fn an_honest_step_passes() {
        assert_eq!(wrong_with(|_| ()), None);
    }

    #[test]
    fn a_rate_that_falls_is_seen() {
        let wrong = wrong_with(|books| {
            books.pool.supply += 1;
            books.vaults.lst_minted += 1;
            books.people[1].lst += 1;
        });
        assert_eq!(wrong.as_deref(), Some("the rate never falls without a loss"));
    }

    #[test]
    fn lst_of_nobody_and_lamports_from_nowhere_are_seen() {
        let wrong = wrong_with(|books| books.people[1].lst += 1);
        assert_eq!(wrong.as_deref(), Some("somebody has every LST"));
        let wrong = wrong_with(|books| books.people[1].sol += 1);
        assert_eq!(wrong.as_deref(), Some("no lamport comes from nowhere or is gone"));
    }

    #[test]
    fn a_vault_with_less_than_its_books_is_seen() {
        let wrong = wrong_with(|books| {
            books.vaults.liquidity_sol -= 1;
            books.vaults.reserve += 1;
        });
        assert_eq!(wrong.as_deref(), Some("the SOL vault holds what the books say"));
    }

    #[test]
    fn a_liquidity_share_that_falls_is_seen() {
        let wrong = wrong_with(|books| {
            books.liquidity.sol -= 1;
            books.vaults.liquidity_sol -= 1;
            books.pool.reserve += 1;
            books.vaults.reserve += 1;
        });
        assert_eq!(wrong.as_deref(), Some("a liquidity share never falls without a loss, at the rate"));
    }

    #[test]
    fn a_profit_is_seen_also_if_it_comes_later() {
        let (mut watch, start) = (Watch::default(), model());
        let mut after = start.clone();
        after.deposit(0, None, SOL, 0).unwrap();
        watch.check(&deposit(0), &start, &after).unwrap();
        let before = after.clone();
        after.sync().unwrap();
        after.books.people[1].sol -= 1;
        after.books.people[0].sol += 1;
        let wrong = watch.check(&Action::Sync, &before, &after).unwrap_err();
        assert_eq!(wrong.kind, "nobody gets more out within an epoch than he has put in");
    }

    #[test]
    fn what_others_do_ends_the_search_for_a_profit() {
        let (mut watch, start) = (Watch::default(), model());
        let mut after = start.clone();
        after.deposit(0, None, SOL, 0).unwrap();
        watch.check(&deposit(0), &start, &after).unwrap();
        let before = after.clone();
        after.deposit(1, None, SOL, 0).unwrap();
        watch.check(&deposit(1), &before, &after).unwrap();
        assert_eq!(watch.span.map(|span| (span.user, span.actions)), Some((1, 1)));
    }

    #[test]
    fn tickets_out_of_line_are_seen() {
        let start = model();
        let mut before = start.clone();
        before.deposit(0, None, SOL, 0).unwrap();
        let place = |id| NewTicket { id, rent_payer: None, gift: 0 };
        before.order(0, 1_000, 0, place(0)).unwrap();
        let mut after = before.clone();
        after.order(0, 1_000, 0, place(1)).unwrap();
        let order =
            Action::Order { user: 0, size: Size::Units(1_000), least: Least::Nothing, pays_rent: false };
        Watch::default().check(&order, &before, &after).unwrap();
        after.books.tickets.swap(0, 1);
        let wrong = Watch::default().check(&order, &before, &after).unwrap_err();
        assert_eq!(wrong.kind, "tickets stand in line in the order they were ordered");
    }
}
