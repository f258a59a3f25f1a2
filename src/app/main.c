#include <glib.h>

int main(void)
{
    g_print("kith %s\n", KITH_VERSION);
    return 0;
}
