/* One step as one line. */
#include "provisioner/apply/apply_log.h"

#include <string.h>

#include "base/json_writer.h"

/* One line of JSON for each step, written at once: a log that is followed shows where a run is. */
void
apply_log_step(const ApplyLog *log, const TargetPlan *target, const Step *step, const char *result)
{
    g_autoptr(GDateTime) now = NULL;
    g_autofree char *time = NULL;
    g_autoptr(GString) line = NULL;
    JsonWriter json;

    if (log == NULL)
        return;
    now = g_date_time_new_now_utc();
    time = g_date_time_format_iso8601(now);
    line = g_string_new(NULL);
    json_writer_init(&json, line);
    json_begin_object(&json, NULL);
    json_write_string(&json, "time", time);
    json_write_string(&json, "cluster", target->cluster->name);
    json_write_int(&json, "seq", step->seq);
    json_write_string(&json, "phase", phase_name(step->phase));
    json_write_string(&json, "action", action_name(step->action));
    json_write_string(&json, "database", step->database);
    json_write_string(&json, "sql", step->statements.count > 0 ? step->statements.items[0] : NULL);
    json_write_string(&json, "file", step->file);
    json_write_string(&json, "because", step->because.file);
    json_write_int(&json, "line", step->because.line);
    json_write_string(&json, "result", result);
    json_end_object(&json);
    g_strdelimit(line->str, "\n", ' ');
    g_strchomp(line->str);
    g_string_set_size(line, strlen(line->str));
    g_string_append_c(line, '\n');
    log->write(log->data, line->str);
}
