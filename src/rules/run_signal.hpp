/// What a signal means to `gatewayctl run`. Only SIGKILL ends it without its records, so every
/// other one has a meaning. Pure.
#pragma once

namespace gw {

/// Who sent it.
enum class SignalOrigin {
    process, ///< by kill(2) and the like
    kernel,  ///< for a terminal, an alarm, a limit
};

enum class SignalMeaning {
    stop,         ///< the gateway is to end: drain
    interrupt,    ///< so wants the person at its terminal
    restart,      ///< the gateway is to end and to come back
    look,         ///< a child has changed
    gateways_own, ///< the program's business: passed on, whatever it does with it
    nothing,      ///< tells of something that this process has done itself
    job_control,  ///< left to the kernel: it stops this process and ends nothing
};

/// | signal                              | means                                                 |
/// |-------------------------------------|-------------------------------------------------------|
/// | TERM, PWR, RTMIN+3, RTMIN+4,        | stop (the last four are sent by engines and           |
/// | RTMIN+5                             | supervisors to what they take for an init)            |
/// | INT, QUIT                           | interrupt from a terminal, else stop                  |
/// | HUP                                 | stop from a terminal that hangs up, else the          |
/// |                                     | gateway's own                                         |
/// | USR1                                | restart                                               |
/// | CHLD                                | look                                                  |
/// | PIPE, XFSZ                          | nothing: a write of this process's own has failed     |
/// | XCPU                                | nothing from the kernel, else the gateway's own       |
/// | TSTP, TTIN, TTOU                    | job control                                           |
/// | any other, real-time ones too       | the gateway's own                                     |
SignalMeaning meaning_of(int signal, SignalOrigin origin);

/// The signal that tells the command of a stop: the one that has come where a program knows it as
/// a request to end, else SIGTERM.
int passed_on_stop(int signal);

/// Whether a terminal sends it to its whole foreground group, so that the command may have it.
bool comes_from_terminals(int signal);

} // namespace gw
