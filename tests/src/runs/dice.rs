//! Chance that can be repeated.

/// SplitMix64.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Different for every pair.
    pub fn new(seed: u64, run: u64) -> Self {
        let mut dice = Self(seed);
        let salt = dice.roll();
        Self(salt ^ run.wrapping_mul(0xD134_2543_DE82_EF95))
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `end`, which is more than 0.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.roll()) * u128::from(end)) >> 64) as u64
    }

    pub fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len() as u64) as usize]
    }

    /// One of `things`, each as often as its weight says.
    pub fn pick_weighted<T: Copy>(&mut self, things: &[(u64, T)]) -> T {
        let mut place = self.below(things.iter().map(|(weight, _)| weight).sum());
        for (weight, thing) in things {
            if place < *weight {
                return *thing;
            }
            place -= weight;
        }
        things[0].1
    }

    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for place in (1..things.len()).rev() {
            things.swap(place, self.below(place as u64 + 1) as usize);
        }
    }

    /// From 1 to `most`, each order of magnitude as often as any other.
    pub fn magnitude(&mut self, most: u64) -> u64 {
        let bits = 64 - most.leading_zeros();
        let bound = 1u64 << self.below(u64::from(bits) + 1).min(63);
        (1 + self.below(bound)).min(most)
    }
}
