/* One event as one line. */
#include "provisioner/apply/apply_log.h"

#include "base/json_writer.h"

/* Opens a record with what all of them have. */
static void
begin_record(JsonWriter *json, GString *line, const Cluster *cluster, const char *event)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *time = g_date_time_format_iso8601(now);

    json_writer_init_line(json, line);
    json_begin_object(json, NULL);
    json_write_string(json, "time", time);
    json_write_string(json, "event", event);
    json_write_string(json, "cluster", cluster->name);
}

/* Written at once: a log that is followed shows where a run is. */
static bool
end_record(const ApplyLog *log, JsonWriter *json)
{
    json_end_object(json);
    return log->write(log->data, json->out->str);
}

static void
write_caller(JsonWriter *json)
{
    json_write_string(json, "version", PGCHARTER_VERSION);
    json_write_string(json, "os_user", g_get_user_name());
    json_write_string(json, "host", g_get_host_name());
}

bool
apply_log_start(const ApplyLog *log, const TargetPlan *target, const char *session_role)
{
    g_autoptr(GString) line = g_string_new(NULL);
    JsonWriter json;

    if (log == NULL)
        return true;
    begin_record(&json, line, target->cluster, "start");
    write_caller(&json);
    json_write_string(&json, "session_role", session_role);
    json_write_string(&json, "set_role", target->set_role);
    json_write_string(&json, "server_host", target->server.host);
    json_write_string(&json, "server_port", target->server.port);
    json_write_string(&json, "system_identifier", target->server.system_identifier);
    json_write_int(&json, "steps", (int64_t)target->steps.count);
    return end_record(log, &json);
}

void
apply_log_step(const ApplyLog *log, const TargetPlan *target, const Step *step, const char *result)
{
    g_autoptr(GString) line = g_string_new(NULL);
    JsonWriter json;

    if (log == NULL)
        return;
    begin_record(&json, line, target->cluster, "step");
    json_write_int(&json, "seq", step->seq);
    json_write_string(&json, "phase", phase_name(step->phase));
    json_write_string(&json, "action", action_name(step->action));
    json_write_string(&json, "database", step->database);
    json_write_string(&json, "sql", step->statements.count > 0 ? step->statements.items[0] : NULL);
    json_begin_array(&json, "statements");
    for (size_t i = 0; i < step->statements.count; i++)
        json_write_string(&json, NULL, step->statements.items[i]);
    json_end_array(&json);
    json_write_string(&json, "file", step->file);
    json_write_string(&json, "because", step->because.file);
    json_write_int(&json, "line", step->because.line);
    json_write_string(&json, "result", result);
    end_record(log, &json);
}

void
apply_log_stale(const ApplyLog *log, const TargetPlan *target, const char *message,
                const List *details)
{
    g_autoptr(GString) line = g_string_new(NULL);
    JsonWriter json;

    if (log == NULL)
        return;
    begin_record(&json, line, target->cluster, "stale");
    json_write_string(&json, "message", message);
    json_begin_array(&json, "details");
    LIST_FOREACH (const char, detail, details)
        json_write_string(&json, NULL, detail);
    json_end_array(&json);
    end_record(log, &json);
}

void
apply_log_end(const ApplyLog *log, const TargetPlan *target, unsigned steps_done,
              const char *failure)
{
    g_autoptr(GString) line = g_string_new(NULL);
    JsonWriter json;

    if (log == NULL)
        return;
    begin_record(&json, line, target->cluster, "end");
    json_write_string(&json, "result", failure == NULL ? "done" : "failed");
    json_write_int(&json, "steps_done", steps_done);
    json_write_int(&json, "steps", (int64_t)target->steps.count);
    json_write_string(&json, "error", failure);
    end_record(log, &json);
}

bool
apply_log_hba_start(const ApplyLog *log, const Cluster *cluster, const char *instance,
                    const char *method)
{
    g_autoptr(GString) line = g_string_new(NULL);
    JsonWriter json;

    if (log == NULL)
        return true;
    begin_record(&json, line, cluster, "hba-start");
    write_caller(&json);
    json_write_string(&json, "instance", instance);
    json_write_string(&json, "method", method);
    return end_record(log, &json);
}

void
apply_log_hba_end(const ApplyLog *log, const Cluster *cluster, const char *instance,
                  const char *outcome, const char *failure)
{
    g_autoptr(GString) line = g_string_new(NULL);
    JsonWriter json;

    if (log == NULL)
        return;
    begin_record(&json, line, cluster, "hba-end");
    json_write_string(&json, "instance", instance);
    json_write_string(&json, "result", failure == NULL ? "done" : "failed");
    json_write_string(&json, "outcome", outcome);
    json_write_string(&json, "error", failure);
    end_record(log, &json);
}
