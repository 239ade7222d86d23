// Calls to one provider's REST API: with a deadline, behind its breaker, counted and logged by name. Of an
// answer only the status and an error's code are logged: its words may be about a person.
//
// Thread-safe. Lifetime: the HTTP client and the breaker outlive it. Errors: no call throws; a provider that
// did not answer, or was not asked because its breaker is open, is nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/task.hpp"
#include "http/breaker.hpp"
#include "http/client.hpp"

namespace astrotalk::http {

struct provider_call {
    std::string_view name;  // for the log and metrics
    verb method = verb::post;
    std::string path{};  // and query
    std::string body{};  // JSON
    std::vector<std::pair<std::string, std::string>> headers{};
    std::size_t largest = 1 << 20;
};

class provider_api {
  public:
    struct options {
        std::string provider;  // in metrics: astrotalk_<provider>_calls_total
        std::string url;
        std::vector<std::pair<std::string, std::string>> headers;  // of every call
        std::chrono::milliseconds deadline{15'000};                // of a call with its repetitions
        // An error's code in an answer's body, if it is a word that can be logged; else empty.
        std::string (*error_code)(std::string_view body) = nullptr;
    };
    provider_api(client& out, breaker& guard, options how);

    task<std::optional<client_response>> once(provider_call what);
    // For what may be asked twice.
    task<std::optional<client_response>> repeat(provider_call what);
    // Nothing would be sent now.
    bool rests() const;

  private:
    task<std::optional<client_response>> send(const provider_call& what, std::chrono::milliseconds deadline);
    void count(std::string_view call, std::string_view outcome) const;

    client& out_;
    breaker& guard_;
    options how_;
    std::string failed_, metric_, help_;
};

// Answers that another attempt could change.
inline bool may_pass(int status) { return status >= 500 || status == 429 || status == 408; }
inline bool succeeded(const std::optional<client_response>& answer) {
    return answer && answer->status / 100 == 2;
}

}  // namespace astrotalk::http
