#pragma once
#include <sqlite3.h>

// A layer below SQLite that asks before everything that changes a file. Tests fail the calls they choose, and write down
// what a power cut would find.

enum faulty_call { faulty_create, faulty_write, faulty_truncate, faulty_sync, faulty_delete };

// SQLITE_OK lets the call happen, anything else is its result. `bytes` only for a write; `offset` is the size for truncate.
typedef int (*faulty_hook)(
    void *context, enum faulty_call call, const char *path, sqlite3_int64 offset, const void *bytes, int count);

// Registers the layer under a name, until it is unregistered by the pointer that comes back; NULL where memory is short.
sqlite3_vfs *faulty_disk_register(const char *name, faulty_hook hook, void *context);
void faulty_disk_unregister(sqlite3_vfs *disk);
