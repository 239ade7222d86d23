#include <algorithm>

#include "directory/directory.hpp"
#include "directory/queries.hpp"
#include "directory/steps.hpp"
#include "http/json.hpp"
#include "pg/channel.hpp"

namespace astrotalk::directory {
namespace {

struct word_row {
    std::int32_t at = 0;
    std::optional<std::string> word, code;
};
BOOST_DESCRIBE_STRUCT(word_row, (), (at, word, code))

// What each word of the text may mean: pg_trgm forgives typing errors.
task<std::vector<meant>> understand(service& s, std::string text) {
    if (text.empty()) co_return std::vector<meant>{};
    const auto rows = co_await s.pg.read<word_row>(sql::find_words, text);
    std::vector<meant> all;
    for (const auto& each : rows) {
        const auto at = static_cast<std::size_t>(each.at);
        if (all.size() < at) all.resize(at);
        if (each.code)
            all[at - 1].skills.push_back(*each.code);
        else if (each.word)
            all[at - 1].words.push_back(*each.word);
    }
    co_return all;
}

task<wanted> understand(service& s, question asked) {
    wanted who{std::move(asked.by), {}, {}};
    who.text = co_await understand(s, std::move(asked.text));
    if (asked.asker) who.without = co_await s.pg.read<user_id>(sql::list_blocked, *asked.asker);
    co_return who;
}

std::string key_of(const hit& one) { return fmt::format("{}:{}", one.id.to_string(), one.version); }

// In the order of the hits; without those who are not listed any more.
task<std::vector<std::string>> read_items(service& s, std::vector<hit> hits) {
    std::vector<std::string> keys;
    for (const auto& each : hits) keys.push_back(key_of(each));
    auto found = co_await s.items.find(keys);
    std::vector<user_id> missing;
    for (std::size_t i = 0; i < hits.size(); ++i)
        if (!found[i]) missing.push_back(hits[i].id);
    if (!missing.empty()) {
        std::vector<std::pair<std::string, std::string>> made;
        for (auto& row : co_await s.pg.read<item_row>(sql::read_items, missing, s.photo_url)) {
            const auto at = std::ranges::find(hits, row.id, &hit::id) - hits.begin();
            const auto i = static_cast<std::size_t>(at);
            found[i] = http::to_json(shown(std::move(row)));
            made.emplace_back(keys[i], *found[i]);
        }
        co_await s.items.put(std::move(made));
    }
    std::vector<std::string> items;
    for (auto& each : found)
        if (each) items.push_back(std::move(*each));
    co_return items;
}

}  // namespace

task<listing_page> list_astrologers(service& s, question asked, order in, std::optional<position> after,
                                    std::int32_t most) {
    const auto who = co_await understand(s, std::move(asked));
    const auto* index = co_await s.feed.follow(s.pg);
    auto hits = index->find(who, in, after, static_cast<std::size_t>(most) + 1);
    listing_page page;
    if (hits.size() > static_cast<std::size_t>(most)) {
        hits.resize(static_cast<std::size_t>(most));
        page.next = {hits.back().key, hits.back().id};
    }
    page.items = co_await read_items(s, std::move(hits));
    co_return page;
}

task<counts> count_astrologers(service& s, question asked) {
    const auto who = co_await understand(s, std::move(asked));
    const auto* index = co_await s.feed.follow(s.pg);
    co_return index->count(who);
}

}  // namespace astrotalk::directory
