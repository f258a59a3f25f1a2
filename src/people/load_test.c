/* The maps as they are loaded: complete, quick, small. */
#include "people/people_test.h"

enum { MANY = 1000000, FEW = 20000 };

static void fill(TestStore *test, int count)
{
    static const char *const texts[] = {
        "INSERT INTO identity (kind, value, person_id, confirmed, created_at) "
        "SELECT 'user_id', 'user-' || i, i, 1, 0 FROM n WHERE true",
        "INSERT INTO person_identity (person_id, kind, value, source_id, trust, state, "
        "first_seen_at, last_seen_at) SELECT i, 'user_id', 'user-' || i, 1, 20, 'confirmed', 0, 0 "
        "FROM n WHERE true",
        "INSERT INTO person (person_id, source_id, trust, created_at) SELECT i, 1, 20, 0 FROM n "
        "WHERE true",
        "INSERT INTO person_link (stem, merge_id, person_id, at) SELECT -i * 7919, i, i, 0 FROM n "
        "WHERE true",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *sql = g_strdup_printf(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) %s",
            count, texts[i]);
        g_free(test_store_sql(test, sql));
    }
}

static void load(TestStore *test, int count)
{
    g_autoptr(GError) error = NULL;
    fill(test, count);
    int64_t begun = clock_monotonic_us();
    People *people = people_open(test->store, &error);
    int64_t took_us = clock_monotonic_us() - begun;
    g_assert_no_error(error);
    PeopleSize size = people_size(people);
    g_test_message("%zu identities and %zu links: %.0f ms, %.1f MB", size.identities, size.links,
                   (double)took_us / 1000, (double)size.bytes / 1e6);
    g_assert_cmpuint(size.identities, ==, (size_t)count);
    g_assert_cmpuint(size.links, ==, (size_t)count);
    g_assert_cmpuint(size.bytes, <, 120u * MANY);
    for (int64_t i = 1; i <= count; i += 977) {
        g_autofree char *user = g_strdup_printf("user-%" G_GINT64_FORMAT, i);
        g_assert_cmpint(people_find(people, IDENTITY_USER_ID, 1, slice_of(user)), ==, i);
        g_assert_cmpint(people_person(people, -i * 7919), ==, i);
    }
    people_free(people);
}

static void everybody_is_loaded(TestStore *test)
{
    load(test, test->kind == DB_SQLITE && g_test_thorough() ? MANY : FEW);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/people/load", everybody_is_loaded);
    return g_test_run();
}
