//! A page with plots that needs nothing but itself.

use super::report::{Row, Samples, number};
use super::{Bench, Problem};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}\
table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}\
svg{width:100%;height:3.4rem}h2{font-size:1rem;margin:1.6rem 0 0}.met{color:#176b2c}.missed{color:#a01818}";

/// Writes `report.html` or `quick.html`.
pub(super) fn write(bench: &Bench, machine: &[(&str, String)], rows: &[Row]) -> Result<(), Problem> {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Compared with the peers</title><style>{STYLE}</style>\
         <h1>Compared with the peers</h1><table>"
    );
    for (what, value) in machine {
        page.push_str(&format!("<tr><th>{what}</th><td>{}</td></tr>", escaped(value)));
    }
    page.push_str("</table><p>Each dot is a sample, each bar a median.</p>");
    for row in rows {
        page.push_str(&section(row));
    }
    page.push_str("</html>\n");
    let file = bench.folder.join(if bench.quick { "quick.html" } else { "report.html" });
    std::fs::write(&file, page).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("wrote {}", file.display());
    Ok(())
}

fn section(row: &Row) -> String {
    let (class, met) = if row.met() { ("met", "met") } else { ("missed", "missed") };
    let ratio = row.ratio().map_or_else(String::new, |ratio| format!("ratio {ratio:.2}, "));
    let name = escaped(&row.name);
    let bar = number(row.bar);
    let mut sides = vec![("ours", &row.ours)];
    sides.extend(row.peer.as_ref().map(|(name, samples)| (*name, samples)));
    format!("<h2>{name}</h2><p class=\"{class}\">{ratio}bar {bar}: {met}</p>{}", plot(&sides, row.unit.label()))
}

/// Bars from zero, on one scale.
fn plot(sides: &[(&str, &Samples)], unit: &str) -> String {
    const LEFT: f64 = 150.0;
    const WIDTH: f64 = 560.0;
    // One wild sample must not press everything else to the left.
    let most = sides.iter().map(|(_, samples)| samples.median()).fold(f64::MIN_POSITIVE, f64::max) * 1.3;
    let mut svg = format!("<svg viewBox=\"0 0 900 {}\" role=\"img\">", 24 * sides.len() + 4);
    for (index, (name, samples)) in sides.iter().enumerate() {
        let top = 24 * index + 4;
        let middle = top + 9;
        let position = |value: f64| LEFT + (value / most).clamp(0.0, 1.0) * WIDTH;
        let colour = if index == 0 { "#3b6ea5" } else { "#b9b9b9" };
        let (base, length) = (top + 14, position(samples.median()) - LEFT);
        svg.push_str(&format!(
            "<text x=\"0\" y=\"{base}\" font-size=\"13\">{}</text>\
             <rect x=\"{LEFT}\" y=\"{top}\" width=\"{length:.1}\" height=\"18\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"{base}\" font-size=\"13\">{} {unit}</text>",
            escaped(name),
            LEFT + WIDTH + 10.0,
            number(samples.median()),
        ));
        for sample in samples.all() {
            let x = position(*sample);
            svg.push_str(&format!("<circle cx=\"{x:.1}\" cy=\"{middle}\" r=\"2\" fill=\"#0008\"/>"));
        }
    }
    svg + "</svg>"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
