//! Where the demo is seen: the story on standard output, a progress bar on standard error.

use {
    indicatif::{ProgressBar, ProgressStyle},
    std::io::{self, Write},
};

pub struct Stage {
    aloud: bool,
    bar: ProgressBar,
}

impl Stage {
    /// `aloud`: whether the story is told while it happens. The bar shows itself on a terminal only.
    pub fn new(aloud: bool, epochs: u64) -> Self {
        let bar = ProgressBar::new(epochs);
        // A bar of another look is no reason to fail.
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} epochs  {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message("starting the chain");
        bar.tick();
        Self { aloud, bar }
    }

    /// For a story that nobody watches.
    pub fn unseen() -> Self {
        Self::without_bar(false)
    }

    /// For a story that is told faster than a bar moves.
    pub fn without_bar(aloud: bool) -> Self {
        Self { aloud, bar: ProgressBar::hidden() }
    }

    pub fn wait_for(&mut self, what: &str) {
        self.bar.set_message(what.to_string());
    }

    /// Tells a piece of the story.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        match self.aloud {
            true => self.bar.suspend(|| write(text)),
            false => Ok(()),
        }
    }

    pub fn enter_epoch(&mut self, epoch: u64) {
        self.bar.set_position(epoch);
        self.bar.set_message("");
    }

    pub fn finish(&mut self) {
        self.bar.finish_and_clear();
    }

    /// Writes what is asked for, aloud or not.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        self.bar.suspend(|| write(text))
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
