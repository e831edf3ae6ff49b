#pragma once

struct sqlite3;

namespace guanxi {

class WalSpace;

/// Bytes at the end of each page that hold the sum of the others.
inline constexpr int kPageSumBytes = 8;

/// The name of a SQLite VFS that is the system's, but for one thing: each page of a database made
/// with kPageSumBytes reserved is summed when it is written into the database file and compared
/// when it is read from there, so that no flipped byte passes for data. SQLite sums its WAL itself.
/// Registered with the first call; databases without reserved bytes are read and written as ever.
///
/// Place       LogConnection::open() uses it where no other VFS is asked for.
/// Errors      A page with a wrong sum is SQLITE_CORRUPT.
/// Threads     Any.
[[nodiscard]] const char* checked_vfs();

/// From now on `space`, which must outlive the connection, is told of what this connection writes
/// to its WAL. Does nothing for a connection of another VFS.
void tell_of_wal(sqlite3* connection, WalSpace& space);

}  // namespace guanxi
