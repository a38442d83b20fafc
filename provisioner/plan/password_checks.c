/* Comparing and hashing on threads; the arithmetic is roles/password's. */
#include "provisioner/plan/password_checks.h"

#include <sys/resource.h>

struct DeferredVerifier {
    PasswordCheck check;
    PasswordResult result;
    PasswordChecks *checks;
    const char *made; /* NULL until it is */
    bool is_being_made;
};

struct PasswordChecks {
    Arena *arena;
    Arena *made; /* of the verifiers: `arena` is not ours alone, and no arena takes two threads */
    GMutex lock; /* of what threads share */
    GCond one_is_made;
    GHashTable *by_role; /* role name -> DeferredVerifier */
    GHashTable *results; /* role name -> PasswordResult */
    GPtrArray *open;     /* DeferredVerifier: not compared yet */
    GPtrArray *threads;  /* GThread, while they compare */
    gint next;           /* of the open ones */
    gint compared;       /* of the open ones */
    PasswordWatch watch;
    GPtrArray *deferred; /* DeferredVerifier: whose verifier has to be made */
    guint next_deferred;
    GPtrArray *makers; /* GThread */
    bool is_ending;
};

PasswordChecks *
password_checks_new(Arena *arena)
{
    PasswordChecks *checks = g_new0(PasswordChecks, 1);

    checks->arena = arena;
    checks->made = arena_new();
    g_mutex_init(&checks->lock);
    g_cond_init(&checks->one_is_made);
    checks->by_role = g_hash_table_new(g_str_hash, g_str_equal);
    checks->results = g_hash_table_new(g_str_hash, g_str_equal);
    checks->open = g_ptr_array_new();
    checks->threads = g_ptr_array_new();
    checks->deferred = g_ptr_array_new();
    checks->makers = g_ptr_array_new();
    return checks;
}

void
password_checks_free(PasswordChecks *checks)
{
    if (checks == NULL)
        return;
    password_checks_finish(checks);
    g_mutex_lock(&checks->lock);
    checks->is_ending = true;
    g_mutex_unlock(&checks->lock);
    for (guint i = 0; i < checks->makers->len; i++)
        g_thread_join(g_ptr_array_index(checks->makers, i));
    g_ptr_array_free(checks->makers, TRUE);
    arena_free(checks->made);
    g_ptr_array_free(checks->deferred, TRUE);
    g_cond_clear(&checks->one_is_made);
    g_mutex_clear(&checks->lock);
    g_hash_table_destroy(checks->results);
    g_hash_table_destroy(checks->by_role);
    g_ptr_array_free(checks->open, TRUE);
    g_ptr_array_free(checks->threads, TRUE);
    g_free(checks);
}

void
password_checks_watch(PasswordChecks *checks, PasswordWatch watch)
{
    checks->watch = watch;
}

/* The same check is not hashed twice when a server is read again after its catalog moved. */
void
password_checks_add(PasswordChecks *checks, const PasswordCheck *check)
{
    DeferredVerifier *item = g_hash_table_lookup(checks->by_role, check->role_name);

    if (item != NULL && password_check_equal(&item->check, check))
        return;
    item = ARENA_NEW(checks->arena, DeferredVerifier);
    item->check = *check;
    item->checks = checks;
    g_hash_table_insert(checks->by_role, (gpointer)check->role_name, item);
    g_ptr_array_add(checks->open, item);
}

static void
compare(DeferredVerifier *item)
{
    PasswordComparison comparison = password_check_compare(&item->check);

    item->result = (PasswordResult){ .changes = comparison != PASSWORD_IS_EQUAL };
    if (comparison == PASSWORD_DIFFERS)
        item->result.verifier = item->check.declared;
    else if (comparison == PASSWORD_NEEDS_HASHING)
        item->result.deferred = item;
}

/*
 * Takes an open check, or gives false: there are none. An atomic counter hands out the work: checks
 * differ in cost by the iteration count, so a fixed share for each thread would leave some idle.
 */
static bool
compare_next(PasswordChecks *checks)
{
    gint at = g_atomic_int_add(&checks->next, 1);

    if (at >= (gint)checks->open->len)
        return false;
    compare(g_ptr_array_index(checks->open, (guint)at));
    g_atomic_int_inc(&checks->compared);
    return true;
}

static gpointer
compare_all(gpointer data)
{
    while (compare_next(data))
        continue;
    return NULL;
}

static void
tell_watch(const PasswordChecks *checks, size_t done)
{
    if (checks->watch.compared != NULL)
        checks->watch.compared(checks->watch.data, done, checks->open->len);
}

/* PBKDF2 with 4096 iterations takes milliseconds; a thousand roles are worth all processors. */
void
password_checks_start(PasswordChecks *checks, int threads)
{
    guint wanted = threads > 0 ? (guint)threads : g_get_num_processors();

    checks->next = 0;
    checks->compared = 0;
    for (guint i = 0; i < MIN(wanted, checks->open->len); i++)
        g_ptr_array_add(checks->threads, g_thread_new("passwords", compare_all, checks));
}

/* The calling thread helps instead of waiting. */
void
password_checks_finish(PasswordChecks *checks)
{
    if (checks->threads->len == 0)
        return;
    tell_watch(checks, 0);
    while (compare_next(checks))
        tell_watch(checks, (size_t)g_atomic_int_get(&checks->compared));
    for (guint i = 0; i < checks->threads->len; i++)
        g_thread_join(g_ptr_array_index(checks->threads, i));
    g_ptr_array_set_size(checks->threads, 0);
    tell_watch(checks, checks->open->len);
    g_mutex_lock(&checks->lock);
    for (guint i = 0; i < checks->open->len; i++) {
        DeferredVerifier *item = g_ptr_array_index(checks->open, i);

        g_hash_table_insert(checks->results, (gpointer)item->check.role_name, &item->result);
        if (item->result.deferred != NULL)
            g_ptr_array_add(checks->deferred, item);
    }
    g_mutex_unlock(&checks->lock);
    g_ptr_array_set_size(checks->open, 0);
}

GHashTable *
password_checks_results(const PasswordChecks *checks)
{
    return checks->results;
}

/* With the lock held, which it gives back while it computes. */
static void
make_verifier(PasswordChecks *checks, DeferredVerifier *item)
{
    g_autoptr(Arena) scratch = arena_new();
    const char *made = NULL;

    item->is_being_made = true;
    g_mutex_unlock(&checks->lock);
    made = password_check_hash(scratch, &item->check);
    g_mutex_lock(&checks->lock);
    item->made = arena_strdup(checks->made, made);
    g_cond_broadcast(&checks->one_is_made);
}

/*
 * A verifier that somebody already waits for is made by the one who waits; others are made in the
 * order of the plan.
 */
static gpointer
make_all(gpointer data)
{
    PasswordChecks *checks = data;

    /* On Linux a thread's own: a server on this machine goes first. */
    setpriority(PRIO_PROCESS, 0, 10);
    g_mutex_lock(&checks->lock);
    while (!checks->is_ending && checks->next_deferred < checks->deferred->len) {
        DeferredVerifier *item = g_ptr_array_index(checks->deferred, checks->next_deferred++);

        if (!item->is_being_made)
            make_verifier(checks, item);
    }
    g_mutex_unlock(&checks->lock);
    return NULL;
}

void
password_checks_hash_ahead(PasswordChecks *checks, int threads)
{
    guint wanted = threads > 0 ? (guint)threads : g_get_num_processors();

    for (guint i = checks->makers->len; i < MIN(wanted, checks->deferred->len); i++)
        g_ptr_array_add(checks->makers, g_thread_new("verifiers", make_all, checks));
}

/* Const for callers, which only read; the lock protects what changes inside. */
const char *
deferred_verifier_wait(const DeferredVerifier *deferred)
{
    PasswordChecks *checks = deferred->checks;
    DeferredVerifier *mine = (DeferredVerifier *)deferred;
    const char *made = NULL;

    g_mutex_lock(&checks->lock);
    if (!mine->is_being_made)
        make_verifier(checks, mine);
    while (mine->made == NULL)
        g_cond_wait(&checks->one_is_made, &checks->lock);
    made = mine->made;
    g_mutex_unlock(&checks->lock);
    return made;
}
