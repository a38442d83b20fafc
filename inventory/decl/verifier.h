/* Password verifiers as PostgreSQL stores them, distinguished from plaintexts by their text. */
#pragma once

typedef enum VerifierStatus {
    VERIFIER_NONE, /* a plaintext */
    VERIFIER_VALID,
    VERIFIER_BROKEN, /* begins like one; the server would hash it as a plaintext */
} VerifierStatus;

/* ret_name: "a SCRAM verifier"; unchanged for a plaintext. */
VerifierStatus verifier_recognise(const char *text, const char **ret_name);
