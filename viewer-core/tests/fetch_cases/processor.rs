//! Processors that share their time equally among what runs: the page's thread, decode workers, the network
//! process, the GPU process (which draws with a processor where there is no GPU).

use viewer_core::fetch::{FrameKey, RequestId};

use super::network::Arrival;

/// How fast things are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speed {
    pub(crate) cores: usize,
    /// A frame in a worker, ms.
    pub(crate) decode_ms: f64,
    /// A body in the browser's network process, ms.
    pub(crate) carry_ms: f64,
    /// A message in the page, ms.
    pub(crate) message_ms: f64,
    /// A picture in the page, ms.
    pub(crate) draw_ms: f64,
    /// A picture in the GPU process, ms.
    pub(crate) present_ms: f64,
}

/// What the page hears.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Message {
    Network(Arrival),
    Decoded(RequestId, FrameKey),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Job {
    Carry(Arrival),
    Message(Message),
    Draw,
    Present,
    Decode(RequestId, FrameKey),
}

#[derive(Debug)]
pub(crate) struct Processor {
    cores: usize,
    running: Vec<(Job, f64)>,
}

impl Processor {
    pub(crate) fn new(cores: usize) -> Self {
        Self { cores, running: Vec::new() }
    }

    pub(crate) fn start(&mut self, job: Job, work_ms: f64) {
        self.running.push((job, work_ms));
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    pub(crate) fn runs(&self, is: impl Fn(&Job) -> bool) -> bool {
        self.running.iter().any(|(job, _)| is(job))
    }

    /// The workers are replaced.
    pub(crate) fn stop_decoding(&mut self) {
        self.running.retain(|(job, _)| !matches!(job, Job::Decode(..)));
    }

    pub(crate) fn next_ms(&self, now_ms: f64) -> f64 {
        let shortest = self.running.iter().map(|(_, left)| *left).fold(f64::INFINITY, f64::min);
        now_ms + shortest / self.share()
    }

    /// Lets time pass up to the next end at most; what has ended then.
    pub(crate) fn advance(&mut self, now_ms: f64, to_ms: f64) -> Vec<Job> {
        let done_ms = (to_ms - now_ms) * self.share();
        let mut ended = Vec::new();
        self.running.retain_mut(|(job, left)| {
            *left -= done_ms;
            let is_over = *left <= 1e-6;
            ended.extend(is_over.then_some(*job));
            !is_over
        });
        ended
    }

    fn share(&self) -> f64 {
        (self.cores as f64 / self.running.len().max(1) as f64).min(1.0)
    }
}
