//! Query parameters of rendered resources (PS3.18 8.3.5).

use serde::Deserialize;
use viewer_core::display::Voi;
use viewer_core::exam::VoiFunction;

use super::refusal::Refusal;

/// Longest side of a rendered picture.
const MAX_SIDE_PX: u32 = 4096;
/// Quality of JPEG where the client does not say.
const DEFAULT_QUALITY: u8 = 90;

/// The query as text.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct RenderQuery {
    pub accept: Option<String>,
    viewport: Option<String>,
    quality: Option<String>,
    window: Option<String>,
    annotation: Option<String>,
    iccprofile: Option<String>,
    presentationseriesuid: Option<String>,
    presentationuid: Option<String>,
}

/// How to draw.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RenderOptions {
    pub viewport: Option<Viewport>,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
    /// Instead of the image's own window.
    pub window: Option<Voi>,
}

/// `vw,vh[,sx,sy,sw,sh]` (PS3.18 8.3.5.1.3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Viewport {
    /// Largest width and height of the picture in pixels.
    pub size_px: [u32; 2],
    /// Left, top, width and height of the part of the image; negative sizes mirror it.
    pub region_px: [Option<f64>; 4],
}

impl RenderQuery {
    /// Reads the values.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`] that names the parameter: nothing asked for is silently left out.
    pub(super) fn options(&self) -> Result<RenderOptions, Refusal> {
        let unsupported = [
            ("annotation", &self.annotation),
            ("presentationseriesuid", &self.presentationseriesuid),
            ("presentationuid", &self.presentationuid),
        ];
        if let Some((name, _)) = unsupported.iter().find(|(_, value)| value.is_some()) {
            return Err(Refusal::BadRequest(format!("The parameter {name} is not supported.")));
        }
        if self.iccprofile.as_deref().is_some_and(|profile| profile != "no") {
            return Err(bad("iccprofile", "only \"no\" is supported"));
        }
        Ok(RenderOptions {
            viewport: self.viewport.as_deref().map(viewport).transpose()?,
            quality: self.quality.as_deref().map_or(Ok(DEFAULT_QUALITY), quality)?,
            window: self.window.as_deref().map(window).transpose()?,
        })
    }
}

fn bad(name: &str, why: &str) -> Refusal {
    Refusal::BadRequest(format!("The parameter {name} is wrong: {why}."))
}

fn quality(text: &str) -> Result<u8, Refusal> {
    let quality = text.parse().ok().filter(|quality| (1..=100).contains(quality));
    quality.ok_or_else(|| bad("quality", "a whole number from 1 to 100 is expected"))
}

fn viewport(text: &str) -> Result<Viewport, Refusal> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let error =
        || bad("viewport", "vw,vh or vw,vh,sx,sy,sw,sh is expected, at most 4096 pixels a side");
    let (&[width, height], region) = (match parts.split_first_chunk::<2>() {
        Some((size, region)) if region.is_empty() || region.len() == 4 => Ok((size, region)),
        _ => Err(error()),
    })?;
    let side = |text: &str| {
        text.parse::<u32>().ok().filter(|side| (1..=MAX_SIDE_PX).contains(side)).ok_or_else(error)
    };
    let mut region_px = [None; 4];
    for (value, text) in region_px.iter_mut().zip(region) {
        if !text.is_empty() {
            let number = text.parse::<f64>().ok().filter(|number| number.abs() <= 65_535.0);
            *value = Some(number.ok_or_else(error)?);
        }
    }
    Ok(Viewport { size_px: [side(width)?, side(height)?], region_px })
}

fn window(text: &str) -> Result<Voi, Refusal> {
    let error =
        || bad("window", "center,width,function is expected, with linear, linear-exact or sigmoid");
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let &[center, width, function] = parts.as_slice() else { return Err(error()) };
    let number = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or_else(error);
    let (center, width) = (number(center)?, number(width)?);
    let (function, smallest) = match function.to_ascii_lowercase().as_str() {
        "linear" => (VoiFunction::Linear, 1.0),
        "linear-exact" => (VoiFunction::LinearExact, f64::MIN_POSITIVE),
        "sigmoid" => (VoiFunction::Sigmoid, f64::MIN_POSITIVE),
        _ => return Err(error()),
    };
    if width < smallest {
        return Err(bad("window", "the width is too small for its function"));
    }
    Ok(Voi::Window { center, width, function })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(query: &str) -> Result<RenderOptions, Refusal> {
        let uri: axum::http::Uri = format!("http://x/?{query}").parse().unwrap();
        axum::extract::Query::<RenderQuery>::try_from_uri(&uri).unwrap().0.options()
    }

    #[test]
    fn reads_all_parameters() {
        let options = options("window=40,400,LINEAR&viewport=200,100,,,-64,32&quality=5").unwrap();
        let voi = Voi::Window { center: 40.0, width: 400.0, function: VoiFunction::Linear };
        assert_eq!(options.window, Some(voi));
        assert_eq!(options.quality, 5);
        let region_px = [None, None, Some(-64.0), Some(32.0)];
        assert_eq!(options.viewport, Some(Viewport { size_px: [200, 100], region_px }));
    }

    #[test]
    fn refuses_what_it_would_have_to_leave_out() {
        for wrong in [
            "window=40,400",
            "window=a,1,linear",
            "window=1,0.5,linear",
            "window=1,0,sigmoid",
            "viewport=0,10",
            "viewport=10",
            "viewport=5000,10",
            "viewport=1,1,1,1",
            "quality=0",
            "quality=101",
            "annotation=patient",
            "iccprofile=srgb",
            "presentationuid=1.2",
        ] {
            assert!(matches!(options(wrong), Err(Refusal::BadRequest(_))), "{wrong}");
        }
    }
}
