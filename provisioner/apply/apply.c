/* Grouping steps by transaction, keeping the right connection at hand, telling what happened. */
#include "provisioner/apply/apply.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "provisioner/apply/apply_log.h"
#include "provisioner/apply/held_up.h"
#include "provisioner/apply/lock_wait.h"
#include "provisioner/output/progress.h"
#include "provisioner/plan/outcome_check.h"
#include "provisioner/server/apply_lock.h"
#include "provisioner/server/interrupt.h"
#include "provisioner/server/pipeline.h"
#include "provisioner/server/quiet.h"
#include "provisioner/server/sql_text.h"

typedef struct Work {
    const ApplyInput *input;
    Session **main; /* in database postgres, with the lock */
    Session *own;   /* in another database, while its steps run */
    const char *own_database;
    Progress progress;
    unsigned done;
    HeldUp held;
    bool has_secrets;
    ApplyRetry retry;
    bool is_held_up;        /* the last transaction failed, and others can be run all the same */
    const char *blocked_by; /* who was in its way then; NULL: not known */
} Work;

/* The test build stops dead before step N where PGCHARTER_TEST_STOP=N is set, as kill -9 would. */
#ifdef PGCHARTER_TEST_HOOKS
static unsigned
test_stop(void)
{
    const char *text = getenv("PGCHARTER_TEST_STOP");

    return text == NULL ? 0 : (unsigned)g_ascii_strtoull(text, NULL, 10);
}
#endif

/*
 * The limit of a statement has to leave room for the wait: statement_timeout counts from its start.
 */
static bool
allow_writes(const Work *work, Session *session, GError **error)
{
    int limit = work->input->connection.seen->limits.statement_timeout_ms;
    int lock_timeout_ms = work->input->lock_timeout_ms;

    if (lock_timeout_ms == 0)
        limit = 0;
    else if (lock_timeout_ms != LOCK_TIMEOUT_MS_DEFAULT && limit > 0)
        limit = MAX(limit, lock_timeout_ms) + lock_timeout_ms;
    return session_allow_writes(session, lock_timeout_ms, limit, error);
}

static bool
prepare_session(Work *work, Session *session, bool take_role, GError **error)
{
    const TargetPlan *target = work->input->target;

    if (!allow_writes(work, session, error))
        return false;
    if (take_role && target->set_role != NULL &&
        !session_execute(session,
                         sql_render(work->input->arena, "statement/set_role.sql",
                                    (SqlValue[]){ { "role", target->set_role }, { 0 } }),
                         error))
        return false;
    /* The role taken may be the superuser that the session role is not. */
    return !work->has_secrets || quiet_session(session, error);
}

static void
close_own(Work *work)
{
    g_clear_pointer(&work->own, session_close);
    work->own_database = NULL;
}

/*
 * The advisory lock belongs to the session, so a new session has to take it again before any step.
 */
static bool
reopen_main(Work *work, GError **error)
{
    *work->main = session_open(&work->input->connection, "postgres", error);
    return *work->main != NULL &&
           apply_lock_take(work->input->arena, *work->main, work->input->wait_seconds, error) &&
           prepare_session(work, *work->main, true, error);
}

/*
 * The session for a step's database; NULL with an error. CREATE DATABASE fails while anybody is in
 * its template, so for a copy of postgres the main session leaves (and with it the lock) until it
 * is done.
 */
static Session *
session_for(Work *work, const Step *step, GError **error)
{
    bool main_is_in_the_way = !step->transactional && strcmp(step->connect, "postgres") != 0;

    if (!step->transactional)
        session_pool_clear(work->input->sessions);
    if (main_is_in_the_way)
        g_clear_pointer(work->main, session_close);
    else if (*work->main == NULL && !reopen_main(work, error))
        return NULL;
    if (*work->main != NULL && strcmp(step->connect, PQdb((*work->main)->connection)) == 0) {
        close_own(work);
        return *work->main;
    }
    if (work->own != NULL && strcmp(step->connect, work->own_database) == 0)
        return work->own;
    close_own(work);
    work->own =
        session_pool_take(work->input->sessions, &work->input->connection, step->connect, error);
    if (work->own == NULL || !prepare_session(work, work->own, true, error))
        return NULL;
    work->own_database = step->connect;
    return work->own;
}

static void
log_steps(const Work *work, const Step *const *steps, size_t count, const char *result)
{
    for (size_t i = 0; i < count; i++)
        apply_log_step(work->input->log, work->input->target, steps[i], result);
}

/*
 * The error of a step in one sentence: which step, where it was declared, what the server said, and
 * who was in the way. A statement that names hundreds of objects is cut; the log has all of it.
 */
static void
fail_step(const Work *work, const Step *step, const char *statement, GError *reason, GError **error)
{
    /* One that names hundreds of objects is for the log. */
    const glong shown = 200;
    g_autoptr(GString) place = g_string_new(NULL);
    size_t length =
        (size_t)(g_utf8_offset_to_pointer(statement, MIN(g_utf8_strlen(statement, -1), shown)) -
                 statement);

    if (step->because.origin != ORIGIN_NOBODY)
        g_string_append_printf(place, "declared at %s:%u", step->because.file, step->because.line);
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: step %u (%.*s%s) failed: %s%s%s; %s", work->input->target->cluster->name,
                step->seq, (int)length, statement, statement[length] == '\0' ? "" : "...",
                reason->message, work->blocked_by != NULL ? ": it waited for " : "",
                work->blocked_by != NULL ? work->blocked_by : "",
                place->len > 0 ? place->str : "nothing declares it");
}

/* One statement of a transaction. */
typedef struct Sent {
    const Step *step;              /* of BEGIN the first */
    const SqlStatement *statement; /* NULL: text is it */
    const char *text;
    const char *shown;         /* how an error names it; never with a secret */
    const OutcomeCheck *check; /* NULL: a statement of the step; else a question about its result */
} Sent;

typedef struct Transaction {
    Work *work;
    LockWait wait;
    const char *blockers; /* who was last reported to be in the way; NULL: nobody was */
    size_t answered;
    unsigned before;
    bool has_other_outcome; /* than the plan says */
    List sent;              /* Sent */
} Transaction;

static const char *
text_of(Arena *arena, const Sent *sent)
{
    return sent->statement != NULL ? sql_statement_to_run(arena, sent->statement) : sent->text;
}

static const char *
statement_text(size_t at, void *data)
{
    const Transaction *transaction = data;

    return text_of(transaction->work->input->arena, transaction->sent.items[at]);
}

static void
show_progress(size_t done, void *data)
{
    Transaction *transaction = data;

    transaction->answered = done;
    lock_wait_reset(&transaction->wait);
    progress_show(&transaction->work->progress, transaction->before + (unsigned)done);
}

/* Somebody else may have changed the same ACL since it was read: another plan would know. */
static char *
check_rows(size_t at, PGresult *result, void *data)
{
    Transaction *transaction = data;
    const Sent *sent = transaction->sent.items[at];
    char *failure = sent->check == NULL ? NULL : outcome_check_failure(sent->check, result);

    transaction->has_other_outcome = transaction->has_other_outcome || failure != NULL;
    return failure;
}

/* Looked at while nothing arrives: is somebody in the way, and is an end wanted? */
static bool
is_interrupted(void *data)
{
    Transaction *transaction = data;
    const ApplyInput *input = transaction->work->input;
    const char *blockers = lock_wait_blockers(&transaction->wait);

    if (blockers != NULL) {
        size_t at = MIN(transaction->answered, transaction->sent.count - 1);
        const Sent *sent = transaction->sent.items[at];

        transaction->blockers = blockers;
        progress_hide(&transaction->work->progress);
        input->waits(input->waits_data,
                     arena_printf(input->arena, "step %u waits for %s; try %u of %u",
                                  sent->step->seq, blockers, input->try_number, input->tries_max));
    }
    return interrupt_requested();
}

/* An error in it is the first step's, and named by its first statement. */
static void
add_begin(Transaction *transaction, const Step *step)
{
    Arena *arena = transaction->work->input->arena;
    Sent *sent = ARENA_NEW(arena, Sent);

    *sent = (Sent){ .step = step, .text = "BEGIN", .shown = step->statements.items[0] };
    list_add(arena, &transaction->sent, sent);
}

/*
 * What the steps say of privileges is asked for once all of them have run, but before roles and
 * schemas leave, as what they leave behind is not part of it.
 */
static void
add_checks(Transaction *transaction, const Step *const *steps, size_t count)
{
    Arena *arena = transaction->work->input->arena;

    for (size_t i = 0; i < count; i++) {
        LIST_FOREACH (const OutcomeCheck, check, &steps[i]->checks) {
            Sent *sent = ARENA_NEW(arena, Sent);

            *sent = (Sent){ .step = steps[i],
                            .text = check->sql,
                            .shown = steps[i]->statements.items[0],
                            .check = check };
            list_add(arena, &transaction->sent, sent);
        }
    }
}

/* BEGIN and the statements of the steps; COMMIT waits for all of their answers. */
static void
gather_statements(Transaction *transaction, const Step *const *steps, size_t count)
{
    Arena *arena = transaction->work->input->arena;
    bool are_checked = false;

    if (steps[0]->transactional)
        add_begin(transaction, steps[0]);
    for (size_t i = 0; i < count; i++) {
        if (!are_checked && steps[i]->phase >= PHASE_LEAVE) {
            add_checks(transaction, steps, count);
            are_checked = true;
        }
        for (size_t j = 0; j < steps[i]->sql.count; j++) {
            Sent *sent = ARENA_NEW(arena, Sent);

            *sent = (Sent){ .step = steps[i],
                            .statement = steps[i]->sql.items[j],
                            .shown = steps[i]->statements.items[j] };
            list_add(arena, &transaction->sent, sent);
        }
    }
    if (!are_checked)
        add_checks(transaction, steps, count);
}

#ifdef PGCHARTER_TEST_HOOKS
/* Runs what stands before the step to stop at, one by one, and then dies without a word. */
static void
stop_inside(Session *session, Arena *arena, const List *sent)
{
    unsigned stop = test_stop();

    LIST_FOREACH (const Sent, one, sent) {
        if (one->step->seq >= stop && g_strcmp0(one->text, "BEGIN") != 0)
            break;
        session_execute(session, text_of(arena, one), NULL);
    }
    kill(getpid(), SIGKILL);
}
#endif

/* object_in_use: a session is in the template of a CREATE DATABASE and may disconnect soon. */
#define SQLSTATE_IN_USE "55006"
/* lock_not_available: what lock_timeout ends. */
#define SQLSTATE_LOCKED "55P03"

static bool
is_disabling(const Step *step)
{
    return step->change != NULL && step->change->kind == CHANGE_ROLE_DISABLE;
}

/* What other sessions cause. 42710, 42P06, 42P04 and 23505 come when they made the same object a
 * moment before. */
static const char *const retried_states[] = { "40001", "40P01", SQLSTATE_LOCKED, SQLSTATE_IN_USE,
                                              "42710", "42P06", "42P04",         "23505",
                                              NULL };

/* What a step names was dropped or renamed after the plan: relation, column, function, schema, and
 * roles, types and the like. Parameters that no module has are 42704, too. */
static const char *const missing_states[] = { "42P01", "42703", "42883", "3F000", "42704", NULL };

/* "tuple concurrently updated" has no SQLSTATE of its own, only the functions that raise it. */
static const char *const retried_functions[] = { "simple_heap_update", "simple_heap_delete", NULL };

static bool
is_of_others(const Session *session)
{
    const SessionError *last = &session->last_error;

    return g_strv_contains(retried_states, last->sqlstate) ||
           (strcmp(last->sqlstate, "XX000") == 0 &&
            g_strv_contains(retried_functions, last->source_function));
}

/* GRANT looks an object up by its OID once more, and finds it gone: "cache lookup failed". */
static bool
is_missing(const Session *session)
{
    const SessionError *last = &session->last_error;

    return g_strv_contains(missing_states, last->sqlstate) ||
           (strcmp(last->sqlstate, "XX000") == 0 &&
            g_str_has_prefix(last->source_function, "ExecGrant"));
}

static bool
execute_patiently(Session *session, const char *statement, GError **error)
{
    const unsigned tries_max = 5;
    gulong pause = 200000;

    for (unsigned i = 1;; i++, pause *= 2) {
        g_autoptr(GError) failure = NULL;

        if (session_execute(session, statement, &failure))
            return true;
        if (i == tries_max || interrupt_requested() ||
            strcmp(session->last_error.sqlstate, SQLSTATE_IN_USE) != 0) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        g_usleep(pause);
    }
}

/* CREATE and DROP DATABASE cannot be part of a pipeline's implicit transaction, and take as long as
 * they take. */
static bool
run_alone(const Work *work, Session *session, const Step *step, GError **error)
{
    /* DROP DATABASE waits 5 s by itself for those who are in it, and who stays then means to. */
    bool (*execute)(Session *, const char *, GError **) =
        step->action == ACTION_DROP ? session_execute : execute_patiently;

    /* A database whose DROP was cancelled is invalid from then on (dbcommands.c dropdb()). */
    session->is_interruptible = step->action != ACTION_DROP;
    LIST_FOREACH (const SqlStatement, statement, &step->sql) {
        if (!session_limit_statements(session, 0, error) ||
            !execute(session, sql_statement_to_run(work->input->arena, statement), error) ||
            !allow_writes(work, session, error))
            return false;
    }
    return true;
}

/* What stays is said by who reports how many steps are done. */
static void
fail_interrupted(const Work *work, const Step *first, const Step *last, GError **error)
{
    const char *cluster = work->input->target->cluster->name;

    if (first == last)
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_INTERRUPTED,
                    "%s: interrupted; step %u was rolled back", cluster, first->seq);
    else
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_INTERRUPTED,
                    "%s: interrupted; the transaction of steps %u to %u was rolled back", cluster,
                    first->seq, last->seq);
}

/*
 * COMMIT is sent when every answer is known: a GRANT that the server only warned of must not be
 * committed. An error in it is the last step's.
 */
static bool
run_and_commit(Session *session, Transaction *transaction, size_t *ret_failed, GError **error)
{
    const PipelineHooks hooks = { show_progress, statement_text, check_rows, is_interrupted,
                                  transaction };

    if (!pipeline_run(session, transaction->sent.count, &hooks, ret_failed, error))
        return false;
    *ret_failed = transaction->sent.count - 1;
    return session_execute(session, "COMMIT", error);
}

/*
 * What waited too long for a lock is held up, and so is, in the last try, whatever other sessions
 * broke before. A role that leaves can break its own ALTER ROLE at will, so that one never ends the
 * run. As a role that is new only the first transaction can go on.
 */
static bool
holds_up_others(const Work *work, const Session *session, const Step *step, bool may_be_retried)
{
    const ApplyInput *input = work->input;
    const char *state = session->last_error.sqlstate;

    if (interrupt_requested() || PQstatus(session->connection) != CONNECTION_OK ||
        (step->seq == 1 && input->target->set_role_is_new))
        return false;
    if (!may_be_retried)
        return step->action == ACTION_DROP && strcmp(state, SQLSTATE_IN_USE) == 0;
    return strcmp(state, SQLSTATE_LOCKED) == 0 || is_disabling(step) ||
           input->try_number == input->tries_max;
}

/*
 * Judges a failed transaction before it is rolled back. Which statement it was that waited is not
 * known: the server keeps its answers until the end of the pipeline or a full buffer.
 */
static void
note_failure(Work *work, const Session *session, const Transaction *transaction)
{
    const Step *first = ((const Sent *)transaction->sent.items[0])->step;
    bool may_be_retried = (transaction->has_other_outcome || is_of_others(session)) &&
                          (first->transactional || first->action != ACTION_DROP);

    work->is_held_up = holds_up_others(work, session, first, may_be_retried);
    if (may_be_retried)
        work->retry = APPLY_RETRY;
    else if (is_missing(session))
        work->retry = APPLY_RETRY_OTHER_PLAN;
    else if (!work->is_held_up)
        work->retry = APPLY_RETRY_NOT;
    work->blocked_by = may_be_retried ? transaction->blockers : NULL;
}

static bool
run_transaction(Work *work, const Step *const *steps, size_t count, GError **error)
{
    g_autoptr(GError) reason = NULL;
    Transaction transaction = { .work = work, .before = work->done };
    size_t failed = 0;
    Session *session = NULL;
    bool ok = false;

    work->is_held_up = false;
    work->blocked_by = NULL;
    session = session_for(work, steps[0], error);
    if (session == NULL)
        return false;
    transaction.wait = (LockWait){ .arena = work->input->arena,
                                   .connection = &work->input->connection,
                                   .target = work->input->target,
                                   .backend_pid = session->backend_pid,
                                   .lock_timeout_ms = work->input->lock_timeout_ms };
    lock_wait_reset(&transaction.wait);
    session->last_error = (SessionError){ 0 };
    gather_statements(&transaction, steps, count);
#ifdef PGCHARTER_TEST_HOOKS
    if (test_stop() >= steps[0]->seq && test_stop() <= steps[count - 1]->seq)
        stop_inside(session, work->input->arena, &transaction.sent);
#endif
    ok = steps[0]->transactional ? run_and_commit(session, &transaction, &failed, &reason)
                                 : run_alone(work, session, steps[0], &reason);
    lock_wait_clear(&transaction.wait);
    log_steps(work, steps, count, ok ? "done" : "failed");
    if (ok)
        return true;
    note_failure(work, session, &transaction);
    session_rollback(session);
    if (interrupt_requested()) {
        fail_interrupted(work, steps[0], steps[count - 1], error);
    } else if (steps[0]->transactional) {
        const Sent *refused = transaction.sent.items[failed];

        fail_step(work, refused->step, refused->shown, reason, error);
    } else {
        fail_step(work, steps[0], steps[0]->statements.items[0], reason, error);
    }
    return false;
}

/*
 * NOLOGIN of one role. A role that wants to stay locks its row of pg_authid or changes it over and
 * over: its sessions end first, and where it has connected again meanwhile, it is tried once more.
 */
static bool
run_disabling(Work *work, const Step *step, GError **error)
{
    const unsigned tries_max = 3;
    bool ok = false;

    for (unsigned i = 0; !ok && i < tries_max; i++) {
        g_clear_error(error);
        if (*work->main != NULL)
            session_execute(*work->main,
                            sql_render(work->input->arena, "statement/end_sessions.sql",
                                       (SqlValue[]){ { "role", step->name }, { 0 } }),
                            NULL);
        ok = run_transaction(work, &step, 1, error);
        if (!work->is_held_up || strcmp((*work->main)->last_error.sqlstate, SQLSTATE_LOCKED) == 0)
            break;
    }
    return ok;
}

/* Whether it is worth while to run the steps again, each by itself. */
static bool
is_to_be_divided(const Work *work, const Step *const *steps, size_t count)
{
    return held_up_is_divisible(steps, count) && (count > 1 || work->blocked_by == NULL);
}

/* False for a failure that ends the run; what is held up is added to work->held. */
static bool
run_each(Work *work, const Step *const *steps, size_t count, GError **error)
{
    for (size_t i = 0; i < count; i++) {
        g_autoptr(GError) failure = NULL;

        if (!held_up_allows(&work->held, &steps[i], 1)) {
            held_up_add(&work->held, &steps[i], 1, NULL);
        } else if (is_disabling(steps[i]) ? run_disabling(work, steps[i], &failure)
                                          : run_transaction(work, &steps[i], 1, &failure)) {
            work->done++;
        } else if (work->is_held_up) {
            held_up_add(&work->held, &steps[i], 1,
                        arena_strdup(work->input->arena, failure->message));
        } else {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
    }
    return true;
}

/* The same for the steps of one transaction. */
static bool
run_together(Work *work, const Step *const *steps, size_t count, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (!held_up_allows(&work->held, steps, count)) {
        if (held_up_is_divisible(steps, count))
            return run_each(work, steps, count, error);
        held_up_add(&work->held, steps, count, NULL);
        return true;
    }
    if (run_transaction(work, steps, count, &failure)) {
        work->done += (unsigned)count;
        return true;
    }
    if (!work->is_held_up) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (is_to_be_divided(work, steps, count))
        return run_each(work, steps, count, error);
    held_up_add(&work->held, steps, count, arena_strdup(work->input->arena, failure->message));
    return true;
}

/* One sentence of what was held up and, where something did, what ended the run. */
static void
fail_run(const Work *work, const GError *last, GError **error)
{
    g_autofree char *prefix = g_strdup_printf("%s: ", work->input->target->cluster->name);
    g_autoptr(GString) message = g_string_new(NULL);
    List reasons = list_duplicate(work->input->arena, &work->held.reasons);

    if (last != NULL)
        list_add(work->input->arena, &reasons, last->message);
    LIST_FOREACH (const char, reason, &reasons) {
        if (message->len > 0)
            g_string_append(message, "; ");
        g_string_append(message, message->len > 0 && g_str_has_prefix(reason, prefix)
                                     ? reason + strlen(prefix)
                                     : reason);
    }
    g_set_error_literal(error, PGCHARTER_ERROR,
                        interrupt_requested() ? PGCHARTER_ERROR_INTERRUPTED : PGCHARTER_ERROR_WORLD,
                        message->str);
}

/* Steps of one transaction are next to each other: plan.c numbers them in order. */
static bool
run_transactions(Work *work, const Step *const *steps, size_t count, GError **error)
{
    const TargetPlan *target = work->input->target;
    size_t start = 0;

    for (size_t i = 1; i <= count; i++) {
        if (i < count && steps[i]->transaction == steps[start]->transaction)
            continue;
        if (interrupt_requested()) {
            g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_INTERRUPTED,
                        "%s: interrupted before step %u", target->cluster->name, steps[start]->seq);
            return false;
        }
        if (!run_together(work, steps + start, i - start, error))
            return false;
        /* The role that the rest runs as exists only now. */
        if (start == 0 && target->set_role_is_new && *work->main != NULL &&
            !prepare_session(work, *work->main, true, error))
            return false;
        start = i;
    }
    return true;
}

static bool
run_all(Work *work, GError **error)
{
    const TargetPlan *target = work->input->target;
    const Step **steps = ARENA_NEW_ARRAY(work->input->arena, const Step *, target->steps.count);
    size_t count = 0;
    g_autoptr(GError) last = NULL;

    /* Those that are no SQL are the last ones, and apply_hba()'s. */
    LIST_FOREACH (const Step, step, &target->steps) {
        if (step->hba == NULL)
            steps[count++] = step;
    }
    if (run_transactions(work, steps, count, &last) && work->held.reasons.count == 0)
        return true;
    if (work->held.reasons.count == 0)
        g_propagate_error(error, g_steal_pointer(&last));
    else
        fail_run(work, last, error);
    return false;
}

bool
apply_target(const ApplyInput *input, Session **session, ApplyResult *ret_result, GError **error)
{
    Work work = { .input = input, .main = session, .held = { .arena = input->arena } };
    bool ok = false;

    LIST_FOREACH (const Step, step, &input->target->steps)
        work.has_secrets = work.has_secrets || step->secret;
    progress_start(&work.progress, input->progress, input->target->cluster->name,
                   (unsigned)input->target->steps.count, "steps");
    /* A CREATE DATABASE that failed has left no session behind. */
    ok = (*session == NULL
              ? reopen_main(&work, error)
              : prepare_session(&work, *session, !input->target->set_role_is_new, error)) &&
         run_all(&work, error);
    close_own(&work);
    progress_end(&work.progress);
    *ret_result = (ApplyResult){
        .steps_done = work.done,
        .retry = ok ? APPLY_RETRY_NOT : work.retry,
    };
    return ok;
}
