#include "geo/atlas.hpp"

#include <fmt/format.h>
#include <maxminddb.h>

#include <stdexcept>

namespace astrotalk::geo {
namespace {

std::shared_ptr<const MMDB_s> open(const std::string& file) {
    auto made = std::make_unique<MMDB_s>();
    const int failed = MMDB_open(file.c_str(), MMDB_MODE_MMAP, made.get());
    if (failed != MMDB_SUCCESS)
        throw std::runtime_error(
            fmt::format("{} is no database of locations: {}", file, MMDB_strerror(failed)));
    return {made.release(), [](const MMDB_s* one) {
                auto* const open = const_cast<MMDB_s*>(one);
                MMDB_close(open);
                delete open;
            }};
}

std::string english_name(MMDB_entry_s entry, const char* of) {
    MMDB_entry_data_s found{};
    const int failed = MMDB_get_value(&entry, &found, of, "names", "en", nullptr);
    if (failed != MMDB_SUCCESS || !found.has_data || found.type != MMDB_DATA_TYPE_UTF8_STRING) return {};
    return {found.utf8_string, found.data_size};
}

}  // namespace

atlas::atlas(std::string file) : file_({std::move(file)}) { reload(true); }

location atlas::find(const std::string& address) const {
    std::shared_ptr<const MMDB_s> all;
    {
        const std::lock_guard lock(mutex_);
        all = current_;
    }
    int not_an_address = 0, failed = MMDB_SUCCESS;
    const auto found = MMDB_lookup_string(all.get(), address.c_str(), &not_an_address, &failed);
    if (not_an_address != 0 || failed != MMDB_SUCCESS || !found.found_entry) return {};
    return {english_name(found.entry, "city"), english_name(found.entry, "country")};
}

bool atlas::reload(bool always) {
    if (!file_.changed() && !always) return false;
    auto made = open(file_.path(0));
    const std::lock_guard lock(mutex_);
    current_ = std::move(made);
    return true;
}

}  // namespace astrotalk::geo
