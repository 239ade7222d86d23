// The rows that one event is split into. Not for other folders.
#pragma once

#include "http/json.hpp"
#include "notification/steps.hpp"

namespace astrotalk::notification {

// What becomes of an event for the devices and phones of those it is told to, as the telling statements take
// it.
class parts {
  public:
    explicit parts(const crypto::keyring& keys) : keys_(keys) {}
    template <class Payload>
    void add(std::string kind, const Payload& payload) {
        const auto id = uuid::v7();
        ids.push_back(id);
        kinds.push_back(std::move(kind));
        payloads.push_back(jobs::seal_payload(keys_, id, http::to_json(payload)));
    }
    std::vector<uuid> ids;
    std::vector<std::string> kinds;
    std::vector<bytes> payloads;

  private:
    const crypto::keyring& keys_;
};

// Nothing where the account has ended.
std::optional<personal> open_phone(const service& s, user_id owner, const bytes& sealed);

// Later it would only puzzle: the app tells it anyway.
inline constexpr std::chrono::hours worth_a_push{24};

}  // namespace astrotalk::notification
