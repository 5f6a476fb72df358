//! The order of the arguments that a function of the generated code takes.

use super::verdict::{Effect, Verdict};

/// What it does that `function` takes the arguments which it has in both contracts in another order, if it does.
pub(super) fn reordered(function: &str, before: &[String], now: &[String]) -> Option<Effect> {
    let kept: Vec<&String> = before.iter().filter(|name| now.contains(name)).collect();
    let then: Vec<&String> = now.iter().filter(|name| before.contains(name)).collect();
    let listed = |names: &[&String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    (kept != then).then(|| {
        let reason = format!("`{function}()` takes {} in this order, no longer {}", listed(&then), listed(&kept));
        Effect::new(Verdict::Major, reason)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_or_goes_moves_nothing() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(reordered("f", &names(&["a", "b", "c"]), &names(&["x", "a", "c", "y"])), None);
        let effect = reordered("f", &names(&["a", "b", "c"]), &names(&["c", "a"])).unwrap();
        assert_eq!(effect.verdict, Verdict::Major);
        assert_eq!(effect.effect, "`f()` takes `c`, `a` in this order, no longer `a`, `c`");
    }
}
