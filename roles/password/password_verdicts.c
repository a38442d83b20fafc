/* Which declared passwords differ from the stored verifiers, and new verifiers, on all cores while
 * the server works. */
#include <string.h>
#include <sys/resource.h>

#include "roles/password/password.h"

struct PasswordVerdicts {
    Arena *arena;
    Arena *made; /* of the verifiers: the other one is not only ours */
    GMutex lock; /* of what threads share */
    GCond one_is_made;
    GHashTable *by_role;
    GPtrArray *open;
    GPtrArray *threads; /* GThread, while they answer */
    gint next;          /* of the open questions */
    GPtrArray *to_come; /* questions whose verifier has to be made */
    guint next_to_come;
    GPtrArray *makers; /* GThread */
    bool is_ending;
};

PasswordVerdicts *
password_verdicts_new(Arena *arena)
{
    PasswordVerdicts *verdicts = g_new0(PasswordVerdicts, 1);

    verdicts->arena = arena;
    verdicts->made = arena_new();
    g_mutex_init(&verdicts->lock);
    verdicts->by_role = g_hash_table_new(g_str_hash, g_str_equal);
    verdicts->open = g_ptr_array_new();
    verdicts->threads = g_ptr_array_new();
    verdicts->to_come = g_ptr_array_new();
    verdicts->makers = g_ptr_array_new();
    g_cond_init(&verdicts->one_is_made);
    return verdicts;
}

void
password_verdicts_free(PasswordVerdicts *verdicts)
{
    if (verdicts == NULL)
        return;
    password_verdicts_finish(verdicts);
    g_mutex_lock(&verdicts->lock);
    verdicts->is_ending = true;
    g_mutex_unlock(&verdicts->lock);
    for (guint i = 0; i < verdicts->makers->len; i++)
        g_thread_join(g_ptr_array_index(verdicts->makers, i));
    g_ptr_array_free(verdicts->makers, TRUE);
    arena_free(verdicts->made);
    g_ptr_array_free(verdicts->to_come, TRUE);
    g_cond_clear(&verdicts->one_is_made);
    g_mutex_clear(&verdicts->lock);
    g_hash_table_destroy(verdicts->by_role);
    g_ptr_array_free(verdicts->open, TRUE);
    g_ptr_array_free(verdicts->threads, TRUE);
    g_free(verdicts);
}

static bool
is_same_question(const PasswordQuestion *a, const PasswordQuestion *b)
{
    return g_strcmp0(a->plaintext, b->plaintext) == 0 && g_strcmp0(a->declared, b->declared) == 0 &&
           g_strcmp0(a->stored, b->stored) == 0 && a->stored_is_unknown == b->stored_is_unknown &&
           a->as_md5 == b->as_md5 && a->iterations == b->iterations;
}

void
password_verdicts_ask(PasswordVerdicts *verdicts, const PasswordQuestion *question)
{
    PasswordQuestion *copy = g_hash_table_lookup(verdicts->by_role, question->role_name);

    if (copy != NULL && is_same_question(copy, question))
        return;
    copy = ARENA_NEW(verdicts->arena, PasswordQuestion);
    *copy = *question;
    copy->asked_of = verdicts;
    g_hash_table_insert(verdicts->by_role, (gpointer)copy->role_name, copy);
    g_ptr_array_add(verdicts->open, copy);
}

/*
 * Equal means no change, and the salt is kept: PgBouncer passes SCRAM through only while it knows
 * the same verifier. An MD5 secret under a plaintext is replaced by SCRAM, unless MD5 is wanted.
 */
static void
answer(PasswordQuestion *question)
{
    if (question->plaintext == NULL) {
        question->verdict = (PasswordVerdict){
            .changes =
                question->stored_is_unknown || g_strcmp0(question->declared, question->stored) != 0,
            .verifier = question->declared,
        };
        return;
    }
    if (question->stored != NULL &&
        (question->as_md5 || !g_str_has_prefix(question->stored, "md5")) &&
        password_matches(question->plaintext, question->role_name, question->stored))
        return;
    question->verdict = (PasswordVerdict){ .changes = true,
                                           .verifier = PASSWORD_VERIFIER_TO_COME,
                                           .to_come = question };
}

/* Takes open questions until there are none. */
static gpointer
work(gpointer data)
{
    PasswordVerdicts *verdicts = data;

    for (;;) {
        gint at = g_atomic_int_add(&verdicts->next, 1);

        if (at >= (gint)verdicts->open->len)
            return NULL;
        answer(g_ptr_array_index(verdicts->open, (guint)at));
    }
}

void
password_verdicts_start(PasswordVerdicts *verdicts, int threads)
{
    guint wanted = threads > 0 ? (guint)threads : g_get_num_processors();

    verdicts->next = 0;
    for (guint i = 0; i < MIN(wanted, verdicts->open->len); i++)
        g_ptr_array_add(verdicts->threads, g_thread_new("passwords", work, verdicts));
}

void
password_verdicts_finish(PasswordVerdicts *verdicts)
{
    if (verdicts->threads->len == 0)
        return;
    work(verdicts);
    for (guint i = 0; i < verdicts->threads->len; i++)
        g_thread_join(g_ptr_array_index(verdicts->threads, i));
    g_ptr_array_set_size(verdicts->threads, 0);
    g_mutex_lock(&verdicts->lock);
    for (guint i = 0; i < verdicts->open->len; i++) {
        PasswordQuestion *question = g_ptr_array_index(verdicts->open, i);

        if (question->verdict.to_come != NULL)
            g_ptr_array_add(verdicts->to_come, question);
    }
    g_mutex_unlock(&verdicts->lock);
    g_ptr_array_set_size(verdicts->open, 0);
}

PasswordVerdict
password_verdicts_of(const PasswordVerdicts *verdicts, const char *role_name)
{
    const PasswordQuestion *question = g_hash_table_lookup(verdicts->by_role, role_name);

    return question != NULL ? question->verdict : (PasswordVerdict){ .changes = false };
}

/* With the lock held, which it gives back while it computes. */
static void
make_verifier(PasswordVerdicts *verdicts, PasswordQuestion *question)
{
    g_autoptr(Arena) scratch = arena_new();
    const char *made = NULL;

    question->is_being_made = true;
    g_mutex_unlock(&verdicts->lock);
    made = question->as_md5
               ? password_md5_verifier(scratch, question->plaintext, question->role_name)
               : password_scram_verifier(scratch, question->plaintext, question->iterations);
    g_mutex_lock(&verdicts->lock);
    question->made = arena_strdup(verdicts->made, made);
    g_cond_broadcast(&verdicts->one_is_made);
}

static gpointer
make_all(gpointer data)
{
    PasswordVerdicts *verdicts = data;

    /* On Linux a thread's own: a server on this machine goes first. */
    setpriority(PRIO_PROCESS, 0, 10);
    g_mutex_lock(&verdicts->lock);
    while (!verdicts->is_ending && verdicts->next_to_come < verdicts->to_come->len) {
        PasswordQuestion *question = g_ptr_array_index(verdicts->to_come, verdicts->next_to_come++);

        if (!question->is_being_made)
            make_verifier(verdicts, question);
    }
    g_mutex_unlock(&verdicts->lock);
    return NULL;
}

void
password_verdicts_begin(PasswordVerdicts *verdicts, int threads)
{
    guint wanted = threads > 0 ? (guint)threads : g_get_num_processors();

    for (guint i = verdicts->makers->len; i < MIN(wanted, verdicts->to_come->len); i++)
        g_ptr_array_add(verdicts->makers, g_thread_new("verifiers", make_all, verdicts));
}

const char *
password_verifier_of(const PasswordQuestion *question)
{
    PasswordVerdicts *verdicts = question->asked_of;
    PasswordQuestion *mine = (PasswordQuestion *)question;
    const char *made = NULL;

    g_mutex_lock(&verdicts->lock);
    if (!mine->is_being_made)
        make_verifier(verdicts, mine);
    while (mine->made == NULL)
        g_cond_wait(&verdicts->one_is_made, &verdicts->lock);
    made = mine->made;
    g_mutex_unlock(&verdicts->lock);
    return made;
}
