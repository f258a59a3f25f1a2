/* Any bytes as a file to import: refused, or planned and previewed, whatever its header claims. A
 * plan that was written down reads the file in the same way. */
#include <sys/mman.h>
#include <unistd.h>

#include "timeline/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void plan_again(const char *path, const ImportPlan *plan, json_t *preview)
{
    json_t *mapping = import_plan_mapping(plan), *assumed = import_plan_assumed(plan);
    ImportOptions options;
    g_assert_true(import_options_load(mapping, assumed, &options, NULL));
    options.kind = plan->kind;
    options.format = plan->format;
    options.mapping_only = true;
    g_autoptr(ImportPlan) again = import_plan_new(path, &options, NULL);
    g_assert_nonnull(again);
    json_t *second = import_preview(again, path);
    g_assert_true(json_equal(preview, second));
    json_decref(second);
    json_decref(mapping);
    json_decref(assumed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("import", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) return 0;
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    ImportOptions options = IMPORT_OPTIONS_NONE;
    g_strlcpy(options.currency, "EUR", sizeof(options.currency));
    g_strlcpy(options.zone, "UTC", sizeof(options.zone));
    g_autoptr(ImportPlan) plan = import_plan_new(path, &options, NULL);
    if (plan) {
        json_t *preview = import_preview(plan, path);
        plan_again(path, plan, preview);
        json_decref(preview);
    }
    close(fd);
    return 0;
}
