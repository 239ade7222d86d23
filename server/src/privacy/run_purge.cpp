#include <stdexcept>

#include "privacy/certificates.hpp"
#include "privacy/queries.hpp"

namespace astrotalk::privacy {
namespace {

// So small that a batch is a matter of milliseconds, for which a hold waits.
constexpr std::int32_t batch = 200;

struct due_row {
    std::int64_t count, held;
    std::optional<instant> oldest, newest;
};
BOOST_DESCRIBE_STRUCT(due_row, (), (count, held, oldest, newest))

struct line_row {
    std::string data_class;
    std::int64_t rows_gone;
    instant oldest, newest;
    bytes ids_hash;
};
BOOST_DESCRIBE_STRUCT(line_row, (), (data_class, rows_gone, oldest, newest, ids_hash))

struct certificate_row {
    uuid id;
    std::string content;
    bytes mac;
};
BOOST_DESCRIBE_STRUCT(certificate_row, (), (id, content, mac))

struct purged_class {
    std::string name;
    std::int64_t count = 0;
    instant oldest, newest;
    std::string ids_hash;   // SHA-256 over the hashes of the batches, each over its ids
    std::int64_t held = 0;  // older, too, and kept by a legal hold
};
BOOST_DESCRIBE_STRUCT(purged_class, (), (name, count, oldest, newest, ids_hash, held))

struct purge_certificate {
    uuid id;
    std::string kind;
    instant at;
    std::int32_t personal_days = 0, log_days = 0;
    std::vector<purged_class> classes;
    std::string key_id;
};
BOOST_DESCRIBE_STRUCT(purge_certificate, (), (id, kind, at, personal_days, log_days, classes, key_id))

task<void> purge_batch(pg::transaction& t, const pg::data_class& of, instant before, std::size_t* gone) {
    co_await t.execute(sql::share_hold_lock);
    const auto rows = co_await t.query<pg::purged_row>(*of.purge, before, batch);
    *gone = rows.size();
    if (rows.empty()) co_return;
    std::string ids;
    instant oldest = rows.front().at, newest = rows.front().at;
    for (const auto& row : rows) {
        ids += row.id;
        ids += '\n';
        oldest = std::min(oldest, row.at);
        newest = std::max(newest, row.at);
    }
    co_await t.execute(sql::add_purge_line, uuid::v7(), of.name, static_cast<std::int64_t>(rows.size()),
                       oldest, newest, crypto::sha256(ids));
}

std::vector<purged_class> summed(std::span<const line_row> lines, std::span<const due_line> left) {
    std::vector<purged_class> all;
    bytes hashes;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& line = lines[i];
        if (all.empty() || all.back().name != line.data_class) {
            all.push_back({line.data_class, 0, line.oldest, line.newest, {}, 0});
            hashes.clear();
            for (const auto& due : left)
                if (due.name == line.data_class) all.back().held = due.held;
        }
        auto& one = all.back();
        one.count += line.rows_gone;
        one.oldest = std::min(one.oldest, line.oldest);
        one.newest = std::max(one.newest, line.newest);
        hashes.insert(hashes.end(), line.ids_hash.begin(), line.ids_hash.end());
        one.ids_hash = crypto::hex(crypto::sha256(hashes));
    }
    return all;
}

task<void> certify(pg::transaction& t, const crypto::keyring& keys, const data_register& known,
                   std::span<const due_line> left, std::optional<certificate>* made) {
    made->reset();
    purge_certificate c{.id = uuid::v7(),
                        .kind = "purge",
                        .at = clock::now(),
                        .personal_days = known.days.personal,
                        .log_days = known.days.log,
                        .classes = {},
                        .key_id = certificate_key_id(keys)};
    const auto lines = co_await t.query<line_row>(sql::certify_lines, c.id);
    if (lines.empty()) co_return;
    c.classes = summed(lines, left);
    auto content = http::to_json(c);
    const bytes mac = certificate_mac(keys, content);
    co_await t.execute(sql::store_certificate, c.id, content, mac, uuid::v7());
    made->emplace(certificate{c.id, std::move(content)});
}

}  // namespace

std::chrono::days data_register::kept_for(pg::retention kept) const {
    const bool by_promise = kept == pg::retention::promised;
    const int is = kept == pg::retention::account ? days.personal
                   : kept == pg::retention::money ? days.money
                                                  : days.log;
    if (!by_promise && is < lowest_days)
        throw std::logic_error("personal data, traffic data and logs are kept for 365 days at least");
    return std::chrono::days(by_promise ? 0 : is);
}

task<std::vector<due_line>> preview_purge(pg::client& database, const data_register& known) {
    std::vector<due_line> all;
    for (const auto& each : known.classes) {
        if (!each.purge) continue;
        const instant before = clock::now() - known.kept_for(each.kept);
        const auto due = (co_await database.read_one<due_row>(*each.due, before)).value();
        all.push_back({each.name, each.kept, before, due.count, due.held, due.oldest, due.newest});
    }
    co_return all;
}

task<std::optional<certificate>> run_purge(pg::client& database, const crypto::keyring& keys,
                                           const data_register& known) {
    for (const auto& each : known.classes) {
        if (!each.purge) continue;
        const instant before = clock::now() - known.kept_for(each.kept);
        for (std::size_t gone = 1; gone > 0;) {
            auto body = [&](pg::transaction& t) { return purge_batch(t, each, before, &gone); };
            co_await database.transact(body);
        }
    }
    const auto left = co_await preview_purge(database, known);
    std::optional<certificate> made;
    auto body = [&](pg::transaction& t) { return certify(t, keys, known, left, &made); };
    co_await database.transact(body);
    co_return made;
}

task<std::optional<certificate>> find_certificate(pg::client& database, const crypto::keyring& keys,
                                                  uuid id) {
    auto found = co_await database.read_one<certificate_row>(sql::find_certificate, id);
    if (!found) co_return std::nullopt;
    const bool genuine = crypto::equal_constant_time(found->mac, certificate_mac(keys, found->content));
    co_return certificate{found->id, std::move(found->content), genuine};
}

}  // namespace astrotalk::privacy
