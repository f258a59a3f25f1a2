/* tools/replay.c: runs one fuzz target over its seeds, without a fuzzer.
 *
 * Linked to a x_fuzz.c in place of libFuzzer, so that `./dev check` replays every seed under ASan
 * and UBSan with any compiler. Each seed is one TAP case: the file as it is, each of its prefixes
 * (at most PREFIXES_MAX), and at most FLIPS_MAX copies with one byte changed. Deterministic.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PREFIXES_MAX = 256, FLIPS_MAX = 256 };

/* A copy of exact size on the heap, so that one byte too far is seen. */
static void feed(const uint8_t *data, size_t size)
{
    g_autofree uint8_t *copy = g_memdup2(data, size);
    uint8_t none = 0;
    LLVMFuzzerTestOneInput(size > 0 ? copy : &none, size);
}

static void feed_prefixes(const uint8_t *data, size_t size)
{
    size_t step = size / PREFIXES_MAX + 1;
    for (size_t length = 0; length < size; length += step)
        feed(data, length);
}

static void feed_flips(const uint8_t *data, size_t size)
{
    static const uint8_t values[] = {0x00, 0xff, '"', '\\', '{', ',', '\n', 0x80};
    g_autofree uint8_t *copy = g_memdup2(data, size);
    size_t step = size / FLIPS_MAX + 1;
    for (size_t at = 0, turn = 0; at < size; at += step, turn++) {
        uint8_t kept = copy[at];
        copy[at] = values[turn % G_N_ELEMENTS(values)];
        feed(copy, size);
        copy[at] = kept;
    }
}

static bool replay(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL), *text = NULL;
    gsize size = 0;
    if (!g_file_get_contents(path, &text, &size, NULL)) return false;
    feed((const uint8_t *)text, size);
    feed_prefixes((const uint8_t *)text, size);
    feed_flips((const uint8_t *)text, size);
    return true;
}

int main(int argc, char **argv)
{
    g_autoptr(GDir) folder = argc > 1 ? g_dir_open(argv[1], 0, NULL) : NULL;
    if (!folder) {
        g_print("not ok 1 no folder of seeds: %s\n1..1\n", argc > 1 ? argv[1] : "not named");
        return 1;
    }
    const char *name;
    unsigned count = 0;
    bool good = true;
    while ((name = g_dir_read_name(folder))) {
        bool ok = replay(argv[1], name);
        g_print("%s %u seed %s\n", ok ? "ok" : "not ok", ++count, name);
        good = good && ok;
    }
    g_print("1..%u\n", count);
    return good && count > 0 ? 0 : 1;
}
