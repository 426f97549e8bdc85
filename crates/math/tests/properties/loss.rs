use crate::reference::*;
use tidepool_math::*;

const ONE: u64 = TicketIndex::ONE.0;

/// A queue with `open` units, all of them waiting.
fn queue(open: u128, index: u64) -> TicketQueue {
    TicketQueue { total: open, index: TicketIndex(index), ..TicketQueue::default() }
}

fn any_index() -> impl Strategy<Value = u64> {
    prop_oneof![2 => Just(ONE), 3 => 0..=ONE, 2 => any_u64().prop_map(|n| n % ONE), 2 => ONE - 1_000_000..ONE]
}

fn any_queue() -> impl Strategy<Value = TicketQueue> {
    let open = prop_oneof![6 => any_u64().prop_map(u128::from), 1 => any_u128()];
    (open, any_index()).prop_map(|(open, index)| queue(open, index))
}

fn split(
    loss: u64,
    insurance: u64,
    withheld: u64,
    value: u64,
    queue: &TicketQueue,
) -> Result<LossSplit, MathError> {
    split_loss(Lamports(loss), Lamports(insurance), Lamports(withheld), Lamports(value), queue)
}

#[test]
fn insurance_pays_first_then_withheld_reward_then_holders_and_tickets_alike() {
    let tickets = queue(100, ONE);
    let parts = |loss| {
        let split = split(loss, 10, 20, 300, &tickets).unwrap();
        [split.insurance.0, split.withheld.0, split.holders.0, split.tickets.0]
    };
    assert_eq!(parts(0), [0, 0, 0, 0]);
    assert_eq!(parts(7), [7, 0, 0, 0]);
    assert_eq!(parts(25), [10, 15, 0, 0]);
    assert_eq!(parts(70), [10, 20, 30, 10]);
    assert_eq!(parts(430), [10, 20, 300, 100]);
    assert_eq!(split(431, 10, 20, 300, &tickets), Err(MathError::Insufficient));
    assert_eq!(split(70, 10, 20, 300, &tickets).unwrap().index, TicketIndex(ONE / 10 * 9));
    assert_eq!(split(430, 10, 20, 300, &tickets).unwrap().index, TicketIndex(0));
    // Without tickets holders bear the rest, and the index has nothing to fall for.
    let alone = split(70, 10, 20, 300, &queue(0, ONE)).unwrap();
    assert_eq!((alone.holders, alone.tickets, alone.index), (Lamports(40), Lamports(0), TicketIndex(ONE)));
}

#[test]
fn value_and_liabilities_that_do_not_fit_are_refused_by_name() {
    assert_eq!(split(1, 0, 0, u64::MAX, &queue(1, ONE)), Err(MathError::Overflow));
    assert_eq!(split(1, 0, 0, 1, &queue(u128::MAX, ONE)), Err(MathError::Overflow));
    assert_eq!(split(1, 1, 0, u64::MAX, &queue(u128::MAX, ONE)).unwrap().insurance, Lamports(1));
}

/// If the index followed the whole lamports that tickets bear, one lamport less of one would leave nothing, for ever.
#[test]
fn a_forgotten_ticket_of_one_lamport_does_not_carry_the_index_to_zero() {
    let mut dust = queue(1, ONE);
    for _ in 0..1_000 {
        dust.index = split(1_000, 0, 0, 1_000_000_000_000_000, &dust).unwrap().index;
    }
    assert!(dust.index.0 > ONE / 1_000_000 * 999_998);
}

#[test]
fn holders_without_value_neither_gain_by_a_loss_nor_fall_below_nothing() {
    // Rounded down, the index would cost the tickets a lamport more than is lost.
    let tickets = queue(30, ONE / 3);
    assert_eq!(tickets.liabilities(), Ok(Lamports(10)));
    for rest in 1..=10 {
        let split = split(rest, 0, 0, 0, &tickets).unwrap();
        assert_eq!((split.tickets, split.holders), (Lamports(rest), Lamports(0)));
        let after = TicketQueue { index: split.index, ..tickets };
        assert_eq!(after.liabilities(), Ok(Lamports(10 - rest)));
    }
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn the_parts_are_the_loss_and_the_index_is_exact(
        loss in any_u64(), insurance in any_u64(), withheld in any_u64(), value in any_u64(), queue in any_queue(),
    ) {
        let by_insurance = loss.min(insurance);
        let by_withheld = (loss - by_insurance).min(withheld);
        let rest = loss - by_insurance - by_withheld;
        let open = queue.total;
        let liabilities = ceil(big(open) * queue.index.0, ONE).unwrap();
        let before = big(value) + &liabilities;

        let split = split(loss, insurance, withheld, value, &queue);
        if rest > 0 && before > big(u64::MAX) {
            prop_assert_eq!(split, Err(MathError::Overflow));
            return Ok(());
        }
        if big(rest) > before {
            prop_assert_eq!(split, Err(MathError::Insufficient));
            return Ok(());
        }
        let split = split.unwrap();
        prop_assert_eq!((split.insurance, split.withheld), (Lamports(by_insurance), Lamports(by_withheld)));
        prop_assert_eq!(big(split.holders.0) + split.tickets.0, big(rest));
        prop_assert!(split.holders.0 <= value);

        if rest == 0 || liabilities == BigUint::ZERO {
            prop_assert_eq!((split.index, split.tickets), (queue.index, Lamports(0)));
            return Ok(());
        }
        // The index: rounded down, or up where tickets would bear more than the whole loss.
        let fair = floor((&before - rest) * queue.index.0, before.clone()).unwrap();
        let borne = |index: &BigUint| &liabilities - ceil(index * open, ONE).unwrap();
        let rounded_up = &fair + 1u8;
        let index = if borne(&fair) > big(rest) && big(rest) <= borne(&rounded_up) + value { rounded_up } else { fair };
        prop_assert_eq!(big(split.index.0), index.clone());
        prop_assert!(split.index <= queue.index);

        // What is booked on tickets is what the liabilities fall by; beyond 10^18 units nearly.
        prop_assert_eq!(big(split.tickets.0), borne(&index).min(big(rest)));
        if open <= u128::from(ONE) {
            prop_assert_eq!(big(split.tickets.0), borne(&index));
            // Both sides bear their proportion, rest / before, within two lamports.
            let (exact, scaled) = (&liabilities * rest, before.clone() * split.tickets.0);
            let away = if exact > scaled { exact - scaled } else { scaled - exact };
            prop_assert!(away < before * 2u8);
        }
    }

    /// OriginProtocol/arm-oeth#240, solido#453: who stays would lose a multiple, or who leaves would.
    #[test]
    fn over_many_losses_a_ticket_and_a_holder_of_the_same_amount_stay_worth_the_same(
        losses in prop::collection::vec(1..500u64, 1..30),
    ) {
        // Each loss takes up to 5 % of what is there.
        let lamports = 1_000_000_000_000u64;
        let mut tickets = queue(u128::from(lamports), ONE);
        let mut value = lamports;
        for bps in &losses {
            let both = value + tickets.liabilities().unwrap().0;
            let split = split(Bps(*bps as u16).of_ceil(both), 0, 0, value, &tickets).unwrap();
            value -= split.holders.0;
            tickets.index = split.index;
        }
        prop_assert!(value.abs_diff(tickets.liabilities().unwrap().0) <= 2 * losses.len() as u64);
    }
}
