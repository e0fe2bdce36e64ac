//! What scripts that are loaded later may have done: commands by their names, and the choices of this device.

use leptos::prelude::{GetUntracked, Set, Update};
use negatoscope_text::Lang;
use viewer_core::tool::{KeyMap, named};

use super::Viewer;
use crate::platform::dom::{device_pixel_ratio, document, window};
use crate::platform::storage;
use crate::state::page::{Menu, Role, publish};

/// Under which names this device keeps what was chosen.
const KEYS: &str = "negatoscope.keys";
const ROLE: &str = "negatoscope.role";

/// The event that asks `boot.js` for help.
pub(super) const HELP: &str = "negatoscope-help";
/// The event that says that the first image is drawn.
pub(super) const FIRST_IMAGE: &str = "negatoscope-first-image";

/// Tells scripts.
pub(super) fn tell(event: &str) {
    if let Ok(event) = web_sys::Event::new(event) {
        window().dispatch_event(&event).ok();
    }
}

impl Viewer {
    /// Takes what was chosen on this device, or how the reader came in.
    pub(super) fn take_choices(&self) {
        let app = document().get_element_by_id("app");
        let came_as = || app.and_then(|app| app.get_attribute("data-role"));
        let role = storage::choice(ROLE).or_else(came_as);
        self.0.page.role.set(role.and_then(|name| Role::of(&name)).unwrap_or_default());
        self.take_keys();
    }

    fn take_keys(&self) {
        let map = KeyMap::read(&storage::choice(KEYS).unwrap_or_default());
        self.0.recogniser.borrow_mut().set_keys(map.clone());
        publish(self.0.page.keys, map);
    }

    /// Another role, also the next time on this device.
    pub fn choose_role(&self, role: Role) {
        publish(self.0.page.role, role);
        storage::choose(ROLE, role.key());
    }

    /// Does what is called so; what nobody knows does nothing.
    pub fn run(&self, name: &str) {
        let page = &self.0.page;
        let pane = page.active.get_untracked();
        let context = self.0.session.borrow().tool_context(pane, device_pixel_ratio());
        if let Some(command) = named(name, &context) {
            return self.command(command);
        }
        let open = |menu| page.menu.set(Some(menu));
        match name {
            "fullscreen" => self.toggle_fullscreen(),
            "strip" => page.strip.update(|shown| *shown = !*shown),
            "menu.windows" => open(Menu::Windows),
            "menu.layout" => open(Menu::Layout),
            "menu.more" => open(Menu::More),
            "export" | "import" | "tags" | "film" | "series" | "local" | "arriving"
            | "documents.begin" => self.open_panel(name),
            "keys" => self.take_keys(),
            "language" => {
                let is_french = page.lang.get_untracked() == Lang::Fr;
                self.set_language(if is_french { Lang::En } else { Lang::Fr });
            }
            _ => {
                if let Some(role) = name.strip_prefix("role.").and_then(Role::of) {
                    self.choose_role(role);
                }
            }
        }
    }
}
