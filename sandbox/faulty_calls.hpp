// A call of a provider's API with its faults around it: some come instead of it, some after it took effect.
#pragma once

#include <functional>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "http/http.hpp"
#include "mishaps.hpp"

namespace sandbox {

// As it came, for tests to ask.
struct recorded_call {
    astrotalk::instant at;
    call_kind call = call_kind::create;
    std::string method, path, body;
    std::int32_t status = 0;   // as it was answered; 0: no answer yet
    std::string request_id{};  // made or asked for
    std::string fault{};       // of the rules that held
    bool took_effect = true;
    BOOST_DESCRIBE_CLASS(recorded_call, (),
                         (at, call, method, path, body, status, request_id, fault, took_effect), (), ())
};

// How a provider writes what is not an answer.
struct answer_manner {
    std::function<astrotalk::http::response(int status)> error;
    std::string (*in_capitals)(std::string_view body) = nullptr;  // null: this provider never shouts
};

// `record` outlives the call; `act` runs in one go.
astrotalk::task<astrotalk::http::response> with_faults(std::shared_ptr<recorded_call> record,
                                                       std::vector<rule> wrong,
                                                       std::function<astrotalk::http::response()> act,
                                                       answer_manner how);

}  // namespace sandbox
