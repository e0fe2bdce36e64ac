/*
 * Preloaded into our own program by the tests: a disk with NEGATOSCOPE_DISK_BYTES bytes left. What makes a
 * regular file longer takes of them; what does not fit any more fails as on a full disk. What lies within a
 * file is overwritten as ever.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long long left = -1;

/* Whether the disk has room for a file that ends at `end`, or `more` bytes later where that is not known. */
static int has_room(int file, off_t end, size_t more)
{
    struct stat state;
    if (fstat(file, &state) != 0 || !S_ISREG(state.st_mode))
        return 1;
    if (end < 0)
        end = state.st_size + (off_t)more;
    if (end <= state.st_size)
        return 1;
    pthread_mutex_lock(&lock);
    if (left < 0) {
        const char *bytes = getenv("NEGATOSCOPE_DISK_BYTES");
        left = bytes != NULL ? atoll(bytes) : 0;
    }
    int fits = end - state.st_size <= left;
    left = fits ? left - (end - state.st_size) : 0;
    pthread_mutex_unlock(&lock);
    if (!fits)
        errno = ENOSPC;
    return fits;
}

ssize_t write(int file, const void *bytes, size_t count)
{
    static ssize_t (*system_write)(int, const void *, size_t);
    if (system_write == NULL)
        system_write = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    return has_room(file, -1, count) ? system_write(file, bytes, count) : -1;
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at)
{
    static ssize_t (*system_pwrite)(int, const void *, size_t, off64_t);
    if (system_pwrite == NULL)
        system_pwrite = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    return has_room(file, at + (off_t)count, 0) ? system_pwrite(file, bytes, count, at) : -1;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at)
{
    return pwrite64(file, bytes, count, at);
}

int ftruncate64(int file, off64_t length)
{
    static int (*system_truncate)(int, off64_t);
    if (system_truncate == NULL)
        system_truncate = (int (*)(int, off64_t))dlsym(RTLD_NEXT, "ftruncate64");
    return has_room(file, length, 0) ? system_truncate(file, length) : -1;
}

int ftruncate(int file, off_t length)
{
    return ftruncate64(file, length);
}
