//! Nothing outlives a test, however that ends.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use prodready_testkit::{ControlPlane, shared, wait};

/// Says to this test's binary that it is the process to be killed.
const VICTIM: &str = "PRODREADY_TESTKIT_VICTIM";
const LINE: &str = "started: ";

#[tokio::test]
async fn a_killed_process_leaves_nothing_behind() {
    if std::env::var_os(VICTIM).is_some() {
        be_killed();
    }
    if !shared().is_ours() {
        return;
    }
    let mut victim = start_victim();
    let (directory, processes) = read_line(&mut victim);
    assert!(
        processes.len() >= 6 && processes.iter().all(|pid| is_alive(pid)),
        "{processes:?}"
    );

    victim.kill().expect("it can be killed");
    victim.wait().expect("it ends");

    wait(
        "all processes are gone",
        Duration::from_secs(30),
        async || {
            let alive: Vec<_> = processes.iter().filter(|pid| is_alive(pid)).collect();
            if alive.is_empty() {
                Ok(())
            } else {
                Err(format!("{alive:?}"))
            }
        },
    )
    .await;
    wait(
        "its directory is gone",
        Duration::from_secs(30),
        async || !Path::new(&directory).exists(),
    )
    .await;
}

/// Starts a control plane, tells its directory and processes, and never ends by itself.
fn be_killed() -> ! {
    let plane = ControlPlane::start().expect("a control plane");
    let processes: Vec<_> = plane.process_ids().values().map(u32::to_string).collect();
    println!(
        "{LINE}{} {}",
        plane.directory().display(),
        processes.join(" ")
    );
    loop {
        std::thread::park();
    }
}

fn start_victim() -> Child {
    Command::new(std::env::current_exe().expect("this test's binary"))
        .args([
            "--exact",
            "killed::a_killed_process_leaves_nothing_behind",
            "--nocapture",
        ])
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test's binary runs")
}

fn read_line(victim: &mut Child) -> (String, Vec<String>) {
    let output = BufReader::new(victim.stdout.take().expect("its output is a pipe"));
    let told = output.lines().map_while(Result::ok).find_map(|line| {
        let (_, told) = line.split_once(LINE)?;
        Some(told.to_owned())
    });
    let mut words = told
        .expect("it tells what it started")
        .split(' ')
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter();
    (words.next().expect("a directory"), words.collect())
}

/// A process that has ended and was not yet collected by its parent is not alive.
fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.trim_start().chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}
