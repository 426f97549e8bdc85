use crate::reference::*;
use tidepool_math::*;

const ONE: u64 = TicketIndex::ONE.0;

fn any_index() -> impl Strategy<Value = u64> {
    prop_oneof![2 => Just(ONE), 1 => Just(0u64), 3 => 0..=ONE, 2 => any_u64().prop_map(|n| n % ONE), 2 => ONE - 1_000..ONE]
}

/// Any counters that do not contradict each other.
fn any_queue() -> impl Strategy<Value = TicketQueue> {
    let part = || prop_oneof![4 => any_u64().prop_map(u128::from), 1 => any_u128().prop_map(|n| n >> 3)];
    (part(), part(), part(), part(), any_index()).prop_map(|(settled, covered, waiting, cancelled, index)| {
        let filled = settled + covered;
        let total = filled + waiting;
        let cancelled = cancelled.min(total - settled);
        TicketQueue { total, filled, settled, cancelled, index: TicketIndex(index) }
    })
}

fn worth_up(units: u128, index: u64) -> Outcome<Lamports> {
    expected(ceil(big(units) * index, ONE)).map(Lamports)
}

/// A queue of tickets of these sizes at index 1.
fn queue_of(sizes: &[u64]) -> (TicketQueue, Vec<TicketRange>) {
    let mut queue = TicketQueue::default();
    let ranges = sizes.iter().map(|size| queue.order(Lamports(*size)).unwrap()).collect();
    (queue, ranges)
}

/// Marinade: tickets competed for one reserve balance and later ones overtook earlier ones.
#[test]
fn tickets_of_10_20_30_share_25_as_10_15_0_in_whatever_order_they_claim() {
    let (mut queue, ranges) = queue_of(&[10, 20, 30]);
    assert_eq!(queue.fill(Lamports(25)), Ok(25));
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut queue = queue;
        let mut paid = [0; 3];
        for ticket in order {
            let claim = queue.claimable(&ranges[ticket], 0).unwrap();
            queue.settle(claim.units).unwrap();
            paid[ticket] = claim.lamports.0;
        }
        assert_eq!(paid, [10, 15, 0]);
        assert_eq!(
            (queue.reserved(), queue.unfilled(), queue.liabilities()),
            (Ok(Lamports(0)), Ok(Lamports(35)), Ok(Lamports(35)))
        );
    }
}

#[test]
fn counters_that_would_contradict_each_other_are_refused() {
    let (mut queue, ranges) = queue_of(&[10, 20]);
    let before = queue;
    assert_eq!(queue.settle(1), Err(MathError::Insufficient));
    assert_eq!(queue.claimable(&ranges[0], 1), Err(MathError::Insufficient));
    assert_eq!(queue.cancel(&ranges[0], 1), Err(MathError::Insufficient));
    let foreign = TicketRange { start: 25, units: 10 };
    assert_eq!(queue.cancel(&foreign, 0), Err(MathError::Insufficient));
    assert_eq!(queue.release_cancelled(&foreign), Err(MathError::Insufficient));
    let endless = TicketRange { start: u128::MAX, units: 1 };
    assert_eq!(queue.cancel(&endless, 0), Err(MathError::Overflow));
    assert_eq!(queue, before);
    let broken = TicketQueue { filled: 1, ..TicketQueue::default() };
    assert_eq!(
        (broken.unfilled(), broken.clone().fill(Lamports(1))),
        (Err(MathError::Insufficient), Err(MathError::Insufficient))
    );
    let broken = TicketQueue { settled: 1, ..TicketQueue::default() };
    assert_eq!(
        (broken.reserved(), broken.liabilities()),
        (Err(MathError::Insufficient), Err(MathError::Insufficient))
    );
    let all = u128::MAX;
    let mut full =
        TicketQueue { total: all, filled: all, settled: all, cancelled: 1, ..TicketQueue::default() };
    let last = TicketRange { start: all - 1, units: 1 };
    assert_eq!(full.release_cancelled(&last), Err(MathError::Overflow));
}

/// Products that leave 128 bits, by their high half and by the sum of both.
#[test]
fn more_units_than_lamports_can_express_are_refused_by_name() {
    let owed = |total, index| {
        TicketQueue { total, index: TicketIndex(index), ..TicketQueue::default() }.liabilities()
    };
    for units in [u128::MAX, 19 << 64, (18 << 64) + u128::from(u64::MAX), (1 << 64) + 19] {
        assert_eq!(owed(units, ONE - 1), Err(MathError::Overflow), "{units}");
    }
    assert_eq!(owed(1 << 64, ONE), Err(MathError::Overflow));
    assert_eq!(owed(1 << 64, ONE - 1), Ok(Lamports(u64::MAX - 17)));
    assert_eq!(owed(u128::MAX, 0), Ok(Lamports(0)));
}

#[test]
fn an_order_worth_no_unit_is_refused() {
    assert_eq!(TicketQueue::default().order(Lamports(0)), Err(MathError::ZeroResult));
}

#[test]
fn a_queue_that_lost_everything_can_be_used_again_once_it_is_empty() {
    let (mut queue, ranges) = queue_of(&[10]);
    queue.index = TicketIndex(0);
    assert_eq!(queue.order(Lamports(5)), Err(MathError::NoValue));
    // Worthless tickets are covered by nothing, settled for nothing.
    assert_eq!(queue.fill(Lamports(0)), Ok(10));
    let claim = queue.claimable(&ranges[0], 0).unwrap();
    assert_eq!(claim, Claim { units: 10, lamports: Lamports(0) });
    queue.settle(claim.units).unwrap();
    assert_eq!(queue.order(Lamports(5)), Ok(TicketRange { start: 10, units: 5 }));
    assert_eq!((queue.index, queue.liabilities()), (TicketIndex::ONE, Ok(Lamports(5))));
}

#[test]
fn positions_do_not_wrap_where_64_bits_would() {
    let mut queue = TicketQueue { total: u128::from(u64::MAX) * 1_000, ..TicketQueue::default() };
    (queue.filled, queue.settled) = (queue.total, queue.total);
    let range = queue.order(Lamports(u64::MAX)).unwrap();
    assert_eq!(range.start, u128::from(u64::MAX) * 1_000);
    assert_eq!(queue.fill(Lamports(u64::MAX)), Ok(u128::from(u64::MAX)));
    assert_eq!(queue.claimable(&range, 0).unwrap().lamports, Lamports(u64::MAX));
}

/// Otherwise a loan, ordered and cancelled in one transaction, would make the pool unstake as much.
#[test]
fn millions_ordered_and_cancelled_make_nobody_unstake_or_wait() {
    let million = 1_000_000_000_000_000;
    let (mut queue, ranges) = queue_of(&[10, million, 20]);
    let cancelled = queue.cancel(&ranges[1], 0).unwrap();
    assert_eq!(cancelled, CancelledTicket { units: million, gap: ranges[1] });
    assert_eq!((queue.unfilled(), queue.liabilities()), (Ok(Lamports(30)), Ok(Lamports(30))));
    // Not before those in front are covered.
    assert_eq!(queue.release_cancelled(&cancelled.gap), Ok(false));
    queue.fill(Lamports(15)).unwrap();
    assert_eq!(queue.claimable(&ranges[0], 0).unwrap().units, 10);
    // The gap took 5, which flow on.
    assert_eq!(queue.release_cancelled(&cancelled.gap), Ok(true));
    queue.fill(Lamports(15)).unwrap();
    assert_eq!(queue.claimable(&ranges[2], 0).unwrap().units, 5);
    assert_eq!((queue.unfilled(), queue.cancelled), (Ok(Lamports(15)), 0));
}

#[test]
fn a_ticket_cancelled_at_the_end_of_the_queue_leaves_no_trace() {
    let (mut queue, _) = queue_of(&[10, 20]);
    queue.fill(Lamports(5)).unwrap();
    let before = queue;
    let range = queue.order(Lamports(1_000)).unwrap();
    let cancelled = queue.cancel(&range, 0).unwrap();
    assert_eq!((cancelled.units, cancelled.gap.units), (1_000, 0));
    assert_eq!(queue, before);
}

#[test]
fn a_gap_at_the_front_is_skipped_without_any_sol() {
    let (mut queue, ranges) = queue_of(&[10, 20]);
    let gap = queue.cancel(&ranges[0], 0).unwrap().gap;
    assert_eq!(queue.release_cancelled(&gap), Ok(true));
    assert_eq!((queue.filled, queue.settled, queue.reserved()), (10, 10, Ok(Lamports(0))));
    assert_eq!(queue.fill(Lamports(20)), Ok(20));
}

#[test]
fn a_gap_that_has_come_to_be_the_end_of_the_queue_is_taken_back_before_the_queue_arrives() {
    let (mut queue, ranges) = queue_of(&[10, 20, 30]);
    let gap = queue.cancel(&ranges[1], 0).unwrap().gap;
    assert_eq!(queue.release_cancelled(&gap), Ok(false));
    queue.cancel(&ranges[2], 0).unwrap();
    assert_eq!(queue.release_cancelled(&gap), Ok(true));
    assert_eq!((queue.total, queue.cancelled, queue.liabilities()), (10, 0, Ok(Lamports(10))));
    // A gap is released once.
    assert_eq!(queue.release_cancelled(&gap), Err(MathError::Insufficient));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_a_queue_owes_keeps_and_needs_is_exact_and_rounded_up(queue in any_queue()) {
        let index = queue.index.0;
        let open = queue.total - queue.settled - queue.cancelled;
        prop_assert_eq!(queue.liabilities(), worth_up(open, index));
        prop_assert_eq!(queue.reserved(), worth_up(queue.filled - queue.settled, index));
        let waiting = (queue.total - queue.filled).saturating_sub(queue.cancelled);
        prop_assert_eq!(queue.unfilled(), worth_up(waiting, index));
        prop_assert_eq!(queue.is_filled(), waiting == 0);
        // What is kept and what is needed always pays what is owed.
        if let (Ok(kept), Ok(needed), Ok(owed)) = (queue.reserved(), queue.unfilled(), queue.liabilities()) {
            prop_assert!(big(kept.0) + needed.0 >= big(owed.0));
        }
    }

    #[test]
    fn units_are_worth_their_index_rounded_down(queue in any_queue(), units in any_u64()) {
        prop_assert_eq!(queue.worth(units), expected(floor(big(units) * queue.index.0, ONE)).map(Lamports));
    }

    #[test]
    fn an_order_gets_the_most_units_that_its_lamports_pay_for(queue in any_queue(), lamports in lamports()) {
        let empty = queue.settled == queue.total;
        let index = if empty { ONE } else { queue.index.0 };
        let mut after = queue;
        match (after.order(lamports), expected(floor(big(lamports.0) * ONE, index))) {
            (Ok(range), Ok(units)) => {
                prop_assert_eq!(range, TicketRange { start: queue.total, units });
                prop_assert_eq!(after, TicketQueue { total: queue.total + u128::from(units), index: TicketIndex(index), ..queue });
                prop_assert!(worth_up(units.into(), index).unwrap() <= lamports);
                if let Some(more) = units.checked_add(1) {
                    prop_assert!(worth_up(more.into(), index).map_or(true, |worth| worth > lamports));
                }
                // So liabilities rise by at most what was burned, and the ticket is worth at most a lamport less.
                if let (Ok(now), Ok(before)) = (after.liabilities(), queue.liabilities()) {
                    prop_assert!(empty || now.saturating_minus(before) <= lamports);
                }
                prop_assert!(after.worth(units).unwrap().0 >= lamports.0 - 1);
                prop_assert!(index != ONE || after.worth(units) == Ok(lamports));
            }
            (Err(MathError::ZeroResult), Ok(units)) => prop_assert_eq!(units, 0),
            (Err(error), exact) => {
                prop_assert_eq!(exact, Err(error));
                prop_assert_eq!(after, queue);
            }
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn filling_covers_the_most_units_that_the_reserve_pays_for(queue in any_queue(), reserve in lamports()) {
        let payable = match floor(big(reserve.0) * ONE, queue.index.0) {
            Some(units) => u128::try_from(units).unwrap(),
            None => u128::MAX,
        };
        let reach = queue.settled.saturating_add(payable).min(queue.total).max(queue.filled);
        let mut after = queue;
        prop_assert_eq!(after.fill(reserve), Ok(reach - queue.filled));
        prop_assert_eq!(after, TicketQueue { filled: reach, ..queue });
        if queue.reserved().is_ok_and(|kept| kept <= reserve) {
            prop_assert!(after.reserved().unwrap() <= reserve);
        }
        prop_assert_eq!(after.fill(reserve), Ok(0));
    }

    #[test]
    fn a_ticket_can_be_paid_what_is_covered_and_unpaid(queue in any_queue(), units in any_u64(), start in any_u128(), paid in any_u64()) {
        let range = TicketRange { start: start.min(queue.total), units };
        let reached = queue.filled.saturating_sub(range.start).min(units.into()) as u64;
        prop_assert_eq!(range.reached(queue.filled), reached);
        let claim = queue.claimable(&range, paid);
        if paid > reached {
            prop_assert_eq!(claim, Err(MathError::Insufficient));
        } else {
            let units = reached - paid;
            prop_assert_eq!(claim, queue.worth(units).map(|lamports| Claim { units, lamports }));
        }
    }

    /// Units that were cancelled are nobody's, even while they are covered.
    #[test]
    fn units_are_settled_if_so_many_are_open_and_covered(queue in any_queue(), any in any_u64(), off in 0..3u64) {
        let (open, covered) = (queue.total - queue.settled - queue.cancelled, queue.filled - queue.settled);
        let near = |n: u128| u64::try_from(n).unwrap_or(u64::MAX).saturating_add(off).saturating_sub(1);
        for units in [any, near(open), near(covered)] {
            let fits = u128::from(units) <= open.min(covered);
            let mut after = queue;
            prop_assert_eq!(after.settle(units), if fits { Ok(()) } else { Err(MathError::Insufficient) });
            let settled = queue.settled + if fits { units.into() } else { 0 };
            prop_assert_eq!(after, TicketQueue { settled, ..queue });
        }
    }

    /// Any range at all, of tickets or not: what is not unpaid, open, in the queue and covered as it should be is refused.
    #[test]
    fn a_cancellation_is_exact_and_a_range_that_cannot_be_of_open_tickets_changes_nothing(
        queue in any_queue(), start in any_u128(), (units, is_last) in (any_u64(), any::<bool>()),
        (paid, off) in (any_u64(), 0..3u64),
    ) {
        let start = start.min(queue.total);
        let near = |n: u64| n.saturating_add(off).saturating_sub(1);
        let last = near(u64::try_from(queue.total - start).unwrap_or(u64::MAX));
        let range = TicketRange { start, units: if is_last { last } else { units } };
        let reached = range.reached(queue.filled);
        let waiting = range.units - reached;
        for paid in [0, paid, near(reached)] {
            let mut after = queue;
            let cancelled = after.cancel(&range, paid);
            let open = queue.total - queue.settled - queue.cancelled;
            let is_ticket = paid <= reached && u128::from(range.units - paid) <= open
                && u128::from(reached - paid) <= queue.filled - queue.settled
                && start + u128::from(range.units) <= queue.total;
            if !is_ticket {
                prop_assert_eq!((cancelled, after), (Err(MathError::Insufficient), queue));
                continue;
            }
            let is_last = start + u128::from(range.units) == queue.total;
            let (taken_back, kept) = if is_last { (waiting, 0) } else { (0, waiting) };
            let gap = TicketRange { start: start + u128::from(reached), units: kept };
            prop_assert_eq!(cancelled, Ok(CancelledTicket { units: range.units - paid, gap }));
            let total = queue.total - u128::from(taken_back);
            let settled = queue.settled + u128::from(reached - paid);
            prop_assert_eq!(after, TicketQueue { total, settled, cancelled: queue.cancelled + u128::from(kept), ..queue });
        }
    }

    #[test]
    fn a_gap_is_released_exactly_once_the_queue_has_arrived_or_ends_with_it(
        queue in any_queue(), start in prop::option::of(any_u128()), units in any_u64(), (is_last, off) in (any::<bool>(), 0..3u64),
    ) {
        // Anywhere, or where the queue has arrived.
        let start = start.unwrap_or(queue.filled + u128::from(off)).min(queue.total);
        let near = |n: u128| u64::try_from(n).unwrap_or(u64::MAX).saturating_add(off).saturating_sub(1);
        let last = near(queue.total - start);
        for units in [units, near(queue.cancelled), if is_last { last } else { units.min(last) }] {
            let gap = TicketRange { start, units };
            let end = start + u128::from(units);
            let filled = queue.filled.max(end);
            let is_arrived = start <= queue.filled;
            let mut after = queue;
            let released = after.release_cancelled(&gap);
            let is_settled_twice = is_arrived && queue.settled + u128::from(units) > filled;
            if u128::from(units) > queue.cancelled || end > queue.total || is_settled_twice {
                prop_assert_eq!(released, Err(MathError::Insufficient));
                continue;
            }
            let cancelled = queue.cancelled - u128::from(units);
            let expected = match (is_arrived, end == queue.total) {
                (true, _) => TicketQueue { filled, settled: queue.settled + u128::from(units), cancelled, ..queue },
                (false, true) => TicketQueue { total: start, cancelled, ..queue },
                (false, false) => queue,
            };
            prop_assert_eq!((released, after), (Ok(is_arrived || end == queue.total), expected));
        }
    }

    #[test]
    fn paying_a_claim_lowers_liabilities_and_reserve_by_it_and_at_most_a_lamport_more(queue in any_queue(), part in any_u64()) {
        let open = queue.total - queue.settled - queue.cancelled;
        let units = u128::from(part).min(open).min(queue.filled - queue.settled) as u64;
        let paid = queue.worth(units).unwrap();
        let mut after = queue;
        after.settle(units).unwrap();
        let pairs = [(queue.liabilities(), after.liabilities()), (queue.reserved(), after.reserved())];
        for (before, now) in pairs {
            if let (Ok(before), Ok(now)) = (before, now) {
                let fall = before.minus(now).unwrap();
                prop_assert!(fall >= paid && fall <= paid.saturating_plus(Lamports(1)));
            }
        }
    }
}

/// Tickets as a list, unit by unit, to compare the four counters with.
#[derive(Clone, Debug)]
struct Model {
    queue: TicketQueue,
    reserve: u64,
    tickets: Vec<Ticket>,
    gaps: Vec<TicketRange>,
    value: u64,
}

#[derive(Clone, Debug)]
struct Ticket {
    range: TicketRange,
    ordered: Lamports,
    paid_units: u64,
    paid: u64,
}

#[derive(Clone, Debug)]
enum Step {
    Order(u64),
    Arrive(u64),
    Claim(usize),
    Cancel(usize),
    Release(usize),
    Lose(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || prop_oneof![1..10u64, 1..1_000u64, 1..1_000_000_000u64];
    prop_oneof![
        4 => amount().prop_map(Step::Order),
        3 => amount().prop_map(Step::Arrive),
        4 => any::<usize>().prop_map(Step::Claim),
        2 => any::<usize>().prop_map(Step::Cancel),
        2 => any::<usize>().prop_map(Step::Release),
        1 => amount().prop_map(Step::Lose),
    ]
}

impl Model {
    fn new() -> Self {
        let value = 1_000_000_000_000;
        Self { queue: TicketQueue::default(), reserve: 0, tickets: vec![], gaps: vec![], value }
    }

    /// value + reserve − liabilities, the holders' books: no step of a user may lower them.
    fn net(&self) -> i128 {
        i128::from(self.reserve) - i128::from(self.queue.liabilities().unwrap().0)
    }

    fn take(&mut self, step: &Step) {
        let net = self.net();
        match *step {
            Step::Order(lamports) => {
                if let Ok(range) = self.queue.order(Lamports(lamports)) {
                    self.tickets.push(Ticket { range, ordered: Lamports(lamports), paid_units: 0, paid: 0 });
                    assert!(net - self.net() <= i128::from(lamports));
                }
            }
            Step::Arrive(lamports) => {
                self.reserve += lamports;
                self.queue.fill(Lamports(self.reserve)).unwrap();
            }
            Step::Claim(pick) if !self.tickets.is_empty() => {
                let pick = pick % self.tickets.len();
                self.claim(pick);
                assert!(self.net() >= net && self.net() <= net + 1);
            }
            Step::Cancel(pick) if !self.tickets.is_empty() => {
                let ticket = self.tickets.swap_remove(pick % self.tickets.len());
                let worth = self.queue.worth(ticket.range.units - ticket.paid_units).unwrap();
                let cancelled = self.queue.cancel(&ticket.range, ticket.paid_units).unwrap();
                assert_eq!(cancelled.units, ticket.range.units - ticket.paid_units);
                assert!(
                    self.net() - net >= i128::from(worth.0) && self.net() - net <= i128::from(worth.0) + 1
                );
                if cancelled.gap.units > 0 {
                    self.gaps.push(cancelled.gap);
                }
            }
            Step::Release(pick) if !self.gaps.is_empty() => {
                let pick = pick % self.gaps.len();
                if self.queue.release_cancelled(&self.gaps[pick]).unwrap() {
                    self.gaps.swap_remove(pick);
                }
                assert_eq!(self.net(), net);
            }
            Step::Lose(loss) => {
                let index = self.queue.index;
                let split =
                    split_loss(Lamports(loss), Lamports(0), Lamports(0), Lamports(self.value), &self.queue)
                        .unwrap();
                self.queue.index = split.index;
                self.value -= split.holders.0;
                assert!(split.index <= index);
                assert_eq!(self.net() - net, i128::from(split.tickets.0));
            }
            _ => {}
        }
        self.check();
    }

    fn claim(&mut self, pick: usize) {
        let ticket = &mut self.tickets[pick];
        let claim = self.queue.claimable(&ticket.range, ticket.paid_units).unwrap();
        self.queue.settle(claim.units).unwrap();
        ticket.paid_units += claim.units;
        ticket.paid += claim.lamports.0;
        self.reserve -= claim.lamports.0;
        assert!(ticket.paid <= ticket.ordered.0);
        if ticket.paid_units == ticket.range.units {
            self.tickets.swap_remove(pick);
        }
    }

    fn check(&self) {
        let queue = &self.queue;
        assert!(queue.settled <= queue.filled && queue.filled <= queue.total);
        let open: u128 =
            self.tickets.iter().map(|ticket| u128::from(ticket.range.units - ticket.paid_units)).sum();
        let cancelled: u128 = self.gaps.iter().map(|gap| u128::from(gap.units)).sum();
        assert_eq!((queue.total - queue.settled - queue.cancelled, queue.cancelled), (open, cancelled));
        assert!(queue.reserved().unwrap() <= Lamports(self.reserve));
        // All that is covered can be paid at once.
        let claims: u64 =
            self.tickets.iter().map(|t| queue.claimable(&t.range, t.paid_units).unwrap().lamports.0).sum();
        assert!(claims <= self.reserve);
    }

    /// Cranks alone: releases gaps and fills until nothing changes.
    fn crank(&mut self) {
        loop {
            let before = (self.queue, self.gaps.len());
            let queue = &mut self.queue;
            self.gaps.retain(|gap| !queue.release_cancelled(gap).unwrap());
            queue.fill(Lamports(self.reserve)).unwrap();
            if before == (self.queue, self.gaps.len()) {
                return;
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn any_history_of_tickets_agrees_with_the_list_and_ends_with_everyone_paid(steps in prop::collection::vec(step(), 1..80)) {
        let mut model = Model::new();
        for step in &steps {
            model.take(step);
        }
        // Exactly the SOL that the queue says is missing pays everyone, whatever was cancelled in between.
        model.reserve += model.queue.unfilled().unwrap().0;
        model.crank();
        model.check();
        prop_assert!(model.queue.is_filled() && model.gaps.is_empty());
        while let Some(last) = model.tickets.len().checked_sub(1) {
            model.claim(last);
            prop_assert_eq!(model.tickets.len(), last);
        }
        prop_assert_eq!(model.queue.liabilities(), Ok(Lamports(0)));
        prop_assert_eq!(model.queue.reserved(), Ok(Lamports(0)));
    }

    #[test]
    fn nobody_is_overtaken(sizes in prop::collection::vec(1..1_000u64, 1..10), arrivals in prop::collection::vec(1..500u64, 1..10), index in any_index()) {
        prop_assume!(index > 0);
        let mut queue = TicketQueue { total: 1, filled: 0, index: TicketIndex(index), ..TicketQueue::default() };
        let ranges: Vec<_> = sizes.iter().filter_map(|size| queue.order(Lamports(*size)).ok()).collect();
        let mut reserve = 0;
        for arrival in arrivals {
            reserve += arrival;
            queue.fill(Lamports(reserve)).unwrap();
            let claims: Vec<_> = ranges.iter().map(|range| queue.claimable(range, 0).unwrap()).collect();
            for (i, pair) in claims.windows(2).enumerate() {
                prop_assert!(pair[1].units == 0 || pair[0].units == ranges[i].units);
            }
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_units_of_an_earlier_moment_wait_for_is_exact(
        queue in any_queue(), total_before in any_u128(), cancelled_before in any_u128(),
    ) {
        let reach = queue.total.min(total_before);
        let cancelled = queue.cancelled.min(cancelled_before);
        let waiting = reach.saturating_sub(queue.filled).saturating_sub(cancelled);
        let since = queue.unfilled_since(total_before, cancelled_before);
        prop_assert_eq!(since, worth_up(waiting, queue.index.0));
        prop_assert_eq!(queue.unfilled_since(queue.total, queue.cancelled), queue.unfilled());
        prop_assert_eq!(queue.unfilled_since(u128::MAX, u128::MAX), queue.unfilled());
        prop_assert_eq!(queue.unfilled_since(queue.filled, cancelled_before), Ok(Lamports(0)));
        if let (Ok(since), Ok(earlier)) = (since, queue.unfilled_since(total_before / 2, cancelled_before)) {
            prop_assert!(earlier <= since);
        }
    }

    /// What is owned is told rounded down, what a comer pays for it rounded up.
    #[test]
    fn the_worth_of_units_is_exact_rounded_down_and_up(queue in any_queue(), units in any_u64()) {
        let parts = big(units) * queue.index.0;
        let (down, up) = (expected(floor(parts.clone(), ONE)), expected(ceil(parts, ONE)));
        prop_assert_eq!(queue.worth(units), down.map(Lamports));
        prop_assert_eq!(queue.worth_ceil(units), up.map(Lamports));
    }

    /// Tickets ordered and cancelled again behind a position neither raise nor lower what is waited for in front of it, and
    /// cancellations in front of it only lower it: stake is never sent to cool down for nobody.
    #[test]
    fn what_is_waited_for_before_a_position_is_never_more_than_open_tickets_there_lack(
        sizes in prop::collection::vec(1..1_000u64, 1..10), later in prop::collection::vec(1..1_000u64, 0..6),
        reserve in 0..4_000u64, cancelled in prop::collection::vec(any::<bool>(), 16),
    ) {
        let (mut queue, mut ranges) = queue_of(&sizes);
        queue.fill(Lamports(reserve)).unwrap();
        let position = queue.total;
        prop_assert_eq!(queue.unfilled_since(position, 0), queue.unfilled());
        for size in &later {
            ranges.push(queue.order(Lamports(*size)).unwrap());
        }
        prop_assert_eq!(queue.unfilled_since(position, 0).unwrap().0, sizes.iter().sum::<u64>().saturating_sub(reserve));
        let mut gaps_before = 0;
        for (range, _) in ranges.iter().zip(&cancelled).filter(|(_, is_cancelled)| **is_cancelled) {
            let gap = queue.cancel(range, 0).unwrap().gap;
            gaps_before += if range.start < position { u128::from(gap.units) } else { 0 };
        }
        let lacks = |range: &TicketRange| range.units - range.reached(queue.filled);
        let open = ranges.iter().zip(&cancelled).filter(|(range, is_cancelled)| !**is_cancelled && range.start < position);
        let truth: u64 = open.map(|(range, _)| lacks(range)).sum();
        prop_assert!(queue.unfilled_since(position, gaps_before).unwrap().0 <= truth);
    }
}
