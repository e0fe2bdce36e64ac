//! Several panes on one canvas, and what is refused.

use crate::frames::{noise, plain, table, view, window};
use crate::harness::{Backend, Gpu, gpu};
use negatoscope_gpu::{GpuError, PaneDraw, Probe, ShaderKind, Verdict, read_back};
use viewer_core::display::{DisplayParams, Modality, Voi, cpu};
use viewer_core::exam::VoiFunction::Linear;
use viewer_core::pixel::{PixelFrame, PixelKind};

const TARGET: [u32; 2] = [150, 110];
const CANVAS_LEVEL: u8 = 77;

/// A pane of the target: its rectangle, what it shows and how.
type Pane = ([u32; 4], Option<PixelFrame>, DisplayParams);

/// Four panes of all shaders, one cut off at the target's edge, one empty, with different tables.
fn panes() -> Vec<Pane> {
    let shown = |size: [u32; 2], scale, degrees| DisplayParams {
        image_from_canvas: view(size, [20.0, 15.0], scale, degrees, false),
        ..plain(size)
    };
    let curve = |power: i32| (0..256_i32).map(|i| (i * power % 256) as u16).collect();
    let voi = |power| Voi::Lut(table(0, 8, curve(power)));
    let small = [70, 50];
    vec![
        (
            [3, 2, 70, 50],
            Some(noise(PixelKind::GrayU8, [40, 30], [0, 255], 1)),
            DisplayParams { voi: voi(1), ..shown(small, 0.9, 0.0) },
        ),
        (
            [75, 2, 70, 50],
            Some(noise(PixelKind::GrayI8, [40, 30], [0, 100], 2)),
            DisplayParams {
                modality: Modality::Lut(table(0, 16, (0..200).map(|i| i * 300).collect())),
                voi: window(15_000.0, 30_000.0, Linear),
                background: 200,
                ..shown(small, 1.0, 90.0)
            },
        ),
        ([3, 54, 70, 50], None, plain(small)),
        (
            [75, 54, 90, 70],
            Some(noise(PixelKind::Rgba8, [40, 30], [0, 255], 3)),
            shown([90, 70], 0.3, 20.0),
        ),
        ([150, 0, 10, 10], Some(noise(PixelKind::GrayU8, [4, 3], [0, 9], 4)), plain([10, 10])),
    ]
}

fn expected(panes: &[Pane]) -> Vec<u8> {
    let [width, height] = TARGET.map(|side| side as usize);
    let mut canvas = [CANVAS_LEVEL, CANVAS_LEVEL, CANVAS_LEVEL, 255].repeat(width * height);
    for ([left, top, pane_width, pane_height], frame, params) in panes {
        let Some(frame) = frame else { continue };
        let picture = cpu::render(frame, params);
        for y in 0..*pane_height as usize {
            for x in 0..*pane_width as usize {
                let (to_x, to_y) = (*left as usize + x, *top as usize + y);
                if to_x < width && to_y < height {
                    let (from, to) =
                        ((y * *pane_width as usize + x) * 4, (to_y * width + to_x) * 4);
                    canvas[to..to + 4].copy_from_slice(&picture[from..from + 4]);
                }
            }
        }
    }
    canvas
}

fn draw(gpu: &mut Gpu, panes: &[Pane]) -> Vec<u8> {
    let textures: Vec<_> = panes
        .iter()
        .map(|(_, frame, _)| frame.as_ref().map(|f| gpu.renderer.upload(f).expect("uploaded")))
        .collect();
    let draws: Vec<PaneDraw<'_>> = panes
        .iter()
        .zip(&textures)
        .map(|((rect_px, _, params), texture)| PaneDraw {
            rect_px: *rect_px,
            frame: texture.as_ref(),
            params,
            cover: None,
        })
        .collect();
    gpu.draw(TARGET, &draws, CANVAS_LEVEL)
}

fn check_panes(backend: Backend) {
    let Some(mut gpu) = gpu(backend) else { return };
    let panes = panes();
    let (found, expected) = (draw(&mut gpu, &panes), expected(&panes));
    let differing = found.iter().zip(&expected).position(|(a, b)| a.abs_diff(*b) > 1);
    assert_eq!(differing.map(|at| (at / 4 % 150, at / 600, found[at], expected[at])), None);
}

#[test]
fn panes_share_a_canvas_on_vulkan() {
    check_panes(Backend::Vulkan);
}

#[test]
fn panes_share_a_canvas_on_gles() {
    check_panes(Backend::Gles);
}

/// More tables than are kept: each pane still gets its own.
fn check_many_tables(backend: Backend) {
    let Some(mut gpu) = gpu(backend) else { return };
    let panes: Vec<Pane> = (0..24_u32)
        .map(|index| {
            let (left, top) = (index % 6 * 24, index / 6 * 24);
            let entries = (0..256).map(|i| (i + index as u16 * 9) % 256).collect();
            let params = DisplayParams { voi: Voi::Lut(table(0, 8, entries)), ..plain([20, 20]) };
            let frame = noise(PixelKind::GrayU8, [20, 20], [0, 255], u64::from(index));
            ([left, top, 20, 20], Some(frame), params)
        })
        .collect();
    assert_eq!(draw(&mut gpu, &panes), expected(&panes));
}

#[test]
fn many_tables_on_vulkan() {
    check_many_tables(Backend::Vulkan);
}

#[test]
fn many_tables_on_gles() {
    check_many_tables(Backend::Gles);
}

#[test]
fn parameters_that_are_not_numbers_show_the_background() {
    let Some(mut gpu) = gpu(Backend::Vulkan) else { return };
    let frame = noise(PixelKind::GrayU8, [9, 9], [0, 255], 1);
    let wrong_map = view([9, 9], [f64::NAN, 4.0], 1.0, 0.0, false);
    for params in [
        DisplayParams { voi: window(f64::NAN, 4.0, Linear), ..plain([9, 9]) },
        DisplayParams { image_from_canvas: wrong_map, ..plain([9, 9]) },
    ] {
        assert_eq!(gpu.draw_one(&frame, &params), [17, 17, 17, 255].repeat(81));
    }
}

#[test]
fn frames_that_do_not_fit_are_refused() {
    let Some(gpu) = gpu(Backend::Gles) else { return };
    let limit = gpu.device.limits().max_texture_dimension_2d;
    let upload = |columns, rows, bytes| {
        gpu.renderer.upload_bytes(PixelKind::GrayU8, columns, rows, bytes).map(|t| t.bytes())
    };
    assert_eq!(upload(3, 2, &[0; 6]), Ok(6));
    assert_eq!(upload(3, 2, &[0; 7]), Err(GpuError::ByteCount { expected: 6, found: 7 }));
    assert_eq!(upload(0, 2, &[]), Err(GpuError::Empty { columns: 0, rows: 2 }));
    let too_wide = GpuError::TooLarge { columns: limit + 1, rows: 1, limit };
    assert_eq!(upload(limit + 1, 1, &vec![0; limit as usize + 1]), Err(too_wide));
}

#[test]
fn textures_say_what_they_hold() {
    let Some(gpu) = gpu(Backend::Vulkan) else { return };
    let frame = noise(PixelKind::GrayI16, [300, 200], [-5, 5], 1);
    let texture = gpu.renderer.upload(&frame).expect("a frame that fits");
    assert_eq!(texture.kind(), PixelKind::GrayI16);
    assert_eq!(texture.size_px(), [300, 200]);
    assert_eq!(texture.bytes(), 120_000);
}

/// Rows of 5 pixels are padded in the copy, and BGRA comes back as RGBA.
#[test]
fn pixels_come_back_in_order() {
    use wgpu::TextureFormat::{Bgra8Unorm, R8Unorm, Rgba8Unorm};
    let Some(gpu) = gpu(Backend::Vulkan) else { return };
    let texture = |format| {
        gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: None,
            size: wgpu::Extent3d { width: 5, height: 3, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::COPY_DST | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        })
    };
    let bytes: Vec<u8> = (0..60).collect();
    let swapped: Vec<u8> = bytes.chunks(4).flat_map(|p| [p[2], p[1], p[0], p[3]]).collect();
    for (format, expected) in [(Rgba8Unorm, &bytes), (Bgra8Unorm, &swapped)] {
        let texture = texture(format);
        let layout = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(20),
            rows_per_image: None,
        };
        gpu.queue.write_texture(texture.as_image_copy(), &bytes, layout, texture.size());
        let found = read_back(&gpu.device, &gpu.queue, &texture).and_then(|pixels| pixels.wait());
        assert_eq!(found.as_ref(), Ok(expected));
    }
    let refused = read_back(&gpu.device, &gpu.queue, &texture(R8Unorm)).map(|_| ());
    assert_eq!(refused, Err(GpuError::ReadBack("format R8Unorm".to_owned())));
}

#[test]
fn the_probe_finds_nothing_wrong_here() {
    for backend in [Backend::Vulkan, Backend::Gles] {
        let Some(mut gpu) = gpu(backend) else { continue };
        for kind in ShaderKind::ALL {
            let probe = Probe::start(&mut gpu.renderer, kind).expect("an RGBA target");
            let verdict = loop {
                if let Some(verdict) = probe.take().expect("pixels") {
                    break verdict;
                }
            };
            assert_eq!(verdict, Verdict::Right, "{backend:?} {kind:?}");
        }
    }
}
