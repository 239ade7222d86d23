#include "jobs/sealed_data.hpp"

#include <stdexcept>

#include "core/log.hpp"
#include "jobs/jobs.hpp"
#include "jobs/queries.hpp"

namespace astrotalk::jobs {
namespace {

constexpr std::int32_t batch = 200;

struct key_row {
    bytes id, wrapped;
    bool active;
};
BOOST_DESCRIBE_STRUCT(key_row, (), (id, wrapped, active))

struct sealed_row {
    std::string row;
    bytes sealed;
};
BOOST_DESCRIBE_STRUCT(sealed_row, (), (row, sealed))

// Binds the sealed payload to its row, so that one row's effect cannot be pasted into another.
constexpr std::string_view payload_purpose = "outbox";
std::string payload_place(const std::string& row) { return "outbox.payload." + row; }

constexpr sealed_column columns[] = {
    {"outbox.payload", payload_purpose, payload_place, sql::read_payloads, sql::replace_payloads}};

}  // namespace

std::span<const sealed_column> sealed_columns() { return columns; }

bytes seal_payload(const crypto::keyring& keys, uuid outbox_id, std::string_view json) {
    return keys.seal(payload_purpose, json, payload_place(outbox_id.to_string()));
}

std::optional<std::string> open_payload(const crypto::keyring& keys, uuid outbox_id, const bytes& sealed) {
    return keys.open(payload_purpose, sealed, payload_place(outbox_id.to_string()));
}

task<void> tail_data_keys(pg::client& database, crypto::keyring& keys) {
    const auto rows = co_await database.read<key_row>(sql::load_data_keys);
    const bytes before = keys.current_key();
    bytes newest = before;
    for (const auto& each : rows) {
        if (!keys.learn({each.id, each.wrapped}))
            throw std::runtime_error("a data key was wrapped by another master key than this one");
        if (each.active) newest = each.id;
    }
    if (newest == before) co_return;
    keys.seal_with(newest);
    log::info("data_key.changed", {{"key", log::text(crypto::hex(newest))}});
}

task<void> add_data_key(pg::client& database, const crypto::keyring& keys, std::chrono::milliseconds delay) {
    const auto made = keys.make_data_key();
    co_await database.execute(sql::add_data_key, made.id, made.wrapped, std::int64_t{delay.count()},
                              uuid::v7());
}

task<resealed> reseal(pg::client& database, const crypto::keyring& keys, const sealed_column& column) {
    resealed done;
    std::string after;
    for (;;) {
        const auto found = co_await database.read<sealed_row>(column.read, keys.current_key(), after, batch);
        if (found.empty()) co_return done;
        std::vector<std::string> rows;
        std::vector<bytes> olds, news;
        for (const auto& each : found) {
            const auto place = column.place(each.row);
            const auto opened = keys.open(column.purpose, each.sealed, place);
            if (!opened) {
                ++done.unreadable;
                continue;
            }
            rows.push_back(each.row);
            olds.push_back(each.sealed);
            news.push_back(keys.seal(column.purpose, *opened, place));
        }
        after = found.back().row;
        if (!rows.empty()) done.changed += co_await database.execute(column.write, rows, olds, news);
    }
}

}  // namespace astrotalk::jobs
