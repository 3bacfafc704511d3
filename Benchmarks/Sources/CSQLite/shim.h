#if __has_include(<sqlite3.h>)
#include <sqlite3.h>
#else
#error "sqlite3.h is missing: storage-bench compares with SQLite; on Debian: sudo apt-get install libsqlite3-dev"
#endif
