// A provider's webhooks: made when something happens to a request, signed over their raw bytes, and sent
// until the other side answers 2xx, with growing pauses and a last attempt. Those of one request are first
// tried one after another; what is retried, delayed or held back comes when it comes.
//
// Thread safety: none; it belongs to the sandbox's loop. Bounded: the log forgets the oldest, and when too
// many are under way, new ones are given up at once.
#pragma once

#include <boost/describe.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agenda.hpp"
#include "core/secret.hpp"
#include "http/client.hpp"
#include "mishaps.hpp"

namespace sandbox {

// How a provider writes, signs and repeats them.
struct webhook_manner {
    using headers = std::vector<std::pair<std::string, std::string>>;
    std::function<std::string(astrotalk::instant)> make_id;
    // `payload` is a JSON object; `created` is what the envelope says.
    std::function<std::string(std::string_view id, std::string_view event, std::string_view payload,
                              astrotalk::instant created)>
        envelope;
    headers (*headers_of)(const astrotalk::secret& key, std::string_view body, std::string_view id) = nullptr;
    // The pause before attempt n (counted from 1); nothing: that many there are not.
    std::optional<std::chrono::seconds> (*pause_before)(int attempt) = nullptr;
    std::string (*in_capitals)(std::string_view body) = nullptr;  // null: this provider never shouts
};

// Lower-case hex of HMAC-SHA256 over the body.
std::string checksum(const astrotalk::secret& key, std::string_view body);

struct attempt {
    astrotalk::instant at;
    std::int32_t status = 0;  // 0: no answer
    BOOST_DESCRIBE_CLASS(attempt, (), (at, status), (), ())
};

struct delivery {
    std::string id, event, request_id;
    astrotalk::instant made;
    std::vector<std::string> faults;
    std::vector<attempt> attempts;
    std::string outcome = "waiting";  // waiting, delivered, dropped, given_up
    BOOST_DESCRIBE_CLASS(delivery, (), (id, event, request_id, made, faults, attempts, outcome), (), ())
};

class webhooks {
  public:
    static constexpr std::size_t limit = 20'000;  // of the log, and of those under way

    // Without a secret or a URL nothing is sent.
    struct target {
        std::string url;
        astrotalk::secret key;
    };
    webhooks(target to, webhook_manner how, agenda& later, std::mt19937_64& random, faults& wrong);

    // Signs what is made from now on; what was made keeps the key it was made with.
    void use_key(astrotalk::secret key) { to_.key = std::move(key); }

    // `earlier`: the event and payload that `stale` would repeat.
    void tell(std::string_view request_id, std::string_view event, std::string_view payload,
              const std::pair<std::string, std::string>* earlier);
    std::vector<std::shared_ptr<delivery>> log(std::string_view request_id, std::size_t most) const;
    void clear();

  private:
    struct letter;
    using letter_ptr = std::shared_ptr<letter>;

    letter_ptr write(std::string_view request_id, std::string_view event, std::string_view payload,
                     astrotalk::instant created, bool shout);
    void apply_and_queue(letter_ptr made, const std::vector<rule>& wrong);
    void queue(letter_ptr made);
    void hold(letter_ptr made);
    astrotalk::task<void> run_lane(std::string request_id);
    astrotalk::task<void> post(letter_ptr what);
    void retry_later(letter_ptr what);

    target to_;
    webhook_manner how_;
    agenda& later_;
    std::mt19937_64& random_;
    faults& wrong_;
    astrotalk::http::client client_;
    std::unordered_map<std::string, std::deque<letter_ptr>> lanes_;  // of requests with letters under way
    letter_ptr held_;
    std::deque<std::shared_ptr<delivery>> log_;
    std::shared_ptr<std::size_t> alive_ = std::make_shared<std::size_t>(0);
};

}  // namespace sandbox
