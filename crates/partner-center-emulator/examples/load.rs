//! Puts a steady load on an emulator in a process of its own with a single thread, checks every response, and measures the
//! emulator's memory. It stops by itself, and fails if a response is wrong, the rate isn't reached or the memory grows.
//!
//!     cargo run --release --package partner-center-emulator --example load -- [requests a second] [seconds]
//!
//! By default 2,000 requests a second for 30 seconds. Linux only, since memory is read from `/proc`.

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use partner_center_emulator::Emulator;
use reqwest::Method;
use serde_json::{Value, json};

#[path = "support/http_client.rs"]
mod http_client;

type Failure = Box<dyn Error + Send + Sync>;

const CUSTOMER: &str = "b0d70a69-4c42-4b27-b17b-91a835d8686a";
const ORDER: &str = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1";

/// How many clients share the load.
const CLIENTS: u64 = 64;

/// The part of the time after which memory is measured first: until then buffers fill up to their limits.
const WARM_UP: f64 = 0.4;

/// The largest allowed ratio of memory at the end to memory after warming up.
const TOLERANCE: f64 = 1.1;

/// The part of the rate that must be reached.
const MIN_RATE: f64 = 0.95;

fn main() -> Result<ExitCode, Failure> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    if first.as_deref() == Some("serve") {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())?;
        return Ok(ExitCode::SUCCESS);
    }
    let rate: u64 = first.map_or(Ok(2000), |rate| rate.parse())?;
    let seconds: u64 = arguments.next().map_or(Ok(30), |seconds| seconds.parse())?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(load(rate, seconds))
}

/// The other process: an emulator that stops when its standard input ends.
async fn serve() -> Result<(), Failure> {
    let emulator = Emulator::builder()
        .configure(|settings| {
            settings.rate = 0;
            // So that the log is soon full.
            settings.log_entries = 200;
        })
        .start()
        .await?;
    println!("{} {}", emulator.base_url(), emulator.user_token(true));
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().lock().read_line(&mut String::new())).await??;
    Ok(())
}

struct Server {
    process: Child,
    base: String,
    token: String,
}

impl Server {
    fn start() -> Result<Self, Failure> {
        let mut process =
            Command::new(std::env::current_exe()?).arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let (base, token) = line.trim().split_once(' ').ok_or("no address")?;
        Ok(Self { base: format!("{base}/v1/customers/{CUSTOMER}"), token: token.to_owned(), process })
    }

    /// Resident memory, in KiB.
    fn memory(&self) -> Result<u64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no memory")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Seconds of processor time so far.
    #[expect(clippy::cast_precision_loss, reason = "ticks are few")]
    fn processor(&self) -> Result<f64, Failure> {
        const TICKS: f64 = 100.0;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks: u64 =
            after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse().unwrap_or(0_u64)).sum();
        Ok(ticks as f64 / TICKS)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        drop(self.process.wait());
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2 to the 52nd")]
async fn load(rate: u64, seconds: u64) -> Result<ExitCode, Failure> {
    let server = Arc::new(Server::start()?);
    let wrong = Arc::new(AtomicU64::new(0));
    // The clients create their carts first.
    let begin = Instant::now() + Duration::from_millis(500);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(client(number, rate, seconds, begin, Arc::clone(&server), Arc::clone(&wrong))))
        .collect();

    let span = Duration::from_secs(seconds);
    tokio::time::sleep_until((begin + span.mul_f64(WARM_UP)).into()).await;
    let warm = server.memory()?;
    let mut latencies = Vec::new();
    for client in clients {
        latencies.extend(client.await??);
    }
    let elapsed = begin.elapsed().as_secs_f64();
    let (end, processor) = (server.memory()?, server.processor()?);

    latencies.sort_unstable();
    let percentile = |part: usize| latencies.get(latencies.len() * part / 100).copied().unwrap_or_default();
    let reached = latencies.len() as f64 / elapsed;
    let wrong = wrong.load(Ordering::Relaxed);
    println!("{} requests in {elapsed:.1} s: {reached:.0} a second, {wrong} wrong responses", latencies.len());
    println!("latency: median {:?}, 99th percentile {:?}", percentile(50), percentile(99));
    println!("emulator: {processor:.1} s of one core; {warm} KiB when warm, {end} KiB at the end");
    let is_flat = end as f64 <= warm as f64 * TOLERANCE;
    let reaches_rate = reached >= rate as f64 * MIN_RATE;
    for (holds, what) in
        [(wrong == 0, "responses are wrong"), (is_flat, "memory grows"), (reaches_rate, "the rate isn't reached")]
    {
        if !holds {
            println!("failed: {what}");
        }
    }
    Ok(if wrong == 0 && is_flat && reaches_rate { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One of the clients: sends its share of the requests on schedule, and checks the responses.
async fn client(
    number: u64,
    rate: u64,
    seconds: u64,
    begin: Instant,
    server: Arc<Server>,
    wrong: Arc<AtomicU64>,
) -> Result<Vec<Duration>, Failure> {
    let client = http_client::http_client().build()?;
    let send = async |method: Method, path: &str, body: Option<&Value>| -> Result<(u16, Value), Failure> {
        let mut request = client.request(method, format!("{}{path}", server.base)).bearer_auth(&server.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let content = response.bytes().await?;
        Ok((status, serde_json::from_slice(content.strip_prefix(b"\xef\xbb\xbf").ok_or("no byte order mark")?)?))
    };
    let line = json!({"id": 0, "catalogItemId": "CFQ7TTC0LH16:0001:CFQ7TTC0K0QX", "quantity": number + 1});
    let (_, cart) = send(Method::POST, "/carts", Some(&json!({"lineItems": [line]}))).await?;
    let cart_path = format!("/carts/{}", cart["id"].as_str().ok_or("no cart")?);
    let mut latencies = Vec::new();
    for index in (number..rate * seconds).step_by(usize::try_from(CLIENTS)?) {
        let due = begin + Duration::from_nanos(index * 1_000_000_000 / rate);
        tokio::time::sleep_until(due.into()).await;
        let started = Instant::now();
        let is_right = match index / CLIENTS % 10 {
            0 => matches!(send(Method::GET, "/orders", None).await?, (200, list) if list["totalCount"] == 3),
            1 => matches!(send(Method::GET, "/orders/unknown", None).await?, (404, fault) if fault["code"] == 20000),
            2 => {
                matches!(send(Method::PUT, &cart_path, Some(&cart)).await?, (201, put) if put["lineItems"] == cart["lineItems"])
            }
            _ => {
                let (status, order) = send(Method::GET, &format!("/orders/{ORDER}"), None).await?;
                status == 200 && order["id"] == ORDER && order["lineItems"][0]["lineItemNumber"] == 0
            }
        };
        latencies.push(started.elapsed());
        if !is_right {
            wrong.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(latencies)
}
