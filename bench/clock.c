/* The shortest command that `gatewayctl run` can stand in front of: says when it began, then waits
 * to be killed.
 *
 *     clock      one line: CLOCK_MONOTONIC in nanoseconds at the begin of main
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%" PRId64 "\n", (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
    fflush(stdout);
    pause();
    return 0;
}
