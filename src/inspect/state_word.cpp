#include "inspect/status.hpp"

namespace gw::inspect {

bool is_in_trouble(const GatewayStatus& status) {
    return !status.findings.empty() && status.findings.front().severity == Severity::error;
}

std::string_view state_word(const GatewayStatus& status) {
    const auto& service = status.service;
    if (status.service_error) {
        return status.service_error->code == Errc::conflict ? "foreign" : "unknown";
    }
    if (!service.registered) {
        return "unregistered";
    }
    if (!service.supervised) {
        return "unsupervised";
    }
    if (service.up) {
        return !service.wants_up ? "stopping" : service.ready == false ? "starting" : "running";
    }
    return service.wants_up ? "restarting" : status.parked ? "parked" : "stopped";
}

} // namespace gw::inspect
