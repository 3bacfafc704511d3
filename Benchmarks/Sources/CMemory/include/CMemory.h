#pragma once

/// What the allocator has handed out and not got back, in bytes.
long memory_allocated(void);

/// Gives the pages back that the allocator holds empty.
void memory_trim(void);
