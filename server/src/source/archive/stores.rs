//! The archive's store and, beside it, the folder of what had to be unpacked (ZIP entries, deflated
//! data sets): both are read the same way.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use tokio::runtime::Handle;

use super::entry::Place;
use super::ranged::RangedReader;
use super::store::{Location, Objects};
use super::unzip::ZipLimits;
use super::{ArchiveError, ArchiveOptions};

/// Everything bytes are read from.
#[derive(Debug)]
pub(super) struct Stores {
    pub objects: Objects,
    pub zip_limits: ZipLimits,
    /// Larger files are not read.
    pub max_file_bytes: u64,
    cache: Arc<LocalFileSystem>,
    cache_folder: PathBuf,
    /// The folder of a local archive, to tell an unmounted disk from an empty one.
    root: Option<PathBuf>,
}

impl Stores {
    /// Opens the store and makes the folder of unpacked files.
    pub(super) fn open(
        options: &ArchiveOptions,
        cache_folder: &FilePath,
    ) -> Result<Self, ArchiveError> {
        std::fs::create_dir_all(cache_folder)?;
        let cache =
            LocalFileSystem::new_with_prefix(cache_folder).map_err(ArchiveError::location)?;
        let root = match &options.location {
            Location::Folder(path) => Some(path.clone()),
            Location::Bucket(_) | Location::Store(_) => None,
        };
        Ok(Self {
            objects: Objects::open(&options.location)?,
            zip_limits: options.zip_limits,
            max_file_bytes: options.max_file_bytes,
            cache: Arc::new(cache),
            cache_folder: cache_folder.to_owned(),
            root,
        })
    }

    /// Fails while a local archive's folder is away.
    pub(super) fn check_root(&self) -> Result<(), ArchiveError> {
        match &self.root {
            Some(root) => root.metadata().map(drop).map_err(ArchiveError::location),
            None => Ok(()),
        }
    }

    /// The store and the path that `place` stands for.
    pub(super) fn resolve<'a>(&self, place: &'a Place) -> (Arc<dyn ObjectStore>, &'a Path) {
        match place {
            Place::Object(path) => (Arc::clone(&self.objects.store), path),
            Place::Cache(path) => (Arc::clone(&self.cache) as _, path),
        }
    }

    /// The file that `place` stands for; `None` in a bucket.
    pub(super) fn local(&self, place: &Place) -> Option<PathBuf> {
        let (folder, path) = match place {
            Place::Object(path) => (self.objects.folder.as_deref()?, path),
            Place::Cache(path) => (&*self.cache, path),
        };
        folder.path_to_filesystem(path).ok()
    }

    /// A blocking reader of `size` bytes at `place`.
    pub(super) fn reader(&self, place: &Place, size: u64, runtime: &Handle) -> RangedReader {
        let (store, path) = self.resolve(place);
        RangedReader::new(store, path.clone(), size, runtime.clone())
    }

    /// Where the unpacked files of file `id` go.
    pub(super) fn extraction_folder(&self, id: i64) -> PathBuf {
        self.cache_folder.join(id.to_string())
    }

    /// The place of an unpacked file, and its path on disk.
    pub(super) fn extracted(&self, id: i64, name: &str) -> (Place, PathBuf) {
        let place = Place::Cache(Path::from_iter([id.to_string().as_str(), name]));
        (place, self.extraction_folder(id).join(name))
    }

    /// Removes the unpacked files of file `id`, if there are any.
    pub(super) fn drop_extracted(&self, id: i64) {
        match std::fs::remove_dir_all(self.extraction_folder(id)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(file = id, %error, "unpacked files not removed");
            }
            _ => {}
        }
    }
}
