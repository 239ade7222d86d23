#include "directory/page_cache.hpp"

namespace astrotalk::directory {

const std::string* page_cache::find(const std::string& key, time now) const {
    const auto found = entries_.find(key);
    if (found == entries_.end() || now - found->second.read_at > staleness_) return nullptr;
    return &found->second.answer;
}

void page_cache::put(std::string key, std::string answer, time read_at) {
    const std::size_t size = key.size() + answer.size();
    if (size > most_bytes_) return;
    if (const auto old = entries_.find(key); old != entries_.end()) {
        bytes_ -= key.size() + old->second.answer.size();
        entries_.erase(old);
    }
    if (entries_.size() >= most_entries_ || bytes_ + size > most_bytes_) {
        entries_.clear();
        bytes_ = 0;
    }
    bytes_ += size;
    entries_.emplace(std::move(key), entry{std::move(answer), read_at});
}

}  // namespace astrotalk::directory
