/* The peak memory of a program, and of nothing else: what an interpreter that starts one reads of its children
 * begins with the interpreter's own pages.
 *
 *     peak COMMAND [WORD...]      one line: the largest resident set of COMMAND in KiB; its exit status
 */
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv) {
    pid_t child;
    if (argc < 2 || posix_spawnp(&child, argv[1], NULL, NULL, argv + 1, environ) != 0) {
        return 111;
    }
    int status;
    struct rusage used;
    if (wait4(child, &status, 0, &used) != child) {
        return 111;
    }
    printf("%ld\n", used.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
