/* A gateway in C that handles its own signals: gateway PROFILE_DIR. It tells a planned stop from a
 * container's stop and leaves state and exit code as `gatewayctl run` would. */
#include <gatewayctl.h>

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* A failed record is said and never stops the gateway. */
static int checked(int answer)
{
    if (answer < 0)
        fprintf(stderr, "gateway: %s\n", gatewayctl_error());
    return answer;
}

int main(int argc, char **argv)
{
    struct gatewayctl_end end = {.struct_size = sizeof end, .was_ready = 1};
    struct gatewayctl_verdict verdict = {.struct_size = sizeof verdict};
    const char *profile = argv[1];
    sigset_t stops;
    int number = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: gateway PROFILE_DIR\n");
        return 64;
    }
    /* Blocked and waited for, so that no signal is lost between two lines. */
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    checked(gatewayctl_life_begin(profile));
    checked(gatewayctl_record_state(profile, "running", NULL));

    sigwait(&stops, &number);
    checked(gatewayctl_stop_progress(profile, GATEWAYCTL_PROGRESS_DRAINING));
    checked(gatewayctl_marker_consume(profile, GATEWAYCTL_PLANNED_STOP, &end.marker));
    checked(gatewayctl_record_state(profile, "draining", NULL));

    sleep(1); /* finish the current work */

    end.signal = GATEWAYCTL_TERMINATE;
    end.drain = GATEWAYCTL_DRAINED;
    if (checked(gatewayctl_judge_end(&end, &verdict)) < 0)
        return 1;
    checked(gatewayctl_stop_progress(profile, GATEWAYCTL_PROGRESS_DRAINED));
    checked(gatewayctl_record_state(profile, verdict.gateway_state, "asked to stop"));
    checked(gatewayctl_life_end(profile, &end, "asked to stop"));
    return verdict.exit_code;
}
