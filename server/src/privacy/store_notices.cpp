#include <algorithm>
#include <stdexcept>

#include "core/log.hpp"
#include "http/json.hpp"
#include "privacy/consent.hpp"
#include "privacy/queries.hpp"

namespace astrotalk::privacy {
namespace {

// The languages of one purpose, as columns.
struct texts_of {
    std::string_view purpose;
    std::vector<std::string> languages, contents, items;
};

task<void> store(pg::client& database, texts_of texts) {
    // A node that stores other texts at the same moment may come between; then this one's are next.
    for (int turn = 0; turn < 10; ++turn) {
        const auto stored = co_await database.execute(sql::store_notices, texts.purpose, texts.languages,
                                                      texts.contents, texts.items);
        if (stored > 0) log::info("notice.stored", {{"purpose", log::text(texts.purpose)}});
        const auto newest = co_await database.read_one<bool>(sql::are_notices_newest, texts.purpose,
                                                             texts.languages, texts.contents);
        if (newest.value_or(false)) co_return;
    }
    throw std::runtime_error("the notices of consent could not be stored: other nodes have other texts");
}

}  // namespace

task<void> store_notices(pg::client& database, std::vector<notice> texts) {
    std::vector<texts_of> purposes;
    for (const auto& each : texts) {
        auto found = std::ranges::find(purposes, each.purpose, &texts_of::purpose);
        if (found == purposes.end()) found = purposes.insert(found, texts_of{each.purpose, {}, {}, {}});
        found->languages.emplace_back(each.language);
        found->contents.push_back(http::to_json(each.text));
        found->items.push_back(http::to_json(each.text.items));
    }
    for (auto& each : purposes) co_await store(database, std::move(each));
}

}  // namespace astrotalk::privacy
