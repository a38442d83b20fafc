/* Any bytes as an inventory: never a crash, never without an end. No file is read. */
#include <stdint.h>

#include "inventory/load/inventory_load.h"
#include "inventory/load/show.h"
#include "inventory/model/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(Findings) findings = findings_new(arena);
    g_autoptr(GString) out = g_string_new(NULL);
    const InventoryText text = { .file = "fuzz.yml", .bytes = (const char *)data, .length = size };
    const InventoryOptions options = { .text = &text };
    const Inventory *inventory = inventory_load(arena, &options, findings);

    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        LIST_FOREACH (const Instance, instance, &cluster->instances)
            instance_show(instance, out);
    }
    findings_sort(findings);
    LIST_FOREACH (const Finding, finding, &findings->items)
        finding_render(finding, FINDING_PLAIN, out);
    return 0;
}
