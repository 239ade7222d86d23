#include "faulty_calls.hpp"

#include "core/loop.hpp"

namespace sandbox {
namespace {

namespace http = astrotalk::http;
using astrotalk::task;

http::response of_status(const answer_manner& how, const rule& fault, int fallback) {
    auto r = how.error(fault.status.value_or(fallback));
    if (fault.retry_after_seconds)
        r.headers.emplace_back("Retry-After", std::to_string(*fault.retry_after_seconds));
    return r;
}

http::response of_a_proxy(const rule& fault) {
    http::response r;
    r.status = fault.status.value_or(502);
    r.content_type = "text/html";
    r.body = "<html><head><title>Bad Gateway</title></head><body>nginx</body></html>";
    return r;
}

task<void> wait(rule fault) {
    co_await astrotalk::sleep_for(std::chrono::milliseconds(fault.delay_ms.value_or(60'000)));
}

}  // namespace

task<http::response> with_faults(std::shared_ptr<recorded_call> record, std::vector<rule> wrong,
                                 std::function<http::response()> act, answer_manner how) {
    for (const auto& each : wrong) {
        record->fault = boost::describe::enum_to_string(each.fault, "");
        record->took_effect = false;
        if (each.fault == mishap::timeout) co_await wait(each);
        if (each.fault == mishap::timeout || each.fault == mishap::status)
            co_return of_status(how, each, 504);
        if (each.fault == mishap::not_json) co_return of_a_proxy(each);
        record->took_effect = true;
        if (each.fault == mishap::slow) co_await wait(each);
    }
    auto made = act();
    record->took_effect = made.status < 400;
    for (const auto& each : wrong) {
        if (each.fault == mishap::upper_case && how.in_capitals) made.body = how.in_capitals(made.body);
        if (each.fault != mishap::lost_answer) continue;
        if (!each.status) co_await wait(each);
        co_return of_status(how, each, 504);
    }
    co_return made;
}

}  // namespace sandbox
