#include "http/provider_api.hpp"

#include <fmt/format.h>

#include "core/log.hpp"
#include "core/loop.hpp"
#include "crypto/crypto.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::http {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr int most_tries = 3;

}  // namespace

provider_api::provider_api(client& out, breaker& guard, options how)
    : out_(out),
      guard_(guard),
      how_(std::move(how)),
      failed_(how_.provider + ".failed"),
      metric_(fmt::format("astrotalk_{}_calls_total", how_.provider)),
      help_(fmt::format("Calls to {} by their outcome.", how_.provider)) {
    while (how_.url.ends_with('/')) how_.url.pop_back();
}

void provider_api::count(std::string_view call, std::string_view outcome) const {
    telemetry::counter_of(metric_, help_, {{"call", call}, {"outcome", outcome}}).add();
}

bool provider_api::rests() const { return guard_.open(steady::now()); }

task<std::optional<client_response>> provider_api::send(const provider_call& what,
                                                        std::chrono::milliseconds deadline) {
    if (!guard_.allows(steady::now())) {
        count(what.name, "held_back");
        co_return std::nullopt;
    }
    client_request request{.method = what.method,
                           .url = how_.url + what.path,
                           .headers = how_.headers,
                           .body = what.body,
                           .deadline = deadline,
                           .body_limit = what.largest};
    request.headers.emplace_back("content-type", "application/json");
    request.headers.insert(request.headers.end(), what.headers.begin(), what.headers.end());
    std::optional<client_response> answer;
    try {
        answer = co_await out_.send(std::move(request));
    } catch (const upstream_error&) {
        // Why is of no use to anybody here, and may hold a part of the address.
    }
    if (answer && answer->status < 500)
        guard_.succeeded();
    else
        guard_.failed(steady::now());
    count(what.name, !answer ? "no_answer" : succeeded(answer) ? "ok" : "refused");
    if (!succeeded(answer)) {
        const auto code = answer && how_.error_code ? how_.error_code(answer->body) : std::string();
        log::warning(failed_, {{"call", log::text(what.name)},
                               {"status", answer ? answer->status : 0},
                               {"code", log::text(code)}});
    }
    co_return answer;
}

task<std::optional<client_response>> provider_api::once(provider_call what) {
    co_return co_await send(what, how_.deadline);
}

task<std::optional<client_response>> provider_api::repeat(provider_call what) {
    const auto until = steady::now() + how_.deadline;
    for (int left = most_tries;; --left) {
        const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady::now());
        auto answer = co_await send(what, rest);
        const auto pause = std::chrono::milliseconds(
            crypto::random_below(static_cast<std::uint64_t>(200 << (most_tries - left))) + 1);
        const bool again = left > 1 && (!answer || may_pass(answer->status)) && !rests() &&
                           steady::now() + pause + 100ms < until;
        if (!again) co_return answer;
        co_await sleep_for(pause);
    }
}

}  // namespace astrotalk::http
