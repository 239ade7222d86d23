#include "digio/webhooks.hpp"

#include <array>
#include <boost/json.hpp>

#include "core/loop.hpp"
#include "crypto/crypto.hpp"
#include "digio/wire.hpp"

namespace sandbox::digio {

namespace http = astrotalk::http;
using astrotalk::instant;
using astrotalk::task;
using namespace std::chrono_literals;

struct webhooks::letter {
    std::shared_ptr<delivery> record;
    std::string body;
    bool bad_checksum = false;
    int tried = 0;
};

std::string checksum(const astrotalk::secret& key, std::string_view body) {
    return astrotalk::crypto::hex(astrotalk::crypto::hmac_sha256(key.reveal(), body));
}

std::string envelope(std::string_view id, std::string_view event, std::string_view payload, instant created) {
    namespace json = boost::json;
    auto inside = json::parse({payload.data(), payload.size()}).as_object();
    json::array entities;
    for (const auto& [name, value] : inside) entities.push_back(json::value(name));
    json::object whole;
    whole["id"] = std::string(id);
    whole["event"] = std::string(event);
    whole["entities"] = std::move(entities);
    whole["payload"] = std::move(inside);
    whole["created_at"] = time_in_india(created);
    return json::serialize(whole);
}

std::optional<std::chrono::seconds> pause_before(int attempt) {
    constexpr std::array<std::chrono::seconds, 9> pauses{0s, 1s, 5s, 30s, 2min, 10min, 30min, 1h, 2h};
    if (attempt < 1 || attempt > static_cast<int>(pauses.size())) return std::nullopt;
    return pauses[static_cast<std::size_t>(attempt - 1)];
}

webhooks::webhooks(target to, agenda& later, id_maker& ids, std::mt19937_64& random, faults& wrong)
    : to_(std::move(to)), later_(later), ids_(ids), random_(random), wrong_(wrong) {}

webhooks::letter_ptr webhooks::write(std::string_view request_id, std::string_view event,
                                     std::string_view payload, instant created, bool shout) {
    auto made = std::make_shared<letter>();
    const auto now = astrotalk::clock::now();
    made->record = std::make_shared<delivery>(delivery{.id = ids_.make("WHN", now),
                                                       .event = std::string(event),
                                                       .request_id = std::string(request_id),
                                                       .made = now,
                                                       .faults = {},
                                                       .attempts = {}});
    made->body = envelope(made->record->id, event, payload, created);
    if (shout) made->body = in_capitals(made->body);
    if (log_.size() == limit) log_.pop_front();
    log_.push_back(made->record);
    return made;
}

void webhooks::tell(std::string_view request_id, std::string_view event, std::string_view payload,
                    const std::pair<std::string, std::string>* earlier) {
    if (to_.url.empty() || to_.key.empty()) return;
    const auto wrong = take(wrong_, call_kind::webhook, random_, event);
    const auto has = [&](mishap m) { return std::ranges::count(wrong, m, &rule::fault) > 0; };
    const auto now = astrotalk::clock::now();
    const bool shout = has(mishap::upper_case);
    auto made = write(request_id, event, payload, has(mishap::old_created_at) ? now - 1h : now, shout);
    for (const auto& each : wrong)
        made->record->faults.emplace_back(boost::describe::enum_to_string(each.fault, ""));
    made->bad_checksum = has(mishap::bad_checksum);
    apply_and_queue(made, wrong);
    if (has(mishap::altered)) {
        auto other = std::make_shared<letter>(*made);
        other->body = envelope(made->record->id, event, payload, now - 1min);
        queue(std::move(other));
    }
    if (has(mishap::stale) && earlier)
        queue(write(request_id, earlier->first, earlier->second, now - 1h, shout));
}

void webhooks::apply_and_queue(letter_ptr made, const std::vector<rule>& wrong) {
    const rule* held = nullptr;
    const rule* late = nullptr;
    bool twice = false;
    for (const auto& each : wrong) {
        if (each.fault == mishap::drop) {
            made->record->outcome = "dropped";
            return;
        }
        if (each.fault == mishap::reorder) held = &each;
        if (each.fault == mishap::delay) late = &each;
        twice = twice || each.fault == mishap::duplicate;
    }
    const auto again = twice ? std::make_shared<letter>(*made) : nullptr;
    if (late) {
        const auto due = astrotalk::clock::now() + std::chrono::milliseconds(late->delay_ms.value_or(5000));
        later_.at(due, [this, made] { queue(made); });
    } else if (held && !held_) {
        hold(std::move(made));
    } else {
        queue(std::move(made));
    }
    if (again) queue(again);
}

// Until another one comes, but not for ever.
void webhooks::hold(letter_ptr made) {
    held_ = made;
    later_.at(astrotalk::clock::now() + 5s, [this, made] {
        if (held_ == made) queue(std::exchange(held_, nullptr));
    });
}

void webhooks::queue(letter_ptr made) {
    const auto request_id = made->record->request_id;
    auto [lane, is_new] = lanes_.try_emplace(request_id);
    lane->second.push_back(made);
    if (held_ && held_ != made) {
        const auto after = std::exchange(held_, nullptr);
        if (after->record->request_id == request_id)
            lane->second.push_back(after);
        else
            queue(after);
    }
    if (is_new) astrotalk::spawn(run_lane(request_id));
}

task<void> webhooks::run_lane(std::string request_id) {
    for (;;) {
        const auto found = lanes_.find(request_id);
        if (found == lanes_.end()) co_return;
        if (found->second.empty()) {
            lanes_.erase(found);
            co_return;
        }
        const auto next = found->second.front();
        found->second.pop_front();
        co_await post(next);
    }
}

task<void> webhooks::post(letter_ptr what) {
    ++what->tried;
    const auto& key = to_.key;
    const auto sum = what->bad_checksum ? checksum(astrotalk::secret("another " + key.reveal()), what->body)
                                        : checksum(key, what->body);
    attempt made{.at = astrotalk::clock::now()};
    try {
        const auto answer = co_await client_.send(
            {.method = http::verb::post,
             .url = to_.url,
             .headers = {{"Content-Type", "application/json"}, {"X-Digio-Checksum", sum}},
             .body = what->body,
             .deadline = 5s});
        made.status = answer.status;
    } catch (const http::upstream_error&) {
        made.status = 0;
    }
    what->record->attempts.push_back(made);
    if (made.status >= 200 && made.status < 300)
        what->record->outcome = "delivered";
    else
        retry_later(what);
}

void webhooks::retry_later(letter_ptr what) {
    const auto pause = pause_before(what->tried + 1);
    const auto again = [this, what] { astrotalk::spawn(post(what)); };
    if (!pause || !later_.at(astrotalk::clock::now() + *pause, again)) what->record->outcome = "given_up";
}

std::vector<std::shared_ptr<delivery>> webhooks::log(std::string_view request_id, std::size_t most) const {
    std::vector<std::shared_ptr<delivery>> found;
    for (auto each = log_.rbegin(); each != log_.rend() && found.size() < most; ++each)
        if (request_id.empty() || (*each)->request_id == request_id) found.push_back(*each);
    return found;
}

void webhooks::clear() {
    held_ = nullptr;
    for (auto& [id, lane] : lanes_) lane.clear();
    log_.clear();
}

}  // namespace sandbox::digio
