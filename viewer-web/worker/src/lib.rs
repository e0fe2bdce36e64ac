//! viewer-web/worker
