//! One request for a frame, and the replies to it.

use negatoscope_protocol::{Failure, FailureKind, Reply, Request, VideoFrame};
use viewer_core::codec::video::{Coding, Colour, Planes, VideoHeader, VideoStream, turned};
use viewer_core::codec::{DecodeError, transfer_syntax};
use viewer_core::pixel::PixelKind;

/// Frames and size of what the header announces, with the frame asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    request: Request,
    video: VideoFrame,
}

/// A frame as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawable {
    /// RGBA, rows from the top.
    pub rgba: Vec<u8>,
    /// Columns and rows.
    pub size_px: [u32; 2],
}

impl Asked {
    /// `None` where the request is not one for a video.
    #[must_use]
    pub fn of(request: Request) -> Option<Self> {
        let video = request.video.clone()?;
        Some(Self { request, video })
    }

    /// Which frame of which stream.
    #[must_use]
    pub fn video(&self) -> &VideoFrame {
        &self.video
    }

    /// A stream of `length` bytes in the transfer syntax of the request.
    ///
    /// # Errors
    /// [`Failure`] where no browser decodes it.
    pub fn stream(&self, length: u64) -> Result<VideoStream, Failure> {
        let uid = &self.request.format.transfer_syntax_uid;
        Ok(VideoStream::new(length, Coding::of_transfer_syntax(uid).map_err(|e| failure(&e))?))
    }

    /// Converts decoded planes. `detected` is the colour that the browser found in the stream, for
    /// where the stream's own headers do not say.
    ///
    /// # Errors
    /// [`Failure`] for a colour that is not converted, or a picture of another size than announced.
    pub fn converted(
        &self,
        header: &VideoHeader,
        planes: &Planes<'_>,
        detected: Colour,
    ) -> Result<Drawable, Failure> {
        let rgba = planes.to_rgba(header.colour.unwrap_or(detected));
        self.placed(header, rgba.map_err(|error| failure(&error))?, [planes.columns, planes.rows])
    }

    /// Turns a picture as its container asks. A container may ask for a turn that the data set has
    /// made already: Rows and Columns decide.
    ///
    /// # Errors
    /// [`Failure`] for a picture of another size than announced.
    pub fn placed(
        &self,
        header: &VideoHeader,
        rgba: Vec<u8>,
        size: [u32; 2],
    ) -> Result<Drawable, Failure> {
        let announced = [self.request.format.columns, self.request.format.rows];
        let (rgba, size_px) = if header.rotation.turned_size(size) == announced {
            turned(rgba, size, header.rotation)
        } else {
            (rgba, size)
        };
        if size_px == announced {
            return Ok(Drawable { rgba, size_px });
        }
        let [columns, rows] = size_px;
        let detail = format!(
            "pictures of {columns} × {rows} in an image of {} × {}",
            announced[0], announced[1]
        );
        Err(Failure { kind: FailureKind::Corrupt, detail })
    }

    /// The reply that goes with a frame. `stream_frames` is what the stream has, once that is known.
    #[must_use]
    pub fn decoded(
        &self,
        [columns, rows]: [u32; 2],
        stream_frames: Option<u32>,
        decode_ms: f64,
    ) -> Reply {
        Reply::Decoded {
            id: self.request.id,
            columns,
            rows,
            kind: PixelKind::Rgba8,
            range: None,
            lossy: true,
            overlay_planes: 0,
            packed: false,
            decode_ms,
            stream_frames: stream_frames.filter(|&frames| frames != self.video.frames),
        }
    }

    /// The reply where there is no frame.
    #[must_use]
    pub fn failed(&self, failure: Failure) -> Reply {
        Reply::Failed { id: self.request.id, failure }
    }

    /// Why there is nothing where the browser has no decoder for the stream.
    #[must_use]
    pub fn no_decoder(&self) -> Failure {
        let uid = self.request.format.transfer_syntax_uid.clone();
        let name = transfer_syntax(&uid).map_or(uid.as_str(), |row| row.name).to_owned();
        let detail = format!("this browser has no decoder for {name}");
        Failure { kind: FailureKind::Unsupported { name, uid }, detail }
    }
}

/// The decoder's word as the page is told.
#[must_use]
pub fn failure(error: &DecodeError) -> Failure {
    let kind = match error {
        DecodeError::Unsupported { name, uid } => {
            FailureKind::Unsupported { name: name.clone(), uid: uid.clone() }
        }
        DecodeError::Truncated { .. } => FailureKind::Truncated,
        DecodeError::TooLarge { .. } => FailureKind::TooLarge,
        _ => FailureKind::Corrupt,
    };
    Failure { kind, detail: error.to_string() }
}
