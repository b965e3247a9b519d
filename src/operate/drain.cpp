#include "operate/drain.hpp"

#include "operate/holder.hpp"
#include "operate/stop_end.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <optional>

namespace gw::operate {

namespace {

/// One gateway, from the first look at it to its end.
struct Draining {
    ProfileName profile;
    /// What runs it: the supervised process, or who holds the profile outside of its supervisor.
    std::optional<ProcessIdentity> process{};
    std::optional<ProcessIdentity> outside{};
    NoteBefore note_before{};
    bool to_be_told = false;
    std::optional<Drained> answer{};

    [[nodiscard]] std::optional<ProcessIdentity> living() const {
        for (const auto& one : {process, outside}) {
            if (one && sys::is_alive(*one)) {
                return one;
            }
        }
        return std::nullopt;
    }
};

class Drain {
  public:
    Drain(const Operator& by, std::vector<ProfileName> profiles, supervise::DownFor span,
          const std::function<void(const Drained&)>& report)
        : by_(by), profiles_(std::move(profiles)), span_(span), news_(by.manager.news(profiles_)),
          report_(report) {}

    std::vector<Drained> until(milliseconds deadline) {
        const sys::Deadline end(deadline, start_);
        look();
        tell();
        wait(end);
        std::vector<Drained> answers;
        for (auto& one : all_) {
            if (!one.answer) {
                const auto living = one.living();
                answer(one, Drained::End::still_draining,
                       living ? fmt::format("pid {}", living->pid.value)
                              : "it is gone, and its supervisor has not seen that yet");
            }
            answers.push_back(std::move(*one.answer));
        }
        return answers;
    }

  private:
    void answer(Draining& one, Drained::End end, std::string detail = {}) {
        const auto took = std::chrono::steady_clock::now() - start_;
        one.answer = Drained{one.profile, end, std::chrono::duration_cast<milliseconds>(took),
                             std::move(detail)};
        report_(*one.answer);
    }

    void look() {
        const auto services = by_.manager.observe_processes(profiles_);
        all_.reserve(profiles_.size());
        for (std::size_t i = 0; i < profiles_.size(); ++i) {
            auto& one = all_.emplace_back(Draining{profiles_[i]});
            if (!services[i]) {
                answer(one, Drained::End::failed, services[i].error().message);
                continue;
            }
            one.process = services[i]->process;
            // One that waits for its next start must not come up in the middle of the stop.
            one.to_be_told = services[i]->supervised && (one.process || services[i]->wants_up ||
                                                         span_ == supervise::DownFor::until_pass);
            one.note_before = note_before_stop(by_.home, one.profile);
            if (const auto directory = by_.home.find(one.profile);
                by_.manager.traits().drains && directory && *directory) {
                one.outside = holder_outside(by_.home, **directory, *services[i]);
            }
        }
    }

    void tell() {
        std::vector<ProfileName> told;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (all_[i].to_be_told) {
                told.push_back(all_[i].profile);
                places.push_back(i);
            }
        }
        const auto results = by_.manager.drain(by_.effects, told, span_);
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (!results[i]) {
                answer(all_[places[i]], Drained::End::failed, results[i].error().message);
            }
        }
        for (auto& one : all_) {
            if (one.outside) {
                tell_to_end(*one.outside);
            }
            if (!one.answer && !one.process && !one.outside) {
                answer(one, Drained::End::was_down);
            }
        }
    }

    void wait(const sys::Deadline& end) {
        std::vector<std::size_t> everything(all_.size());
        std::iota(everything.begin(), everything.end(), std::size_t{0});
        look_for_ends(everything);
        sys::Deadline look_at_all(news_->look_again());
        while (!end.passed() && !std::ranges::all_of(all_, &has_answer)) {
            const auto changed = news_->wait(std::min(end.left(), look_at_all.left()));
            if (look_at_all.passed() || end.passed()) {
                look_for_ends(everything);
                look_at_all = sys::Deadline(news_->look_again());
            } else {
                look_for_ends(changed);
            }
        }
    }

    static bool has_answer(const Draining& one) { return one.answer.has_value(); }

    /// Those of them that are gone, as soon as their supervisor has seen it.
    void look_for_ends(const std::vector<std::size_t>& places) {
        std::vector<ProfileName> gone;
        std::vector<std::size_t> gone_places;
        for (const auto place : places) {
            if (!all_[place].answer && !all_[place].living()) {
                gone.push_back(all_[place].profile);
                gone_places.push_back(place);
            }
        }
        const auto services = by_.manager.observe_processes(gone);
        for (std::size_t i = 0; i < gone.size(); ++i) {
            hear_end(all_[gone_places[i]], services[i]);
        }
    }

    void hear_end(Draining& one, const Result<ObservedService>& service) {
        if (!service) {
            return answer(one, Drained::End::failed,
                          "it is gone, and how it ended is not known: " + service.error().message);
        }
        const bool is_same = !service->process || service->process == one.process;
        if (one.process && service->supervised && service->up && is_same) {
            return; // its supervisor has not seen the end yet
        }
        ObservedService seen = *service;
        if (one.outside) {
            seen.last_exit.reset(); // not of the process that had the work
        }
        const auto verdict = stop_verdict(by_.home, one.profile, one.note_before, seen);
        switch (verdict.end) {
        case StopEnd::finished:
            return answer(one, Drained::End::drained);
        case StopEnd::cut_off:
            return answer(one, Drained::End::killed, verdict.why);
        case StopEnd::unseen:
            return answer(one, Drained::End::failed, "it is gone, and " + verdict.why);
        }
    }

    const Operator& by_;
    const std::vector<ProfileName> profiles_;
    const supervise::DownFor span_;
    std::unique_ptr<supervise::News> news_;
    const std::function<void(const Drained&)>& report_;
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::vector<Draining> all_;
};

} // namespace

Result<std::vector<Drained>> drain(const Operator& by, const DrainOptions& options,
                                   const std::function<void(const Drained&)>& report) {
    auto profiles = by.manager.list();
    if (!profiles) {
        return std::unexpected(std::move(profiles.error()));
    }
    if (!options.only.empty()) {
        std::erase_if(*profiles, [&](const auto& one) {
            return std::ranges::find(options.only, one) == options.only.end();
        });
    }
    return Drain(by, std::move(*profiles), options.span, report).until(options.deadline);
}

} // namespace gw::operate
