//! viewer-web
