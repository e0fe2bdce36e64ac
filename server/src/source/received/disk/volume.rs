//! Small objects one behind the other in one file: an exam has thousands, and making and removing a file takes longer than writing
//! what is in it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};

use super::Room;
use super::file::{Kept, Place};
use crate::sealed::sealed;

/// What is longer is not kept for the next object.
const BUFFER_BYTES: usize = 2 * 1024 * 1024;

/// The file that the next object is written to.
pub(super) struct Volume {
    file: File,
    /// As long as there is an object in it.
    place: Weak<Place>,
    end: u64,
}

impl Room {
    /// Writes a whole object. Blocking.
    ///
    /// # Errors
    /// Where there is no room for it, or the disk fails: what was written before stays.
    pub(in crate::source::received) fn put(&self, object: &[u8]) -> io::Result<Arc<Kept>> {
        // Memory that was given back has to be cleared before it is used again.
        self.buffers.with(Vec::new, |buffer| {
            let kept = self.put_by(buffer, object);
            if buffer.capacity() > BUFFER_BYTES {
                *buffer = Vec::new();
            }
            kept
        })
    }

    fn put_by(&self, buffer: &mut Vec<u8>, object: &[u8]) -> io::Result<Arc<Kept>> {
        let what = self.next_name();
        sealed(&self.key, &what, object, buffer)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Not back in its place before all went well: nothing is written behind what may be half there.
        let (mut volume, place) = match open.take().and_then(Volume::pinned) {
            Some(pinned) => pinned,
            None => Volume::new(self)?,
        };
        let (start, bytes) = (volume.end, buffer.len() as u64);
        let written = place
            .disk
            .grow(&place.name, bytes)
            .and_then(|()| volume.file.write_all(buffer))
            .inspect(|()| volume.end += bytes);
        place.disk.lock().unpin(&place.name);
        written?;
        if volume.end < self.disk.volume_bytes {
            *open = Some(volume);
        }
        let length = object.len() as u64;
        Ok(Kept::new(place, start, (Arc::clone(&self.key), what), length))
    }
}

impl Volume {
    /// A new one, pinned.
    fn new(room: &Room) -> io::Result<(Self, Arc<Place>)> {
        let place = Arc::new(Place::new(&room.disk));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(place.path())?;
        Ok((Self { file, place: Arc::downgrade(&place), end: 0 }, place))
    }

    /// The same, so that it does not have to make room for what is written to it; `None` where it had to, has no object any more, or
    /// somebody has changed it.
    fn pinned(self) -> Option<(Self, Arc<Place>)> {
        let place = self.place.upgrade().filter(|it| !it.is_damaged.load(Ordering::Acquire))?;
        let is_here = place.disk.lock().pin(&place.name);
        is_here.then_some((self, place))
    }
}
