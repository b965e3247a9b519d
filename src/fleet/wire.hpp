/// One connection to one member of etcd: HTTP over TCP or TLS. Whoever gets an error drops the
/// connection, so that an answer that comes late belongs to nobody.
#pragma once

#include "base/moment.hpp"
#include "fleet/task.hpp"
#include "rules/fleet_settings.hpp"

#include <memory>
#include <optional>
#include <string>

namespace gw::fleet {

struct HttpAnswer {
    unsigned status = 0;
    std::string body;
    bool keeps_open = false;        ///< the connection can carry another request
    std::optional<WallTime> date{}; ///< when it was answered, by the clock there
};

struct HttpRequest {
    std::string path;
    std::string token; ///< of an authenticated user; empty: none
    std::string body;
};

class Wire {
  public:
    /// Certificates are read anew for each connection: they are renewed while an agent lives.
    static Task<Result<std::unique_ptr<Wire>>> open(const FleetEndpoint& to,
                                                    const FleetSettings& settings, Until until);
    Wire() = default;
    virtual ~Wire() = default;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    virtual Task<Result<HttpAnswer>> post(HttpRequest request, Until until) = 0;

    /// For an answer that has no end: returns when it has begun, with its status.
    virtual Task<Result<unsigned>> begin(HttpRequest request, Until until) = 0;
    /// Some more of its bytes; Errc::io when it has ended, or said nothing until then.
    virtual Task<Result<std::string>> more(Until until) = 0;
};

} // namespace gw::fleet
