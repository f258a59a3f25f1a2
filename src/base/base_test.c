/* The small modules: clock, ids, keyed hash, arena, buffer, text. */
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/keyhash.h"
#include "base/ration.h"
#include "base/text.h"

static void clock_can_be_driven(void)
{
    clock_simulate(1700000000000);
    clock_advance(CLOCK_DAY_MS);
    g_assert_cmpint(clock_now_ms(), ==, 1700086400000);
    g_assert_cmpint(clock_real_ms(), >, 1700086400000);
    clock_restore();
    g_assert_false(clock_is_simulated());
    g_assert_cmpint(clock_now_ms(), >, 1700086400000);
}

static void ids_rise(void)
{
    int64_t ahead = ((clock_real_ms() - ID_EPOCH_MS + 3600000) << 22) | 5 << 12;
    g_autoptr(IdMint) mint = id_mint_new(7, ahead);
    int64_t last = ahead;
    for (int i = 0; i < 10000; i++) {
        int64_t id = id_mint_next(mint);
        g_assert_cmpint(id, >, last);
        g_assert_cmpint((id >> 12) & 1023, ==, 7);
        last = id;
    }
    g_assert_cmpint(id_time_ms(id_floor(1800000000123)), ==, 1800000000123);
    g_assert_cmpint(id_floor(5), ==, 0);
}

static void *mint_many(void *data)
{
    int64_t *ids = g_new(int64_t, 20000);
    for (int i = 0; i < 20000; i++)
        ids[i] = id_mint_next(data);
    return ids;
}

static void ids_are_unique_over_threads(void)
{
    static const uint8_t spread[KEYHASH_KEY_SIZE] = "spread";
    g_autoptr(IdMint) mint = id_mint_new(0, 0);
    g_autoptr(KeyMap) seen = keymap_new(0);
    GThread *threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = g_thread_new("mint", mint_many, mint);
    for (int i = 0; i < 4; i++) {
        g_autofree int64_t *ids = g_thread_join(threads[i]);
        for (int j = 0; j < 20000; j++) {
            bool added;
            Hash128 key = keyhash128(spread, &ids[j], sizeof ids[j]);
            g_assert_true(keymap_add(seen, key, 1, NULL, &added));
            g_assert_true(added);
        }
    }
}

static void ids_are_read_strictly(void)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {{"1", true},
                 {"9223372036854775807", true},
                 {"9223372036854775808", false},
                 {"0", false},
                 {"01", false},
                 {"-1", false},
                 {"+1", false},
                 {" 1", false},
                 {"1x", false},
                 {"", false},
                 {"99999999999999999999", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t id;
        char text[ID_TEXT_SIZE];
        bool good = id_parse(slice_of(cases[i].text), &id, NULL);
        g_assert_cmpint(good, ==, cases[i].good);
        if (!good) continue;
        id_format(id, text);
        g_assert_cmpstr(text, ==, cases[i].text);
    }
    char text[ID_TEXT_SIZE];
    g_assert_cmpint((int)id_format(INT64_MIN, text), ==, 20);
    g_assert_cmpstr(text, ==, "-9223372036854775808");
}

/* Random puts and removes against GLib's table. */
static void map_equals_a_model(void)
{
    g_autoptr(KeyMap) map = keymap_new(10);
    GHashTable *model = g_hash_table_new(g_direct_hash, g_direct_equal);
    for (int i = 0; i < 400000; i++) {
        uint64_t number = (uint64_t)g_test_rand_int_range(0, 20000);
        Hash128 key = {number * 0x9E3779B97F4A7C15ull, number >> 3};
        if (g_test_rand_int_range(0, 3)) {
            g_assert_true(keymap_put(map, key, i));
            g_hash_table_insert(model, (void *)(uintptr_t)(number + 1), (void *)(intptr_t)(i + 1));
        } else {
            g_assert_cmpint(keymap_remove(map, key), ==,
                            g_hash_table_remove(model, (void *)(uintptr_t)(number + 1)));
        }
    }
    g_assert_cmpint((int)keymap_count(map), ==, (int)g_hash_table_size(model));
    for (uint64_t number = 0; number < 20000; number++) {
        int64_t value = -1;
        bool found =
            keymap_find(map, (Hash128){number * 0x9E3779B97F4A7C15ull, number >> 3}, &value);
        intptr_t want = (intptr_t)g_hash_table_lookup(model, (void *)(uintptr_t)(number + 1));
        g_assert_cmpint(found, ==, want != 0);
        if (found) g_assert_cmpint(value, ==, want - 1);
    }
    g_hash_table_destroy(model);
}

static bool count_up(Hash128 key, int64_t value, void *data)
{
    (void)key;
    *(int64_t *)data += value;
    return true;
}

static void hash_is_keyed_and_zero_is_a_key(void)
{
    static const uint8_t one[KEYHASH_KEY_SIZE] = {1}, two[KEYHASH_KEY_SIZE] = {2};
    g_assert_cmpuint(keyhash64(one, "ann", 3), ==, keyhash64(one, "ann", 3));
    g_assert_cmpuint(keyhash64(one, "ann", 3), !=, keyhash64(two, "ann", 3));
    /* SipHash-2-4, the paper's vector (appendix A): key 00..0f, message 00..0e. */
    uint8_t key[16], message[15];
    for (int i = 0; i < 16; i++)
        key[i] = (uint8_t)i;
    memcpy(message, key, 15);
    g_assert_cmpuint(keyhash64(key, message, 15), ==, 0xa129ca6149be45e5ull);
    g_autoptr(KeyMap) map = keymap_new(0);
    g_assert_true(keymap_put(map, (Hash128){0, 0}, 5));
    int64_t sum = 0, value;
    g_assert_true(keymap_find(map, (Hash128){0, 0}, &value));
    g_assert_true(keymap_each(map, count_up, &sum));
    g_assert_cmpint(value + sum, ==, 10);
    g_assert_true(keymap_remove(map, (Hash128){0, 0}));
    g_assert_false(keymap_find(map, (Hash128){0, 0}, NULL));
}

static void arena_has_a_ceiling(void)
{
    g_autoptr(Arena) arena = arena_new(10000);
    for (int round = 0; round < 3; round++) {
        g_assert_nonnull(arena_alloc(arena, 0));
        char *text = arena_copy(arena, "abc", 3);
        g_assert_cmpstr(text, ==, "abc");
        g_assert_cmpint((int)((uintptr_t)text % 16), ==, 0);
        g_assert_nonnull(arena_alloc(arena, 9000));
        g_assert_null(arena_alloc(arena, 2000));
        g_assert_null(arena_alloc0(arena, SIZE_MAX / 2, 3));
        g_assert_null(arena_alloc(arena, SIZE_MAX));
        g_assert_cmpstr(arena_printf(arena, "%d", 42), ==, "42");
        arena_reset(arena);
        g_assert_cmpint((int)arena_used(arena), ==, 0);
    }
}

static void buffer_has_a_maximum(void)
{
    g_auto(Buffer) buffer = BUFFER_INIT(10);
    g_assert_cmpstr(buffer_text(&buffer), ==, "");
    g_assert_true(buffer_append_text(&buffer, "12345"));
    g_assert_true(buffer_append_int(&buffer, -6789));
    g_assert_false(buffer_append_char(&buffer, 'x'));
    g_assert_true(buffer.failed);
    g_assert_cmpstr(buffer_text(&buffer), ==, "12345-6789");
    buffer_reset(&buffer);
    g_assert_true(buffer_append_printf(&buffer, "%05d", 7));
    g_autofree char *taken = buffer_steal(&buffer);
    g_assert_cmpstr(taken, ==, "00007");
    g_assert_cmpint((int)buffer.size, ==, 0);
}

static void text_is_checked_and_folded(void)
{
    static const struct {
        const char *why, *text;
        bool good;
    } cases[] = {
        {"ASCII", "plain text of more than eight bytes", true},
        {"two to four bytes", "ä€😀", true},
        {"overlong", "\xC0\xAF", false},
        {"overlong of three", "\xE0\x80\xAF", false},
        {"surrogate", "\xED\xA0\x80", false},
        {"beyond U+10FFFF", "\xF4\x90\x80\x80", false},
        {"cut", "abcdefgh\xE2\x82", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_assert_cmpint(text_utf8_check(cases[i].text, strlen(cases[i].text)), ==, cases[i].good);
    }
    g_assert_false(text_utf8_check("12345678\0", 9));
    g_assert_cmpint((int)text_cut(SLICE("aä"), 2).size, ==, 1);
    g_assert_true(slice_is(text_trim(SLICE("\u00A0 \t a b \n")), "a b"));
    g_assert_cmpint((int)text_trim(SLICE(" \n ")).size, ==, 0);
    g_autofree char *folded = text_fold(SLICE("MÜLLER Straße ﬁ"));
    g_assert_cmpstr(folded, ==, "müller strasse fi");
}

static void addresses_are_normalised(void)
{
    static const struct {
        const char *text, *want;
    } emails[] = {{" Ann@Example.COM ", "ann@example.com"},
                  {"ann+news@example.com", "ann+news@example.com"},
                  {"mailto:a@b.de", "a@b.de"},
                  {"ann@bücher.example", "ann@bücher.example"},
                  {"ann", NULL},
                  {"a@b", NULL},
                  {"a b@c.de", NULL},
                  {"a@@c.de", NULL},
                  {"@c.de", NULL},
                  {"a@.de", NULL},
                  {"a@c..de", NULL},
                  {"<a@c.de>", NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(emails); i++) {
        g_autofree char *got = text_email(slice_of(emails[i].text));
        g_assert_cmpstr(got, ==, emails[i].want);
    }
    static const struct {
        const char *text, *code, *want;
    } phones[] = {{"+49 (0)30 123-456", NULL, "+4930123456"},
                  {"0049 30 123456", NULL, "+4930123456"},
                  {"030/123456", "49", "+4930123456"},
                  {"030 123456", NULL, "030123456"},
                  {"+1.212.555.0100", NULL, "+12125550100"},
                  {"123", NULL, NULL},
                  {"call me", NULL, NULL},
                  {"+1234567890123456", NULL, NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(phones); i++) {
        g_autofree char *got = text_phone(slice_of(phones[i].text), phones[i].code);
        g_assert_cmpstr(got, ==, phones[i].want);
    }
}

static void rations_bound_the_share(void)
{
    int64_t now = 1000000000, done = 0, spent = 0;
    Ration ration = {0};
    for (int i = 0; i < 1000; i++) { /* asked every ms, a ms each */
        if (ration_allows(&ration, now)) ration_take(&ration, now, now + 1000), done++;
        now += 1000;
    }
    g_assert_cmpint(done, ==, 300); /* 5 s ahead and a twentieth of what passed */
    now += RATION_AHEAD_US + 20000;
    g_assert_true(ration_allows(&ration, now));
    ration_take(&ration, now, now + 1000000);
    for (int64_t end = now + 100000000; now < end; now += 100000) {
        if (!ration_allows(&ration, now)) continue;
        ration_take(&ration, now, now + 1000000);
        spent++;
    }
    g_assert_cmpint(spent, <=, 100 / RATION_SHARE + 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock/driven", clock_can_be_driven);
    g_test_add_func("/ids/rise", ids_rise);
    g_test_add_func("/ids/threads", ids_are_unique_over_threads);
    g_test_add_func("/ids/strict", ids_are_read_strictly);
    g_test_add_func("/keyhash/model", map_equals_a_model);
    g_test_add_func("/keyhash/keyed", hash_is_keyed_and_zero_is_a_key);
    g_test_add_func("/arena/ceiling", arena_has_a_ceiling);
    g_test_add_func("/buffer/maximum", buffer_has_a_maximum);
    g_test_add_func("/ration/share", rations_bound_the_share);
    g_test_add_func("/text/utf8_fold", text_is_checked_and_folded);
    g_test_add_func("/text/addresses", addresses_are_normalised);
    return g_test_run();
}
