#include "segments/kernel.h"

bool kernel_sequence(const Kernel *kernel)
{
    (void)kernel;
    return false;
}
