#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "core/aadhaar.hpp"
#include "core/log.hpp"
#include "privacy/personal_data.hpp"
#include "privacy/queries.hpp"

namespace astrotalk::privacy {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t blocks_at_once = 64;
constexpr std::int32_t sealed_at_once = 200;
constexpr std::size_t piece = 1 << 20, overlap = 256;

struct column_row {
    std::string table_name, column_name;
    std::int64_t blocks;
};
BOOST_DESCRIBE_STRUCT(column_row, (), (table_name, column_name, blocks))

struct sealed_row {
    std::string row;
    bytes sealed;
};
BOOST_DESCRIBE_STRUCT(sealed_row, (), (row, sealed))

void note(scan_report& into, std::string place, std::int64_t count) {
    if (count > 0) into.found.push_back({std::move(place), count});
}

task<void> scan_clear(pg::client& database, const column_row& of, scan_report& into) {
    std::int64_t count = 0;
    for (std::int64_t at = 0; at < of.blocks; at += blocks_at_once) {
        const auto values = co_await database.read<bytes>(sql::scan_column, of.table_name, of.column_name, at,
                                                          at + blocks_at_once);
        into.values += static_cast<std::int64_t>(values.size());
        for (const auto& value : values)
            count += static_cast<std::int64_t>(count_aadhaar_numbers(crypto::to_text(value)));
    }
    note(into, of.table_name + "." + of.column_name, count);
}

// The statement that a change of the data key uses: without a current key, everything was sealed by another.
task<void> scan_sealed(pg::client& database, const crypto::keyring& keys, const jobs::sealed_column& of,
                       scan_report& into) {
    std::int64_t count = 0;
    std::string after;
    for (;;) {
        const auto rows = co_await database.read<sealed_row>(of.read, bytes(), after, sealed_at_once);
        if (rows.empty()) break;
        for (const auto& row : rows) {
            const auto opened = keys.open(of.purpose, row.sealed, of.place(row.row));
            into.unreadable += opened ? 0 : 1;
            into.values += 1;
            if (opened) count += static_cast<std::int64_t>(count_aadhaar_numbers(*opened));
        }
        after = rows.back().row;
    }
    note(into, std::string(of.name) + " (opened)", count);
}

// In pieces that overlap by more than a number is long with what tells it from others: what lies in the
// overlap counts with the second.
std::int64_t count_in(std::istream& in) {
    std::string held;
    std::int64_t count = 0;
    std::string next(piece, '\0');
    for (;;) {
        in.read(next.data(), static_cast<std::streamsize>(piece));
        held.append(next, 0, static_cast<std::size_t>(in.gcount()));
        if (in.gcount() == 0) break;
        if (held.size() <= overlap || in.eof()) continue;
        const std::string_view tail = std::string_view(held).substr(held.size() - overlap);
        count += static_cast<std::int64_t>(count_aadhaar_numbers(held) - count_aadhaar_numbers(tail));
        held = std::string(tail);
    }
    return count + static_cast<std::int64_t>(count_aadhaar_numbers(held));
}

void scan_file(const fs::path& file, scan_report& into) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    into.values += 1;
    note(into, file.string(), count_in(in));
}

}  // namespace

task<scan_report> scan_database(pg::client& database, const crypto::keyring& keys,
                                std::vector<jobs::sealed_column> sealed) {
    scan_report done;
    for (const auto& column : co_await database.read<column_row>(sql::list_columns)) {
        done.columns += 1;
        co_await scan_clear(database, column, done);
    }
    for (const auto& column : sealed) co_await scan_sealed(database, keys, column, done);
    co_return done;
}

void scan_files(std::span<const std::string> paths, scan_report& into) {
    for (const auto& path : paths) {
        if (!fs::is_directory(path)) {
            scan_file(path, into);
            continue;
        }
        for (const auto& each : fs::recursive_directory_iterator(path))
            if (each.is_regular_file()) scan_file(each.path(), into);
    }
}

}  // namespace astrotalk::privacy
