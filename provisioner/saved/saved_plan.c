/* Writing a saved plan, and taking its checksum. */
#include "provisioner/saved/saved_plan.h"

#include <string.h>

#include "base/json_writer.h"

/*
 * A saved plan is applied with the options that it was made with: another mode or --prune would
 * give other steps, and "stale" would be the wrong explanation.
 */
static void
write_options(JsonWriter *json, const SavedPlan *origin)
{
    json_begin_object(json, "options");
    json_write_string(json, "mode", origin->mode);
    LIST_FOREACH (const SavedOption, option, &origin->options)
        json_write_bool(json, option->name, option->value);
    json_end_object(json);
}

/*
 * Digests instead of contents: an inventory may contain passwords, and the reviewer only needs to
 * know which file has changed.
 */
static void
write_files(JsonWriter *json, const SavedPlan *origin)
{
    json_begin_array(json, "inventory_files");
    LIST_FOREACH (const FileDigest, file, &origin->files) {
        json_begin_object(json, NULL);
        json_write_string(json, "name", file->name);
        json_write_bool(json, "named", file->is_named);
        json_write_string(json, "sha256", file->sha256);
        json_end_object(json);
    }
    json_end_array(json);
}

/*
 * The checksum is the last member, and it is computed over every byte before it. It detects
 * accidents and edits; it is not a signature, because apply plans again and runs nothing from the
 * file.
 */
void
saved_plan_render(Arena *arena, const Plan *plan, const SavedPlan *origin, GString *out)
{
    g_autofree char *sum = NULL;
    JsonWriter json;

    json_writer_init(&json, out);
    json_begin_object(&json, NULL);
    plan_write_json(plan, PLAN_JSON_SAVED, &json);
    write_options(&json, origin);
    write_files(&json, origin);
    json_write_string(&json, "inventory_digest", file_digests_sum(arena, &origin->files));
    sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, out->str, (gssize)out->len);
    json_write_string(&json, "checksum", sum);
    json_end_object(&json);
}

const TargetPlan *
saved_plan_target(const SavedPlan *saved, const char *cluster)
{
    LIST_FOREACH (const TargetPlan, target, &saved->plan.targets) {
        if (strcmp(target->cluster->name, cluster) == 0)
            return target;
    }
    return NULL;
}
