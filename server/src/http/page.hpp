// Keyset pages. A request may say ?limit (1 to 100, otherwise 20) and ?cursor (the `next` of the page before,
// opaque to clients); an answer is {items, next?}. A statement is asked for one row more than the limit:
// whether it comes says whether there is a next page.
#pragma once

#include <boost/describe.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/json.hpp"

namespace astrotalk::http {

struct page_request {
    std::int32_t limit = 20;
    std::optional<std::string> cursor;

    std::int32_t rows_to_read() const { return limit + 1; }
};

template <class T>
struct page {
    std::vector<T> items;
    std::optional<std::string> next;
    BOOST_DESCRIBE_CLASS(page, (), (items, next), (), ())
};

inline faults bad_cursor() { return {{{"cursor", "the next of an earlier page"}}}; }

inline result<page_request, faults> page_of(const request& in) {
    page_request asked;
    if (const auto limit = in.parameter("limit")) {
        const auto end = limit->data() + limit->size();
        const auto [at, failure] = std::from_chars(limit->data(), end, asked.limit);
        if (failure != std::errc{} || at != end || asked.limit < 1 || asked.limit > 100)
            return faults{{{"limit", "1 to 100"}}};
    }
    asked.cursor = in.parameter("cursor");
    if (asked.cursor && (asked.cursor->empty() || asked.cursor->size() > 200)) return bad_cursor();
    return asked;
}

// For pages ordered by id: the id of the cursor, or `start` on the first page.
inline result<uuid, faults> cursor_id(const page_request& asked, uuid start) {
    if (!asked.cursor) return start;
    if (const auto parsed = uuid::parse(*asked.cursor)) return *parsed;
    return bad_cursor();
}

// Sorts before and after every UUID: where ascending and descending pages start.
inline constexpr uuid lowest_id{};
inline constexpr uuid highest_id{
    {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

// The rows read for `asked` as its page; `cursor_of` makes the cursor that continues after a row.
template <class T, class CursorOf>
page<T> page_from(std::vector<T> rows, const page_request& asked, CursorOf cursor_of) {
    page<T> made{std::move(rows), std::nullopt};
    if (made.items.size() > static_cast<std::size_t>(asked.limit)) {
        made.items.resize(static_cast<std::size_t>(asked.limit));
        made.next = cursor_of(made.items.back());
    }
    return made;
}
template <class T>
page<T> page_by_id(std::vector<T> rows, const page_request& asked) {
    return page_from(std::move(rows), asked, [](const T& row) { return row.id.to_string(); });
}

}  // namespace astrotalk::http
