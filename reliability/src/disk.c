/* A disk that can lose power, in front of the C library (LD_PRELOAD).
 *
 * What a program writes below DISK_DATA goes to its files as always. DISK_SAFE holds a copy of each
 * file as it was at its last fsync or fdatasync: that is what is left when the power goes. The
 * creation of a file is safe with its first flush, its removal at once. Files of shared memory
 * (`-shm`) are never safe.
 *
 * While a file of one of these names is in DISK_FAULTS, things go wrong:
 *   full       a write that makes a file grow fails (ENOSPC)
 *   read-only  nothing can be written or opened for writing (EROFS)
 *   failing    a flush fails (EIO), and as on Linux what it should have flushed counts as flushed
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(result, name, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

enum { FILES = 64, DESCRIPTORS = 4096, PATH = 1024 };

struct range {
    off_t from, to;
};

/* A file below DISK_DATA, and what of it would be lost. */
struct file {
    char name[256];
    struct range *dirty;
    size_t count, room;
};

static struct file files[FILES];
static struct file *opened[DESCRIPTORS];
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static int fails(const char *fault) {
    const char *faults = getenv("DISK_FAULTS");
    char path[PATH];
    if (!faults) return 0;
    snprintf(path, sizeof path, "%s/%s", faults, fault);
    int before = errno, exists = access(path, F_OK) == 0;
    errno = before;
    return exists;
}

/* The name of a file right below DISK_DATA, or NULL. */
static const char *name_of(const char *path) {
    const char *data = getenv("DISK_DATA");
    size_t length = data ? strlen(data) : 0;
    if (!length || strncmp(path, data, length) != 0 || path[length] != '/') return NULL;
    return strchr(path + length + 1, '/') ? NULL : path + length + 1;
}

static int is_shared_memory(const char *name) {
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, "-shm") == 0;
}

static struct file *file_named(const char *name) {
    for (size_t i = 0; i < FILES; i++) {
        if (!files[i].name[0]) snprintf(files[i].name, sizeof files[i].name, "%s", name);
        if (strcmp(files[i].name, name) == 0) return &files[i];
    }
    abort();
}

static struct file *file_of(int fd) {
    return fd >= 0 && fd < DESCRIPTORS ? opened[fd] : NULL;
}

static void remember(int fd, const char *path) {
    const char *name = name_of(path);
    if (fd < 0 || fd >= DESCRIPTORS || !name || !*name) return;
    pthread_mutex_lock(&turn);
    opened[fd] = file_named(name);
    pthread_mutex_unlock(&turn);
}

static void mark(struct file *file, off_t from, off_t to) {
    pthread_mutex_lock(&turn);
    struct range *last = file->count ? &file->dirty[file->count - 1] : NULL;
    if (last && last->to == from) {
        last->to = to;
    } else {
        if (file->count == file->room) {
            file->room = file->room ? 2 * file->room : 64;
            file->dirty = realloc(file->dirty, file->room * sizeof *file->dirty);
            if (!file->dirty) abort();
        }
        file->dirty[file->count++] = (struct range){from, to};
    }
    pthread_mutex_unlock(&turn);
}

static ssize_t write_at(int fd, const void *bytes, size_t length, off_t offset) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    return real(fd, bytes, length, offset);
}

static int resize(int fd, off_t length) {
    REAL(int, "ftruncate64", int, off_t);
    return real(fd, length);
}

static void safe_path(const struct file *file, char *path) {
    snprintf(path, PATH, "%s/%s", getenv("DISK_SAFE"), file->name);
}

static void copy(int from, int to, struct range range) {
    static char buffer[1 << 16];
    while (range.from < range.to) {
        size_t wanted = (size_t)(range.to - range.from);
        if (wanted > sizeof buffer) wanted = sizeof buffer;
        ssize_t got = pread(from, buffer, wanted, range.from);
        if (got <= 0) return; /* cut off since */
        if (write_at(to, buffer, got, range.from) != got) abort();
        range.from += got;
    }
}

/* Makes safe what was written to the file until now. */
static int flush(int fd, int (*real)(int)) {
    struct file *file = file_of(fd);
    if (!file || is_shared_memory(file->name)) return real(fd);
    pthread_mutex_lock(&turn);
    int is_failing = fails("failing");
    if (!is_failing) {
        char path[PATH];
        struct stat status;
        safe_path(file, path);
        int safe = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (safe < 0 || fstat(fd, &status) != 0) abort();
        for (size_t i = 0; i < file->count; i++) copy(fd, safe, file->dirty[i]);
        if (resize(safe, status.st_size) != 0) abort();
        close(safe);
    }
    file->count = 0;
    pthread_mutex_unlock(&turn);
    if (is_failing) {
        errno = EIO;
        return -1;
    }
    return 0; /* the real disk is not what is tested */
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    return flush(fd, real);
}

int fdatasync(int fd) {
    REAL(int, "fdatasync", int);
    return flush(fd, real);
}

static int refused(int fd, off_t end) {
    struct stat status;
    if (!file_of(fd)) return 0;
    if (fails("read-only")) {
        errno = EROFS;
        return 1;
    }
    if (fstat(fd, &status) == 0 && end > status.st_size && fails("full")) {
        errno = ENOSPC;
        return 1;
    }
    return 0;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    if (refused(fd, offset + (off_t)length)) return -1;
    ssize_t written = write_at(fd, bytes, length, offset);
    if (written > 0 && file_of(fd)) mark(file_of(fd), offset, offset + written);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    return pwrite64(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(ssize_t, "write", int, const void *, size_t);
    if (!file_of(fd)) return real(fd, bytes, length);
    off_t offset = lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
    if (refused(fd, offset + (off_t)length)) return -1;
    ssize_t written = real(fd, bytes, length);
    if (written > 0) mark(file_of(fd), offset, offset + written);
    return written;
}

int ftruncate64(int fd, off_t length) {
    return refused(fd, length) ? -1 : resize(fd, length);
}

int ftruncate(int fd, off_t length) {
    return ftruncate64(fd, length);
}

int posix_fallocate64(int fd, off_t offset, off_t length) {
    REAL(int, "posix_fallocate64", int, off_t, off_t);
    return refused(fd, offset + length) ? errno : real(fd, offset, length);
}

int posix_fallocate(int fd, off_t offset, off_t length) {
    return posix_fallocate64(fd, offset, length);
}

static int open_any(int directory, const char *path, int flags, mode_t mode) {
    REAL(int, "openat64", int, const char *, int, ...);
    if ((flags & O_ACCMODE) != O_RDONLY && name_of(path) && fails("read-only")) {
        errno = EROFS;
        return -1;
    }
    int fd = real(directory, path, flags, mode);
    remember(fd, path);
    return fd;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    return open_any(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags)
    return open_any(AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...) {
    MODE(flags)
    return open_any(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...) {
    MODE(flags)
    return open_any(directory, path, flags, mode);
}

int close(int fd) {
    REAL(int, "close", int);
    if (fd >= 0 && fd < DESCRIPTORS) opened[fd] = NULL;
    return real(fd);
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    const char *name = name_of(path);
    int outcome = real(path);
    if (outcome == 0 && name && *name) {
        char safe[PATH];
        pthread_mutex_lock(&turn);
        struct file *file = file_named(name);
        file->count = 0;
        safe_path(file, safe);
        real(safe);
        pthread_mutex_unlock(&turn);
    }
    return outcome;
}
