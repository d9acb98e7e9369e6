/*
 * Records what a program asks the operating system to do to the files below one folder, in order, with the bytes: enough to rebuild
 * the disk as it would be after the power failed at any moment. Loaded with LD_PRELOAD below SQLite and Node, it changes nothing.
 *
 * VERIDESK_POWER_ROOT   folder whose files are recorded
 * VERIDESK_POWER_LOG    where the recording goes
 * VERIDESK_POWER_MARKS  file outside the folder: what is written to it becomes a mark in the recording
 *
 * A record is: kind (1 byte), node (8), offset (8), length of first path (4), of second path (4), of data (4), both paths, data;
 * little-endian, as read by read-recording.ts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { CREATE = 1, WRITE, TRUNCATE, SYNC, RENAME, UNLINK, MAKE_FOLDER, REMOVE_FOLDER, SYNC_FOLDER, MARK };
enum tracked { NOTHING, A_FILE, A_FOLDER, MARKS };

#define MOST_DESCRIPTORS 65536

static struct {
  enum tracked what;
  ino_t node;
  char *path;
} descriptors[MOST_DESCRIPTORS];

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static const char *root, *marks;
static size_t root_length;
static int recording = -1;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}

__attribute__((constructor)) static void begin(void) {
  root = getenv("VERIDESK_POWER_ROOT");
  marks = getenv("VERIDESK_POWER_MARKS");
  const char *log = getenv("VERIDESK_POWER_LOG");
  if (root == NULL || log == NULL || marks == NULL) return;
  root_length = strlen(root);
  recording = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (recording < 0) abort();
}

static void put(const void *bytes, size_t length) {
  const char *next = bytes;
  while (length > 0) {
    ssize_t written = REAL(write)(recording, next, length);
    if (written <= 0) abort();
    next += written;
    length -= written;
  }
}

static void record(enum kind kind, uint64_t node, uint64_t offset, const char *path, const char *second, const void *data,
                   uint32_t data_length) {
  unsigned char head[29];
  uint32_t path_length = path == NULL ? 0 : strlen(path), second_length = second == NULL ? 0 : strlen(second);
  head[0] = kind;
  memcpy(head + 1, &node, 8);
  memcpy(head + 9, &offset, 8);
  memcpy(head + 17, &path_length, 4);
  memcpy(head + 21, &second_length, 4);
  memcpy(head + 25, &data_length, 4);
  put(head, sizeof head);
  if (path_length > 0) put(path, path_length);
  if (second_length > 0) put(second, second_length);
  if (data_length > 0) put(data, data_length);
}

static int below_root(const char *path) {
  return recording >= 0 && path != NULL && strncmp(path, root, root_length) == 0 &&
         (path[root_length] == '/' || path[root_length] == '\0');
}

static void forget(int descriptor) {
  if (descriptor < 0 || descriptor >= MOST_DESCRIPTORS) return;
  free(descriptors[descriptor].path);
  descriptors[descriptor].path = NULL;
  descriptors[descriptor].what = NOTHING;
}

/* What a descriptor is, unless its number has gone to another file meanwhile. */
static enum tracked tracked(int descriptor) {
  if (recording < 0 || descriptor < 0 || descriptor >= MOST_DESCRIPTORS) return NOTHING;
  if (descriptors[descriptor].what == NOTHING) return NOTHING;
  struct stat now;
  if (fstat(descriptor, &now) != 0 || now.st_ino != descriptors[descriptor].node) forget(descriptor);
  return descriptors[descriptor].what;
}

static int opened(const char *path, int flags, mode_t mode, int (*real_open)(const char *, int, ...)) {
  if (recording < 0 || path == NULL || (!below_root(path) && strcmp(path, marks) != 0)) return real_open(path, flags, mode);
  pthread_mutex_lock(&mutex);
  struct stat before, after;
  int was_there = stat(path, &before) == 0;
  int descriptor = real_open(path, flags, mode);
  if (descriptor >= 0 && descriptor < MOST_DESCRIPTORS && fstat(descriptor, &after) == 0) {
    forget(descriptor);
    descriptors[descriptor].node = after.st_ino;
    descriptors[descriptor].path = strdup(path);
    if (!below_root(path)) descriptors[descriptor].what = MARKS;
    else if (S_ISDIR(after.st_mode)) descriptors[descriptor].what = A_FOLDER;
    else {
      descriptors[descriptor].what = A_FILE;
      if (!was_there) record(CREATE, after.st_ino, 0, path, NULL, NULL, 0);
      else if (flags & O_TRUNC) record(TRUNCATE, after.st_ino, 0, NULL, NULL, NULL, 0);
    }
  }
  pthread_mutex_unlock(&mutex);
  return descriptor;
}

#define MODE_OF(flags, mode) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  }

int open(const char *path, int flags, ...) {
  MODE_OF(flags, mode)
  return opened(path, flags, mode, REAL(open));
}

int open64(const char *path, int flags, ...) {
  MODE_OF(flags, mode)
  return opened(path, flags, mode, REAL(open64));
}

int close(int descriptor) {
  pthread_mutex_lock(&mutex);
  if (recording >= 0) forget(descriptor);
  pthread_mutex_unlock(&mutex);
  return REAL(close)(descriptor);
}

static void wrote(int descriptor, enum tracked what, uint64_t offset, const void *bytes, ssize_t length) {
  if (length <= 0) return;
  if (what == MARKS) record(MARK, 0, 0, NULL, NULL, bytes, length);
  else record(WRITE, descriptors[descriptor].node, offset, NULL, NULL, bytes, length);
}

static uint64_t place_of(int descriptor) {
  if ((fcntl(descriptor, F_GETFL) & O_APPEND) == 0) return lseek(descriptor, 0, SEEK_CUR);
  struct stat now;
  fstat(descriptor, &now);
  return now.st_size;
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
  pthread_mutex_lock(&mutex);
  enum tracked what = tracked(descriptor);
  if (what == NOTHING) {
    /* A pipe may wait for its reader: not under the lock. */
    pthread_mutex_unlock(&mutex);
    return REAL(write)(descriptor, bytes, length);
  }
  uint64_t offset = place_of(descriptor);
  ssize_t written = REAL(write)(descriptor, bytes, length);
  wrote(descriptor, what, offset, bytes, written);
  pthread_mutex_unlock(&mutex);
  return written;
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  pthread_mutex_lock(&mutex);
  enum tracked what = tracked(descriptor);
  pthread_mutex_unlock(&mutex);
  if (what == NOTHING) return REAL(writev)(descriptor, parts, count);
  ssize_t all = 0;
  for (int index = 0; index < count; index += 1) {
    ssize_t written = write(descriptor, parts[index].iov_base, parts[index].iov_len);
    if (written < 0) return all > 0 ? all : written;
    all += written;
  }
  return all;
}

static ssize_t wrote_at(int descriptor, const void *bytes, size_t length, off_t offset,
                        ssize_t (*real_pwrite)(int, const void *, size_t, off_t)) {
  pthread_mutex_lock(&mutex);
  enum tracked what = tracked(descriptor);
  ssize_t written = real_pwrite(descriptor, bytes, length, offset);
  if (what != NOTHING) wrote(descriptor, what, offset, bytes, written);
  pthread_mutex_unlock(&mutex);
  return written;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
  return wrote_at(descriptor, bytes, length, offset, REAL(pwrite));
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) {
  return wrote_at(descriptor, bytes, length, offset, REAL(pwrite64));
}

static int truncated(int descriptor, off_t size, int (*real_truncate)(int, off_t)) {
  pthread_mutex_lock(&mutex);
  int outcome = real_truncate(descriptor, size);
  if (outcome == 0 && tracked(descriptor) == A_FILE)
    record(TRUNCATE, descriptors[descriptor].node, size, NULL, NULL, NULL, 0);
  pthread_mutex_unlock(&mutex);
  return outcome;
}

int ftruncate(int descriptor, off_t size) { return truncated(descriptor, size, REAL(ftruncate)); }
int ftruncate64(int descriptor, off64_t size) { return truncated(descriptor, size, REAL(ftruncate64)); }

static int synced(int descriptor, int (*real_sync)(int)) {
  pthread_mutex_lock(&mutex);
  enum tracked what = tracked(descriptor);
  int outcome = real_sync(descriptor);
  if (outcome == 0 && what == A_FILE) record(SYNC, descriptors[descriptor].node, 0, NULL, NULL, NULL, 0);
  if (outcome == 0 && what == A_FOLDER) record(SYNC_FOLDER, 0, 0, descriptors[descriptor].path, NULL, NULL, 0);
  pthread_mutex_unlock(&mutex);
  return outcome;
}

int fsync(int descriptor) { return synced(descriptor, REAL(fsync)); }
int fdatasync(int descriptor) { return synced(descriptor, REAL(fdatasync)); }

#define CHANGES_NAMES(call, kind, first, second) \
  pthread_mutex_lock(&mutex); \
  int outcome = call; \
  if (outcome == 0 && below_root(first)) record(kind, 0, 0, first, second, NULL, 0); \
  pthread_mutex_unlock(&mutex); \
  return outcome;

int rename(const char *from, const char *to) { CHANGES_NAMES(REAL(rename)(from, to), RENAME, from, to) }
int unlink(const char *path) { CHANGES_NAMES(REAL(unlink)(path), UNLINK, path, NULL) }
int remove(const char *path) { CHANGES_NAMES(REAL(remove)(path), UNLINK, path, NULL) }
int rmdir(const char *path) { CHANGES_NAMES(REAL(rmdir)(path), REMOVE_FOLDER, path, NULL) }
int mkdir(const char *path, mode_t mode) { CHANGES_NAMES(REAL(mkdir)(path, mode), MAKE_FOLDER, path, NULL) }

int unlinkat(int folder, const char *path, int flags) {
  CHANGES_NAMES(REAL(unlinkat)(folder, path, flags), flags &AT_REMOVEDIR ? REMOVE_FOLDER : UNLINK, path, NULL)
}
