#include "app/config.h"

#include <glib/gstdio.h>

static Config *load_file(const char *text, GError **error)
{
    g_autofree char *folder = g_dir_make_tmp("kith-config-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "kith.conf", NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    Config *config = config_load(NULL, folder, error);
    g_unlink(path);
    g_rmdir(folder);
    return config;
}

static void the_strongest_layer_counts(void)
{
    g_unsetenv("KITH_LISTEN");
    g_autoptr(Config) none = config_load(NULL, NULL, NULL);
    g_assert_cmpstr(config_text(none, CONFIG_LISTEN), ==, "127.0.0.1:8420");
    g_assert_cmpint(config_int(none, CONFIG_WORKERS), ==, 4);
    g_assert_null(config_text(none, CONFIG_URL));
    g_autoptr(Config) file = load_file("# hello\n listen = 127.0.0.1:1 \nworkers=7\n", NULL);
    g_assert_cmpstr(config_text(file, CONFIG_LISTEN), ==, "127.0.0.1:1");
    g_assert_cmpint(config_int(file, CONFIG_WORKERS), ==, 7);
    g_setenv("KITH_LISTEN", "127.0.0.1:2", TRUE);
    g_autoptr(Config) both = load_file("listen = 127.0.0.1:1\n", NULL);
    g_unsetenv("KITH_LISTEN");
    g_assert_cmpstr(config_text(both, CONFIG_LISTEN), ==, "127.0.0.1:2");
}

static void mistakes_name_file_and_line(void)
{
    static const struct {
        const char *why, *text, *says;
    } cases[] = {
        {"an unknown name", "\nlissen = x\n", ":2: there is no setting \"lissen\""},
        {"no value", "listen =\n", ":1: a value is missing"},
        {"no equals sign", "listen\n", ":1: write \"name = value\""},
        {"a number out of range", "workers = 65\n", ":1: must be 1 to 64, not \"65\""},
        {"a word for a number", "workers = many\n", "must be 1 to 64"},
        {"not one of the choices", "log = loud\n", "must be requests|errors, not \"loud\""},
        {"not text", "listen = \xff\n", "not a text file"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", cases[i].why);
        g_assert_null(load_file(cases[i].text, &error));
        g_assert_nonnull(strstr(error->message, cases[i].says));
    }
}

/* KITH_WRITE_DOCS=1 rewrites the page instead of comparing it. */
static void the_page_is_the_table(void)
{
    g_autofree char *want = config_page();
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "docs", "config.md", NULL);
    g_autofree char *is = NULL;
    if (g_getenv("KITH_WRITE_DOCS")) g_assert_true(g_file_set_contents(path, want, -1, NULL));
    g_assert_true(g_file_get_contents(path, &is, NULL, NULL));
    g_assert_cmpstr(is, ==, want);
    g_autofree char *sample = config_sample();
    g_autoptr(Config) config = load_file(sample, NULL);
    g_assert_nonnull(config);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/the-strongest-layer-counts", the_strongest_layer_counts);
    g_test_add_func("/config/mistakes-name-file-and-line", mistakes_name_file_and_line);
    g_test_add_func("/config/the-page-is-the-table", the_page_is_the_table);
    return g_test_run();
}
