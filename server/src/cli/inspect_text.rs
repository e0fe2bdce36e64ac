//! What `negatoscope inspect` prints for people.

use std::fmt::Write as _;

use viewer_core::exam::ImageFormat;
use viewer_core::inspect::ImageFacts;

use super::{
    conformance::Honour,
    inspect::{Attribute, Report},
    inspect_place::add_place,
};

/// One line a fact: its name, two blanks or more, what it is.
pub(super) fn text(report: &Report) -> String {
    let facts = &report.facts;
    let mut lines = Lines::default();
    let class = &facts.sop_class;
    lines.add("SOP class", &format!("{} ({}){}", class.name, class.uid, mark(report)));
    let syntax = &facts.transfer_syntax;
    let handled = match (syntax.decoded, syntax.video) {
        (true, _) => String::new(),
        (false, Some(video)) => format!(", {video}"),
        (false, None) => ", not decoded".to_owned(),
    };
    lines.add("Transfer syntax", &format!("{} ({}){handled}", syntax.name, syntax.uid));
    match &facts.image {
        Some(image) => add_image(&mut lines, image),
        None => lines.add("Image", "none"),
    }
    for tolerated in &facts.tolerated {
        lines.add("Tolerated", tolerated);
    }
    for attribute in &report.attributes {
        lines.add(honour(attribute.honoured), &attribute_line(attribute));
    }
    lines.add("Verdict", &report.verdict);
    lines.0
}

#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        // Writing to a string cannot fail.
        _ = writeln!(self.0, "{name:<18}  {value}");
    }
}

fn mark(report: &Report) -> &'static str {
    match report.sop_class_honoured {
        Some(Honour::No) => ", not drawn by the viewer",
        Some(Honour::Partly) => ", partly honoured",
        Some(Honour::Yes) | None => "",
    }
}

fn honour(honour: Honour) -> &'static str {
    match honour {
        Honour::Yes => "Honoured",
        Honour::Partly => "Partly honoured",
        Honour::No => "Not honoured",
    }
}

fn attribute_line(attribute: &Attribute) -> String {
    let notes = match attribute.notes {
        "" => String::new(),
        notes => format!(": {notes}"),
    };
    format!("{} ({}){notes}", attribute.name, attribute.tag)
}

fn add_image(lines: &mut Lines, image: &ImageFacts) {
    let format = &image.format;
    lines.add("Size", &format!("{} columns x {} rows", format.columns, format.rows));
    lines.add("Samples", &samples(format));
    lines.add(
        "Frames",
        &format!("{} announced, {} there", image.frames_announced, image.frames_found),
    );
    if let Some(found) = &image.encapsulation {
        let end = if found.closed { "" } else { ", no end" };
        let by = found.frames_by.map_or("nothing".to_owned(), |by| format!("{by:?}"));
        lines.add(
            "Encapsulation",
            &format!(
                "{} fragments, basic offset table of {}, extended of {}, frames told apart by {by}{end}",
                found.fragments, found.basic_offsets, found.extended_offsets
            ),
        );
    }
    if let Some(colours) = &image.colours {
        lines.add("Colours", colours);
    }
    add_place(lines, image);
    for (index, display) in image.displays.iter().enumerate().take(4) {
        lines.add(&format!("Grey scale {}", index + 1), &display.to_string());
    }
    if image.displays.len() > 4 {
        lines.add("Grey scales", &format!("{} in all, see --json", image.displays.len()));
    }
    if let Some(defect) = &image.defect {
        lines.add("Defect", defect);
    }
}

fn samples(format: &ImageFormat) -> String {
    let sign = if format.signed { "signed" } else { "unsigned" };
    let planar = if format.planar { ", by plane" } else { "" };
    let lossy = match &format.lossy {
        None => String::new(),
        Some(lossy) => match lossy.ratio {
            Some(ratio) => format!(", lossy {ratio}:1"),
            None => ", lossy".to_owned(),
        },
    };
    format!(
        "{} x {}, {} {sign} of {} bits, high bit {} ({:?}){planar}{lossy}",
        format.samples_per_pixel,
        format.photometric_interpretation,
        format.bits_stored,
        format.bits_allocated,
        format.high_bit,
        format.samples,
    )
}
