//! The program behind `cargo xtask bench`: every bar that the project sets itself, measured against the peer in the same run.

mod builds;
mod machine;
mod output;
mod page;
mod peers;
mod programs;
mod report;
mod rows;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Why something could not be measured, in words.
type Problem = String;

/// Measures the project compared with its peers.
///
/// Installs the peers at pinned versions below `target/bench` and builds the programs of `bench/` there. Writes
/// `target/bench/report.json`, or `quick.json`, and a page with plots next to it.
#[derive(Parser)]
struct Arguments {
    /// The workspace.
    #[arg(long)]
    root: PathBuf,
    /// The program that generates.
    #[arg(long)]
    generator: PathBuf,
    /// Measures only what has this in its name.
    name: Option<String>,
    /// Proves that everything runs, in a fraction of the time; checks only counts, which are stable, and no times.
    #[arg(long)]
    quick: bool,
}

/// Where everything is, and how much is to be measured.
struct Bench {
    root: PathBuf,
    generator: PathBuf,
    folder: PathBuf,
    quick: bool,
}

/// Runs the comparisons; fails where one can't be measured or its two sides differ, and where a count is worse
/// than it was.
fn main() -> ExitCode {
    let Arguments { root, generator, name, quick } = Arguments::parse();
    // Cargo's own folder may be elsewhere; reports lie where one looks for them.
    let folder = root.join("target/bench");
    let bench = Bench { root, generator, folder, quick };
    match measure(&bench, name.as_deref()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn measure(bench: &Bench, name: Option<&str>) -> Result<bool, Problem> {
    let comparisons: Vec<_> =
        rows::COMPARISONS.iter().filter(|comparison| name.is_none_or(|name| comparison.name.contains(name))).collect();
    if comparisons.is_empty() {
        let names: Vec<_> = rows::COMPARISONS.iter().map(|comparison| comparison.name).collect();
        return Err(format!("nothing is measured under that name; there are {}", names.join(", ")));
    }
    std::fs::create_dir_all(&bench.folder).map_err(|error| format!("{}: {error}", bench.folder.display()))?;
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    for comparison in comparisons {
        if bench.quick && !comparison.quick {
            continue;
        }
        eprintln!("measuring {}", comparison.name);
        match (comparison.measure)(bench) {
            Ok(measured) => rows.extend(measured),
            Err(problem) => problems.push(format!("{}: {problem}", comparison.name)),
        }
    }
    let machine = machine::describe(bench);
    print!("{}", report::table(&rows));
    report::write(bench, &rows)?;
    page::write(bench, &machine, &rows)?;
    for problem in &problems {
        eprintln!("not measured: {problem}");
    }
    let worse: Vec<_> = rows.iter().filter(|row| !row.holds()).collect();
    for row in &worse {
        eprintln!("worse than it was: {}", row.name);
    }
    Ok(problems.is_empty() && worse.is_empty())
}
