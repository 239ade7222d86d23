#include "webhooks.hpp"

#include "core/loop.hpp"
#include "crypto/crypto.hpp"

namespace sandbox {

namespace http = astrotalk::http;
using astrotalk::instant;
using astrotalk::task;
using namespace std::chrono_literals;

// Counts the letters that are under way, wherever they wait.
class counted {
  public:
    explicit counted(std::shared_ptr<std::size_t> in) : in_(std::move(in)) { ++*in_; }
    counted(const counted& other) : counted(other.in_) {}
    counted& operator=(const counted&) = delete;
    ~counted() { --*in_; }

  private:
    std::shared_ptr<std::size_t> in_;
};

struct webhooks::letter {
    explicit letter(const std::shared_ptr<std::size_t>& alive) : one(alive) {}
    counted one;
    std::shared_ptr<delivery> record;
    astrotalk::secret key;
    std::string body;
    bool bad_checksum = false;
    int tried = 0;
};

std::string checksum(const astrotalk::secret& key, std::string_view body) {
    return astrotalk::crypto::hex(astrotalk::crypto::hmac_sha256(key.reveal(), body));
}

webhooks::webhooks(target to, webhook_manner how, agenda& later, std::mt19937_64& random, faults& wrong)
    : to_(std::move(to)), how_(std::move(how)), later_(later), random_(random), wrong_(wrong) {}

webhooks::letter_ptr webhooks::write(std::string_view request_id, std::string_view event,
                                     std::string_view payload, instant created, bool shout) {
    auto made = std::make_shared<letter>(alive_);
    const auto now = astrotalk::clock::now();
    made->record = std::make_shared<delivery>(delivery{.id = how_.make_id(now),
                                                       .event = std::string(event),
                                                       .request_id = std::string(request_id),
                                                       .made = now,
                                                       .faults = {},
                                                       .attempts = {}});
    made->key = to_.key;
    made->body = how_.envelope(made->record->id, event, payload, created);
    if (shout && how_.in_capitals) made->body = how_.in_capitals(made->body);
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
    if (*alive_ > limit) {
        made->record->outcome = "given_up";
        return;
    }
    apply_and_queue(made, wrong);
    if (has(mishap::altered)) {
        auto other = std::make_shared<letter>(*made);
        other->body = how_.envelope(made->record->id, event, payload, now - 1min);
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
    const auto key = what->bad_checksum ? astrotalk::secret("another " + what->key.reveal()) : what->key;
    auto headers = how_.headers_of(key, what->body, what->record->id);
    headers.emplace_back("Content-Type", "application/json");
    attempt made{.at = astrotalk::clock::now()};
    try {
        const auto answer = co_await client_.send({.method = http::verb::post,
                                                   .url = to_.url,
                                                   .headers = std::move(headers),
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
    const auto pause = how_.pause_before(what->tried + 1);
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

}  // namespace sandbox
