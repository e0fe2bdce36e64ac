//! viewer-web/gpu
