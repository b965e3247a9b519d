#include "store/yaml_file.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <sstream>
#include <yaml-cpp/eventhandler.h>

namespace gw::store {

namespace {

/// Hears of everything in a document and builds nothing.
class Bounds : public YAML::EventHandler {
  public:
    [[nodiscard]] const char* problem() const {
        return aliases_                    ? "it has aliases"
               : deepest_ > max_yaml_depth ? "it is nested too deep"
                                           : nullptr;
    }

    void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
    void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {
        aliases_ = true;
    }
    void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  const std::string& /*value*/) override {}
    void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/,
                         YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {
        deeper();
    }
    void OnSequenceEnd() override { --depth_; }
    void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/,
                    YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {
        deeper();
    }
    void OnMapEnd() override { --depth_; }

  private:
    void deeper() { deepest_ = std::max(deepest_, ++depth_); }

    bool aliases_ = false;
    int depth_ = 0;
    int deepest_ = 0;
};

} // namespace

Result<YAML::Node> parse_yaml(const std::string& bytes) {
    try {
        std::istringstream in(bytes);
        YAML::Parser parser(in);
        Bounds bounds;
        parser.HandleNextDocument(bounds);
        if (const char* problem = bounds.problem()) {
            return fail(Errc::bad_config, problem);
        }
        return YAML::Load(bytes);
    } catch (const YAML::Exception& error) {
        return fail(Errc::bad_config, fmt::format("line {}, column {}: {}", error.mark.line + 1,
                                                  error.mark.column + 1, printable(error.msg)));
    }
}

} // namespace gw::store
