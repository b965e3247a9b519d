/* gatewayctl.h - the gateway's side of gatewayctl, for gateways that handle their own signals.
 *
 * A gateway that runs behind `gatewayctl run` needs nothing of this. One that does not: on a signal,
 * write `.clean_shutdown` (gatewayctl_stop_progress), ask gatewayctl_marker_consume whether the stop
 * was planned, drain, ask gatewayctl_judge_end for state and exit code, record the state and the end of
 * the life (gatewayctl_life_end), exit.
 *
 * Every profile is named by its directory. No function throws, aborts, changes signal handling or
 * keeps anything between two calls but the text of gatewayctl_error. Link with -lgatewayctl; the
 * soname changes when a function changes its meaning, the struct_size members let structs grow.
 */
#ifndef GATEWAYCTL_H
#define GATEWAYCTL_H

#include <stdint.h>

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

#define GATEWAYCTL_API_VERSION 1

/* Answers of the functions that ask; those that only do answer with GATEWAYCTL_OK or _FAILED. */
#define GATEWAYCTL_FAILED (-1) /* see gatewayctl_error */
#define GATEWAYCTL_NO 0
#define GATEWAYCTL_OK 0
#define GATEWAYCTL_YES 1

enum gatewayctl_marker { GATEWAYCTL_PLANNED_STOP = 0, GATEWAYCTL_TAKEOVER = 1 };

/* What the marker asks for. */
enum gatewayctl_request {
    GATEWAYCTL_NOTHING = 0,
    GATEWAYCTL_STOP = 1,
    GATEWAYCTL_RESTART = 2,
    GATEWAYCTL_TAKE_OVER = 3
};

enum gatewayctl_signal {
    GATEWAYCTL_NO_SIGNAL = 0,
    GATEWAYCTL_TERMINATE = 1,
    GATEWAYCTL_TERMINAL_INTERRUPT = 2
};

enum gatewayctl_drain {
    GATEWAYCTL_DRAIN_NOT_NEEDED = 0,
    GATEWAYCTL_DRAINED = 1,
    GATEWAYCTL_DRAIN_TIMED_OUT = 2
};

enum gatewayctl_progress {
    GATEWAYCTL_PROGRESS_DRAINING = 0,
    GATEWAYCTL_PROGRESS_DRAINED = 1,
    GATEWAYCTL_PROGRESS_TIMED_OUT = 2
};

/* How a life ends; zero is "nothing of that". */
struct gatewayctl_end {
    uint32_t struct_size; /* sizeof(struct gatewayctl_end) */
    int32_t signal;       /* enum gatewayctl_signal */
    int32_t marker;       /* enum gatewayctl_request */
    int32_t restart_asked;
    int32_t was_ready;
    int32_t drain;         /* enum gatewayctl_drain */
    int32_t own_exit_code; /* with which it would end by itself */
};

struct gatewayctl_verdict {
    uint32_t struct_size; /* sizeof(struct gatewayctl_verdict) */
    int32_t exit_code;
    int32_t clean;
    char gateway_state[20]; /* for gatewayctl_record_state */
};

/* GATEWAYCTL_API_VERSION of the library that is loaded. */
int gatewayctl_api_version(void);

/* Why the last call of this thread failed; empty when it did not. Valid until the next call. */
const char *gatewayctl_error(void);

/* Writes the marker for a live process; then signal it. reason: "stop", "restart" or "takeover". */
int gatewayctl_marker_write(const char *profile_dir, int marker, int32_t pid, const char *reason);

/* Does a marker name this process? YES or NO; consume also removes it, and removes one that can
 * match nobody any more. request may be NULL. */
int gatewayctl_marker_probe(const char *profile_dir, int marker, int *request);
int gatewayctl_marker_consume(const char *profile_dir, int marker, int *request);

/* The one rule for the end of a life (docs/outcomes.md). Pure. */
int gatewayctl_judge_end(const struct gatewayctl_end *end, struct gatewayctl_verdict *verdict);

/* gateway_state (starting, running, degraded, draining, stopped, startup_failed), pid and start
 * time of this process, exit_reason (NULL: null) into gateway_state.json; every other key stays. */
int gatewayctl_record_state(const char *profile_dir, const char *gateway_state,
                            const char *exit_reason);

/* The lifecycle record, by which a boot tells a clean end from a kill. life_begin: at the start, of this
 * process; it clears `.clean_shutdown` too. life_end: the last word before the exit, of the life that
 * this process has begun; detail is for people, NULL: none. */
int gatewayctl_life_begin(const char *profile_dir);
int gatewayctl_life_end(const char *profile_dir, const struct gatewayctl_end *end,
                        const char *detail);

/* `.clean_shutdown`: write it on entry to a stop, before any drain; clear it at the start. */
int gatewayctl_stop_progress(const char *profile_dir, int progress);
int gatewayctl_clear_stop_progress(const char *profile_dir);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif
