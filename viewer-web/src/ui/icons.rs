//! Icons: Lucide, only those used (`assets/icons`). Decoration for the eye; the word is beside or in a label.

use leptos::prelude::*;

use super::follow;

macro_rules! icons {
    ($($name:ident = $file:literal),+ $(,)?) => {
        $(pub(super) const $name: &str =
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/icons/", $file, ".svg"));)+
    };
}

// Lucide names its flips after the line they turn about: `flip-vertical-2` exchanges left and right.
icons! {
    CINE_PAUSE = "pause",
    CINE_PLAY = "play",
    DISC = "disc",
    DOCUMENTS = "document",
    EXPIRED = "clock",
    EXPORT = "download",
    FAILED = "image-off",
    FIT = "scan",
    FLIP_HORIZONTAL = "flip-vertical-2",
    FLIP_VERTICAL = "flip-horizontal-2",
    FULLSCREEN = "maximize",
    HELP = "circle-question-mark",
    IMPORT = "database",
    INVERT = "sun-moon",
    LANGUAGE = "languages",
    LAYOUT_FOUR = "grid-2x2",
    LAYOUT_ONE = "square",
    LAYOUT_TWO = "columns-2",
    LOGOUT = "log-out",
    MORE = "ellipsis",
    OFFLINE = "wifi-off",
    ONE_TO_ONE = "one-to-one",
    OPEN = "chevron-up",
    PAN = "move",
    MEASURE = "ruler",
    RESET = "undo-2",
    OVERLAYS = "type",
    SCROLL = "layers",
    SHUTTER = "aperture",
    STRIP = "panel-left",
    TAGS = "rows",
    TROUBLE = "triangle-alert",
    TURN_LEFT = "rotate-ccw",
    TURN_RIGHT = "rotate-cw",
    WINDOW = "contrast",
    ZOOM = "zoom-in",
}

/// An icon.
pub(super) fn icon(svg: &'static str) -> AnyView {
    view! { <span class="icon" aria-hidden="true" inner_html=svg></span> }.into_any()
}

/// An icon that changes.
pub(super) fn icon_of(svg: impl Fn() -> &'static str + Send + 'static) -> AnyView {
    view! { <span class="icon" aria-hidden="true" inner_html=follow(svg)></span> }.into_any()
}
