#pragma once
#include <stdint.h>

/// How many blocks this program has allocated since it started.
uint64_t allocation_count(void);

/// Nanoseconds of a clock that never goes back.
int64_t monotonic_nanoseconds(void);

/// How many bytes this program has allocated and not given back.
int64_t allocated_bytes(void);
