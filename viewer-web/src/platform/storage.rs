//! What stays in this tab over a login, and choices that stay on this device: never anything about the patient.

use super::dom::window;

/// Text kept under a name in this tab, if there is any and storage is allowed.
#[must_use]
pub fn read(name: &str) -> Option<String> {
    window().session_storage().ok()??.get_item(name).ok()?
}

/// Keeps a text in this tab. Where storage is forbidden or full the view is simply not remembered.
pub fn write(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        storage.set_item(name, value).ok();
    }
}

/// Forgets a text.
pub fn remove(name: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        storage.remove_item(name).ok();
    }
}

/// A choice that stays on this device.
#[must_use]
pub fn choice(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

/// Keeps a choice on this device, where that is allowed.
pub fn choose(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        storage.set_item(name, value).ok();
    }
}
