//! Schemas that only got another name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use contract::load::{Node, Value};
use contract::site::Site;

use super::comparable::Contract;

/// The schemas that are gone under one name and there under another: where the old contract referred to the one, the
/// new contract refers to the other, and both look alike.
pub(super) fn renamed(old: &Contract, new: &Contract) -> BTreeMap<String, String> {
    let (before, now) = (old.components("schemas"), new.components("schemas"));
    let gone: BTreeSet<&str> = before.keys().copied().filter(|name| !now.contains_key(name)).collect();
    let come: BTreeSet<&str> = now.keys().copied().filter(|name| !before.contains_key(name)).collect();
    if gone.is_empty() || come.is_empty() {
        return BTreeMap::new();
    }
    let (mut locations_before, mut locations_now) = (HashMap::new(), HashMap::new());
    references(old.root().node, &mut String::new(), &mut locations_before);
    references(new.root().node, &mut String::new(), &mut locations_now);
    let mut votes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (location, target) in &locations_before {
        if let Some(other) = locations_now.get(location)
            && gone.contains(target)
            && come.contains(other)
        {
            *votes.entry((target, other)).or_default() += 1;
        }
    }
    // A schema that nothing refers to has only its looks.
    for name in &gone {
        for other in &come {
            if before[name].node.same_value(now[other].node) {
                *votes.entry((name, other)).or_default() += 1;
            }
        }
    }
    let mut ranked: Vec<_> = votes.into_iter().collect();
    ranked.sort_by(|(left, more), (right, less)| less.cmp(more).then(left.cmp(right)));
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for ((name, other), _) in ranked {
        if !renamed.contains_key(name) && !taken.contains(other) && alike(&before[name], &now[other]) {
            renamed.insert(name.to_owned(), other.to_owned());
            taken.insert(other);
        }
    }
    renamed
}

/// Collects the references to schemas by location. Names of path parameters and of schemas around a location don't count.
fn references<'a>(node: &'a Node, location: &mut String, found: &mut HashMap<String, &'a str>) {
    let length = location.len();
    match &node.value {
        Value::Map(mapping) => {
            for entry in mapping {
                let key = entry.key.text.as_str();
                if key == "$ref" {
                    if let Some(name) =
                        entry.value.as_str().and_then(|target| target.strip_prefix("#/components/schemas/"))
                    {
                        found.insert(location.clone(), name);
                    }
                    continue;
                }
                location.push('/');
                location.push_str(key);
                references(&entry.value, location, found);
                location.truncate(length);
            }
        }
        Value::Seq(elements) => {
            for (index, element) in elements.iter().enumerate() {
                location.push('/');
                location.push_str(&index.to_string());
                references(element, location, found);
                location.truncate(length);
            }
        }
        _ => {}
    }
}

/// Whether two schemas have the same type and at least half of their members or values in common.
fn alike(old: &Site<'_>, new: &Site<'_>) -> bool {
    let parts = |site: &Site<'_>| -> BTreeSet<String> {
        let members = site.get("properties").into_iter().flat_map(|members| members.entries().collect::<Vec<_>>());
        let members = members.map(|(name, _)| name.to_owned());
        members.chain(site.texts("enum").into_iter().map(str::to_owned)).collect()
    };
    let (before, now) = (parts(old), parts(new));
    old.text("type") == new.text("type") && before.intersection(&now).count() * 2 >= before.union(&now).count()
}
