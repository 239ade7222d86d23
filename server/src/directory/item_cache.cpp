#include "directory/item_cache.hpp"

namespace astrotalk::directory {
namespace {

// Another form of what is kept wants another name, or nodes of two versions would read each other's. One hash
// tag: a cluster keeps them together.
std::string shared_name(const std::string& key) { return "astrotalk:{listing}:1:" + key; }

constexpr const char* store =
    "for i = 1, #KEYS do redis.call('SET', KEYS[i], ARGV[i], 'PX', 600000) end return 1";

}  // namespace

task<std::vector<std::optional<std::string>>> item_cache::find(std::vector<std::string> keys) {
    const auto now = std::chrono::steady_clock::now();
    std::vector<std::optional<std::string>> found(keys.size());
    std::vector<std::string> ask{"MGET"};
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (const auto* kept = own_.find(keys[i], now)) {
            found[i] = *kept;
            continue;
        }
        asked.push_back(i);
        ask.push_back(shared_name(keys[i]));
    }
    if (asked.empty() || shared_ == nullptr || !shared_->up()) co_return found;
    const auto answer = co_await shared_->ask(std::move(ask));
    if (!answer || answer->is != redis::reply::kind::list || answer->list.size() != asked.size())
        co_return found;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        if (answer->list[i].is != redis::reply::kind::text) continue;
        own_.put(keys[asked[i]], answer->list[i].text, now);
        found[asked[i]] = answer->list[i].text;
    }
    co_return found;
}

task<void> item_cache::put(std::vector<std::pair<std::string, std::string>> made) {
    if (made.empty()) co_return;
    const auto now = std::chrono::steady_clock::now();
    std::vector<std::string> command{"EVAL", store, std::to_string(made.size())};
    for (const auto& each : made) command.push_back(shared_name(each.first));
    for (auto& each : made) {
        command.push_back(each.second);
        own_.put(std::move(each.first), std::move(each.second), now);
    }
    if (shared_ != nullptr && shared_->up()) co_await shared_->ask(std::move(command));
}

}  // namespace astrotalk::directory
