#include "store/store.h"

#include <glib/gstdio.h>

static void opens_a_new_folder(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = g_dir_make_tmp("kith-store-XXXXXX", NULL);
    StoreOptions options = {.data_dir = dir};
    g_autoptr(Store) store = store_open(&options, &error);
    g_assert_no_error(error);
    g_assert_cmpint(store_id_next(store), <, store_id_next(store));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/new", opens_a_new_folder);
    return g_test_run();
}
