//! xtask/phantom
