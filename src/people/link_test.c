/* The forest of links against a plain list of edges, over random merges and undos. */
#include "people/link.h"

enum { STEMS = 60, STEPS = 40000 };

typedef struct Model {
    int64_t parent[STEMS + 1]; /* 0 = root; stem i is (i odd ? i : -i) */
} Model;

static int64_t stem_of(int i) { return i % 2 ? i : -(int64_t)i; }

static int model_root(const Model *model, int i)
{
    while (model->parent[i])
        i = (int)model->parent[i];
    return i;
}

static void compare(const Links *links, const Model *model)
{
    size_t edges = 0;
    for (int i = 1; i <= STEMS; i++) {
        g_assert_cmpint(links_person(links, stem_of(i)), ==, stem_of(model_root(model, i)));
        if (model->parent[i]) edges++;
    }
    g_assert_cmpuint(links_count(links), ==, edges);
}

static void compare_stems(const Links *links, const Model *model, int root)
{
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    links_stems(links, stem_of(root), stems);
    size_t want = 0;
    for (int i = 1; i <= STEMS; i++)
        if (model_root(model, i) == root) want++;
    g_assert_cmpuint(stems->len, ==, want);
    for (guint i = 0; i < stems->len; i++)
        g_assert_cmpint(links_person(links, g_array_index(stems, int64_t, i)), ==, stem_of(root));
}

static void random_merges_and_undos_match_a_plain_forest(void)
{
    g_autoptr(Links) links = links_new(0);
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    Model model = {0};
    for (int step = 0; step < STEPS; step++) {
        int a = g_rand_int_range(rand, 1, STEMS + 1), b = g_rand_int_range(rand, 1, STEMS + 1);
        if (g_rand_boolean(rand)) {
            bool may = !model.parent[a] && model_root(&model, b) != a;
            g_assert_true(links_add(links, stem_of(a), stem_of(b)) == may);
            if (may) model.parent[a] = b;
        } else {
            g_assert_true(links_end(links, stem_of(a)) == (model.parent[a] != 0));
            model.parent[a] = 0;
        }
        compare(links, &model);
        compare_stems(links, &model, model_root(&model, b));
    }
}

static void undo_in_any_order_gives_back_the_parts(void)
{
    g_autoptr(Links) links = links_new(0);
    g_assert_true(links_add(links, 3, 2));
    g_assert_true(links_add(links, 2, 1));
    g_assert_true(links_add(links, -9, 3));
    g_assert_cmpint(links_person(links, -9), ==, 1);
    g_assert_true(links_end(links, 2));
    g_assert_cmpint(links_person(links, -9), ==, 2);
    g_assert_cmpint(links_person(links, 1), ==, 1);
    g_assert_false(links_add(links, 2, -9)); /* a tree cannot hang on its own leaf */
    g_assert_false(links_add(links, 3, 1));  /* only a root moves */
    g_assert_cmpuint(links_count_stems(links, 2, LINK_STEMS_MAX), ==, 3);
    g_assert_cmpuint(links_count_stems(links, 2, 2), ==, 2);
}

static void a_million_visitors_stay_small(void)
{
    g_autoptr(Links) links = links_new(1000000);
    for (int64_t i = 1; i <= 1000000; i++)
        g_assert_true(links_add(links, -i * 7919, i));
    g_assert_cmpuint(links_bytes(links), <, 64u * 1024 * 1024);
    for (int64_t i = 1; i <= 1000000; i += 997)
        g_assert_cmpint(links_person(links, -i * 7919), ==, i);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/people/link/random", random_merges_and_undos_match_a_plain_forest);
    g_test_add_func("/people/link/undo", undo_in_any_order_gives_back_the_parts);
    g_test_add_func("/people/link/million", a_million_visitors_stay_small);
    return g_test_run();
}
