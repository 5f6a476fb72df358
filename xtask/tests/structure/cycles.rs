//! Cycles between the modules of a crate.
//!
//! A module and what is inside it are one unit: a `mod.rs` calls its children and re-exports them, and they take from it by
//! `super::` what they share. So a path between a module and one inside it doesn't count. Any other path counts for the two
//! children of the nearest module around both, and these must not depend on each other in a circle, at whatever depth the paths
//! are. What is re-exported counts for where it is defined.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::modules::{Crate, ModulePath};

/// Children of one module that depend on each other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cycle {
    scope: String,
    members: BTreeSet<String>,
    /// The paths that lead from one to another: where each is written, and where it leads.
    paths: BTreeSet<(String, String)>,
}

impl Cycle {
    /// The crate and module around them, and their names.
    pub(crate) fn name(&self) -> String {
        let members: Vec<&str> = self.members.iter().map(String::as_str).collect();
        format!("{}: {}", self.scope, members.join(" <-> "))
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name())?;
        self.paths.iter().try_for_each(|(from, to)| write!(f, "\n    {from} -> {to}"))
    }
}

type Graph = BTreeMap<String, BTreeMap<String, BTreeSet<(String, String)>>>;

/// The name of an arrow between two children of a module.
fn arrow(scope: &str, from: &str, to: &str) -> String {
    format!("{scope}: {from} -> {to}")
}

/// What is found in a crate.
pub(crate) struct Found {
    /// The cycles that are left without the arrows that are known.
    pub(crate) cycles: Vec<Cycle>,
    /// All arrows that are part of a cycle.
    pub(crate) arrows: BTreeSet<String>,
}

/// Finds the cycles of a crate, first with all arrows and then without those that are known.
pub(crate) fn cycles(name: &str, tree: &Crate, known: &[&str]) -> Found {
    let mut found = Found { cycles: Vec::new(), arrows: BTreeSet::new() };
    for (around, mut graph) in graphs(tree) {
        let scope = [&[name.to_owned()], &around[..]].concat().join("::");
        for members in circles(&graph) {
            for from in &members {
                let dependencies = graph.get(from).into_iter().flat_map(BTreeMap::keys);
                let inside = dependencies.filter(|to| members.contains(*to));
                found.arrows.extend(inside.map(|to| arrow(&scope, from, to)));
            }
        }
        for (from, dependencies) in &mut graph {
            dependencies.retain(|to, _| !known.contains(&arrow(&scope, from, to).as_str()));
        }
        for members in circles(&graph) {
            let between = |(dependency, paths): (&String, &BTreeSet<(String, String)>)| {
                members.contains(dependency).then(|| paths.first().cloned()).flatten()
            };
            let inside = members.iter().filter_map(|member| graph.get(member));
            let paths = inside.flat_map(|edges| edges.iter().filter_map(between)).collect();
            found.cycles.push(Cycle { scope: scope.clone(), members, paths });
        }
    }
    found
}

/// The paths between the children of each module.
fn graphs(tree: &Crate) -> BTreeMap<ModulePath, Graph> {
    let mut graphs: BTreeMap<ModulePath, Graph> = BTreeMap::new();
    for (from, module) in &tree.modules {
        for path in &module.paths {
            let to = tree.module_of(path);
            let shared = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
            if let (Some(dependent), Some(dependency)) = (from.get(shared), to.get(shared)) {
                let graph = graphs.entry(from[..shared].to_vec()).or_default();
                let paths = graph.entry(dependent.clone()).or_default().entry(dependency.clone()).or_default();
                paths.insert((from.join("::"), path.join("::")));
            }
        }
    }
    graphs
}

/// The sets of nodes each of which can be reached from each other one of its set.
fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let reachable = |start: &String| {
        let mut reached: BTreeSet<String> = BTreeSet::new();
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            for next in graph.get(node).into_iter().flat_map(BTreeMap::keys) {
                if reached.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        reached
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = graph.keys().map(|node| (node, reachable(node))).collect();
    let mut circles: Vec<BTreeSet<String>> = Vec::new();
    for (node, far) in &reached {
        let circle: BTreeSet<String> =
            far.iter().filter(|other| reached.get(other).is_some_and(|back| back.contains(*node))).cloned().collect();
        if circle.contains(*node) && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The cycles of a crate of these files.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        without(files, &[]).cycles.iter().map(Cycle::name).collect()
    }

    /// What is found in a crate of these files where some arrows are known.
    fn without(files: &[(&str, &str)], known: &[&str]) -> Found {
        let read = |path: &Path| {
            let file = files.iter().find(|(name, _)| Path::new(name) == path);
            file.map(|(_, text)| (*text).to_owned())
        };
        cycles("moon", &Crate::read(Path::new("src/lib.rs"), &read), known)
    }

    #[test]
    fn siblings_that_use_each_other_are_a_cycle() {
        for (a, b) in [
            ("use crate::b::B;", "use super::a::A;"),
            ("fn f() { super::b::g(); }", "pub fn g(x: crate::a::A) {}"),
            ("fn f() { assert!(crate::b::g()); }", "use crate::a::{self, A};"),
            ("use crate::b::*;", "impl crate::a::A for B {}"),
            ("fn f() { use crate::b; }", "mod inner { use super::super::a::A; }"),
        ] {
            let files = [("src/lib.rs", "mod a; mod b;"), ("src/a.rs", a), ("src/b.rs", b)];
            assert_eq!(found(&files), ["moon: a <-> b"], "{a} {b}");
        }
    }

    #[test]
    fn one_way_is_none() {
        let files = [
            ("src/lib.rs", "mod a; mod b; mod c; pub use a::A;"),
            ("src/a.rs", "use crate::b::B; use crate::c::C;"),
            ("src/b.rs", "use crate::c::C; use std::a::A;"),
            ("src/c.rs", "pub struct C; fn f() { self::g(); quote! { crate::a::A } }"),
        ];
        assert_eq!(found(&files), [""; 0]);
    }

    #[test]
    fn longer_circles_are_found_too() {
        let files = [
            ("src/lib.rs", "mod a; mod b; mod c;"),
            ("src/a.rs", "use crate::b::B;"),
            ("src/b.rs", "use crate::c::C;"),
            ("src/c/mod.rs", "mod inner;"),
            ("src/c/inner.rs", "use crate::a::A;"),
        ];
        assert_eq!(found(&files), ["moon: a <-> b <-> c"]);
    }

    #[test]
    fn a_module_and_its_own_children_are_one_unit() {
        let files = [
            ("src/lib.rs", "mod a; pub struct Root;"),
            ("src/a/mod.rs", "mod inner; pub use inner::Inner; fn f() { inner::g(); } pub struct Shared;"),
            ("src/a/inner.rs", "use super::Shared; use crate::Root; pub struct Inner;"),
        ];
        assert_eq!(found(&files), [""; 0]);
    }

    #[test]
    fn siblings_further_in_count_for_themselves() {
        let files = [
            ("src/lib.rs", "mod a;"),
            ("src/a/mod.rs", "mod one; mod two;"),
            ("src/a/one.rs", "use super::two::Two;"),
            ("src/a/two.rs", "use crate::a::one::One;"),
        ];
        assert_eq!(found(&files), ["moon::a: one <-> two"]);
    }

    #[test]
    fn what_is_re_exported_counts_for_where_it_stands() {
        let files = [
            ("src/lib.rs", "mod a; mod b; pub use a::A; pub use b::B as Bee;"),
            ("src/a.rs", "use crate::Bee; pub struct A;"),
            ("src/b.rs", "fn f() -> super::A {} pub struct B;"),
        ];
        assert_eq!(found(&files), ["moon: a <-> b"]);
    }

    #[test]
    fn tests_do_not_count() {
        let files = [
            ("src/lib.rs", "mod a; mod b;"),
            ("src/a.rs", "use crate::b::B;"),
            (
                "src/b.rs",
                "#[cfg(test)] use crate::a::A; #[cfg(test)] mod tests { use crate::a::A; }
                 #[cfg(all(test, unix))] mod more; #[cfg(test)] fn f() { crate::a::g(); }",
            ),
        ];
        assert_eq!(found(&files), [""; 0]);
    }

    #[test]
    fn modules_are_found_where_an_attribute_says() {
        let files = [
            ("src/lib.rs", "#[path = \"elsewhere/a.rs\"] mod a; mod b { use crate::a::A; }"),
            ("src/elsewhere/a.rs", "use crate::b::B;"),
        ];
        assert_eq!(found(&files), ["moon: a <-> b"]);
    }

    #[test]
    fn a_known_arrow_excuses_what_it_closes_and_nothing_else() {
        let files = [
            ("src/lib.rs", "mod a; mod b; mod c;"),
            ("src/a.rs", "use crate::b::B;"),
            ("src/b.rs", "use crate::a::A; use crate::c::C;"),
            ("src/c.rs", "use crate::b::B;"),
        ];
        let found = without(&files, &["moon: b -> a"]);
        assert_eq!(found.cycles.iter().map(Cycle::name).collect::<Vec<_>>(), ["moon: b <-> c"]);
        assert_eq!(Vec::from_iter(&found.arrows), ["moon: a -> b", "moon: b -> a", "moon: b -> c", "moon: c -> b"]);
        assert!(without(&files, &["moon: b -> a", "moon: c -> b"]).cycles.is_empty());
    }

    #[test]
    fn generated_files_count_by_the_paths_from_the_root() {
        let files = [
            ("src/lib.rs", "mod a; mod generated;"),
            ("src/a.rs", "use crate::generated::T;"),
            ("src/generated.rs", "// Generated by a command.\n/// [`crate::b`]\nimpl crate::a::A for T {}"),
        ];
        assert_eq!(found(&files), ["moon: a <-> generated"]);
    }
}
