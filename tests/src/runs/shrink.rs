//! From a long script that fails to a short one: leave out chunks, then single steps, then make the rest smaller.

use std::time::{Duration, Instant};

/// A short script that still fails, for the same reason, found in at most about `time`.
///
/// `fails` is asked whether a script fails; `script` does. `simpler` gives a step's simpler versions.
pub fn shrink<T: Copy>(
    script: Vec<T>,
    simpler: impl Fn(&T) -> Vec<T>,
    time: Duration,
    mut fails: impl FnMut(&[T]) -> bool,
) -> Vec<T> {
    let end = Instant::now() + time;
    let mut script = script;
    loop {
        let length = script.len();
        leave_out(&mut script, end, &mut fails);
        let changed = simplify(&mut script, &simpler, end, &mut fails);
        if Instant::now() >= end || (script.len() == length && !changed) {
            return script;
        }
    }
}

/// Delta debugging: chunks of half the script, of a quarter, … of one step; each is left out if the rest still fails.
/// Later steps go first: they depend on earlier ones.
fn leave_out<T: Copy>(script: &mut Vec<T>, end: Instant, fails: &mut impl FnMut(&[T]) -> bool) {
    let mut chunk = script.len().div_ceil(2);
    loop {
        let mut last = script.len();
        let mut found = false;
        while last > 0 && Instant::now() < end {
            let first = last.saturating_sub(chunk);
            let rest: Vec<T> = script[..first].iter().chain(&script[last..]).copied().collect();
            if fails(&rest) {
                *script = rest;
                found = true;
            }
            last = first;
        }
        if Instant::now() >= end || (chunk <= 1 && !found) {
            return;
        }
        if !found {
            chunk = chunk.div_ceil(2).min(chunk - 1);
        }
        chunk = chunk.min(script.len()).max(1);
    }
}

/// Replaces steps by simpler ones as long as the script still fails. Whether it replaced any.
fn simplify<T: Copy>(
    script: &mut [T],
    simpler: &impl Fn(&T) -> Vec<T>,
    end: Instant,
    fails: &mut impl FnMut(&[T]) -> bool,
) -> bool {
    let mut changed = false;
    for place in 0..script.len() {
        'again: loop {
            for candidate in simpler(&script[place]) {
                if Instant::now() >= end {
                    return changed;
                }
                let original = std::mem::replace(&mut script[place], candidate);
                if fails(script) {
                    changed = true;
                    continue 'again;
                }
                script[place] = original;
            }
            break;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn halves(number: &u64) -> Vec<u64> {
        if *number > 0 {
            vec![number / 2, number - 1]
        } else {
            vec![]
        }
    }

    #[test]
    fn the_steps_that_matter_are_found_in_a_long_script() {
        let script: Vec<u64> = (0..1_000).collect();
        let needed = [17, 503, 999];
        let short = shrink(script, |_| vec![], MINUTE, |s| needed.iter().all(|n| s.contains(n)));
        assert_eq!(short, needed);
    }

    #[test]
    fn amounts_shrink_to_the_least_that_still_fails() {
        let short = shrink(vec![5, 900, 7], halves, MINUTE, |s| s.iter().any(|n| *n >= 100));
        assert_eq!(short, [100]);
    }

    #[test]
    fn steps_that_fail_only_together_stay_together() {
        let script: Vec<u64> = (0..64).collect();
        let short = shrink(script, |_| vec![], MINUTE, |s| s.iter().filter(|n| *n % 8 == 0).count() >= 5);
        assert_eq!(short.len(), 5);
    }

    #[test]
    fn no_time_means_no_change() {
        let short = shrink(vec![1, 2, 3], halves, Duration::ZERO, |_| true);
        assert_eq!(short, [1, 2, 3]);
    }
}
