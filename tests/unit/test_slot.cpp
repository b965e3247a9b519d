#include "base/text.hpp"
#include "render/slot.hpp"
#include "support.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>

using namespace gw;

namespace {

SlotSpec named_spec() {
    SlotSpec spec;
    spec.profile = *ProfileName::parse("worker");
    spec.home = "/opt/data";
    spec.profile_dir = "/opt/data/profiles/worker";
    spec.account = {10000, 10000, {44, 10000}, "/opt/data"};
    spec.command = {"hermes", "-p", "worker", "gateway", "run", "--replace"};
    return spec;
}

SlotSpec root_spec() {
    SlotSpec spec = named_spec();
    spec.profile = ProfileName::root();
    spec.profile_dir = spec.home;
    spec.account.groups.clear();
    spec.command = {"hermes", "gateway", "run", "--replace"};
    spec.starts = true;
    return spec;
}

/// Everything that can be set, with characters that a shell would act on.
SlotSpec awkward_spec() {
    SlotSpec spec = named_spec();
    spec.home = "/srv/o'brien $HOME\n# home: /evil";
    spec.profile_dir = spec.home + "/profiles/worker";
    spec.account.home = spec.home;
    spec.command = {"/bin/my gateway", "it's", "", "$(id)"};
    spec.environment = {{"TOKEN", "a b'c\nd"}, {"EMPTY", ""}};
    spec.port = 9345;
    spec.notification_fd = 3;
    spec.drain_timeout = seconds{180};
    return spec;
}

const SlotFile* find(const std::vector<SlotFile>& files, const std::string& path) {
    const auto found =
        std::find_if(files.begin(), files.end(), [&](const SlotFile& f) { return f.path == path; });
    return found == files.end() ? nullptr : &*found;
}

std::string as_text(const std::vector<SlotFile>& files) {
    std::string text;
    for (const auto& file : files) {
        text += fmt::format("==== {} {:04o}\n{}", file.path, file.mode, file.content);
    }
    return text;
}

/// Compares with a file in tests/golden/; GATEWAYCTL_UPDATE_GOLDEN=1 writes it instead.
void check_golden(const std::string& name, const std::string& text) {
    const auto path = test::data_directory() / "golden" / name;
    if (std::getenv("GATEWAYCTL_UPDATE_GOLDEN") != nullptr) { // NOLINT(concurrency-mt-unsafe)
        std::ofstream(path, std::ios::binary) << text;
    }
    CAPTURE(path);
    CHECK(text == test::content_of(path));
}

/// Whether /bin/sh can parse a script.
bool shell_accepts(const std::string& script) {
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen("/bin/sh -n", "we"), ::pclose);
    REQUIRE(pipe);
    std::fwrite(script.data(), 1, script.size(), pipe.get());
    return ::pclose(pipe.release()) == 0;
}

SlotContent on_disk(const std::vector<SlotFile>& files) {
    SlotContent content;
    for (const auto& file : files) {
        content[file.path] = file.content;
    }
    return content;
}

} // namespace

TEST_CASE("slot: rendered files are the golden ones") {
    check_golden("slot-default-up.txt", as_text(render_slot(root_spec())));
    check_golden("slot-named-down.txt", as_text(render_slot(named_spec())));
    check_golden("slot-awkward.txt", as_text(render_slot(awkward_spec())));
}

TEST_CASE("slot: every script is one that /bin/sh accepts, whatever the words in it") {
    for (const auto& spec : {root_spec(), named_spec(), awkward_spec()}) {
        const auto files = render_slot(spec);
        for (const std::string path : {"run", "finish", "log/run"}) {
            CAPTURE(path);
            const auto* file = find(files, path);
            REQUIRE(file);
            CHECK(file->mode == 0755);
            CHECK(file->content.starts_with("#!/bin/sh\n"));
            CHECK(shell_accepts(file->content));
        }
    }
}

TEST_CASE("slot: down, on the logger too, exactly when it must not start") {
    auto spec = named_spec();
    for (const std::string path : {"down", "log/down"}) {
        CHECK(find(render_slot(spec), path));
    }
    spec.starts = true;
    for (const std::string path : {"down", "log/down"}) {
        CHECK_FALSE(find(render_slot(spec), path));
    }
}

TEST_CASE("slot: type, kill timeout and death tally") {
    auto spec = named_spec();
    CHECK(find(render_slot(spec), "type")->content == "longrun\n");
    CHECK(find(render_slot(spec), "timeout-kill")->content == "90000\n");
    CHECK(find(render_slot(spec), "max-death-tally")->content == "10\n");
    spec.drain_timeout = seconds{180};
    CHECK(find(render_slot(spec), "timeout-kill")->content == "210000\n");
}

TEST_CASE("slot: notification-fd only where the gateway tells that it is ready") {
    auto spec = named_spec();
    CHECK_FALSE(find(render_slot(spec), "notification-fd"));
    spec.notification_fd = 3;
    CHECK(find(render_slot(spec), "notification-fd")->content == "3\n");
}

TEST_CASE("slot: default's run never carries a profile flag, a named one does") {
    CHECK(find(render_slot(root_spec()), "run")->content.find("exec hermes gateway run") !=
          std::string::npos);
    CHECK(
        find(render_slot(named_spec()), "run")->content.find("exec hermes -p worker gateway run") !=
        std::string::npos);
}

TEST_CASE("slot: no key of a template is left unfilled") {
    for (const auto& file : render_slot(named_spec())) {
        CAPTURE(file.path);
        for (const std::string key : {"@PROFILE", "@HOME_TEXT@", "@EXPORTS@", "@UID@", "@GID@",
                                      "@GROUPS@", "@LOG_DIR@", "@COMMAND@"}) {
            CHECK(file.content.find(key) == std::string::npos);
        }
    }
}

TEST_CASE("slot: run names its home, also one that tries to name another") {
    for (const auto& spec : {root_spec(), named_spec(), awkward_spec()}) {
        CHECK(home_of_run(find(render_slot(spec), "run")->content) == printable(spec.home));
    }
    for (const std::string foreign :
         {"", "#!/bin/sh\nexec x\n", "# home: /x", "\n# home: /cut short"}) {
        CAPTURE(foreign);
        CHECK_FALSE(home_of_run(foreign));
    }
}

TEST_CASE("slot: what is on disk and equal does not differ") {
    const auto rendered = render_slot(named_spec());
    CHECK(compare_slot(rendered, on_disk(rendered)).empty());
}

TEST_CASE(
    "slot: each file that is missing or different is written, an optional one too many goes") {
    const auto rendered = render_slot(root_spec());
    for (const auto& file : rendered) {
        CAPTURE(file.path);
        auto disk = on_disk(rendered);
        disk[file.path] += "x";
        CHECK(compare_slot(rendered, disk).changed == std::vector<std::string>{file.path});
        disk.erase(file.path);
        CHECK(compare_slot(rendered, disk).changed == std::vector<std::string>{file.path});
    }
    for (const auto& path : optional_slot_files()) {
        CAPTURE(path);
        auto disk = on_disk(rendered);
        disk[path] = "";
        const auto difference = compare_slot(rendered, disk);
        CHECK(difference.changed.empty());
        CHECK(difference.extra == std::vector<std::string>{path});
    }
}
