#include "store/store.h"

#include <glib/gstdio.h>

#include "store/testdb.h"

static void opens_a_new_folder(TestStore *test)
{
    int64_t before = store_id_next(test->store);
    g_assert_cmpint(before, <, store_id_next(test->store));
    test_store_reopen(test);
    g_assert_cmpint(before, <, store_id_next(test->store));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/store/new", opens_a_new_folder);
    return g_test_run();
}
