//! The versions in the manifests of the crates, and which crates are published.

use std::collections::BTreeMap;
use std::path::Path;

use contract::command;
use semver::Version;
use serde_json::Value;

/// The manifests can't be read, or don't suit a release.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// cargo can't read the manifests.
    #[error("cargo can't read the manifests: {0}")]
    Manifests(String),
    /// The crates don't have one version.
    #[error("the crates don't have one version: {0}; write it once, in [workspace.package] of Cargo.toml")]
    SeveralVersions(String),
    /// A crate asks for another version of its sibling.
    #[error(
        "{dependent} asks for {dependency} {requirement}, which is no longer {version}; fix [workspace.dependencies] of Cargo.toml"
    )]
    Sibling {
        /// The crate that asks.
        dependent: String,
        /// What it asks for.
        dependency: String,
        /// The version that it asks for.
        requirement: String,
        /// The version of the workspace.
        version: Version,
    },
    /// Published crates without a repository.
    #[error(
        "`repository` is unset for {0}\n  help: set it in [workspace.package] of Cargo.toml, and `repository.workspace = true` in each crate"
    )]
    NoRepository(String),
}

/// The manifests of the crates, as cargo reads them.
pub(crate) fn metadata(root: &Path) -> Result<Value, ManifestError> {
    let mut cargo = command::cargo();
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(root);
    let output = command::succeed(&mut cargo).map_err(|failed| ManifestError::Manifests(failed.to_string()))?;
    serde_json::from_slice(&output.stdout).map_err(|error| ManifestError::Manifests(error.to_string()))
}

/// The packages that are published: all without `publish = false`.
pub(crate) fn published(metadata: &Value) -> impl Iterator<Item = &Value> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.filter(|package| package["publish"].as_array().is_none_or(|registries| !registries.is_empty()))
}

/// Whether all published crates name their repository: the registry's pages lead there.
pub(crate) fn with_repositories(metadata: &Value) -> Result<(), ManifestError> {
    let without: Vec<&str> = published(metadata)
        .filter(|package| package["repository"].as_str().unwrap_or_default().is_empty())
        .filter_map(|package| package["name"].as_str())
        .collect();
    if without.is_empty() { Ok(()) } else { Err(ManifestError::NoRepository(without.join(", "))) }
}

/// The one version of all packages, which their requirements on each other must name too.
pub(crate) fn one_version(metadata: &Value) -> Result<Version, ManifestError> {
    let packages: Vec<&Value> = metadata["packages"].as_array().into_iter().flatten().collect();
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let versions: BTreeMap<String, String> =
        packages.iter().map(|package| (text(package, "version"), text(package, "name"))).collect();
    let version = match Vec::from_iter(&versions).as_slice() {
        [(version, _)] => Version::parse(version).map_err(|error| ManifestError::Manifests(error.to_string()))?,
        [] => return Err(ManifestError::Manifests("there are no crates".to_owned())),
        several => {
            let listed: Vec<String> = several.iter().map(|(version, name)| format!("{name} has {version}")).collect();
            return Err(ManifestError::SeveralVersions(listed.join(", ")));
        }
    };
    for package in &packages {
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let requirement = text(dependency, "req");
            let sibling = dependency["path"].is_string() && requirement != "*";
            if sibling && requirement != format!("^{version}") {
                return Err(ManifestError::Sibling {
                    dependent: text(package, "name"),
                    dependency: text(dependency, "name"),
                    requirement,
                    version,
                });
            }
        }
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn published_crates_without_a_repository_are_named() {
        let package = |name: &str, repository: Option<&str>, publish: Option<&[&str]>| json!({ "name": name, "repository": repository, "publish": publish });
        let of = |packages: Vec<Value>| {
            with_repositories(&json!({ "packages": packages })).map_err(|error| error.to_string())
        };
        let set = package("a", Some("https://example.com/a"), None);
        let unset = package("b", None, None);
        let private = package("c", None, Some(&[]));
        assert_eq!(of(vec![set.clone(), private.clone()]), Ok(()));
        assert!(of(vec![set, unset, private]).is_err_and(|message| message.contains("unset for b\n")));
    }

    #[test]
    fn all_crates_have_one_version_and_ask_for_it() {
        let package = |version: &str, requirement: &str| json!({ "name": "a", "version": version, "dependencies": [{ "name": "b", "path": "/b", "req": requirement }] });
        let of =
            |packages: Vec<Value>| one_version(&json!({ "packages": packages })).map_err(|error| error.to_string());
        assert_eq!(of(vec![package("0.2.0", "^0.2.0"), package("0.2.0", "*")]), Ok(Version::new(0, 2, 0)));
        assert!(of(vec![package("0.2.0", "^0.1.0")]).is_err_and(|message| message.contains("a asks for b ^0.1.0")));
        assert!(
            of(vec![package("0.2.0", "*"), package("0.1.0", "*")])
                .is_err_and(|message| message.contains("one version"))
        );
    }
}
