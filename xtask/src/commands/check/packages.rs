//! House rules between packages: which arrow may point where, who may name which foreign crate (architecture, invariant 1).

use serde_json::Value;

use super::Finding;

/// Our packages, each with those it may depend on.
const ARROWS: [(&str, &[&str]); 8] = [
    ("models", &[]),
    ("engine", &["models"]),
    ("backdrop", &["models"]),
    ("plugin", &["engine", "models", "backdrop"]),
    ("export", &["plugin"]),
    ("app", &["plugin"]),
    ("xtask", &["engine", "backdrop", "models"]),
    (
        "tests",
        &["plugin", "engine", "backdrop", "models", "xtask"],
    ),
];

/// Foreign crates by how their name starts, each with the only packages that may name them. `xtask` draws
/// spectrograms, `plugin` compares screenshots of its editors with kept ones (in tests).
pub const OWNERS: [(&str, &[&str]); 7] = [
    ("ort", &["models"]),
    ("nice-plug", &["plugin", "export", "app"]),
    ("image", &["backdrop"]),
    ("png", &["backdrop", "plugin", "xtask"]),
    ("jpeg", &["backdrop"]),
    ("webp", &["backdrop"]),
    ("zune", &["backdrop"]),
];

/// True when a crate is the owned one or of its family: `ort` and `ort-sys`, not `orthography`.
pub fn is_of_family(name: &str, family: &str) -> bool {
    let rest = name.replace('_', "-");
    rest.strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// What `cargo metadata --no-deps` shows to be wrong.
pub fn broken_rules(metadata: &Value) -> Vec<Finding> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.flat_map(broken_rules_of).collect()
}

fn broken_rules_of(package: &Value) -> Vec<Finding> {
    let name = package["name"].as_str().unwrap_or_default();
    let found = |message: String| Finding {
        place: format!("{name}/Cargo.toml"),
        message,
    };
    let Some((_, allowed)) = ARROWS.iter().find(|(package, _)| *package == name) else {
        return vec![found(format!(
            "`{name}` is no package of the architecture; add it there and to this rule"
        ))];
    };
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    dependencies
        .filter_map(|dependency| dependency["name"].as_str())
        .filter_map(|dependency| {
            let is_ours = ARROWS.iter().any(|(package, _)| *package == dependency);
            if is_ours && !allowed.contains(&dependency) {
                return Some(found(format!(
                    "depends on `{dependency}`; dependencies point the other way"
                )));
            }
            let (family, owners) = OWNERS
                .iter()
                .find(|(family, _)| is_of_family(dependency, family))?;
            (!owners.contains(&name)).then(|| {
                found(format!(
                    "depends on `{dependency}`; only {} may name `{family}`",
                    owners.join(" and ")
                ))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn findings(package: &str, dependency: &str) -> usize {
        let metadata =
            json!({ "packages": [{ "name": package, "dependencies": [{ "name": dependency }] }] });
        broken_rules(&metadata).len()
    }

    #[test]
    fn an_arrow_against_the_architecture_rings() {
        for (package, dependency) in [
            ("models", "engine"),
            ("engine", "plugin"),
            ("backdrop", "engine"),
            ("engine", "xtask"),
        ] {
            assert_eq!(
                findings(package, dependency),
                1,
                "{package} -> {dependency}"
            );
        }
        for (package, dependency) in [
            ("engine", "models"),
            ("plugin", "engine"),
            ("xtask", "models"),
            ("tests", "plugin"),
        ] {
            assert_eq!(
                findings(package, dependency),
                0,
                "{package} -> {dependency}"
            );
        }
    }

    #[test]
    fn a_foreign_crate_in_the_wrong_package_rings() {
        for (package, dependency) in [
            ("engine", "ort"),
            ("engine", "ort-sys"),
            ("xtask", "nice-plug"),
            ("engine", "image"),
            ("models", "png"),
        ] {
            assert_eq!(
                findings(package, dependency),
                1,
                "{package} -> {dependency}"
            );
        }
        for (package, dependency) in [
            ("models", "ort"),
            ("plugin", "nice-plug-egui"),
            ("xtask", "png"),
            ("engine", "orthography"),
        ] {
            assert_eq!(
                findings(package, dependency),
                0,
                "{package} -> {dependency}"
            );
        }
    }

    #[test]
    fn a_package_that_the_architecture_does_not_know_rings() {
        assert_eq!(findings("helpers", "serde"), 1);
    }
}
