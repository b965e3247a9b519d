#include "base/error.hpp"

#include <utility>

namespace gw {

Error Error::within(std::string_view context) && {
    message.insert(0, ": ");
    message.insert(0, context);
    return std::move(*this);
}

Error Error::advise(std::string_view command) && {
    next = command;
    return std::move(*this);
}

std::unexpected<Error> fail(Errc code, std::string message, std::string next) {
    return std::unexpected(Error{code, std::move(message), std::move(next)});
}

int exit_status_of(Errc code) {
    switch (code) {
    case Errc::usage:
        return exit_status::usage;
    case Errc::not_registered:
        return exit_status::not_registered;
    case Errc::not_permitted:
        return exit_status::not_permitted;
    case Errc::timed_out:
        return exit_status::timed_out;
    case Errc::no_manager:
        return exit_status::no_manager;
    case Errc::bad_config:
        return exit_status::bad_config;
    case Errc::no_profile:
    case Errc::not_found:
    case Errc::command_failed:
    case Errc::unsupported:
    case Errc::conflict:
    case Errc::corrupt:
    case Errc::io:
        return exit_status::some_failed;
    }
    return exit_status::some_failed;
}

} // namespace gw
