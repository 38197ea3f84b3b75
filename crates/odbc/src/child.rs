//! One worker process seen from the parent: its pipes and its end.
//!
//! A thread reads and decodes the worker's messages and hands them over through a short queue, so
//! that neither decoding nor a slow consumer ever blocks the runtime, and so that a future dropped
//! in the middle of a frame loses nothing. When the queue is full the worker blocks in its write:
//! backpressure reaches the database.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use tokio::{
    io::AsyncWriteExt,
    process::{Child, ChildStdin, Command},
    sync::mpsc,
};

use crate::{
    frame::{self, Message, Request},
    supervisor::WorkerSettings,
};

/// Messages read ahead; each may be a whole batch.
const QUEUE: usize = 2;
/// Lines of standard error kept to explain a crash.
const KEPT_LINES: usize = 5;
/// Longest line of standard error kept, in bytes.
const MAX_LINE_BYTES: u64 = 1_000;

/// A running worker. Dropping it kills the process.
pub(crate) struct WorkerChild {
    process: Child,
    input: ChildStdin,
    messages: mpsc::Receiver<io::Result<Message>>,
    last_lines: Arc<Mutex<VecDeque<String>>>,
}

impl WorkerChild {
    pub(crate) fn start(settings: &WorkerSettings) -> io::Result<Self> {
        let mut process = Command::new(&settings.program)
            .args(&settings.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("a pipe to the worker is missing");
        let input = process.stdin.take().ok_or_else(missing)?;
        let output = process.stdout.take().ok_or_else(missing)?;
        let errors = process.stderr.take().ok_or_else(missing)?;
        let output = File::from(output.into_owned_fd()?);
        let errors = File::from(errors.into_owned_fd()?);
        let (tell, messages) = mpsc::channel(QUEUE);
        thread::spawn(move || read_messages(output, &tell));
        let last_lines = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&last_lines);
        thread::spawn(move || keep_last_lines(errors, &kept));
        Ok(Self {
            process,
            input,
            messages,
            last_lines,
        })
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.id()
    }

    pub(crate) async fn send(&mut self, request: &Request) -> io::Result<()> {
        let encoded = frame::encode(request)?;
        self.input.write_all(&encoded).await?;
        self.input.flush().await
    }

    /// The next message; `None` when the worker's output has ended.
    pub(crate) async fn next(&mut self) -> Option<io::Result<Message>> {
        self.messages.recv().await
    }

    /// Ends the process and waits until it is gone; gives how it ended. Nothing survives this: a
    /// stopped process dies of SIGKILL as well.
    pub(crate) async fn kill(mut self) -> String {
        // It may have died by itself, which is what the caller wants to know.
        let ended = match self.process.try_wait() {
            Ok(Some(status)) => Ok(status),
            _ => {
                let _ = self.process.start_kill();
                self.process.wait().await
            }
        };
        self.describe(ended)
    }

    /// Waits for a process whose output has ended; gives how it ended.
    pub(crate) async fn reap(mut self, patience: std::time::Duration) -> String {
        match tokio::time::timeout(patience, self.process.wait()).await {
            Ok(ended) => self.describe(ended),
            Err(_) => self.kill().await,
        }
    }

    fn describe(&self, ended: io::Result<ExitStatus>) -> String {
        let mut description = match ended {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        let lines = self
            .last_lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for line in lines.iter() {
            description.push_str("; ");
            description.push_str(line);
        }
        description
    }
}

fn read_messages(output: File, tell: &mpsc::Sender<io::Result<Message>>) {
    let mut output = BufReader::with_capacity(1 << 16, output);
    loop {
        let message = match frame::read(&mut output) {
            Ok(Some(message)) => Ok(message),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let broken = message.is_err();
        if tell.blocking_send(message).is_err() || broken {
            return;
        }
    }
}

fn keep_last_lines(errors: File, kept: &Mutex<VecDeque<String>>) {
    let mut errors = BufReader::new(errors);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut errors)
        .take(MAX_LINE_BYTES)
        .read_until(b'\n', &mut line)
    {
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        line.clear();
        if text.is_empty() {
            continue;
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(text);
        if kept.len() > KEPT_LINES {
            kept.pop_front();
        }
    }
}
