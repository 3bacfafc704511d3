#include "CMemory.h"

#include <malloc.h>

long memory_allocated(void) {
    struct mallinfo2 info = mallinfo2();
    return (long)(info.uordblks + info.hblkhd);
}

void memory_trim(void) { malloc_trim(0); }
