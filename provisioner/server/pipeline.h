/*
 * Pipeline: many statements over one connection without waiting for each answer. The statements are
 * sent while answers are read (a large plan would otherwise fill both buffers and stand still), all
 * inside one implicit pipeline that the first error aborts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "provisioner/server/session.h"

typedef struct PipelineHooks {
    /* Told after each answer: how many statements are done. */
    void (*progress)(size_t done, void *data);
    /* Gives the statement to send next; may take its time. */
    const char *(*text)(size_t at, void *data);
    /*
     * Looks at the rows that a statement gave. What it finds wrong with them is a failure of that
     * statement: a message, which the pipeline frees. NULL: nothing is.
     */
    char *(*rows)(size_t at, PGresult *result, void *data);
    /*
     * Called before each batch and about four times a second while nothing arrives. True: nothing
     * more is sent, and the server is asked to cancel what it is doing.
     */
    bool (*interrupted)(void *data);
    void *data;
} PipelineHooks;

/*
 * Runs `count` statements in order. On an error *ret_failed is the index of the statement
 * that the server refused, and the error holds its message; what came after it was not run. A GRANT
 * or REVOKE that did nothing (SQLSTATE 01006, 01007) and wrong rows are errors, too, but what came
 * after it was run: the caller has to be in a transaction and to roll it back. With a lost
 * connection it is the first statement without an answer.
 */
bool pipeline_run(Session *session, size_t count, const PipelineHooks *hooks, size_t *ret_failed,
                  GError **error);
