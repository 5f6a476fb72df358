//! Which runs a repetition consists of.

/// The circumstances of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// Whether all cores are kept busy meanwhile.
    pub(super) is_loaded: bool,
    /// How many tests of a program run concurrently.
    pub(super) threads: usize,
}

/// Every combination of load and threads. Two that follow each other differ in both, so that few runs meet much.
const SETTINGS: [Setting; 6] = [
    Setting { is_loaded: false, threads: 8 },
    Setting { is_loaded: true, threads: 2 },
    Setting { is_loaded: false, threads: 1 },
    Setting { is_loaded: true, threads: 8 },
    Setting { is_loaded: false, threads: 2 },
    Setting { is_loaded: true, threads: 1 },
];

/// The setting of a round, counted from 0; with `only_loaded`, of one among those under load.
pub(super) fn setting(round: usize, only_loaded: bool) -> Setting {
    let settings: Vec<Setting> = SETTINGS.into_iter().filter(|setting| setting.is_loaded || !only_loaded).collect();
    settings[round % settings.len()]
}

/// The seed by which a program shuffles its tests in a round. It depends on nothing else that is run, so that a single
/// program repeats what it did among others.
pub(super) fn shuffle_seed(seed: u64, program: &str, round: usize) -> u64 {
    // FNV-1a for the name, and SplitMix64 to spread the bits.
    let name = program
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut mixed = seed ^ name ^ (round as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn thirty_rounds_meet_each_setting_five_times() {
        let rounds: Vec<Setting> = (0..30).map(|round| setting(round, false)).collect();
        for setting in SETTINGS {
            assert_eq!(rounds.iter().filter(|round| **round == setting).count(), 5, "{setting:?}");
        }
    }

    #[test]
    fn half_of_any_even_number_of_rounds_is_under_load() {
        for rounds in [2, 4, 6, 8, 30] {
            assert_eq!((0..rounds).filter(|round| setting(*round, false).is_loaded).count(), rounds / 2);
        }
    }

    #[test]
    fn all_rounds_can_be_under_load() {
        let threads: Vec<usize> = (0..3).map(|round| setting(round, true).threads).collect();
        assert_eq!(threads, [2, 8, 1]);
        assert!((0..9).all(|round| setting(round, true).is_loaded));
    }

    #[test]
    fn every_run_is_shuffled_by_a_seed_of_its_own_that_repeats() {
        let seeds = |seed: u64| {
            let programs = ["a test one", "a test two", "b test one"];
            programs.into_iter().flat_map(move |program| (0..30).map(move |round| shuffle_seed(seed, program, round)))
        };
        assert!(seeds(7).eq(seeds(7)));
        assert_eq!(seeds(7).chain(seeds(8)).collect::<BTreeSet<_>>().len(), 180);
    }
}
