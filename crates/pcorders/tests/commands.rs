//! `pcorders validate`, `conform` and `schema` as programs: their output and exit codes.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use test_support::program::program;

struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Outcome {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}

#[track_caller]
fn pcorders(arguments: &[&str], stdin: &str) -> Outcome {
    let mut child = program(env!("CARGO_BIN_EXE_pcorders"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("pcorders doesn't start: {error}"));
    if let Some(mut pipe) = child.stdin.take() {
        // The program may exit without reading.
        let _ = pipe.write_all(stdin.as_bytes());
    }
    let output = child.wait_with_output().unwrap_or_else(|error| panic!("pcorders doesn't exit: {error}"));
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/examples").join(name).display().to_string()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap_or_else(|error| panic!("no folder for the test: {error}")))
    }

    fn write(&self, name: &str, text: &[u8]) -> String {
        let path: PathBuf = self.0.path().join(name);
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path.display().to_string()
    }
}

const WRONG: &str =
    "{\n  \"lineItems\": [\n    { \"lineItemNumber\": 0, \"offerId\": \"é日\", \"quantity\": \"2\" }\n  ]\n}\n";

#[test]
fn a_valid_payload_exits_with_0() {
    let outcome = pcorders(&["validate", "--strict", &example("get_order.response.legacy.json")], "");
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.ends_with("valid as Order (response, strict)\n"), "{}", outcome.stdout);
}

#[test]
fn findings_are_shown_in_the_text_and_exit_with_1() {
    let outcome = pcorders(&["validate", "--schema", "Order", "--request", "-"], WRONG);
    assert_eq!(outcome.code, Some(1));
    let expected = r#"wrong_type

  × /lineItems/0/quantity: expected an integer, found "2"
   ╭─[standard input:3:57]
 2 │   "lineItems": [
 3 │     { "lineItemNumber": 0, "offerId": "é日", "quantity": "2" }
   ·                                                          ─┬─
   ·                                                           ╰── expected an integer
 4 │   ]
   ╰────
  help: write 2 without quotes
        How many licences or units.

standard input: 1 finding; validated as NewOrder (request, lenient)
"#;
    // The contract's descriptions are not part of this test.
    let plain = |text: &str| text.lines().filter(|line| !line.starts_with("        ")).collect::<Vec<_>>().join("\n");
    assert_eq!(plain(&outcome.stdout), plain(expected), "{}", outcome.stdout);
}

#[test]
fn colour_is_for_terminals_only() {
    let outcome = pcorders(&["validate", "--schema", "Order", "-"], WRONG);
    assert!(!outcome.stdout.contains('\u{1b}'), "{:?}", outcome.stdout);
}

#[test]
fn a_long_line_is_shown_in_part() {
    let payload = format!("{{\"id\":\"{}\",\"quantity\":\"é\",\"new\":\"{}\"}}", "a".repeat(5_000), "b".repeat(5_000));
    let outcome = pcorders(&["validate", "--schema", "RefundOption", "--strict", "-"], &payload);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stdout.contains("[standard input:1:5010]"), "{}", outcome.stdout);
    assert!(outcome.stdout.lines().all(|line| line.chars().count() < 200), "{}", outcome.stdout);
}

#[test]
fn a_syntax_error_is_shown_and_exits_with_2() {
    let outcome = pcorders(&["validate", "--schema", "Order", "-"], "{\n  \"id\": \"1\", // the id\n}");
    assert_eq!(outcome.code, Some(2));
    for part in ["comment", "invalid JSON: comment", "[standard input:2:14]", "JSON has no comments: delete it"] {
        assert!(outcome.stdout.contains(part), "{part} is not in {}", outcome.stdout);
    }
    let deep = pcorders(&["validate", "--schema", "Order", "-"], &"[".repeat(100_000));
    assert_eq!(deep.code, Some(2));
    assert!(deep.stdout.contains("deeper than 127 levels"), "{}", deep.stdout);
}

#[test]
fn the_worst_of_several_files_decides() {
    let folder = Folder::new();
    let wrong = folder.write("wrong.json", WRONG.as_bytes());
    let malformed = folder.write("malformed.json", b"{\"id\": caf\xe9}");
    let good = example("get_order.response.legacy.json");
    let code = |files: &[&str]| pcorders(&[&["validate", "--schema", "Order"], files].concat(), "").code;
    assert_eq!(code(&[&good]), Some(0));
    assert_eq!(code(&[&wrong, &good]), Some(1));
    assert_eq!(code(&[&good, &malformed, &wrong]), Some(2));
    assert_eq!(code(&[&good, "no such file"]), Some(2));
}

#[test]
fn json_output_is_complete() {
    let folder = Folder::new();
    let wrong = folder.write("wrong.json", WRONG.as_bytes());
    let malformed = folder.write("malformed.json", b"{\"id\": \"1\",}");
    let arguments =
        ["validate", "--format", "json", "--operation", "create_order", "--request", &wrong, &malformed, "none"];
    let outcome = pcorders(&arguments, "");
    assert_eq!(outcome.code, Some(2));
    let json = outcome.json();
    assert_eq!(json[0]["verdict"], "findings");
    assert_eq!(json[0]["schema"], "NewOrder");
    let finding = &json[0]["findings"][0];
    assert_eq!((&finding["code"], &finding["pointer"]), (&"wrong_type".into(), &"/lineItems/0/quantity".into()));
    assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&3.into(), &57.into()));
    assert_eq!(json[1]["verdict"], "unusable");
    assert_eq!(json[1]["syntax_error"]["kind"], "wrong_separator");
    assert_eq!(
        (&json[1]["syntax_error"]["location"]["line"], &json[1]["syntax_error"]["location"]["column"]),
        (&1.into(), &11.into())
    );
    assert_eq!(json[2]["verdict"], "unusable");
    assert!(json[2]["reason"].as_str().is_some_and(|reason| reason.starts_with("can't read it: ")), "{json}");
}

#[test]
fn an_operation_names_the_schema_by_direction_and_status() {
    let fault = example("fault.order_not_found.json");
    let validate = |arguments: &[&str]| pcorders(&[&["validate", "--operation", "get_order"], arguments].concat(), "");
    assert_eq!(validate(&[&fault]).code, Some(1), "a fault is not an order");
    assert_eq!(validate(&["--status", "404", "--strict", &fault]).code, Some(0));
    let no_body = validate(&["--request", &fault]);
    assert_eq!(no_body.code, Some(2));
    assert!(no_body.stdout.contains("`get_order` has no JSON as its request"), "{}", no_body.stdout);
}

#[test]
fn a_payload_may_name_its_schema() {
    for (name, schema) in [
        ("list_orders.response.json", "OrderCollection (response, lenient)"),
        ("create_cart.response.json", "Cart (response, lenient)"),
    ] {
        let outcome = pcorders(&["validate", &example(name)], "");
        assert_eq!(outcome.code, Some(0), "{}", outcome.stdout);
        assert!(outcome.stdout.contains(schema), "{}", outcome.stdout);
    }
    let request =
        pcorders(&["validate", "--request", "-"], "{\"Attributes\":{\"ObjectType\":\"Order\"},\"LineItems\":null}");
    assert!(request.stdout.contains("validated as NewOrder (request, lenient)"), "{}", request.stdout);
    let unnamed = pcorders(&["validate", "-"], "{}");
    assert_eq!(unnamed.code, Some(2));
    assert!(unnamed.stdout.contains("name it with `--schema` or `--operation`"), "{}", unnamed.stdout);
    assert!(pcorders(&["validate", "-"], "{").stdout.contains("cut off"));
}

#[test]
fn values_that_serde_json_rejects_do_not_hide_the_schema() {
    for (odd, code) in [("1e999999", "number_too_large"), ("\"\\ud83d\"", "lone_surrogate")] {
        let payload = format!("{{\"new\": {odd}, \"attributes\": {{\"objectType\": \"Subscription\"}}}}");
        let outcome = pcorders(&["validate", "--format", "json", "-"], &payload);
        assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
        assert_eq!(outcome.json()[0]["schema"], "Subscription");
        assert!(outcome.stdout.contains(code), "{}", outcome.stdout);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(pcorders(&["validate", "-"], &deep).stdout.contains("deeper than 127 levels"));
}

#[test]
fn unknown_names_are_reported_with_the_known_ones() {
    let schema = pcorders(&["validate", "--schema", "zzz", "-"], "{}");
    assert!(schema.stdout.contains("no schema `zzz`; `pcorders schema` lists them"), "{}", schema.stdout);
    let operation = pcorders(&["validate", "--operation", "zzz", "-"], "{}");
    assert!(operation.stdout.contains("create_order, "), "{}", operation.stdout);
    let status = pcorders(&["validate", "--operation", "get_order", "--status", "999", "-"], "{}");
    assert!(status.stdout.contains("as its response with the status 999"), "{}", status.stdout);
    assert_eq!((schema.code, operation.code, status.code), (Some(2), Some(2), Some(2)));
}

#[test]
fn wrong_arguments_exit_with_2() {
    let unknown = pcorders(&["validate", "--schema", "Ordre", "-"], "{}");
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stdout.contains("did you mean `Order`?"), "{}", unknown.stdout);
    assert_eq!(pcorders(&["validate", "--schema", "Order", "--request", "--response", "-"], "{}").code, Some(2));
    assert_eq!(pcorders(&["validate"], "").code, Some(2));
}

#[test]
fn schema_prints_json_schema() {
    let outcome = pcorders(&["schema", "Order", "--request", "--strict"], "");
    assert_eq!(outcome.code, Some(0));
    let json = outcome.json();
    assert_eq!(json["$ref"], "#/$defs/NewOrder");
    assert_eq!(json["$defs"]["NewOrder"]["additionalProperties"], false);
    assert_eq!(pcorders(&["schema", "ResourceCollection<Order>"], "").json()["$ref"], "#/$defs/OrderCollection");
    let unknown = pcorders(&["schema", "Ordre"], "");
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), ""));
    assert!(unknown.stderr.contains("did you mean `Order`?"), "{}", unknown.stderr);
    assert!(pcorders(&["schema"], "").stdout.contains("\nOrderCollection  (ResourceCollection<Order>)\n"));
}

#[test]
fn conform_reports_differences() {
    let capture = concat!(
        "{\"method\":\"GET\",\"path\":\"/v1/customers/1/orders\",\"status\":200,\"responseBody\":{\"items\":[],\"colour\":1}}\n",
        "{\"method\":\"GET\",\"path\":\"/v1/customers/1/orders\",\"status\":200,\"responseBody\":{\"colour\":2}}\n",
    );
    let outcome = pcorders(&["conform", "-"], capture);
    assert_eq!(outcome.code, Some(1));
    let expected = "\
list_orders (GET /customers/{customer_id}/orders), seen 2 times
! response 200 /items: missing_member, once, first in standard input:2
      expected the member `items`; found none
  response 200 /colour: unknown_member, 2 times, first in standard input:1
      expected a member of OrderCollection; found `colour`

2 exchanges, 2 bodies validated
2 differences, 1 of which may break readers
";
    assert_eq!(outcome.stdout, expected);
    let json = pcorders(&["conform", "--format", "json", "-"], capture).json();
    assert_eq!(json["differences"][1]["kind"], "unknown_member");
    assert_eq!(json["differences"][1]["count"], 2);
    assert_eq!(json["differences"][1]["first"]["source"], "standard input:1");
}

#[test]
fn conform_exits_with_0_1_or_2() {
    let folder = Folder::new();
    folder.write("list_orders.response.json", b"{\"items\": []}");
    let path = folder.0.path().display().to_string();
    assert_eq!(pcorders(&["conform", &path], "").code, Some(0));
    folder.write("get_order.response.json", b"{}");
    assert_eq!(pcorders(&["conform", &path], "").code, Some(1));
    folder.write("capture.ndjson", b"{\"method\": \"GET\", \"path\": \"/v1/customers/1/orders\"}\n{\n");
    assert_eq!(pcorders(&["conform", &path], "").code, Some(2));
    assert_eq!(pcorders(&["conform", "no such folder"], "").code, Some(2));
    let nothing = pcorders(&["conform", "-"], "");
    assert_eq!(nothing.code, Some(2), "{}", nothing.stdout);
}

/// Runs the program with its output to a device that is always full.
#[cfg(target_os = "linux")]
#[track_caller]
fn to_a_full_disk(arguments: &[&str], stdin: &str) -> (Option<i32>, String) {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut child = program(env!("CARGO_BIN_EXE_pcorders"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_can_t_be_written_is_reported_and_exits_with_2() {
    let folder = Folder::new();
    let capture = folder.write("c.json", br#"{"method":"GET","path":"/v1/customers/1/orders","status":200}"#);
    let valid = example("get_order.response.legacy.json");
    for arguments in [
        &["schema"][..],
        &["schema", "Order"],
        &["validate", &valid],
        &["validate", "--format", "json", &valid],
        &["conform", &capture],
        &["conform", "--format", "json", &capture],
    ] {
        let (code, stderr) = to_a_full_disk(arguments, "");
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains("can't write to standard output"), "{arguments:?}: {stderr}");
    }
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_waited_for() {
    let folder = Folder::new();
    let pipe = folder.0.path().join("pipe.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // A command that wrongly reads the pipe finds it empty instead of blocking.
    let write_end = pipe.clone();
    std::thread::spawn(move || while fs::File::options().write(true).open(&write_end).is_ok() {});
    let endless = folder.0.path().join("endless.json");
    std::os::unix::fs::symlink("/dev/zero", &endless).unwrap();
    for path in [&pipe, &endless] {
        let path = path.display().to_string();
        for arguments in [&["conform", &path][..], &["validate", "--schema", "Order", &path]] {
            let outcome = pcorders(arguments, "");
            assert_eq!(outcome.code, Some(2), "{arguments:?}: {}", outcome.stdout);
            assert!(outcome.stdout.contains("regular file"), "{arguments:?}: {}", outcome.stdout);
        }
    }
    // The same in a folder.
    let outcome = pcorders(&["conform", &folder.0.path().display().to_string()], "");
    assert_eq!(
        (outcome.code, outcome.stdout.matches("not a regular file").count()),
        (Some(2), 2),
        "{}",
        outcome.stdout
    );
}

#[test]
fn large_files_are_rejected() {
    let folder = Folder::new();
    let path = folder.0.path().join("large.json");
    // A sparse file takes no space on disk.
    fs::File::create(&path).unwrap().set_len((256 << 20) + 1).unwrap();
    let path = path.display().to_string();
    for arguments in [&["conform", &path][..], &["validate", "--schema", "Order", &path]] {
        let outcome = pcorders(arguments, "");
        assert_eq!(outcome.code, Some(2), "{}", outcome.stdout);
        assert!(outcome.stdout.contains("larger than 256 MiB"), "{}", outcome.stdout);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_may_have_any_name() {
    use std::os::unix::ffi::OsStrExt as _;

    let folder = Folder::new();
    let path = folder.0.path().join(std::ffi::OsStr::from_bytes(b"order-\xff\x1b[2J.json"));
    fs::copy(example("get_order.response.legacy.json"), &path).unwrap();
    for format in ["text", "json"] {
        let output = program(env!("CARGO_BIN_EXE_pcorders"))
            .args(["validate", "--schema", "Order", "--format", format])
            .arg(&path)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.contains("order-\u{fffd}") && !shown.contains('\u{1b}'), "{shown:?}");
    }
}

#[test]
fn control_characters_of_a_payload_or_capture_are_not_printed() {
    let is_harmless =
        |text: &str| text.chars().all(|letter| letter == '\n' || !partner_center_orders_schema::is_control(letter));
    let raw = "\u{1b}[2J\u{9b}31m\u{202e}";
    let escaped = r"\u001b[2J\u009b31m\u202e";
    let folder = Folder::new();
    let line = format!(
        r#"{{"method":"GET","path":"/v1/customers/{escaped}/nothing/{raw}","status":200,"responseBody":{{"{escaped}":1}}}}"#
    );
    let order = format!(
        r#"{{"method":"GET","path":"/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/orders/1","status":200,"responseBody":{{"{escaped}":1,"id":"\u202e","status":"{escaped}"}}}}"#
    );
    let capture =
        folder.write("\u{9b}c\u{202e}.ndjson", format!("{order}\n{}\nx{raw}\n", line.replace(raw, "")).as_bytes());
    for payload in [
        format!("{{\"{raw}\": 1}}"),
        format!("{{\"{escaped}\": 1, \"id\": \"{escaped}\", \"status\": 1}}"),
        raw.to_owned(),
        format!("{{\"id\": \"1\" {raw}}}"),
        "{\"id\": \"\u{9b}\u{202e}\", \"status\": 7, \"\u{202e}\": 1}".to_owned(),
    ] {
        for format in ["text", "json"] {
            let outcome = pcorders(&["validate", "--strict", "--schema", "Order", "--format", format, "-"], &payload);
            assert!(is_harmless(&outcome.stdout), "{:?}", outcome.stdout);
        }
    }
    for format in ["text", "json"] {
        let outcome = pcorders(&["conform", "--format", format, &capture], "");
        assert!(is_harmless(&outcome.stdout) && !outcome.stdout.is_empty(), "{:?}", outcome.stdout);
    }
    let outcome = pcorders(&["validate", "--schema", raw, "-"], "{}");
    assert!(is_harmless(&outcome.stdout) && is_harmless(&outcome.stderr), "{:?}", outcome.stdout);
    let outcome = pcorders(&["schema", raw], "");
    assert!(outcome.code == Some(2) && is_harmless(&outcome.stderr), "{:?}", outcome.stderr);
}

#[test]
fn a_partial_change_of_a_subscription_is_a_finding() {
    let validate =
        |payload: &str| pcorders(&["validate", "--operation", "update_subscription", "--request", "-"], payload);
    let partial = validate("{ \"quantity\": 30 }");
    assert_eq!(partial.code, Some(1));
    for part in ["reset_by_omission", "/autoRenewEnabled", "/nextChargeInstructions", "3 findings"] {
        assert!(partial.stdout.contains(part), "{part}: {}", partial.stdout);
    }
    let whole = r#"{ "id": "1", "quantity": 30, "status": "active", "autoRenewEnabled": true }"#;
    assert_eq!(validate(whole).code, Some(0));
}
