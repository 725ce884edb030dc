#include "faulty_disk.h"
#include <stdlib.h>
#include <string.h>

struct disk {
  sqlite3_vfs vfs;
  sqlite3_vfs *real;
  faulty_hook hook;
  void *context;
};

struct file {
  sqlite3_file base;
  struct disk *disk;
  const char *path;
};

static sqlite3_file *real_file(sqlite3_file *file) { return (sqlite3_file *)((struct file *)file + 1); }

static int ask(
    sqlite3_file *file, enum faulty_call call, sqlite3_int64 offset, const void *bytes, int count) {
  struct file *own = (struct file *)file;
  return own->disk->hook(own->disk->context, call, own->path, offset, bytes, count);
}

static int on_close(sqlite3_file *file) { return real_file(file)->pMethods->xClose(real_file(file)); }

static int on_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  return real_file(file)->pMethods->xRead(real_file(file), bytes, count, offset);
}

static int on_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  int answer = ask(file, faulty_write, offset, bytes, count);
  return answer ? answer : real_file(file)->pMethods->xWrite(real_file(file), bytes, count, offset);
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size) {
  int answer = ask(file, faulty_truncate, size, NULL, 0);
  return answer ? answer : real_file(file)->pMethods->xTruncate(real_file(file), size);
}

// The page cache of the kernel outlives the test, so nothing has to reach a disk here.
static int on_sync(sqlite3_file *file, int flags) {
  (void)flags;
  return ask(file, faulty_sync, 0, NULL, 0);
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size) {
  return real_file(file)->pMethods->xFileSize(real_file(file), size);
}

static int on_lock(sqlite3_file *file, int lock) { return real_file(file)->pMethods->xLock(real_file(file), lock); }
static int on_unlock(sqlite3_file *file, int lock) { return real_file(file)->pMethods->xUnlock(real_file(file), lock); }

static int on_check_lock(sqlite3_file *file, int *result) {
  return real_file(file)->pMethods->xCheckReservedLock(real_file(file), result);
}

static int on_control(sqlite3_file *file, int operation, void *argument) {
  return real_file(file)->pMethods->xFileControl(real_file(file), operation, argument);
}

static int on_sector_size(sqlite3_file *file) { return real_file(file)->pMethods->xSectorSize(real_file(file)); }

// None: what a disk promises beyond the least is what this layer is there to doubt.
static int on_characteristics(sqlite3_file *file) {
  (void)file;
  return 0;
}

// Version 1 has no shared memory, which an exclusive lock does not need.
static const sqlite3_io_methods methods = {
    1, on_close, on_read, on_write, on_truncate, on_sync, on_size, on_lock, on_unlock, on_check_lock, on_control,
    on_sector_size, on_characteristics, 0, 0, 0, 0, 0, 0};

static int on_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *out) {
  struct disk *disk = (struct disk *)vfs;
  struct file *own = (struct file *)file;
  own->disk = disk;
  own->path = path ? path : "";
  own->base.pMethods = NULL;
  int exists = 1;
  if (path && (flags & SQLITE_OPEN_CREATE)) disk->real->xAccess(disk->real, path, SQLITE_ACCESS_EXISTS, &exists);
  if (!exists) {
    int answer = disk->hook(disk->context, faulty_create, path, 0, NULL, 0);
    if (answer) return answer;
  }
  int result = disk->real->xOpen(disk->real, path, real_file(file), flags, out);
  if (real_file(file)->pMethods) own->base.pMethods = &methods;
  return result;
}

static int on_delete(sqlite3_vfs *vfs, const char *path, int sync) {
  struct disk *disk = (struct disk *)vfs;
  int answer = disk->hook(disk->context, faulty_delete, path, 0, NULL, 0);
  return answer ? answer : disk->real->xDelete(disk->real, path, sync);
}

static int on_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
  struct disk *disk = (struct disk *)vfs;
  return disk->real->xAccess(disk->real, path, flags, result);
}

static int on_full_path(sqlite3_vfs *vfs, const char *path, int count, char *out) {
  struct disk *disk = (struct disk *)vfs;
  return disk->real->xFullPathname(disk->real, path, count, out);
}

static int on_random(sqlite3_vfs *vfs, int count, char *bytes) {
  struct disk *disk = (struct disk *)vfs;
  return disk->real->xRandomness(disk->real, count, bytes);
}

static int on_sleep(sqlite3_vfs *vfs, int microseconds) {
  struct disk *disk = (struct disk *)vfs;
  return disk->real->xSleep(disk->real, microseconds);
}

static int on_time(sqlite3_vfs *vfs, double *time) {
  struct disk *disk = (struct disk *)vfs;
  return disk->real->xCurrentTime(disk->real, time);
}

static int on_last_error(sqlite3_vfs *vfs, int count, char *text) {
  (void)vfs;
  (void)count;
  (void)text;
  return 0;
}

sqlite3_vfs *faulty_disk_register(const char *name, faulty_hook hook, void *context) {
  sqlite3_vfs *real = sqlite3_vfs_find(NULL);
  struct disk *disk = calloc(1, sizeof *disk);
  if (!real || !disk) return NULL;
  disk->real = real;
  disk->hook = hook;
  disk->context = context;
  disk->vfs.iVersion = 1;
  disk->vfs.szOsFile = (int)sizeof(struct file) + real->szOsFile;
  disk->vfs.mxPathname = real->mxPathname;
  disk->vfs.zName = strdup(name);
  disk->vfs.xOpen = on_open;
  disk->vfs.xDelete = on_delete;
  disk->vfs.xAccess = on_access;
  disk->vfs.xFullPathname = on_full_path;
  disk->vfs.xRandomness = on_random;
  disk->vfs.xSleep = on_sleep;
  disk->vfs.xCurrentTime = on_time;
  disk->vfs.xGetLastError = on_last_error;
  sqlite3_vfs_register(&disk->vfs, 0);
  return &disk->vfs;
}

void faulty_disk_unregister(sqlite3_vfs *vfs) {
  sqlite3_vfs_unregister(vfs);
  free((void *)vfs->zName);
  free(vfs);
}
