// A machine with a fault, for any program: LD_PRELOAD this, and say in UNDERSTORY_FAULT which.
//
//   clock            the time of day jumps an hour or a day, to and fro, with every look at it
//   short-writes     a file takes a few bytes at a time; every third write is interrupted by a signal
//   full-after=N     a file system full after N bytes
//   no-sync          data never reaches the disk safely
//   no-memory-at=N   the Nth request for LARGE bytes or more is refused, and every one after it
//
// Only ordinary files have faults: what a program says on a pipe arrives.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { LARGE = 64 * 1024, LONGEST_WRITE = 1000 };

static const char *fault(const char *name) {
    const char *set = getenv("UNDERSTORY_FAULT");
    size_t length = strlen(name);
    return set && strncmp(set, name, length) == 0 ? set + length : NULL;
}

static int is_ordinary(int file) {
    struct stat found;
    return fstat(file, &found) == 0 && S_ISREG(found.st_mode);
}

// ---- the clock ----

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    static atomic_uint looks;
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME && fault("clock")) {
        static const long jumps_s[] = {3600, -3600, 86400, -86400, 0};
        now->tv_sec += jumps_s[looks++ % 5];
    }
    return result;
}

// ---- files ----

// How much of a write is let through, or -1 with errno.
static ssize_t allowed(int file, size_t wanted) {
    static atomic_uint writes;
    static atomic_long written;
    const char *limit;
    if (!is_ordinary(file)) return (ssize_t)wanted;
    if (fault("short-writes")) {
        if (++writes % 3 == 0) {
            errno = EINTR;
            return -1;
        }
        return wanted < LONGEST_WRITE ? (ssize_t)wanted : LONGEST_WRITE;
    }
    if ((limit = fault("full-after="))) {
        long left = atol(limit) - written;
        if (left <= 0 && wanted > 0) {
            errno = ENOSPC;
            return -1;
        }
        if ((long)wanted > left) wanted = (size_t)left;
        written += (long)wanted;
    }
    return (ssize_t)wanted;
}

ssize_t write(int file, const void *bytes, size_t count) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    ssize_t let_through = allowed(file, count);
    return let_through < 0 ? -1 : real(file, bytes, (size_t)let_through);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    static ssize_t (*real)(int, const struct iovec *, int);
    if (!real) real = (ssize_t (*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");
    if (!is_ordinary(file) || count < 1) return real(file, parts, count);
    return write(file, parts[0].iov_base, parts[0].iov_len);
}

static int sync_of(const char *name, int file) {
    if (is_ordinary(file) && fault("no-sync")) {
        errno = EIO;
        return -1;
    }
    return ((int (*)(int))dlsym(RTLD_NEXT, name))(file);
}

int fsync(int file) { return sync_of("fsync", file); }

int fdatasync(int file) { return sync_of("fdatasync", file); }

// ---- memory: by glibc's own names, for dlsym itself asks for memory ----

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static int is_refused(size_t size) {
    static atomic_long requests;
    const char *first;
    if (size < LARGE || !(first = fault("no-memory-at="))) return 0;
    return ++requests >= atol(first);
}

void *malloc(size_t size) { return is_refused(size) ? (errno = ENOMEM, NULL) : __libc_malloc(size); }

void *calloc(size_t count, size_t size) {
    size_t all;
    if (__builtin_mul_overflow(count, size, &all) || is_refused(all)) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) { return is_refused(size) ? (errno = ENOMEM, NULL) : __libc_realloc(old, size); }

void *memalign(size_t alignment, size_t size) { return is_refused(size) ? (errno = ENOMEM, NULL) : __libc_memalign(alignment, size); }

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **found, size_t alignment, size_t size) {
    void *memory = memalign(alignment, size);
    if (!memory) return ENOMEM;
    *found = memory;
    return 0;
}
