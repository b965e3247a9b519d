/* A gateway in C behind `gatewayctl run`:
 *
 *     cc -o /opt/app/gateway gateway.c
 *     command: [gatewayctl, run, --, /opt/app/gateway]
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(void)
{
    const struct timespec a_second = {1, 0};
    const char *profile = getenv("GATEWAYCTL_PROFILE"), *port = getenv("GATEWAYCTL_PORT");
    sigset_t stops;

    /* Blocked and asked for, so that none is lost between two lines. */
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    if (!profile || !port)
        return 78; /* started by hand, without them */
    printf("%s: works, on port %s\n", profile, port);
    fflush(stdout);
    while (sigtimedwait(&stops, NULL, &a_second) < 0) {
        /* ... one piece of its work ... */
    }
    /* ... finish what is under way, within drain_timeout ... */
    printf("%s: finished\n", profile);
    return 0;
}
