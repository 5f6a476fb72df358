//! The project tasks behind `cargo xtask`.
fn main() {
    let v: serde_json::Value = serde_json::from_str(&std::fs::read_to_string("/tmp/contract.json").unwrap()).unwrap();
    let t = xtask::pipeline::run(&v, &std::fs::read_to_string("/tmp/codes.csv").unwrap());
    match t {
        Ok(t) => {
            for l in &t.lowerings {
                println!("{}: {:?}", l.name, l.changes);
            }
            xtask::output::write(std::path::Path::new("/work/main"), &t.artifacts).unwrap();
        }
        Err(e) => println!("{e}"),
    }
}
