//! What this device can carry.

const MIB: u64 = 1024 * 1024;

/// Limits chosen once for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceLimits {
    /// How many decode workers.
    pub workers: usize,
    /// Bytes of decoded frames kept in memory.
    pub frame_cache_bytes: u64,
    /// Bytes of frames kept in GPU memory.
    pub gpu_cache_bytes: u64,
    /// Requests under way at once.
    pub requests: usize,
}

/// What the browser tells of the device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeviceHints {
    /// Logical processors.
    pub cores: usize,
    /// `navigator.deviceMemory`: GiB, rounded down by the browser to at most 8; only some tell it.
    pub memory_gib: Option<f64>,
    /// A phone: small screen worked by a finger.
    pub is_phone: bool,
}

impl DeviceLimits {
    /// Limits for a device. Phones kill pages that take too much, and say nothing before.
    #[must_use]
    pub fn of(hints: &DeviceHints) -> Self {
        let most_workers = if hints.is_phone { 4 } else { 8 };
        let assumed_gib = hints.memory_gib.unwrap_or(if hints.is_phone { 2.0 } else { 4.0 });
        let frames_mib = match assumed_gib {
            gib if gib >= 8.0 && !hints.is_phone => 768,
            gib if gib >= 4.0 && !hints.is_phone => 384,
            gib if gib >= 2.0 => 192,
            _ => 96,
        };
        let gpu_mib = (frames_mib / 3).clamp(64, 192);
        Self {
            workers: hints.cores.clamp(1, most_workers),
            frame_cache_bytes: frames_mib * MIB,
            gpu_cache_bytes: gpu_mib * MIB,
            requests: if hints.is_phone { 4 } else { 6 },
        }
    }
}

#[cfg(target_arch = "wasm32")]
impl DeviceHints {
    /// As the browser tells.
    #[must_use]
    pub fn read() -> Self {
        use wasm_bindgen::JsValue;
        let navigator = super::dom::window().navigator();
        let memory = js_sys::Reflect::get(&navigator, &JsValue::from_str("deviceMemory"));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of processors"
        )]
        let cores = navigator.hardware_concurrency() as usize;
        Self {
            cores,
            memory_gib: memory.ok().and_then(|value| value.as_f64()),
            is_phone: super::dom::matches_media("(pointer: coarse) and (max-width: 950px)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_gets_few_workers_and_little_memory() {
        let hints = DeviceHints { cores: 8, memory_gib: Some(8.0), is_phone: true };
        let limits = DeviceLimits::of(&hints);
        assert_eq!((limits.workers, limits.frame_cache_bytes), (4, 192 * MIB));
    }

    #[test]
    fn a_computer_is_used_but_not_filled() {
        let hints = DeviceHints { cores: 32, memory_gib: Some(8.0), is_phone: false };
        let limits = DeviceLimits::of(&hints);
        assert_eq!((limits.workers, limits.frame_cache_bytes), (8, 768 * MIB));
        let unknown = DeviceHints { cores: 0, memory_gib: None, is_phone: false };
        let limits = DeviceLimits::of(&unknown);
        assert_eq!((limits.workers, limits.frame_cache_bytes), (1, 384 * MIB));
    }
}
