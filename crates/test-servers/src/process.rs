//! A server process that is ready when it says so, gone when its last child is gone, and never
//! outlives the test.
//!
//! Ready: the server's error output is read line by line until the line that announces readiness.
//! Gone: the server and all its children hold the write end of that same pipe, so its end of file
//! comes when the last of them has died. Neither needs polling.
//!
//! A test that crashes or is killed runs no destructors. So each server gets a guard: a shell
//! that waits for input from the test and, when the pipe breaks instead, ends the server with its
//! children and removes its folder.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// Longest wait for a server to come up or go away.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest wait for an orderly end before SIGKILL.
const ORDERLY_END: Duration = Duration::from_secs(10);
/// Lines of the server's log kept for error messages.
const KEPT_LINES: usize = 40;

/// $1 server, $2 signal, $3 folder. A line of input means that all is well.
const GUARD: &str = r#"
read -r line && exit 0
children=$(cat /proc/"$1"/task/*/children 2>/dev/null)
kill -"$2" "$1" 2>/dev/null
kill -CONT $children 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries+1)); done
kill -KILL "$1" $children 2>/dev/null
rm -rf "$3"
"#;

enum Said {
    Ready,
    /// The pipe is at its end: every process of the server is gone.
    Gone(VecDeque<String>),
}

/// A running server.
pub(crate) struct ServerProcess {
    child: Child,
    said: Receiver<Said>,
    guard: Child,
    guard_input: Option<ChildStdin>,
    end_signal: Signal,
}

impl ServerProcess {
    /// Starts the server and waits until a line of its error output contains `ready_line`.
    pub(crate) fn start(
        command: &mut Command,
        ready_line: &'static str,
        end_signal: Signal,
        folder: &Path,
    ) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        let errors = child.stderr.take().context("no error output")?;
        let (tell, said) = channel();
        thread::spawn(move || {
            let mut last_lines = VecDeque::new();
            let mut lines = BufReader::new(errors);
            let mut line = Vec::new();
            while let Ok(1..) = (&mut lines).take(65_536).read_until(b'\n', &mut line) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                line.clear();
                if text.contains(ready_line) {
                    let _ = tell.send(Said::Ready);
                }
                last_lines.push_back(text);
                if last_lines.len() > KEPT_LINES {
                    last_lines.pop_front();
                }
            }
            let _ = tell.send(Said::Gone(last_lines));
        });
        let (guard, guard_input) = guard(child.id(), end_signal, folder)?;
        let mut server = Self {
            child,
            said,
            guard,
            guard_input,
            end_signal,
        };
        match server.said.recv_timeout(PATIENCE) {
            Ok(Said::Ready) => Ok(server),
            Ok(Said::Gone(lines)) => {
                let lines: Vec<String> = lines.into();
                server.dismiss_guard();
                let _ = server.child.wait();
                bail!("{name} did not start:\n{}", lines.join("\n"))
            }
            Err(_) => {
                server.kill()?;
                bail!("{name} did not get ready in {} s", PATIENCE.as_secs())
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the server and all its children with SIGKILL, at once; returns when they are gone and
    /// the port is free.
    pub(crate) fn kill(&mut self) -> Result<()> {
        let children = children_of(self.child.id());
        signal(self.child.id(), Signal::SIGKILL);
        for child in children {
            signal(child, Signal::SIGKILL);
        }
        self.wait_gone(PATIENCE)
    }

    /// Ends the server by its own signal, and by SIGKILL when it does not obey.
    pub(crate) fn end(&mut self) -> Result<()> {
        signal(self.child.id(), self.end_signal);
        for child in children_of(self.child.id()) {
            // A stopped child cannot obey.
            signal(child, Signal::SIGCONT);
        }
        if self.wait_gone(ORDERLY_END).is_ok() {
            return Ok(());
        }
        self.kill()
    }

    fn wait_gone(&mut self, patience: Duration) -> Result<()> {
        loop {
            match self.said.recv_timeout(patience) {
                Ok(Said::Ready) => {}
                Ok(Said::Gone(_)) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    bail!("the server is still there after {} s", patience.as_secs())
                }
            }
        }
        self.child
            .wait()
            .context("the server cannot be waited for")?;
        self.dismiss_guard();
        Ok(())
    }

    fn dismiss_guard(&mut self) {
        if let Some(mut input) = self.guard_input.take() {
            let _ = input.write_all(b"all is well\n");
            drop(input);
            let _ = self.guard.wait();
        }
    }
}

fn guard(pid: u32, end_signal: Signal, folder: &Path) -> Result<(Child, Option<ChildStdin>)> {
    let mut guard = Command::new("/bin/sh")
        .arg("-c")
        .arg(GUARD)
        .arg("guard")
        .arg(pid.to_string())
        .arg(end_signal.as_str().trim_start_matches("SIG"))
        .arg(folder)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Out of reach of a Ctrl-C and of a runner that ends a test's process group.
        .process_group(0)
        .spawn()
        .context("the guard of a test server cannot be started")?;
    let input = guard.stdin.take();
    Ok((guard, input))
}

/// Direct children of a process, of all its threads.
fn children_of(pid: u32) -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|children| {
            children
                .split_whitespace()
                .filter_map(|child| child.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

/// Sends a signal to a process that may be gone already.
fn signal(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if self.guard_input.is_some() {
            // Nobody is left to tell; the guard ends what this cannot.
            let _ = self.end();
        }
    }
}
