use crate::reference::*;
use tidepool_math::*;

const EPOCH: u64 = 432_000;

fn stream(amount: u64, start_slot: u64, end_slot: u64) -> Stream {
    Stream { amount: Lamports(amount), unreleased: Lamports(amount), start_slot, end_slot }
}

fn any_stream() -> impl Strategy<Value = Stream> {
    (any_u64(), any_u64(), any_u64(), any_u64()).prop_map(|(amount, unreleased, start, end)| Stream {
        unreleased: Lamports(unreleased.min(amount)),
        ..stream(amount, start, end)
    })
}

/// A stream that could run: up to 1,000 SOL and two epochs, started at slot 1,000.
fn running() -> impl Strategy<Value = Stream> {
    let amount = prop_oneof![0..1_000u64, 0..1_000_000_000_000u64, any_u64()];
    (amount, 1..2 * EPOCH).prop_map(|(amount, length)| stream(amount, 1_000, 1_000 + length))
}

/// inf-1.5 `release_yield`: called in every slot it rounded to 0 each time and released nothing.
#[test]
fn a_hundred_lamports_over_an_epoch_are_all_out_at_its_end_though_touched_in_every_slot() {
    let mut small = stream(100, 0, EPOCH);
    let mut out = 0;
    for slot in 0..EPOCH {
        out += small.release(slot).0;
        assert_eq!(out, 100 * slot / EPOCH);
    }
    assert_eq!(out + small.release(EPOCH).0, 100);
    assert_eq!(small.unreleased, Lamports::ZERO);
}

/// Rounded up, the end would stay an epoch away for ever.
#[test]
fn a_lamport_gifted_in_every_slot_neither_moves_the_end_nor_slows_the_release() {
    let reward = 1_000_000_000_000;
    let mut gifted = stream(reward, 0, EPOCH);
    let mut out = 0;
    for slot in 1..EPOCH {
        out += gifted.release(slot).0;
        gifted.add(Lamports(1), slot, EPOCH).unwrap();
        assert_eq!(gifted.end_slot, EPOCH);
        // Behind the undisturbed line by less than a lamport per restart, ahead only by the gifts.
        let line = (u128::from(reward) * u128::from(slot) / u128::from(EPOCH)) as u64;
        assert!(out + slot >= line && out <= line + slot, "slot {slot}: {out} against {line}");
    }
    out += gifted.release(EPOCH).0;
    assert_eq!((out, gifted.unreleased), (reward + EPOCH - 1, Lamports::ZERO));
}

#[test]
fn a_gain_of_nothing_changes_nothing() {
    let mut running = stream(7, 10, 20);
    running.add(Lamports(0), 15, EPOCH).unwrap();
    assert_eq!(running, stream(7, 10, 20));
    let mut over = Stream::default();
    over.add(Lamports(0), u64::MAX, 0).unwrap();
    assert_eq!(over, Stream::default());
}

#[test]
fn a_gain_that_does_not_fit_leaves_the_stream_as_it_was() {
    let before = stream(u64::MAX, 10, 20);
    let mut full = before;
    assert_eq!(full.add(Lamports(1), 15, EPOCH), Err(MathError::Overflow));
    assert_eq!(full, before);
    let mut late = Stream::default();
    assert_eq!(late.add(Lamports(1), u64::MAX, EPOCH), Err(MathError::Overflow));
    assert_eq!(late, Stream::default());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn released_is_the_line_rounded_down(stream in any_stream(), slot in any_u64()) {
        let Stream { amount, start_slot, end_slot, .. } = stream;
        let exact = if slot >= end_slot {
            big(amount.0)
        } else if slot <= start_slot {
            big(0u8)
        } else {
            floor(big(amount.0) * (slot - start_slot), end_slot - start_slot).unwrap()
        };
        prop_assert_eq!(big(stream.released_by(slot).0), exact);
    }

    #[test]
    fn released_never_falls_and_never_exceeds_the_amount(stream in any_stream(), a in any_u64(), b in any_u64()) {
        prop_assert!(stream.released_by(a.min(b)) <= stream.released_by(a.max(b)));
        prop_assert!(stream.released_by(a) <= stream.amount);
        prop_assert!(stream.due(a) <= stream.unreleased);
    }

    #[test]
    fn what_was_released_does_not_depend_on_the_touches(
        stream in running(),
        mut touches in prop::collection::vec(0..3 * EPOCH, 0..20),
        last in 0..3 * EPOCH,
    ) {
        let mut once = stream;
        let at_once = once.release(last);
        prop_assert_eq!(at_once, stream.released_by(last));

        touches.retain(|slot| *slot <= last);
        touches.sort_unstable();
        touches.push(last);
        let mut often = stream;
        let in_parts: u64 = touches.iter().map(|slot| often.release(*slot).0).sum();
        prop_assert_eq!(Lamports(in_parts), at_once);
        prop_assert_eq!(often, once);
        prop_assert_eq!(often.unreleased.plus(at_once).unwrap(), stream.amount);
        // A second touch in the same slot, or one with an older clock, finds nothing.
        prop_assert_eq!(often.release(last), Lamports::ZERO);
        prop_assert_eq!(often.release(last / 2), Lamports::ZERO);
    }

    #[test]
    fn everything_is_out_at_the_end(stream in any_stream(), after in any_u64()) {
        let mut done = stream;
        let slot = stream.end_slot.saturating_add(after);
        prop_assert_eq!(done.release(slot), stream.unreleased);
        prop_assert_eq!(done.unreleased, Lamports::ZERO);
    }

    /// INF docs/risks.md: a step in the rate is an arbitrage; a line has none.
    #[test]
    fn one_slot_releases_at_most_its_part_and_a_lamport(stream in running(), slot in 0..3 * EPOCH) {
        let mut running = stream;
        let _ = running.release(slot);
        let length = stream.end_slot - stream.start_slot;
        prop_assert!(running.due(slot + 1).0 <= (stream.amount.0 / length).saturating_add(1));
    }

    #[test]
    fn the_new_end_is_the_weighted_mean_rounded_down(
        stream in any_stream(), gain in 1..=u64::MAX, now in any_u64(), epoch in any_u64(),
    ) {
        let remaining = stream.unreleased.0;
        let left = stream.end_slot.saturating_sub(now);
        let sum = remaining.checked_add(gain);
        let mean = floor(big(remaining) * left + big(gain) * epoch, big(remaining) + gain).unwrap().max(big(1u8));
        let end = u64::try_from(mean + now).ok();

        let mut after = stream;
        match (sum, end) {
            (Some(sum), Some(end)) => {
                prop_assert_eq!(after.add(Lamports(gain), now, epoch), Ok(()));
                prop_assert_eq!(after, self::stream(sum, now, end));
            }
            _ => {
                prop_assert_eq!(after.add(Lamports(gain), now, epoch), Err(MathError::Overflow));
                prop_assert_eq!(after, stream);
            }
        }
    }

    #[test]
    fn a_gain_releases_nothing_at_once_and_loses_nothing(
        stream in running(), gain in 0..1_000_000_000_000u64, now in 0..3 * EPOCH,
    ) {
        let mut after = stream;
        let out = after.release(now);
        if after.add(Lamports(gain), now, EPOCH).is_ok() {
            prop_assert_eq!(after.due(now), Lamports::ZERO);
            prop_assert_eq!(
                big(out.0) + after.unreleased.0,
                big(stream.amount.0) + gain
            );
            prop_assert!(after.end_slot <= stream.end_slot.max(now + EPOCH));
            prop_assert!(gain == 0 || after.end_slot > now);
        }
    }

    /// The end moves by at most the gain's weight in an epoch, so not at all for dust.
    #[test]
    fn dust_cannot_stretch_a_stream(
        amount in 1_000 * EPOCH..u64::MAX / 2, length in 1..2 * EPOCH, dust in 1..1_000u64, passed in 0..2 * EPOCH,
    ) {
        let before = self::stream(amount, 1_000, 1_000 + length);
        let now = 1_000 + passed % length;
        let mut after = before;
        let _ = after.release(now);
        let remaining = after.unreleased.0;
        after.add(Lamports(dust), now, EPOCH).unwrap();
        let weight = (u128::from(dust) * u128::from(EPOCH) / u128::from(remaining + dust)) as u64;
        prop_assert!(after.end_slot <= before.end_slot + weight);
        prop_assert!(remaining < 1_000 * EPOCH || after.end_slot <= before.end_slot);
    }

    #[test]
    fn a_loss_is_absorbed_as_far_as_reward_is_left(stream in any_stream(), loss in any_u64(), now in any_u64()) {
        let mut after = stream;
        let absorbed = after.absorb(Lamports(loss), now);
        prop_assert_eq!(absorbed, Lamports(loss).min(stream.unreleased));
        prop_assert_eq!(after.unreleased.plus(absorbed).unwrap(), stream.unreleased);
        prop_assert_eq!(after.end_slot, stream.end_slot);
        match absorbed.is_zero() {
            true => prop_assert_eq!(after, stream),
            false => prop_assert_eq!(after, self::stream(after.unreleased.0, now, stream.end_slot)),
        }
    }

    #[test]
    fn after_a_loss_the_rest_still_arrives_at_the_same_end(
        stream in running(), loss in any_u64(), now in 1_000..3 * EPOCH,
    ) {
        let mut after = stream;
        let before_loss = after.release(now);
        let absorbed = after.absorb(Lamports(loss), now);
        if now >= stream.end_slot {
            prop_assert_eq!(absorbed, Lamports::ZERO);
        }
        prop_assert_eq!(after.due(now), Lamports::ZERO);
        let rest = after.release(stream.end_slot.max(now));
        prop_assert_eq!(big(before_loss.0) + absorbed.0 + rest.0, big(stream.amount.0));
    }
}
